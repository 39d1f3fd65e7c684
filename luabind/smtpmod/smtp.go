package smtpmod

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/internal/advice"
	"smtpsh/internal/explain"
	"smtpsh/internal/message"
	"smtpsh/luabind"
	"smtpsh/transcript"
)

var smtpFuncs = []luabind.Func{
	{
		Name: "connect", On: "smtp", Returns: "smtp.Session",
		Params:  []luabind.Param{targetParam, {Name: "opts", Type: ConnectOpts.Name, Optional: true, Doc: "Options."}},
		Doc:     "Connects and reads the greeting. Raises kind dial, timeout, closed, tls or protocol if there is no greeting.",
		Example: `local s = smtp.connect("sandbox:plain", {timeout = "10s"}); print(s.greeting.code); s:quit()`,
		Call: func(c *luabind.Call) error {
			s, err := connect(c, targetArg(c, 0), c.Table(1))
			if err != nil {
				return err
			}
			c.Push(c.Object(s))
			return nil
		},
	},
	{
		Name: "open", On: "smtp", Returns: "smtp.Session",
		Params: []luabind.Param{targetParam, {Name: "opts", Type: openOpts.Name, Optional: true, Doc: "Options, with auth to log in."}},
		Doc: "Connects, sends EHLO, starts TLS if it is offered or required, sends EHLO again, and logs in if auth is given. " +
			"If EHLO is rejected with 500, 502, 504 or 550, it sends HELO. It uses only what the last EHLO offered, so a named " +
			"mechanism must be offered; s:auth sends any. Raises kind reply if a step is rejected, and kind protocol if a " +
			"positive reply has another code than the standard requires: 220, 250, 220, 235.",
		Example: `local s = smtp.open("sandbox:plain", {auth = {user = "ann@sandbox.test", pass = "ann-secret"}}); print(s.user); s:quit()`,
		Call: func(c *luabind.Call) error {
			s, err := openSession(c, targetArg(c, 0), c.Table(1))
			if err != nil {
				return err
			}
			c.Push(c.Object(s))
			return nil
		},
	},
	{
		Name: "send", On: "smtp", Returns: "smtp.Reply",
		Params: []luabind.Param{
			targetParam,
			{Name: "opts", Type: openOpts.Name + "|nil", Optional: true, Doc: "Options as for open."},
			{Name: "msg", Type: "mail.Message", Doc: "The message."},
		},
		Doc: "Opens a session, sends one message and sends QUIT. Returns the reply to the message. Raises kind reply if a " +
			"step is rejected, and kind protocol with e.unknown if a second reply follows the reply to the message.",
		Example: `print(smtp.send("sandbox:plain", {}, mail.message{from = "a@example.org", to = "bob@sandbox.test", text = "hi"}).code)`,
		Call: func(c *luabind.Call) error {
			s, err := openSession(c, targetArg(c, 0), c.Table(1))
			if err != nil {
				return err
			}
			m := c.Arg(2).(*lua.LUserData).Value.(*message.Message)
			var r *reply.Reply
			err = using(c, s, func(ctx context.Context, s *Session) (err error) {
				if r, err = transfer(ctx, s, m); err == nil {
					err = s.Leave(ctx)
				} else {
					s.Leave(ctx) //nolint:errcheck // report the first error
				}
				return err
			})
			return pushReply(c, s, r, err)
		},
	},
	{
		Name: "target", On: "smtp", Returns: "string",
		Doc:     "Returns the default target: --server, SMTPSH_SERVER, or the sandbox.",
		Example: `if smtp.target():find("^sandbox:") then print("only a rehearsal") end`,
		Call: func(c *luabind.Call) error {
			c.PushText(HostOf(c.VM).Target())
			return nil
		},
	},
	{
		Name: "server", On: "smtp", Returns: "string",
		Params:  []luabind.Param{{Name: "default", Type: "string", Doc: "The default target."}},
		Doc:     "Returns the target of --server or SMTPSH_SERVER, or else the given default.",
		Example: `local s = smtp.connect(smtp.server("sandbox:plain")); s:quit()`,
		Call: func(c *luabind.Call) error {
			if s := HostOf(c.VM).Server(); s != "" {
				c.PushText(s)
			} else {
				c.PushText(c.Text(0))
			}
			return nil
		},
	},
	{
		Name: "sleep", On: "smtp", Params: []luabind.Param{{Name: "seconds", Type: "number|string", Doc: "How long."}},
		Doc:     "Waits. Ends early if the script is stopped.",
		Example: `smtp.sleep("1ms")`,
		Call: func(c *luabind.Call) error {
			d, err := c.Duration(0)
			if err != nil {
				return err
			}
			return c.Pause("sleep", d)
		},
	},
	{
		Name: "hex", On: "smtp",
		Params:  []luabind.Param{{Name: "digits", Type: "string", Doc: "Hexadecimal digits; spaces are skipped."}},
		Returns: "string",
		Doc:     "Converts hexadecimal digits to bytes.",
		Example: `assert(smtp.hex("0d 0a 2e 0d 0a") == "\r\n.\r\n")`,
		Call: func(c *luabind.Call) error {
			b, err := hex.DecodeString(string(bytes.ReplaceAll([]byte(c.Text(0)), []byte(" "), nil)))
			if err != nil {
				return luabind.UsageError("smtp.hex: %q: %v", c.Text(0), err)
			}
			c.PushText(string(b))
			return nil
		},
	},
	{
		Name: "status", On: "smtp",
		Params:  []luabind.Param{{Name: "code", Type: "integer|string", Doc: "A reply code or an enhanced code."}},
		Returns: "string?",
		Doc:     "Returns an explanation of a reply code such as 550 or an enhanced code such as 5.7.1; nil if it is unknown.",
		Example: `print(smtp.status(550)); print(smtp.status("5.7.1"))`,
		Call: func(c *luabind.Call) error {
			if n, ok := c.Arg(0).(lua.LNumber); ok {
				if st, ok := reply.LookupStatus(int(n)); ok {
					c.PushText(st.Name + ": " + st.Meaning)
					return nil
				}
			} else if st, ok := reply.LookupEnhanced(c.Text(0)); ok {
				c.PushText(st.Name + ": " + st.Meaning)
				return nil
			}
			c.Push(lua.LNil)
			return nil
		},
	},
}

var targetParam = luabind.Param{Name: "target", Type: "string|smtp.Server|nil", Optional: true, Doc: "host, host:port, smtp://, smtps://, lmtp://, unix:PATH, pipe:COMMAND (only with --unsafe, exec = true, or as --server), sandbox:PROFILE, or a server of smtp.listen (default: --server, else the sandbox)."}

// connect opens a session with its own transcript.
func connect(c *luabind.Call, target string, t *lua.LTable) (*Session, error) {
	var opts ConnectOptions
	if err := opts.Read(c.VM, t); err != nil {
		return nil, err
	}
	return connectTo(c, target, opts)
}

// connectTo opens a session that the scope of the call owns.
func connectTo(c *luabind.Call, target string, opts ConnectOptions) (*Session, error) {
	if err := c.Online(); err != nil {
		return nil, err
	}
	s := &Session{target: target, opts: opts, events: &eventQueue{}}
	s.usedIn(c.Context())
	scope, ctx := c.Scope(), c.Context()
	var err error
	c.Wait(func() { err = dial(ctx, c.VM, scope, s) })
	if err != nil {
		e := ToErrorValue(err)
		Details(e).Log = s.log
		return nil, e
	}
	return s, nil
}

// targetArg returns a target, or that of one of the script's servers.
func targetArg(c *luabind.Call, i int) string {
	if s, ok := luabind.ValueOf[Reachable](c.Arg(i)); ok {
		return s.Target()
	}
	return c.Text(i)
}

// openSession is connect followed by greeting, TLS and login.
func openSession(c *luabind.Call, target string, t *lua.LTable) (*Session, error) {
	s, err := connect(c, target, t)
	if err != nil {
		return nil, err
	}
	auth, login, err := openAuth(c.VM, t)
	if err == nil {
		err = using(c, s, func(ctx context.Context, s *Session) error { return opening(ctx, s, t, auth, login) })
	}
	if err != nil {
		c.Wait(func() { s.leave(c.Context(), leaveTime) }) //nolint:errcheck // report the first error
		s.Close()
		e := ToErrorValue(err)
		Belongs(e, s)
		return nil, e
	}
	return s, nil
}

// openAuth reads the auth table of the options.
func openAuth(vm *luabind.VM, t *lua.LTable) (o engine.AuthOptions, given bool, err error) {
	if t == nil {
		return o, false, nil
	}
	a, ok := t.RawGetString("auth").(*lua.LTable)
	if !ok {
		return o, false, nil
	}
	if err := vm.Library().CheckKeys("auth", AuthOpts.Name, a); err != nil {
		return o, false, err
	}
	o, err = ReadAuth(a)
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

// What returns a name for what a reply answers, for texts: its command, AUTH for a line of
// a SASL exchange, "message" for the final dot, "greeting" if it answers no command.
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
	if said := advice.Words(advice.Lua, op.Advice...); said != "" {
		e.Hint = said
	}
	return e
}

func refusedError(r *reply.Reply) *luabind.ErrorValue {
	what := What(r)
	return &luabind.ErrorValue{
		Kind: "reply", Op: what, Details: &ErrorDetails{Reply: r},
		Message: transcript.Escape(what + ": rejected by the server: " + r.String()),
		Hint:    explain.Advice(r, explain.Context{}),
	}
}
