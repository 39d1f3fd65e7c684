package cli

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"time"
)

// Limits on the transcript that the console of a sandbox shows: a number of lines at once,
// then a number of lines per second. A person cannot read more, and an attack must not fill
// the disk.
const (
	consoleBurst = 2000
	consoleRate  = 20
	consoleWidth = 200 // bytes that count as one line
)

// Skipped lines are counted for this time before the count is shown. The time doubles up to
// the second value.
const (
	countFirst = 10 * time.Second
	countLast  = 10 * time.Minute
)

// consoleQueue is the number of writes that can wait for a console that does not read, for
// example after ^S. The clients continue, and the lines are counted.
const consoleQueue = 2 * consoleBurst

// consoleEnd limits the wait for a console that does not read, at the end of the program.
const consoleEnd = time.Second

// console shows sessions to the user, with limits. Close it.
type console struct {
	w     io.Writer
	all   string // how to see all lines
	queue chan []byte
	idle  chan struct{} // closed when the last line was written

	mu        sync.Mutex
	room      float64 // lines that can still be shown
	lastWrite time.Time
	hidden    int64
	every     time.Duration
	timer     *time.Timer // runs while lines are counted
	closed    bool
	stuck     bool // the console does not read
}

func newConsole(w io.Writer, all string) *console {
	c := &console{w: w, all: all, queue: make(chan []byte, consoleQueue), idle: make(chan struct{}), room: consoleBurst, lastWrite: time.Now()}
	go func() {
		defer close(c.idle)
		for b := range c.queue {
			w.Write(b) //nolint:errcheck // standard output stores its error
		}
	}()
	return c
}

// put passes lines to the writer, or counts them.
func (c *console) put(b []byte, lines int) bool {
	if c.closed { // at the end of the program there is no flood any more
		if !c.stuck {
			c.w.Write(b) //nolint:errcheck // standard output stores its error
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

// count shows the number of skipped lines.
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

// close shows the remaining count. It returns false if the console does not read.
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
