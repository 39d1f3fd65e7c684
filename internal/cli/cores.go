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

// oneCore is the host of a script that uses one core as long as it only waits for servers
// elsewhere. Lua runs on one core at a time anyway, and on several the runtime hands each
// reply from core to core: ten sessions of one script take a tenth more time and a fifth
// more CPU then (docs/performance.md). What can use more cores brings them back: TLS, and
// servers in this process. It is the only place that changes the number of cores.
type oneCore struct {
	*scriptHost
	once sync.Once
	all  int // that there are; 0 when the environment says how many to use
}

// useOneCore takes all cores but one away until something can use them, or release is
// called.
func useOneCore(h *scriptHost) (host *oneCore, release func()) {
	o := &oneCore{scriptHost: h}
	if h.app.Getenv("GOMAXPROCS") == "" {
		o.all = runtime.GOMAXPROCS(1)
	}
	h.observer = event.Tee(h.observer, o)
	return o, o.release
}

// release gives the cores back.
func (o *oneCore) release() {
	if o.all > 1 {
		o.once.Do(func() { runtime.GOMAXPROCS(o.all) })
	}
}

// Observe gives the cores back when TLS begins.
func (o *oneCore) Observe(e *event.Event) {
	if e.Kind == event.TLSStart {
		o.release()
	}
}

// Sandbox gives the cores back to the built-in server.
func (o *oneCore) Sandbox(target string) (*sandbox.Server, error) {
	o.release()
	return o.scriptHost.Sandbox(target)
}

// Dial gives the cores back when the server is in this process.
func (o *oneCore) Dial(ctx context.Context, target string, change func(*engine.Options, *engine.Target)) (*engine.Session, error) {
	if smtpmod.IsOwnServer(ctx) || strings.HasPrefix(o.conn.dialer.Resolve(target), "sandbox:") {
		o.release()
	}
	return o.scriptHost.Dial(ctx, target, change)
}
