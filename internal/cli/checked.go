package cli

import (
	"io"
	"sync"
)

// checked is standard output that remembers whether all of it was written.
type checked struct {
	mu  sync.Mutex
	w   io.Writer
	err error
}

// Write passes on.
func (c *checked) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	if err != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.err == nil {
			c.err = err
		}
	}
	return n, err
}

func (c *checked) failed() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}
