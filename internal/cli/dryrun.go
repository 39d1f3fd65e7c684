package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"smtpsh/engine"
	"smtpsh/internal/dialer"
	"smtpsh/internal/sandbox"
	"smtpsh/luabind"
	"smtpsh/luabind/lint"
	"smtpsh/luabind/servermod"
)

// dryTime limits a dry run. A script that waits longer has made no mistake so far.
const dryTime = 5 * time.Second

// dryHost connects every session of a script to the sandbox.
type dryHost struct{ scriptHost }

func (*dryHost) Print(string) {}

func (*dryHost) Secret(context.Context, string) (string, bool, error) { return "dry-run", true, nil }

func (*dryHost) Target() string { return "sandbox:plain" }

func (h *dryHost) Sandbox(string) (*sandbox.Server, error) {
	return h.conn.dialer.Sandbox("plain")
}

func (h *dryHost) Dial(ctx context.Context, target string, change func(*engine.Options, *engine.Target)) (*engine.Session, error) {
	if _, err := dialer.ParseTarget(h.conn.dialer.Resolve(target)); err != nil {
		return nil, &engine.OpError{Op: "connect", Kind: engine.ErrUsage, Err: err}
	}
	return h.conn.dialer.Dial(ctx, "sandbox:plain", func(o *engine.Options, t *engine.Target) {
		implicit := t.Implicit
		if change != nil {
			change(o, t)
		}
		t.Implicit, o.TLS.ServerName, o.Proxy = implicit, "", nil
	})
}

// dryCall runs a script. A script of rules runs on a server of its own.
func (a *app) dryCall(ctx context.Context, vm *luabind.VM, name string, src []byte) error {
	if !lint.IsRules(name, src) {
		return vm.Run(ctx, name, src, nil)
	}
	box, err := sandbox.Start(sandbox.Options{Profile: "plain"})
	if err != nil {
		return err
	}
	defer box.Close()
	ctx, over := context.WithCancel(ctx)
	defer over()
	return servermod.RunRules(ctx, vm, name, src, box, func(error) {})
}

// dryRun runs a script against the sandbox, and reports mistakes that only a run can show:
// a call of nil, or a wrong argument. Rejections by the server and failed expectations are
// not mistakes here.
func (a *app) dryRun(ctx context.Context, name, path string, src []byte) (string, error) {
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, dryTime)
	defer cancel()
	a.conn.dialer.Options.Timeouts = engine.UniformTimeouts(time.Second)
	o := a.luaOptions(path)
	o.Unsafe, o.DryRun = false, true
	vm := luabind.New(&dryHost{scriptHost{app: a, out: io.Discard}}, o)
	defer vm.Close()
	err := a.dryCall(ctx, vm, name, src)
	if full := new(luabind.MemoryError); errors.As(context.Cause(ctx), &full) {
		return "", full
	}
	if ctx.Err() != nil && outer.Err() == nil {
		return fmt.Sprintf("no mistakes found; the dry run was stopped after %v, and the rest was only parsed", dryTime), nil
	}
	return "no mistakes found", mistake(err)
}

// mistake returns the error of a dry run if it is a mistake in the script, else nil.
func mistake(err error) error {
	var se *luabind.ScriptError
	if !errors.As(err, &se) || se.Cause != nil {
		return nil
	}
	if v := se.Value; v != nil {
		if v.Kind == "usage" && v.Missing == "" && v.Err == nil && !v.Elsewhere {
			return err
		}
		return nil
	}
	if se.Endless {
		return err
	}
	for _, words := range []string{"attempt to ", "bad argument "} { // gopher-lua has no error types for these
		if strings.Contains(se.Message, words) {
			return err
		}
	}
	return nil
}
