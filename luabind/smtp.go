package luabind

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"strconv"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/internal/explain"
	"smtpsh/internal/message"
	"smtpsh/transcript"
)

var smtpFuncs = []Func{
	{
		Name: "connect", On: "smtp", Returns: "smtp.Session",
		Params:  []Param{targetParam, {Name: "opts", Type: connectOpts.Name, Optional: true, Doc: "Options."}},
		Doc:     "Connects and reads the greeting, nothing more. Raises kind dial, timeout, closed, tls or protocol when there is no greeting.",
		Example: `local s = smtp.connect("sandbox:plain", {timeout = "10s"}); print(s.greeting.code); s:quit()`,
		Call: func(c *Call) error {
			s, err := c.connect(c.target(0), c.table(1))
			if err != nil {
				return err
			}
			c.push(c.object(s))
			return nil
		},
	},
	{
		Name: "open", On: "smtp", Returns: "smtp.Session",
		Params:  []Param{targetParam, {Name: "opts", Type: openOpts.Name, Optional: true, Doc: "Options, with auth to log in."}},
		Doc:     "Connects, says EHLO, starts TLS when it is offered or required, says EHLO again, and logs in when auth is given. Where EHLO is refused with 500, 502, 504 or 550 it says HELO. Only what the last EHLO offered is used, so a mechanism that is named must be offered; s:auth sends any. Raises kind reply when a step is refused, and kind protocol when a reply has another code than the standard gives the step: 220, 250, 220, 235.",
		Example: `local s = smtp.open("sandbox:plain", {auth = {user = "ann@sandbox.test", pass = "ann-secret"}}); print(s.user); s:quit()`,
		Call: func(c *Call) error {
			s, err := c.open(c.target(0), c.table(1))
			if err != nil {
				return err
			}
			c.push(c.object(s))
			return nil
		},
	},
	{
		Name: "send", On: "smtp", Returns: "smtp.Reply",
		Params:  []Param{targetParam, {Name: "opts", Type: openOpts.Name + "|nil", Optional: true, Doc: "Options as for open."}, {Name: "msg", Type: "mail.Message", Doc: "The message."}},
		Doc:     "Opens a session, sends one message and says QUIT. Returns the reply to the message. Raises kind reply when a step is refused, and kind protocol with e.unknown when a second reply follows the one to the message.",
		Example: `print(smtp.send("sandbox:plain", {}, mail.message{from = "a@example.org", to = "bob@sandbox.test", text = "hi"}).code)`,
		Call: func(c *Call) error {
			s, err := c.open(c.target(0), c.table(1))
			if err != nil {
				return err
			}
			m := c.arg(2).(*lua.LUserData).Value.(*message.Message)
			var r *reply.Reply
			err = c.using(s, func(ctx context.Context, s *Session) (err error) {
				if r, err = transfer(ctx, s, m); err == nil {
					err = s.Leave(ctx)
				} else {
					s.Leave(ctx) //nolint:errcheck // the first error is the one to report
				}
				return err
			})
			return c.pushReply(s, r, err)
		},
	},
	{
		Name: "target", On: "smtp", Returns: "string",
		Doc:     "Gives the target of sessions that name none: --server, SMTPSH_SERVER, or the sandbox.",
		Example: `if smtp.target():find("^sandbox:") then print("only a rehearsal") end`,
		Call: func(c *Call) error {
			c.pushString(HostOf(c.vm).Target())
			return nil
		},
	},
	{
		Name: "server", On: "smtp", Returns: "string", Params: []Param{{Name: "default", Type: "string", Doc: "The target when none was named."}},
		Doc:     "Gives the target that --server or SMTPSH_SERVER names, or else the default: for scripts that have a server of their own in mind.",
		Example: `local s = smtp.connect(smtp.server("sandbox:plain")); s:quit()`,
		Call: func(c *Call) error {
			if s := HostOf(c.vm).Server(); s != "" {
				c.pushString(s)
			} else {
				c.pushString(c.str(0))
			}
			return nil
		},
	},
	{
		Name: "sleep", On: "smtp", Params: []Param{{Name: "seconds", Type: "number|string", Doc: "How long."}},
		Doc:     "Waits. Ends early when the script is stopped.",
		Example: `smtp.sleep("1ms")`,
		Call: func(c *Call) error {
			d, err := c.duration(0)
			if err != nil {
				return err
			}
			return c.pause("sleep", d)
		},
	},
	{
		Name: "hex", On: "smtp", Params: []Param{{Name: "digits", Type: "string", Doc: "Hexadecimal digits; spaces are skipped."}}, Returns: "string",
		Doc:     "Makes bytes of hexadecimal digits, for those that Lua's own escapes write badly.",
		Example: `assert(smtp.hex("0d 0a 2e 0d 0a") == "\r\n.\r\n")`,
		Call: func(c *Call) error {
			b, err := hex.DecodeString(string(bytes.ReplaceAll([]byte(c.str(0)), []byte(" "), nil)))
			if err != nil {
				return usageError("smtp.hex: %q: %v", c.str(0), err)
			}
			c.pushString(string(b))
			return nil
		},
	},
	{
		Name: "status", On: "smtp", Params: []Param{{Name: "code", Type: "integer|string", Doc: "A reply code or an enhanced code."}}, Returns: "string?",
		Doc:     "Explains a reply code such as 550 or an enhanced code such as 5.7.1 in plain words; nil when it is not known.",
		Example: `print(smtp.status(550)); print(smtp.status("5.7.1"))`,
		Call: func(c *Call) error {
			if n, ok := c.arg(0).(lua.LNumber); ok {
				if st, ok := reply.LookupStatus(int(n)); ok {
					c.pushString(st.Name + ": " + st.Meaning)
					return nil
				}
			} else if st, ok := reply.LookupEnhanced(c.str(0)); ok {
				c.pushString(st.Name + ": " + st.Meaning)
				return nil
			}
			c.push(lua.LNil)
			return nil
		},
	},
}

var targetParam = Param{Name: "target", Type: "string|smtp.Server|nil", Optional: true, Doc: "host, host:port, smtp://, smtps://, lmtp://, unix:PATH or sandbox:PROFILE, or a server of smtp.listen; without one, --server, or else the sandbox."}

// connect opens a session with its own transcript.
func (c *Call) connect(target string, t *lua.LTable) (*Session, error) {
	var opts connectOptions
	if err := opts.read(c.vm, t); err != nil {
		return nil, err
	}
	return c.dial(target, opts)
}

// target reads a target or one of the script's servers.
func (c *Call) target(i int) string {
	if s, ok := ValueOf[Reachable](c.arg(i)); ok {
		return s.Target()
	}
	return c.str(i)
}

// dial opens a session that the scope owns.
func (c *Call) dial(target string, opts connectOptions) (*Session, error) {
	wrapped := &Session{log: smtpOf(c.vm).shelf.NewLog(), target: target, opts: opts, events: &eventQueue{}}
	if err := c.online(); err != nil {
		return nil, err
	}
	if err := mayConnect(c.vm, target); err != nil {
		return nil, err
	}
	own := serverAt(c.vm, target)
	state := smtpOf(c.vm)
	state.labels++
	label := strconv.Itoa(state.labels)
	wrapped.log.Name = target
	if target == "" {
		wrapped.log.Name = HostOf(c.vm).Target()
	}
	scope := c.scope()
	keepConversation(scope, wrapped.log)
	wrapped.usedIn(c.ctx())
	var err error
	ctx := c.ctx()
	if own != nil {
		ctx = context.WithValue(ctx, ownServer{}, true)
	}
	c.wait(func() {
		wrapped.Session, err = HostOf(c.vm).Dial(ctx, target, func(o *engine.Options, tgt *engine.Target) {
			opts.apply(o, tgt)
			if own != nil {
				own.Trust(o)
			}
			o.Label, o.Secrets = label, c.vm.Secrets()
			o.Observer = event.Tee(o.Observer, wrapped.log, wrapped.events)
		})
	})
	if err != nil {
		wrapped.log.Leave()
		e := toErrorValue(err)
		Details(e).Log = wrapped.log
		return nil, e
	}
	wrapped.scripted = own != nil && own.Scripted()
	forget := scope.own(wrapped, func() {
		wrapped.Session.Close()
		wrapped.log.Leave()
	})
	wrapped.disown = forget
	wrapped.forget = func() {
		forget()
		wrapped.log.Leave()
	}
	return wrapped, nil
}

type ownServer struct{}

// IsOwnServer tells a [Host], from the context of its Dial, that the script itself runs
// the server.
func IsOwnServer(ctx context.Context) bool { return ctx.Value(ownServer{}) != nil }

// open is connect with greeting, TLS and login.
func (c *Call) open(target string, t *lua.LTable) (*Session, error) {
	s, err := c.connect(target, t)
	if err != nil {
		return nil, err
	}
	auth, login, err := openAuth(c.vm, t)
	if err == nil {
		err = c.using(s, func(ctx context.Context, s *Session) error { return opening(ctx, s, t, auth, login) })
	}
	if err != nil {
		c.wait(func() { s.leave(c.ctx(), leaveTime) }) //nolint:errcheck // the first error is the one to report
		s.Close()
		e := toErrorValue(err)
		e.of(s)
		return nil, e
	}
	return s, nil
}

// openAuth reads the auth table of the options.
func openAuth(vm *VM, t *lua.LTable) (o engine.AuthOptions, given bool, err error) {
	if t == nil {
		return o, false, nil
	}
	a, ok := t.RawGetString("auth").(*lua.LTable)
	if !ok {
		return o, false, nil
	}
	if err := vm.Library().checkKeys("auth", authOpts.Name, a); err != nil {
		return o, false, err
	}
	o, err = readAuth(a)
	return o, true, err
}

// opening is [engine.Session.Open] with the options of a script.
func opening(ctx context.Context, s *Session, t *lua.LTable, auth engine.AuthOptions, login bool) error {
	o := engine.OpenOptions{}
	if t != nil && t.RawGetString("starttls") != lua.LNil {
		o.StartTLS = tlsPolicies[t.RawGetString("starttls").String()]
	}
	if login {
		o.Auth = &auth
	}
	err := s.Open(ctx, o)
	if errors.Is(err, engine.ErrRefused) {
		return refusedStep(err)
	}
	return err
}

var tlsPolicies = map[string]engine.TLSPolicy{"try": engine.TLSWhenOffered, "require": engine.TLSRequired, "never": engine.TLSNever}

// What names what a reply answers, for messages: its command, AUTH for a line of
// a SASL exchange, "message" for the final dot, "greeting" when nothing was asked.
func What(r *reply.Reply) string {
	switch r.Verb {
	case "":
		return "greeting"
	case "AUTH":
		return "AUTH"
	case ".":
		if r.Recipient != "" {
			return transcript.Escape("message for " + r.Recipient)
		}
		return "message"
	}
	return transcript.Escape(r.Command)
}

// refusedStep makes an error object of an ErrRefused.
func refusedStep(err error) error {
	var op *engine.OpError
	if !errors.As(err, &op) || op.Reply == nil {
		return err
	}
	e := refusedError(op.Reply)
	if op.Hint != "" {
		e.Hint = op.Hint
	}
	return e
}

func refusedError(r *reply.Reply) *ErrorValue {
	what := What(r)
	return &ErrorValue{Kind: "reply", Op: what, Details: &ErrorDetails{Reply: r}, Message: transcript.Escape(what + ": the server refuses: " + r.String()), Hint: explain.Advice(r, explain.Context{})}
}
