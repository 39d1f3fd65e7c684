package luabind

import (
	"context"
	"errors"
	"net"
	"reflect"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine/tlsinfo"
	"smtpsh/internal/sandbox"
	"smtpsh/transcript"
)

// mocked is the listener of a server without a profile.
func (c *Call) mocked() (*Server, *sandbox.Listener, error) {
	s := c.self.(*Server)
	if s.mock == nil {
		return nil, nil, usageError("%s: this server has a profile and answers by itself; leave the profile out to say every word", c.fn.Full())
	}
	return s, s.mock, nil
}

// boxed is the sandbox of a server with a profile.
func (c *Call) boxed() (*sandbox.Server, error) {
	s := c.self.(*Server)
	if s.box == nil {
		return nil, usageError("%s: this server has no profile: start it with {profile = \"plain\"}", c.fn.Full())
	}
	return s.box, nil
}

var timeoutParam = Param{Name: "timeout", Type: "number|string", Optional: true, Doc: "How long to wait."}

var serverFuncs = []Func{
	{
		Name: "accept", On: "smtp.Server", Params: []Param{timeoutParam}, Returns: "smtp.Conn",
		Doc:     "Waits for a client and gives its connection. Raises kind timeout when none comes.",
		Example: `local srv = smtp.listen(); local t = smtp.spawn(function() return smtp.connect(srv).greeting.code end); srv:accept("5s"):reply(220, "mock ESMTP"); expect(t:wait()):equals(220)`,
		Call: func(c *Call) error {
			s, mock, err := c.mocked()
			if err != nil {
				return err
			}
			d, err := c.duration(0)
			if err != nil {
				return err
			}
			ctx, cancel := s.waiting(c, d)
			defer cancel()
			var p *sandbox.Peer
			c.wait(func() {
				if p, err = mock.Accept(ctx); err == nil {
					if err = p.Begin(ctx); err != nil {
						p.Close() //nolint:errcheck // it is gone in any case
					}
				}
			})
			if err != nil {
				return connError("accept", err)
			}
			c.scope().onClose(func() { p.Close() }) //nolint:errcheck // it is gone in any case
			c.push(c.object(&Conn{p, s}))
			return nil
		},
	},
	{
		Name: "serve", On: "smtp.Server", Params: []Param{{Name: "fn", Type: "fun(conn: smtp.Conn)", Doc: "Holds one conversation; the connection is closed at its end."}},
		Doc:     "Calls a function for each client that comes, beside the script and as often as needed. What it raises fails the test or script.",
		Example: "local srv = smtp.listen()\nsrv:serve(function(c)\n  c:reply(220, \"mock ESMTP\")\n  c:expect(\"QUIT\")\n  c:reply(221, \"bye\")\nend)\nexpect(smtp.connect(srv):quit().code):equals(221)",
		Call:    serve,
	},
	{
		Name: "on", On: "smtp.Server",
		Params: []Param{
			{Name: "verb", Type: "string", Doc: "A verb, or CONNECT (the greeting), TLS (the handshake), MESSAGE (after the final dot), RESPONSE (a line of AUTH), * (every command)."},
			{Name: "opts", Type: "any", Doc: "When; or at once the action."},
			{Name: "action", Type: "any", Optional: true, Doc: "What happens: a code, a reply such as \"451 4.7.1 later\", a list {451, \"4.7.1 later\"}, a table of smtp.Action, or a function that gets the smtp.Command and returns one of these, or nil for the usual answer."},
		},
		Doc:     "Adds a rule to a server with a profile: what it does instead of, or beside, its usual answer. The first rule that applies counts.",
		Example: "local srv = smtp.listen(nil, {profile = \"plain\"})\nsrv:on(\"RCPT\", {match = \"bob@\"}, {sequence = {{450, \"4.7.1 greylisted\"}, {250, \"2.1.5 ok\"}}})\nlocal s = smtp.open(srv)\ns:mail(\"a@example.org\")\nprint(s:rcpt(\"bob@sandbox.test\").code, s:rcpt(\"bob@sandbox.test\").code)",
		Call:    addRule,
	},
	{
		Name: "off", On: "smtp.Server", Doc: "Takes all rules away.", Example: `local srv = smtp.listen(nil, {profile = "plain"}); srv:on("NOOP", 500); srv:off(); smtp.connect(srv):noop():expect(250)`,
		Call: func(c *Call) error {
			box, err := c.boxed()
			if err == nil && !c.self.(*Server).owned {
				err = usageError("off: the built-in server has no rules")
			}
			if err == nil {
				box.Off()
			}
			return err
		},
	},
	{
		Name: "messages", On: "smtp.Server", Returns: "smtp.Received[]", Params: []Param{{Name: "n", Type: "integer", Optional: true, Doc: "Wait until at least this number have come."}, timeoutParam},
		Doc:     "Gives the messages that the server has accepted, the oldest first; with a number it waits until that number have come. Raises kind timeout when they do not come.",
		Example: `local srv = smtp.listen(nil, {profile = "plain"}); smtp.send(srv, {}, mail.message{from = "a@example.org", to = "bob@sandbox.test", text = "hi"}); expect(srv:messages(1, "5s")[1].from):equals("a@example.org")`,
		Call:    messages,
	},
	{
		Name: "commands", On: "smtp.Server", Returns: "smtp.Command[]", Params: []Param{{Name: "verb", Type: "string", Optional: true, Doc: "Only those with this verb."}},
		Doc:     "Gives what clients have said to a server with a profile, the oldest first, with the time of each: what the client under test did, and when.",
		Example: `local srv = smtp.listen(nil, {profile = "plain"}); smtp.open(srv):noop(); local c = srv:commands("NOOP"); print(#c, c[1].session, c[1].at)`,
		Call: func(c *Call) error {
			box, err := c.boxed()
			if err != nil {
				return err
			}
			out := c.L.NewTable()
			for _, cmd := range box.Commands() {
				if c.str(0) == "" || strings.EqualFold(cmd.Verb, c.str(0)) {
					out.Append(c.object(&cmd))
				}
			}
			if c.given(0) && out.Len() == 0 && !sandbox.KnownOccasion(c.str(0)) { // none ever will be
				return ruleError("commands", &sandbox.UnknownVerbError{Verb: c.str(0)})
			}
			c.push(out)
			return nil
		},
	},
	{
		Name: "target", On: "smtp.Server", Params: []Param{{Name: "door", Type: "string", Optional: true, Doc: "A door of the profile: submission, submissions, mx, lmtp; the first by default."}}, Returns: "string",
		Doc:     "Gives the target by which sessions and other programs reach it.",
		Example: `local srv = smtp.listen(nil, {profile = "plain"}); smtp.connect(srv:target("submissions")):noop():expect(250)`,
		Call: func(c *Call) error {
			s := c.self.(*Server)
			if !c.given(0) {
				c.pushString(s.Target())
				return nil
			}
			box, err := c.boxed()
			if err != nil {
				return err
			}
			door, ok := box.DoorInfo(c.str(0))
			if !ok {
				return usageError("target: profile %s has no door %s", box.Profile().Name, c.str(0))
			}
			scheme := ""
			switch {
			case door.Implicit:
				scheme = "smtps://"
			case door.LMTP:
				scheme = "lmtp://"
			}
			c.pushString(scheme + box.Addr(door.Name))
			return nil
		},
	},
	{
		Name: "close", On: "smtp.Server", Doc: "Stops the server and ends its connections.", Example: `smtp.listen():close()`,
		Call: func(c *Call) error {
			s := c.self.(*Server)
			if !s.owned {
				return usageError("close: the built-in server ends with the program")
			}
			patience := closePatience
			if inRule(c.ctx()) {
				patience = 0
			}
			c.wait(func() { s.close(patience) })
			return nil
		},
	},
}

// serve accepts clients until the scope ends.
func serve(c *Call) error {
	s, mock, err := c.mocked()
	if err != nil {
		return err
	}
	fn := c.arg(0).(*lua.LFunction)
	vm, scope := c.vm, c.scope()
	scope.tasks.Add(1)
	go func() {
		defer scope.tasks.Done()
		for {
			p, err := mock.Accept(scope.Context())
			switch {
			case scope.Context().Err() != nil || errors.Is(err, net.ErrClosed):
				return
			case err != nil: // out of descriptors, perhaps
				time.Sleep(10 * time.Millisecond)
				continue
			}
			begin, cancel := context.WithTimeout(scope.Context(), handshakeTime)
			vm.serveOne(scope, s, p, begin, cancel, fn)
		}
	}()
	return nil
}

// handshakeTime bounds TLS from the start with a client that says nothing.
const handshakeTime = 30 * time.Second

// serveOne holds one conversation as a task.
func (vm *VM) serveOne(scope *scope, s *Server, p *sandbox.Peer, begin context.Context, cancel context.CancelFunc, fn *lua.LFunction) {
	scope.tasks.Add(1)
	go func() {
		defer scope.tasks.Done()
		err := p.Begin(begin)
		cancel()
		if err != nil {
			p.Close() //nolint:errcheck // it is gone in any case
			return
		}
		vm.spawn(scope, func(th *lua.LState) {
			if th == nil {
				p.Close() //nolint:errcheck // it is gone in any case
				return
			}
			err := vm.call(th, fn, 0, vm.object(th, &Conn{p, s}))
			p.Close() //nolint:errcheck // it is gone in any case
			if err != nil && scope.Context().Err() == nil {
				scope.fail(vm.scriptError(err))
			}
		})
	}()
}

func messages(c *Call) error {
	box, err := c.boxed()
	if err != nil {
		return err
	}
	d, err := c.duration(1)
	if err != nil {
		return err
	}
	msgs := box.Messages()
	if n, ok := c.arg(0).(lua.LNumber); ok {
		ctx, cancel := c.self.(*Server).waiting(c, d)
		defer cancel()
		c.wait(func() { msgs, err = box.WaitMessages(ctx, int(n)) })
		if err != nil {
			return &ErrorValue{Kind: "timeout", Op: "messages", Message: "messages: " + err.Error()}
		}
	}
	out := c.L.NewTable()
	for i := range msgs {
		out.Append(c.object(&msgs[i]))
	}
	c.push(out)
	return nil
}

func commandField(name, typ, doc string, get func(x *sandbox.Command) lua.LValue) Field {
	return Field{Name: name, Type: typ, Doc: doc, Get: func(_ *Call, v any) lua.LValue { return get(v.(*sandbox.Command)) }}
}

var commandClass = Class{
	Name: "smtp.Command", Type: reflect.TypeFor[*sandbox.Command](),
	String: func(v any) string { return transcript.Escape(v.(*sandbox.Command).Line) }, Doc: "What a client said.",
	Fields: []Field{
		commandField("verb", "string", "The verb in capitals.", func(x *sandbox.Command) lua.LValue { return lua.LString(x.Verb) }),
		commandField("arg", "string", "What followed it.", func(x *sandbox.Command) lua.LValue { return lua.LString(x.Arg) }),
		commandField("line", "string", "The line as it came, without its ending.", func(x *sandbox.Command) lua.LValue { return lua.LString(x.Line) }),
		commandField("session", "integer", "The number of the connection, from 1.", func(x *sandbox.Command) lua.LValue { return lua.LNumber(x.Session) }),
		commandField("door", "string", "The door of the profile; empty without one.", func(x *sandbox.Command) lua.LValue { return lua.LString(x.Door) }),
		commandField("at", "number", "Seconds since the server's start; 0 without a profile.", func(x *sandbox.Command) lua.LValue { return lua.LNumber(x.At.Seconds()) }),
	},
}

func receivedField(name, typ, doc string, get func(c *Call, m *sandbox.Message) lua.LValue) Field {
	return Field{Name: name, Type: typ, Doc: doc, Get: func(c *Call, v any) lua.LValue { return get(c, v.(*sandbox.Message)) }}
}

var receivedClass = Class{
	Name: "smtp.Received", Type: reflect.TypeFor[*sandbox.Message](), Doc: "A message that a server has accepted, with its envelope.",
	Fields: []Field{
		receivedField("id", "integer", "Its number, from 1.", func(_ *Call, m *sandbox.Message) lua.LValue { return lua.LNumber(m.ID) }),
		receivedField("from", "string", "The reverse-path.", func(_ *Call, m *sandbox.Message) lua.LValue { return lua.LString(m.From) }),
		receivedField("params", "string[]", "The parameters of MAIL.", func(c *Call, m *sandbox.Message) lua.LValue { return c.list(m.MailParams) }),
		receivedField("rcpts", "string[]", "The forward-paths.", func(c *Call, m *sandbox.Message) lua.LValue {
			t := c.L.NewTable()
			for _, r := range m.Rcpts {
				t.Append(lua.LString(r.Address))
			}
			return t
		}),
		receivedField("data", "string", "The message, stuffed dots taken away, line ends as they came; nil if smtpsh sandbox has dropped it to make room.", func(_ *Call, m *sandbox.Message) lua.LValue {
			data, err := m.Content()
			if err != nil { // it has been dropped, or its temporary file cannot be read
				return lua.LNil
			}
			return lua.LString(data)
		}),
		receivedField("subject", "string", "Its Subject field as it was sent.", func(_ *Call, m *sandbox.Message) lua.LValue { return lua.LString(m.Subject()) }),
		receivedField("helo", "string", "The name that the client gave.", func(_ *Call, m *sandbox.Message) lua.LValue { return lua.LString(m.HELO) }),
		receivedField("user", "string?", "Who had logged in.", func(_ *Call, m *sandbox.Message) lua.LValue { return textOrNil(m.User) }),
		receivedField("door", "string", "Where it came in.", func(_ *Call, m *sandbox.Message) lua.LValue { return lua.LString(m.Door) }),
		receivedField("tls", "boolean", "Whether it came encrypted.", func(_ *Call, m *sandbox.Message) lua.LValue { return lua.LBool(m.TLS) }),
		receivedField("chunked", "boolean", "Whether it came by BDAT.", func(_ *Call, m *sandbox.Message) lua.LValue { return lua.LBool(m.Chunked) }),
		receivedField("time", "number", "When, in seconds since 1970.", func(_ *Call, m *sandbox.Message) lua.LValue {
			return lua.LNumber(float64(m.Time.UnixMilli()) / 1000)
		}),
	},
}

// connError makes an error object of what a server's end met.
func connError(op string, err error) *ErrorValue {
	e := &ErrorValue{Kind: "closed", Op: op, Message: op + ": the client has left: " + err.Error(), Err: nil}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		e.Kind, e.Message = "timeout", op+": timed out"
	case errors.Is(err, context.Canceled) || errors.Is(err, errScopeEnds):
		e.Kind, e.Message = "canceled", op+": canceled"
	case strings.Contains(err.Error(), "tls:") || strings.Contains(err.Error(), "x509"):
		e.Kind, e.Message = "tls", op+": "+tlsinfo.Explain(err)
	}
	return e
}
