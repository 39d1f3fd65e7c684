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

// consoleQueue is how many writes may wait for whoever reads the console. A person may have
// stopped it with ^S: the clients go on, and the lines are counted.
const consoleQueue = 2 * consoleBurst

// consoleEnd is how long the end of the program waits for a console that nobody reads.
const consoleEnd = time.Second

// console shows conversations to a person. Close it.
type console struct {
	w     io.Writer
	all   string // how to see all lines
	queue chan []byte
	idle  chan struct{} // closed when the last line is written

	mu        sync.Mutex
	room      float64 // lines that may still be shown
	lastWrite time.Time
	hidden    int64
	every     time.Duration
	timer     *time.Timer // runs while lines are counted
	closed    bool
	stuck     bool // nobody reads it
}

func newConsole(w io.Writer, all string) *console {
	c := &console{w: w, all: all, queue: make(chan []byte, consoleQueue), idle: make(chan struct{}), room: consoleBurst, lastWrite: time.Now()}
	go func() {
		defer close(c.idle)
		for b := range c.queue {
			w.Write(b) //nolint:errcheck // standard output remembers its error
		}
	}()
	return c
}

// put gives lines to the writer, or counts them.
func (c *console) put(b []byte, lines int) bool {
	if c.closed { // the program ends, and there is no flood any more
		if !c.stuck {
			c.w.Write(b) //nolint:errcheck // standard output remembers its error
		}
		return true
	}
	select {
	case c.queue <- bytes.Clone(b):
		return true
	default: //mutant:a-console-that-nobody-reads-stops-no-client is "default:" "case <-make(chan int):"
		c.leave(lines)
		return false
	}
}

// leave counts lines that are not shown.
func (c *console) leave(lines int) {
	c.hidden += int64(lines)
	if c.timer == nil && !c.closed {
		c.every = countFirst
		c.timer = time.AfterFunc(c.every, c.count)
	}
}

// Write shows lines, or counts them.
func (c *console) Write(b []byte) (int, error) {
	lines := max(1, bytes.Count(b, []byte("\n")))
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	c.room = min(consoleBurst, c.room+consoleRate*now.Sub(c.lastWrite).Seconds())
	c.lastWrite = now
	if c.room > 0 { //mutant:the-console-is-readable always
		if c.put(b, lines) {
			c.room -= float64(lines + len(b)/consoleWidth)
		}
		return len(b), nil
	}
	c.leave(lines)
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
	n := c.hidden
	c.hidden = 0
	if !c.put(fmt.Appendf(nil, "*  %d more lines%s are not shown%s\n", n, when, c.all), 0) {
		c.hidden = n
	}
}

// close shows what is still counted. It reports false when nobody reads what is shown.
func (c *console) close() bool {
	c.mu.Lock()
	if !c.closed {
		if c.timer != nil {
			c.timer.Stop()
		}
		if c.hidden > 0 {
			c.tell("")
		}
		c.closed = true
		close(c.queue)
	}
	c.mu.Unlock()
	late := time.NewTimer(consoleEnd)
	defer late.Stop()
	select {
	case <-c.idle:
		return true
	case <-late.C:
		c.mu.Lock()
		defer c.mu.Unlock()
		c.stuck = true
		return false
	}
}
