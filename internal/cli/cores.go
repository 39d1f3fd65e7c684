package cli

import (
	"context"
	"runtime"
	"strings"
	"sync"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/internal/sandbox"
	"smtpsh/luabind/smtpmod"
)

// oneCore is the host of a script that runs on one core while it only waits for servers of
// other processes. Lua runs on one core at a time. With several cores the runtime passes
// each reply between cores: ten sessions of one script then take 10 % more time and 20 %
// more CPU (docs/performance.md). TLS and servers in this process can use more cores, so
// they turn them on again. Only this type changes the number of cores.
type oneCore struct {
	*scriptHost
	once sync.Once
	all  int // the number of cores; 0 if the environment sets it
}

// useOneCore limits the program to one core until TLS or a server of this process can use
// more, or release is called.
func useOneCore(h *scriptHost) (host *oneCore, release func()) {
	o := &oneCore{scriptHost: h}
	if h.app.Getenv("GOMAXPROCS") == "" {
		o.all = runtime.GOMAXPROCS(1)
	}
	h.observer = event.Tee(h.observer, o)
	return o, o.release
}

// release removes the limit.
func (o *oneCore) release() {
	if o.all > 1 {
		o.once.Do(func() { runtime.GOMAXPROCS(o.all) })
	}
}

// Observe removes the limit when TLS begins.
func (o *oneCore) Observe(e *event.Event) {
	if e.Kind == event.TLSStart {
		o.release()
	}
}

// Sandbox removes the limit for the sandbox.
func (o *oneCore) Sandbox(target string) (*sandbox.Server, error) {
	o.release()
	return o.scriptHost.Sandbox(target)
}

// Dial removes the limit if the server is in this process.
func (o *oneCore) Dial(ctx context.Context, target string, change func(*engine.Options, *engine.Target)) (*engine.Session, error) {
	if smtpmod.IsOwnServer(ctx) || strings.HasPrefix(o.conn.dialer.Resolve(target), "sandbox:") {
		o.release()
	}
	return o.scriptHost.Dial(ctx, target, change)
}
