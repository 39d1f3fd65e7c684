package cli

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"time"
)

// What the console of a sandbox shows of conversations: so many lines at once, and so many
// a second from then on. A person reads no more, and an attack fills no disk.
const (
	consoleBurst = 2000
	consoleRate  = 20
	consoleWidth = 200 // octets that count as a line
)

// What is left out is counted for so long before the count is shown; each time twice as
// long, up to the second number.
const (
	countFirst = 10 * time.Second
	countLast  = 10 * time.Minute
)

// console shows conversations to a person. Close it.
type console struct {
	w io.Writer

	mu     sync.Mutex
	room   float64 // lines that may still be shown
	at     time.Time
	hidden int64
	every  time.Duration
	timer  *time.Timer // runs while lines are counted
	closed bool
}

func newConsole(w io.Writer) *console {
	return &console{w: w, room: consoleBurst, at: time.Now()}
}

// Write shows lines, or counts them.
func (c *console) Write(b []byte) (int, error) {
	lines := max(1, bytes.Count(b, []byte("\n")))
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	c.room = min(consoleBurst, c.room+consoleRate*now.Sub(c.at).Seconds())
	c.at = now
	if c.room > 0 {
		c.room -= float64(lines + len(b)/consoleWidth)
		return c.w.Write(b)
	}
	c.hidden += int64(lines)
	if c.timer == nil && !c.closed {
		c.every = countFirst
		c.timer = time.AfterFunc(c.every, c.count)
	}
	return len(b), nil
}

// count shows how many lines were left out.
func (c *console) count() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	if c.hidden == 0 {
		c.timer = nil
		return
	}
	c.tell(fmt.Sprintf(" in the last %v", c.every))
	c.every = min(2*c.every, countLast)
	c.timer = time.AfterFunc(c.every, c.count)
}

func (c *console) tell(when string) {
	fmt.Fprintf(c.w, "*  %d more lines%s are not shown; --log FILE keeps all of them\n", c.hidden, when)
	c.hidden = 0
}

// close shows what is still counted.
func (c *console) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer != nil {
		c.timer.Stop()
	}
	if c.hidden > 0 && !c.closed {
		c.tell("")
	}
	c.closed = true
}
