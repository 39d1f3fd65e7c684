package testrun

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// sessionLimit finds out whether a server limits the sessions of one client. Tests of
// several files run at once until one could not be tried for a reason that may pass;
// then all run one at a time, and that one is tried again.
type sessionLimit struct {
	gate sync.RWMutex // held for reading by tests side by side, for writing by one alone

	mu       sync.Mutex
	under    int // tests under way
	single   bool
	hopeless int    // tests that could not be tried although they were alone
	most     int    // tests that were under way at once before
	why      string // what the server said then
	helped   bool   // it helped to be alone
}

// pauses is how long a test that is alone waits before each further attempt: a
// server takes a moment to notice that earlier sessions have ended. No other test
// runs meanwhile.
var pauses = []time.Duration{10 * time.Millisecond, 250 * time.Millisecond, time.Second}

// patience is how many tests are tried again in vain before the others are not.
const patience = 2

// enter waits until a test may begin its n-th attempt.
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

// again decides whether a test is tried once more, alone.
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
	if c.hopeless >= patience {
		return false
	}
	if !c.single {
		c.single, c.why = true, r.Reason
	}
	return true
}

// rest waits, unless the run ends.
func rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// notes says what was found out.
func (c *sessionLimit) notes() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.helped {
		return nil
	}
	while := ""
	if c.most > 1 { // else an earlier session had just ended
		while = fmt.Sprintf(" while up to %d tests ran at once", c.most)
	}
	return []string{
		fmt.Sprintf("the server limits the sessions of one client: one was refused%s (%s); the tests went on one file at a time", while, c.why),
	}
}
