package repl

import (
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"sync/atomic"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/internal/dialogue"
	"smtpsh/internal/sandbox"
	"smtpsh/luabind"
	"smtpsh/luabind/smtpmod"
	"smtpsh/repl/line"
	"smtpsh/transcript"
)

func luaCommands() []Command {
	return []Command{
		{
			Names: []string{"lua"}, Group: "lua", Args: []Arg{{Name: "CODE", Kind: Rest, Optional: true}},
			Summary: "run Lua; =EXPRESSION is shorter",
			Detail: "The session is the global s. Without CODE it reads lines up to a line with a single dot. Globals keep their " +
				"values, and sessions that Lua opens stay open. If you assign a session to s, as in s = smtp.open(), the prompt uses it; " +
				"the other sessions stay open.",
			Example: ":lua s:ehlo(\"me\"); size = s:has(\"SIZE\")\n=size",
			run: func(ctx context.Context, r *REPL, args []string) error {
				if len(args) > 0 {
					return r.eval(ctx, args[0])
				}
				if r.in.Terminal() {
					r.screen.say("*  type Lua, then a line with a single dot; ^C cancels")
				}
				body, err := r.collect(ctx, "lua> ", maxBatch, nil)
				switch {
				case errors.Is(err, line.ErrInterrupt):
					return nil
				case err == io.EOF:
					return &InputError{errors.New("the input ended within :lua, before the dot; nothing was run")}
				case err != nil:
					return err
				}
				return r.eval(ctx, string(body))
			},
		},
		{
			Names: []string{"run"}, Group: "lua", Args: []Arg{{Name: "SCRIPT", Kind: Script}, {Name: "ARG", Kind: Text, Optional: true, Many: true}},
			Summary: "run a script, with s as the session",
			Detail: "SCRIPT is a Lua file, a dialogue (.smtp), or a bundled script. Sessions that it opens without a target " +
				"connect to the server of this prompt. They are closed at its end; s stays open.",
			Example: ":run capabilities",
			run:     func(ctx context.Context, r *REPL, args []string) error { return r.runScript(ctx, args) },
		},
	}
}

// console is the Lua of the prompt. It is created at first use.
type console struct {
	vm   *luabind.VM
	lua  *luabind.Console
	host *luaHost

	nonSession string // the type of the value that s last had instead of a session; "" for none
}

// close stops Lua. It returns the errors of tasks in the background.
func (c *console) close() error {
	errs := c.lua.Close()
	c.vm.Close()
	return errors.Join(errs...)
}

// console returns the Lua of the prompt, which it creates at the first call.
func (r *REPL) console() (*console, error) {
	if r.lua == nil {
		if r.opts.Lua == nil {
			return nil, wrong("use smtpsh run", "Lua is not available here")
		}
		host := &luaHost{Host: r.opts.Lua, r: r}
		o := r.opts.Script(".")
		o.Reach.Anything = true // the user has typed the code
		vm := luabind.New(host, o)
		r.lua = &console{vm: vm, lua: vm.Console(), host: host}
		r.tellLua()
	}
	return r.lua, nil
}

// tellLua sets the global s to the current session.
func (r *REPL) tellLua() {
	if r.lua == nil {
		return
	}
	if r.sessions.current == nil || r.sessions.current.smtp == nil {
		r.lua.lua.Set("s", nil)
		return
	}
	r.lua.lua.Set("s", r.sessions.current.lua)
}

// eval runs typed Lua and prints its results. A reply that the transcript has just shown
// is not printed again.
func (r *REPL) eval(ctx context.Context, src string) error {
	c, err := r.console()
	if err != nil {
		return err
	}
	if r.sessions.current != nil && r.sessions.current.lua != nil {
		defer r.sessions.current.lua.Lend()()
	}
	ctx, over := r.opts.Limits.Bound(ctx)
	defer over()
	before := c.host.links.openCount()
	values, err := c.lua.Eval(ctx, src)
	defer r.explainUnadopted(c, before) // must run after adopt
	defer r.adopt(c)
	if err != nil {
		return r.luaError(err)
	}
	var texts []string
	for _, v := range values {
		if reply, ok := v.Value.(smtpmod.Reply); ok && r.sessions.current != nil && reply.Reply == r.sessions.current.lastReply &&
			!r.opts.Quiet && len(values) == 1 {
			continue
		}
		texts = append(texts, v.Text)
	}
	if len(texts) > 0 {
		r.screen.page("=  " + strings.Join(texts, ", ") + "\n")
	}
	return nil
}

// luaEnd prints the error of a background task on a terminal, and returns it.
func (r *REPL) luaEnd(err error) error {
	if err == nil {
		return nil
	}
	if r.in.Terminal() {
		r.screen.say("*  Lua in the background: %s", transcript.Escape(err.Error()))
	}
	return err
}

// luaError turns an error in typed Lua into an InputError with a hint.
func (r *REPL) luaError(err error) error {
	if memory := new(luabind.MemoryError); errors.As(err, &memory) {
		return memory
	}
	if slow := new(luabind.LuaTimeError); errors.As(err, &slow) {
		if !r.in.Terminal() {
			return slow
		}
		return wrong("check for an endless loop; --max-lua sets the limit", "%v", slow)
	}
	var se *luabind.ScriptError
	if !errors.As(err, &se) {
		return err
	}
	if se.Cause != nil && errors.Is(se.Cause, context.Canceled) {
		return &engine.OpError{Op: "Lua", Kind: engine.ErrCanceled}
	}
	if !r.in.Terminal() {
		return err
	}
	return wrong(se.Hint(), "%s", se.Error())
}

// played turns an error in a dialogue file into an InputError with a hint.
func (r *REPL) played(err error) error {
	var failed *dialogue.FileError
	if !errors.As(err, &failed) || !r.in.Terminal() {
		return err
	}
	return wrong(failed.Hint(), "%s", failed.Error())
}

// runScript runs a script next to the session.
func (r *REPL) runScript(ctx context.Context, args []string) error {
	c, err := r.console()
	if err != nil {
		return err
	}
	if info, err := os.Stat(expand(args[0])); err == nil && !info.Mode().IsRegular() {
		return wrong("name a script", "%s is not a regular file", transcript.Escape(args[0]))
	}
	name, src, err := r.opts.ReadScript(expand(args[0]))
	if err != nil {
		return &InputError{err}
	}
	ctx, over := r.opts.Limits.Bound(ctx)
	defer over()
	options := r.opts.Script(args[0])
	if strings.HasSuffix(name, ".smtp") {
		if len(args) > 1 {
			return wrong("set variables with --var", "a dialogue has no arguments")
		}
		player := dialogue.Player{Host: c.host, Dir: options.Dir}
		if !options.Unsafe {
			player.Socket = func(path string) error { return options.Reach.Socket(options.Dir, path) }
			player.Program = options.Reach.Program
		}
		return r.played(player.Run(ctx, name, src))
	}
	vm := luabind.New(c.host, options)
	defer vm.Close()
	if r.sessions.current != nil && r.sessions.current.smtp != nil {
		defer r.sessions.current.lua.Lend()()
		con := vm.Console()
		con.Set("s", r.sessions.current.lua)
		defer con.Close()
	}
	if err := vm.Run(ctx, name, src, args[1:]); err != nil {
		return r.luaError(err)
	}
	for _, arg := range vm.UnusedArgs(args[1:]) {
		r.screen.say("*  warning: the argument %s was never used; set variables with --var when you start smtpsh",
			transcript.Escape(arg))
	}
	return nil
}

// luaHost gives Lua at the prompt access to the program.
type luaHost struct {
	smtpmod.Host
	r     *REPL
	dials atomic.Int64
	links links // of the sessions that Lua has opened
}

func (h *luaHost) Print(text string) {
	if h.r.in.Terminal() || h.r.settings.show.Terminal { // input from a pipe can have its output on a terminal
		text = transcript.EscapeText(text) //mutant:what-a-script-prints-at-the-prompt-is-escaped is "text" "_"
	}
	for l := range strings.Lines(text + "\n") {
		h.r.screen.say("%s", strings.TrimSuffix(l, "\n"))
	}
}

func (h *luaHost) Target() string {
	if h.r.sessions.current != nil {
		return h.r.sessions.current.target
	}
	return h.Host.Target()
}

func (h *luaHost) Server() string { return h.Target() }

func (h *luaHost) Sandbox(target string) (*sandbox.Server, error) {
	if target == "" {
		target = h.Target()
	}
	return h.r.opts.Dialer.ServerOf(target)
}

// Correspondents returns the addresses of a sandbox that this program or its user runs.
func (h *luaHost) Correspondents(target string) *sandbox.Correspondents {
	if target == "" {
		target = h.Target()
	}
	return h.r.opts.Dialer.Correspondents(target)
}

// Dial opens a session for Lua. Its lines are shown and recorded like those of the other
// sessions.
func (h *luaHost) Dial(ctx context.Context, target string, change func(*engine.Options, *engine.Target)) (*engine.Session, error) {
	if target == "" {
		target = h.Target()
	}
	label := "lua " + strconv.FormatInt(h.dials.Add(1), 10)
	x := &link{}
	s, err := h.r.opts.Dialer.Dial(ctx, target, func(o *engine.Options, t *engine.Target) {
		o.Observer = event.Tee(h.observer(x), h.r.opts.Log)
		change(o, t)
		o.Label = label
	})
	if err == nil {
		h.links.put(s, x)
	}
	return s, err
}

// luaNames returns the Lua names that begin with word, for completion.
func (r *REPL) luaNames(word string) []string {
	c, err := r.console()
	if err != nil {
		return nil
	}
	return c.lua.Names(word)
}
