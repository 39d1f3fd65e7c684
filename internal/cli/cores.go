package cli

import (
	"runtime"
	"sync"

	"smtpsh/engine/event"
)

// cores lets a script that only waits for a server use one core. Lua runs on one core
// at a time anyway, and on several the runtime hands each reply from core to core: for
// ten sessions in one script that costs a third of the time. What can use more cores
// brings them back: TLS, and servers in this process.
type cores struct {
	once sync.Once
	all  int // that there are; 0 when nothing was taken away
}

// one takes all cores but one away, unless the environment says how many to use.
func (c *cores) one(getenv func(string) string) {
	if getenv("GOMAXPROCS") == "" {
		c.all = runtime.GOMAXPROCS(1)
	}
}

// back gives them back.
func (c *cores) back() {
	if c.all > 1 {
		c.once.Do(func() { runtime.GOMAXPROCS(c.all) })
	}
}

// Observe gives the cores back when TLS begins.
func (c *cores) Observe(e *event.Event) {
	if e.Kind == event.TLSStart {
		c.back()
	}
}
