package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/internal/dialogue"
	"smtpsh/internal/sandbox"
	"smtpsh/luabind"
	"smtpsh/luabind/all"
	"smtpsh/luabind/smtpmod"
	"smtpsh/scripts"
	"smtpsh/transcript"
)

// luaOptions returns what a script may use: its own folder and the bundled library.
func (a *app) luaOptions(path string) luabind.Options {
	o := luabind.Options{
		Library: all.Library(), Lib: scripts.Library(), Unsafe: a.unsafe,
		LuaTime: a.vars.luaLimit(), Reach: a.vars.reach, Limits: a.limits(),
		Stuck: a.die,
	}
	switch _, err := os.Stat(path); {
	case err == nil:
		o.Dir = filepath.Dir(path)
	case path != "-":
		o.Bundled = true
	}
	return o
}

// scriptHost is luabind's Host for the command line.
type scriptHost struct {
	*app
	out      io.Writer
	observer event.Observer
	target   *targetAnnouncer // nil if the server is announced elsewhere
	silent   bool             // does not show what scripts print
}

var _ smtpmod.Host = (*scriptHost)(nil)

func (h *scriptHost) Print(line string) {
	if h.silent {
		return
	}
	if h.Terminal(h.Stdout) {
		//mutant:what-a-script-prints-is-escaped-on-a-terminal is "line" "_"
		line = transcript.EscapeText(line) // the line can contain text from a server
	}
	if h.app.out.format == "jsonl" && !h.app.out.quiet {
		h.observer.Observe(&event.Event{Kind: event.Note, Time: time.Now(), Text: line})
		return
	}
	fmt.Fprintln(h.out, line)
}

func (h *scriptHost) Var(name string) (string, bool) { return h.vars.get(name) }

func (h *scriptHost) Secret(ctx context.Context, name string) (string, bool, error) {
	return h.vars.secret(ctx, h.app, name)
}

// Getenv hides the variables that secrets are read from.
func (h *scriptHost) Getenv(name string) string {
	if h.vars.isSecretEnv(name) {
		return ""
	}
	return h.app.Getenv(name)
}

func (h *scriptHost) Sandbox(target string) (*sandbox.Server, error) {
	return h.conn.dialer.ServerOf(target)
}

// Correspondents returns accounts of a server that this program or its user runs.
func (h *scriptHost) Correspondents(target string) *sandbox.Correspondents {
	return h.conn.dialer.Correspondents(target)
}

func (h *scriptHost) Server() string { return h.conn.dialer.Target }

func (h *scriptHost) Options() engine.Options { return h.conn.dialer.Options }

func (h *scriptHost) Target() string { return h.conn.dialer.Resolve("") }

func (h *scriptHost) Dial(ctx context.Context, target string, change func(*engine.Options, *engine.Target)) (*engine.Session, error) {
	if !smtpmod.IsOwnServer(ctx) {
		h.target.announce(target)
	}
	return h.conn.dialer.Dial(ctx, target, func(o *engine.Options, t *engine.Target) {
		o.Observer = h.observer
		if change != nil {
			change(o, t)
		}
	})
}

// player returns a player for dialogues, with the limits of scripts.
func (a *app) player(host dialogue.Host, o luabind.Options) dialogue.Player {
	p := dialogue.Player{Host: host, Dir: o.Dir}
	if o.Stuck != nil {
		p.Watch = func(ctx context.Context) func() { return luabind.WatchEnd(ctx, o.Stuck) }
	}
	if !o.Unsafe {
		p.Socket = func(path string) error { return o.Reach.Socket(o.Dir, path) }
		p.Program = o.Reach.Program
	}
	return p
}
