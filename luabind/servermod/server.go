package servermod

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
	"smtpsh/luabind"
	"smtpsh/transcript"
)

// mocked is the listener of a server without a profile.
func mocked(c *luabind.Call) (*Server, *sandbox.Listener, error) {
	s := c.Self.(*Server)
	if s.mock == nil {
		return nil, nil, luabind.UsageError("%s: this server has a profile and answers by itself; leave the profile out to say every word",
			c.Func.Full())
	}
	return s, s.mock, nil
}

// boxed is the sandbox of a server with a profile.
func boxed(c *luabind.Call) (*sandbox.Server, error) {
	s := c.Self.(*Server)
	if s.box == nil {
		return nil, luabind.UsageError("%s: this server has no profile: start it with {profile = \"plain\"}", c.Func.Full())
	}
	return s.box, nil
}

var timeoutParam = luabind.Param{Name: "timeout", Type: "number|string", Optional: true, Doc: "Time limit of the wait."}

var serverFuncs = []luabind.Func{
	{
		Name: "accept", On: "smtp.Server", Params: []luabind.Param{timeoutParam}, Returns: "smtp.Conn",
		Doc: "Waits for a client and returns its connection. Raises kind timeout if none connects.",
		Example: `local srv = smtp.listen(); local t = smtp.spawn(function() return smtp.connect(srv).greeting.code end); ` +
			`srv:accept("5s"):reply(220, "mock ESMTP"); expect(t:wait()):equals(220)`,
		Call: func(c *luabind.Call) error {
			s, mock, err := mocked(c)
			if err != nil {
				return err
			}
			d, err := c.Duration(0)
			if err != nil {
				return err
			}
			ctx, cancel := s.waiting(c, d)
			defer cancel()
			var p *sandbox.Peer
			c.Wait(func() {
				if p, err = mock.Accept(ctx); err == nil {
					if err = p.Begin(ctx); err != nil {
						p.Close() //nolint:errcheck // the connection is closed in any case
					}
				}
			})
			if err != nil {
				return connError("accept", err)
			}
			c.Scope().OnClose(func() { p.Close() }) //nolint:errcheck // the connection is closed in any case
			c.Push(c.Object(&Conn{p, s}))
			return nil
		},
	},
	{
		Name: "serve", On: "smtp.Server",
		Params: []luabind.Param{{Name: "fn", Type: "fun(conn: smtp.Conn)", Doc: "Serves one client; the connection is closed when it returns."}},
		Doc:    "Calls a function for each client, concurrently with the script. An error in it fails the test or script.",
		Example: "local srv = smtp.listen()\nsrv:serve(function(c)\n  c:reply(220, \"mock ESMTP\")\n  c:expect(\"QUIT\")\n  c:reply(221, " +
			"\"bye\")\nend)\nexpect(smtp.connect(srv):quit().code):equals(221)",
		Call: serve,
	},
	{
		Name: "on", On: "smtp.Server",
		Params: []luabind.Param{
			{
				Name: "verb", Type: "string",
				Doc: "A verb, or CONNECT (the greeting), TLS (the handshake), MESSAGE (after the final dot), RESPONSE (a line of AUTH), * (every " +
					"command).",
			},
			{Name: "opts", Type: "any", Doc: "When the rule applies, or the action if it always applies."},
			{
				Name: "action", Type: "any", Optional: true,
				Doc: "The action: a code, a reply such as \"451 4.7.1 later\", a list {451, \"4.7.1 later\"}, a table of " +
					"smtp.Action, or a function that gets the smtp.Command and returns one of these, or nil for the usual reply.",
			},
		},
		Doc: "Adds a rule to a server with a profile: what it does instead of its usual reply, or in addition. The first rule " +
			"that applies is used.",
		Example: "local srv = smtp.listen(nil, {profile = \"plain\"})\nsrv:on(\"RCPT\", {match = \"bob@\"}, {sequence = {{450, \"4.7.1 " +
			"greylisted\"}, {250, \"2.1.5 ok\"}}})\nlocal s = smtp.open(srv)\ns:mail(\"a@example.org\")\n" +
			"print(s:rcpt(\"bob@sandbox.test\").code, s:rcpt(\"bob@sandbox.test\").code)",
		Call: addRule,
	},
	{
		Name: "off", On: "smtp.Server", Doc: "Removes all rules.",
		Example: `local srv = smtp.listen(nil, {profile = "plain"}); srv:on("NOOP", 500); srv:off(); smtp.connect(srv):noop():expect(250)`,
		Call: func(c *luabind.Call) error {
			box, err := boxed(c)
			if err == nil && !c.Self.(*Server).owned {
				err = luabind.UsageError("off: the built-in server has no rules")
			}
			if err == nil {
				box.Off()
			}
			return err
		},
	},
	{
		Name: "messages", On: "smtp.Server", Returns: "smtp.Received[]",
		Params: []luabind.Param{{Name: "n", Type: "integer", Optional: true, Doc: "Wait for at least this number."}, timeoutParam},
		Doc: "Returns the messages that the server has accepted, the oldest first. With a number it waits for at least as many, " +
			"and raises kind timeout if they do not arrive.",
		Example: `local srv = smtp.listen(nil, {profile = "plain"}); smtp.send(srv, {}, mail.message{from = "a@example.org", to = ` +
			`"bob@sandbox.test", text = "hi"}); expect(srv:messages(1, "5s")[1].from):equals("a@example.org")`,
		Call: messages,
	},
	{
		Name: "commands", On: "smtp.Server", Returns: "smtp.Command[]",
		Params: []luabind.Param{{Name: "verb", Type: "string", Optional: true, Doc: "Only those with this verb."}},
		Doc: "Returns the commands of clients to a server with a profile, the oldest first, with their times: what the client " +
			"under test did, and when.",
		Example: `local srv = smtp.listen(nil, {profile = "plain"}); smtp.open(srv):noop(); local c = srv:commands("NOOP"); print(#c, ` +
			`c[1].session, c[1].at)`,
		Call: func(c *luabind.Call) error {
			box, err := boxed(c)
			if err != nil {
				return err
			}
			out := c.L.NewTable()
			for _, cmd := range box.Commands() {
				if c.Text(0) == "" || strings.EqualFold(cmd.Verb, c.Text(0)) {
					out.Append(c.Object(&cmd))
				}
			}
			if c.Given(0) && out.Len() == 0 && !sandbox.KnownOccasion(c.Text(0)) { // no connection will come
				return RuleError("commands", &sandbox.UnknownVerbError{Verb: c.Text(0)})
			}
			c.Push(out)
			return nil
		},
	},
	{
		Name: "target", On: "smtp.Server",
		Params: []luabind.Param{
			{
				Name: "service", Type: "string", Optional: true,
				Doc: "A service of the profile: submission, submissions, mx, lmtp (default: the first).",
			},
		},
		Returns: "string",
		Doc:     "Returns the target for sessions and other programs.",
		Example: `local srv = smtp.listen(nil, {profile = "plain"}); smtp.connect(srv:target("submissions")):noop():expect(250)`,
		Call: func(c *luabind.Call) error {
			s := c.Self.(*Server)
			if !c.Given(0) {
				c.PushText(s.Target())
				return nil
			}
			box, err := boxed(c)
			if err != nil {
				return err
			}
			service, ok := box.ServiceInfo(c.Text(0))
			if !ok {
				return RuleError("target", &sandbox.NoServiceError{Profile: box.Profile().Name, Service: c.Text(0)})
			}
			scheme := ""
			switch {
			case service.Implicit:
				scheme = "smtps://"
			case service.LMTP:
				scheme = "lmtp://"
			}
			c.PushText(scheme + box.Addr(service.Name))
			return nil
		},
	},
	{
		Name: "close", On: "smtp.Server", Doc: "Stops the server and closes its connections.", Example: `smtp.listen():close()`,
		Call: func(c *luabind.Call) error {
			s := c.Self.(*Server)
			if !s.owned {
				return luabind.UsageError("close: the built-in server ends with the program")
			}
			patience := closePatience
			if inRule(c.Context()) {
				patience = 0
			}
			c.Wait(func() { s.close(patience) })
			return nil
		},
	},
}

// serve accepts clients until the scope ends.
func serve(c *luabind.Call) error {
	s, mock, err := mocked(c)
	if err != nil {
		return err
	}
	fn := c.Arg(0).(*lua.LFunction)
	vm, scope := c.VM, c.Scope()
	scope.Go(func() {
		for {
			p, err := mock.Accept(scope.Context())
			switch {
			case scope.Context().Err() != nil || errors.Is(err, net.ErrClosed):
				return
			case err != nil: // perhaps too many open files
				time.Sleep(10 * time.Millisecond)
				continue
			}
			begin, cancel := context.WithTimeout(scope.Context(), handshakeTime)
			serveOne(vm, scope, s, p, begin, cancel, fn)
		}
	})
	return nil
}

// handshakeTime limits implicit TLS with a client that sends nothing.
const handshakeTime = 30 * time.Second

// serveOne serves one client as a task.
func serveOne(vm *luabind.VM, scope *luabind.Scope, s *Server, p *sandbox.Peer, begin context.Context, cancel context.CancelFunc,
	fn *lua.LFunction) {
	scope.Go(func() {
		err := p.Begin(begin)
		cancel()
		if err != nil {
			p.Close() //nolint:errcheck // the connection is closed in any case
			return
		}
		vm.Spawn(scope, func(th *lua.LState) {
			if th == nil {
				p.Close() //nolint:errcheck // the connection is closed in any case
				return
			}
			err := vm.Call(th, fn, 0, vm.Object(th, &Conn{p, s}))
			p.Close() //nolint:errcheck // the connection is closed in any case
			if err != nil && scope.Context().Err() == nil {
				scope.Fail(vm.ScriptError(err))
			}
		})
	})
}

func messages(c *luabind.Call) error {
	box, err := boxed(c)
	if err != nil {
		return err
	}
	d, err := c.Duration(1)
	if err != nil {
		return err
	}
	msgs := box.Messages()
	if n, ok := c.Arg(0).(lua.LNumber); ok {
		ctx, cancel := c.Self.(*Server).waiting(c, d)
		defer cancel()
		c.Wait(func() { msgs, err = box.WaitMessages(ctx, int(n)) })
		if err != nil {
			return &luabind.ErrorValue{Kind: "timeout", Op: "messages", Message: "messages: " + err.Error()}
		}
	}
	out := c.L.NewTable()
	for i := range msgs {
		out.Append(c.Object(&msgs[i]))
	}
	c.Push(out)
	return nil
}

func commandField(name, typ, doc string, get func(x *sandbox.Command) lua.LValue) luabind.Field {
	return luabind.Field{Name: name, Type: typ, Doc: doc, Get: func(_ *luabind.Call, v any) lua.LValue { return get(v.(*sandbox.Command)) }}
}

var commandClass = luabind.Class{
	Name: "smtp.Command", Type: reflect.TypeFor[*sandbox.Command](),
	Example: `local srv = smtp.listen("127.0.0.1:0", {profile = "plain"}); local s = smtp.connect(srv); s:noop(); local x = srv:commands()[1]`,
	String:  func(v any) string { return transcript.Escape(v.(*sandbox.Command).Line) }, Doc: "A command of a client.",
	Fields: []luabind.Field{
		commandField("verb", "string", "The verb in capitals.", func(x *sandbox.Command) lua.LValue { return lua.LString(x.Verb) }),
		commandField("arg", "string", "What followed it.", func(x *sandbox.Command) lua.LValue { return lua.LString(x.Arg) }),
		commandField("line", "string", "The line as it came, without its ending.",
			func(x *sandbox.Command) lua.LValue { return lua.LString(x.Line) }),
		commandField("session", "integer", "The number of the connection, from 1.",
			func(x *sandbox.Command) lua.LValue { return lua.LNumber(x.Session) }),
		commandField("service", "string", "The service of the profile; empty without one.",
			func(x *sandbox.Command) lua.LValue { return lua.LString(x.Service) }),
		commandField("at", "number", "Seconds since the server's start; 0 without a profile.",
			func(x *sandbox.Command) lua.LValue { return lua.LNumber(x.At.Seconds()) }),
	},
}

func receivedField(name, typ, doc string, get func(c *luabind.Call, m *sandbox.Message) lua.LValue) luabind.Field {
	return luabind.Field{Name: name, Type: typ, Doc: doc, Get: func(c *luabind.Call, v any) lua.LValue { return get(c, v.(*sandbox.Message)) }}
}

var receivedClass = luabind.Class{
	Name: "smtp.Received", Type: reflect.TypeFor[*sandbox.Message](),
	Example: `local s = smtp.open("sandbox:plain/mx"); s:send(mail.message{from = "a@example.org", to = "bob@sandbox.test", text = ` +
		`"x"}); local x = smtp.sandbox():messages()[1]`,
	Doc: "A message that a server has accepted, with its envelope.",
	Fields: []luabind.Field{
		receivedField("id", "integer", "Its number, from 1.", func(_ *luabind.Call, m *sandbox.Message) lua.LValue { return lua.LNumber(m.ID) }),
		receivedField("from", "string", "The reverse-path.", func(_ *luabind.Call, m *sandbox.Message) lua.LValue { return lua.LString(m.From) }),
		receivedField("params", "string[]", "The parameters of MAIL.",
			func(c *luabind.Call, m *sandbox.Message) lua.LValue { return c.List(m.MailParams) }),
		receivedField("rcpts", "string[]", "The forward-paths.", func(c *luabind.Call, m *sandbox.Message) lua.LValue {
			t := c.L.NewTable()
			for _, r := range m.Rcpts {
				t.Append(lua.LString(r.Address))
			}
			return t
		}),
		receivedField("data", "string",
			"The message, stuffed dots taken away, line ends as they came; nil if smtpsh sandbox has dropped it to make room.",
			func(_ *luabind.Call, m *sandbox.Message) lua.LValue {
				data, err := m.Content()
				if err != nil { // the message was dropped, or its temporary file cannot be read
					return lua.LNil
				}
				return lua.LString(data)
			}),
		receivedField("subject", "string", "Its Subject field as it was sent.",
			func(_ *luabind.Call, m *sandbox.Message) lua.LValue { return lua.LString(m.Subject()) }),
		receivedField("helo", "string", "The name that the client gave.",
			func(_ *luabind.Call, m *sandbox.Message) lua.LValue { return lua.LString(m.HELO) }),
		receivedField("user", "string?", "Who had logged in.",
			func(_ *luabind.Call, m *sandbox.Message) lua.LValue { return luabind.TextOrNil(m.User) }),
		receivedField("service", "string", "Where it came in.",
			func(_ *luabind.Call, m *sandbox.Message) lua.LValue { return lua.LString(m.Service) }),
		receivedField("tls", "boolean", "Whether it came encrypted.",
			func(_ *luabind.Call, m *sandbox.Message) lua.LValue { return lua.LBool(m.TLS) }),
		receivedField("chunked", "boolean", "Whether it came by BDAT.",
			func(_ *luabind.Call, m *sandbox.Message) lua.LValue { return lua.LBool(m.Chunked) }),
		receivedField("time", "number", "When, in seconds since 1970.", func(_ *luabind.Call, m *sandbox.Message) lua.LValue {
			return lua.LNumber(float64(m.Time.UnixMilli()) / 1000)
		}),
	},
}

// connError makes an error object of the error of a server's connection.
func connError(op string, err error) *luabind.ErrorValue {
	e := &luabind.ErrorValue{Kind: "closed", Op: op, Message: op + ": the client has left: " + err.Error(), Err: nil}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		e.Kind, e.Message = "timeout", op+": timed out"
	case errors.Is(err, context.Canceled) || errors.Is(err, luabind.ErrScopeEnds):
		e.Kind, e.Message = "canceled", op+": canceled"
	case errors.As(err, new(*sandbox.TLSError)):
		e.Kind, e.Message = "tls", op+": "+tlsinfo.Explain(err)
	}
	return e
}
