package testrun

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// sessionLimit detects a server that limits the sessions of one client. Tests of several
// files run in parallel until one could not be tried for a temporary reason. Then all run
// one at a time, and that test is tried again.
type sessionLimit struct {
	gate sync.RWMutex // held for reading by parallel tests, for writing by a test that runs alone

	mu       sync.Mutex
	under    int // running tests
	single   bool
	hopeless int    // tests that could not be tried although they ran alone
	most     int    // most tests that ran in parallel before
	why      string // the reason of the first test that could not be tried
	helped   bool   // a test succeeded when it ran alone
}

// pauses are the waits before each further attempt of a test that runs alone: a server
// needs a moment to notice that earlier sessions have ended.
var pauses = []time.Duration{10 * time.Millisecond, 250 * time.Millisecond, time.Second}

// maxHopeless is the number of tests that may fail again when they run alone; after that no
// test is tried again.
const maxHopeless = 2

// enter waits until a test may begin attempt n.
func (c *sessionLimit) enter(ctx context.Context, n int) func() {
	c.mu.Lock()
	single := c.single
	c.mu.Unlock()
	leave := c.gate.RUnlock
	if single {
		c.gate.Lock()
		leave = c.gate.Unlock
		if n > 1 {
			rest(ctx, pauses[n-2])
		}
	} else {
		c.gate.RLock()
	}
	c.mu.Lock()
	c.under++
	if !c.single {
		c.most = max(c.most, c.under)
	}
	c.mu.Unlock()
	return func() {
		c.mu.Lock()
		c.under--
		c.mu.Unlock()
		leave()
	}
}

// again reports whether a test is tried once more, alone.
func (c *sessionLimit) again(r *Result, n int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.Status != Untried || !r.Busy {
		c.helped = c.helped || n > 1
		return false
	}
	if n > len(pauses) {
		c.hopeless++
		return false
	}
	if c.hopeless >= maxHopeless {
		return false
	}
	if !c.single {
		c.single, c.why = true, r.Reason
	}
	return true
}

// rest waits until d has passed or ctx ends.
func rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// notes returns the remark about a session limit, if one was found.
func (c *sessionLimit) notes() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.helped {
		return nil
	}
	while := ""
	if c.most > 1 { // otherwise an earlier session had just ended
		while = fmt.Sprintf(" while up to %d tests ran at once", c.most)
	}
	return []string{
		fmt.Sprintf("the server limits the number of sessions: one was refused%s (%s); the remaining files ran one at a time", while, c.why),
	}
}
