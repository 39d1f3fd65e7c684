package smtpmod

import (
	"context"
	"reflect"
	"sort"
	"strings"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine"
	"smtpsh/engine/tlsinfo"
	"smtpsh/luabind"
	"smtpsh/transcript"
)

// Session is a session for scripts, with its own transcript.
type Session struct {
	*engine.Session
	log    *transcript.Log
	target string
	opts   ConnectOptions
	busy   string             // what another task is doing with it
	tasks  []*luabind.TaskRun // that have used it; some can have ended
	events *eventQueue
	lent   *lending
	forget func() // removes it from the scope's list; nil if it is on none
	// scripted reports whether the peer is a server of a script, which expects what the
	// script's own lines send.
	scripted bool
	disown   func() // prevents the scope from closing it
}

// lending guards a session of another owner, who uses it while no script that borrows it is
// running.
type lending struct {
	mu     sync.Mutex
	idle   sync.Cond
	lent   bool
	inside int // calls in progress
}

// enter begins a call on the session. It reports whether that is allowed.
func (l *lending) enter() bool {
	if l == nil {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lent {
		l.inside++
	}
	return l.lent
}

func (l *lending) leave() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.inside--; l.inside == 0 {
		l.idle.Broadcast()
	}
}

// Lend lets scripts use a session of [NewSession] until back is called, which waits for
// calls in progress. Afterwards a running task that tries to use the session gets a usage
// error.
func (s *Session) Lend() (back func()) {
	l := s.lent
	l.mu.Lock()
	l.lent = true
	l.mu.Unlock()
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.lent = false
		for l.inside > 0 {
			l.idle.Wait()
		}
	}
}

// NewSession wraps a session of another owner: scripts can use it while it is lent to them.
// log can be nil.
func NewSession(s *engine.Session, log *transcript.Log) *Session {
	if log == nil {
		log = transcript.NewLog()
	}
	l := &lending{}
	l.idle.L = &l.mu
	return &Session{Session: s, log: log, events: &eventQueue{}, lent: l}
}

func sessionField(get func(*luabind.Call, *Session) lua.LValue) func(*luabind.Call, any) lua.LValue {
	return func(c *luabind.Call, v any) lua.LValue { return get(c, v.(*Session)) }
}

var sessionClass = luabind.Class{
	Name: "smtp.Session", Type: reflect.TypeFor[*Session](),
	Example: `local x = smtp.connect("sandbox:plain")`,
	String:  func(v any) string { return "session with " + v.(*Session).Where() },
	Blame: func(self any, e *luabind.ErrorValue) {
		if Details(e).Session == nil {
			Belongs(e, self.(*Session))
		}
	},
	Doc: "A session with a server. Every verb is one call and returns the reply, with any code.",
	Fields: []luabind.Field{
		{Name: "greeting", Type: "smtp.Reply", Doc: "The server's first reply.", Get: sessionField(func(c *luabind.Call, s *Session) lua.LValue {
			return replyValue(c, s, s.Greeting())
		})},
		{
			Name: "caps", Type: "table<string, string|boolean>",
			Doc: "What the last EHLO offered: keyword to parameters, true if it has none. Empty after STARTTLS.",
			Get: sessionField(func(c *luabind.Call, s *Session) lua.LValue {
				t := c.L.NewTable()
				for _, k := range s.Capabilities() {
					if k.Params == "" {
						t.RawSetString(k.Keyword, lua.LTrue)
					} else {
						t.RawSetString(k.Keyword, lua.LString(k.Params))
					}
				}
				return t
			}),
		},
		{
			Name: "tls", Type: "smtp.TLS?", Doc: "The TLS state; nil without TLS.",
			Get: sessionField(func(c *luabind.Call, s *Session) lua.LValue {
				info := s.TLS()
				if info == nil {
					return lua.LNil
				}
				return c.VM.Object(c.L, info)
			}),
		},
		{
			Name: "peer", Type: "string", Doc: "The server's address.",
			Get: sessionField(func(_ *luabind.Call, s *Session) lua.LValue { return lua.LString(s.Peer()) }),
		},
		{
			Name: "state", Type: "string",
			Doc: "The state of the session: greeted, ready, mail, rcpt, data ...",
			Get: sessionField(func(_ *luabind.Call, s *Session) lua.LValue { return lua.LString(s.State().String()) }),
		},
		{
			Name: "user", Type: "string?", Doc: "The user who has logged in; nil before AUTH.",
			Get: sessionField(func(_ *luabind.Call, s *Session) lua.LValue {
				if s.User() == "" {
					return lua.LNil
				}
				return lua.LString(s.User())
			}),
		},
		{
			Name: "closed", Type: "boolean",
			Doc: "Whether the client has closed the connection.",
			Get: sessionField(func(_ *luabind.Call, s *Session) lua.LValue { return lua.LBool(s.Closed()) }),
		},
		{
			Name: "transcript", Type: "smtp.Transcript", Doc: "The transcript so far.",
			Get: sessionField(func(c *luabind.Call, s *Session) lua.LValue {
				return c.VM.Object(c.L, s.log)
			}),
		},
	},
}

// again implements session:again.
func again(c *luabind.Call) error {
	old := c.Self.(*Session)
	s, err := connectTo(c, old.target, old.opts)
	if err != nil {
		return err
	}
	if verb, name := old.Introduced(); verb != "" {
		err = using(c, s, func(ctx context.Context, s *Session) error {
			var err error
			switch verb {
			case "HELO":
				_, err = s.Helo(ctx, name)
			case "LHLO":
				_, err = s.Lhlo(ctx, name)
			default:
				_, err = s.Ehlo(ctx, name)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	c.Push(c.Object(s))
	return nil
}

// eventNames is the type of the first argument of session:on.
func eventNames() string {
	var names []string
	for n := range sessionEvents {
		names = append(names, `"`+n+`"`)
	}
	sort.Strings(names)
	return strings.Join(names, "|")
}

var tlsClass = luabind.Class{
	Name: "smtp.TLS", Type: reflect.TypeFor[*tlsinfo.Info](),
	Example: `local s = smtp.open("sandbox:plain", {starttls = "require"}); local x = s.tls`,
	String:  func(v any) string { return transcript.Escape(v.(*tlsinfo.Info).Summary()) }, Doc: "The encryption of a session.",
	Fields: []luabind.Field{
		{
			Name: "version", Type: "number", Doc: "1.2 or 1.3.",
			Get: tlsField(func(i *tlsinfo.Info) lua.LValue { return lua.LNumber(tlsVersion(i.Version)) }),
		},
		{
			Name: "cipher", Type: "string", Doc: "The cipher suite.",
			Get: tlsField(func(i *tlsinfo.Info) lua.LValue { return lua.LString(i.Cipher) }),
		},
		{
			Name: "key_exchange", Type: "string",
			Doc: "The group of the key exchange; empty if not known.",
			Get: tlsField(func(i *tlsinfo.Info) lua.LValue { return lua.LString(i.KeyExchange) }),
		},
		{
			Name: "server_name", Type: "string", Doc: "The name sent as SNI and verified.",
			Get: tlsField(func(i *tlsinfo.Info) lua.LValue { return lua.LString(i.ServerName) }),
		},
		{
			Name: "alpn", Type: "string",
			Doc: "The protocol negotiated with ALPN; empty if there is none.",
			Get: tlsField(func(i *tlsinfo.Info) lua.LValue { return lua.LString(i.ALPN) }),
		},
		{
			Name: "resumed", Type: "boolean",
			Doc: "Whether the handshake resumed an earlier TLS session.",
			Get: tlsField(func(i *tlsinfo.Info) lua.LValue { return lua.LBool(i.Resumed) }),
		},
		{
			Name: "verified", Type: "boolean",
			Doc: "Whether the certificate was verified.",
			Get: tlsField(func(i *tlsinfo.Info) lua.LValue { return lua.LBool(i.Verified) }),
		},
		{Name: "verify_error", Type: "string?", Doc: "Why it was not verified.", Get: tlsField(func(i *tlsinfo.Info) lua.LValue {
			if i.VerifyError == "" {
				return lua.LNil
			}
			return lua.LString(i.VerifyError)
		})},
		{Name: "cert", Type: "smtp.Cert?", Doc: "The server's own certificate.", Get: func(c *luabind.Call, v any) lua.LValue {
			i := v.(*tlsinfo.Info)
			if len(i.Chain) == 0 {
				return lua.LNil
			}
			return c.VM.Object(c.L, &i.Chain[0])
		}},
		{
			Name: "chain", Type: "smtp.Cert[]",
			Doc: "All certificates that the server sent, its own first.",
			Get: func(c *luabind.Call, v any) lua.LValue {
				t := c.L.NewTable()
				i := v.(*tlsinfo.Info)
				for n := range i.Chain {
					t.Append(c.VM.Object(c.L, &i.Chain[n]))
				}
				return t
			},
		},
	},
}

func tlsField(get func(*tlsinfo.Info) lua.LValue) func(*luabind.Call, any) lua.LValue {
	return func(_ *luabind.Call, v any) lua.LValue { return get(v.(*tlsinfo.Info)) }
}

func tlsVersion(s string) float64 {
	return map[string]float64{"TLS 1.0": 1.0, "TLS 1.1": 1.1, "TLS 1.2": 1.2, "TLS 1.3": 1.3}[s]
}

var sessionMore = []luabind.Func{
	{
		Name: "has", On: "smtp.Session",
		Params: []luabind.Param{
			{Name: "keyword", Type: "string", Doc: "An EHLO keyword, in any case."},
			{Name: "word", Type: "string", Optional: true, Doc: "One of its parameters."},
		},
		Returns: "string|boolean",
		Doc: "Returns the parameters of an offered extension, true if it has none, or false if it is not offered. With a " +
			"word: whether the word is one of the parameters.",
		Example: `s:ehlo(); print(s:has("SIZE"), s:has("AUTH", "PLAIN"))`,
		Call: func(c *luabind.Call) error {
			s := c.Self.(*Session)
			if c.Given(1) {
				c.Push(lua.LBool(s.Capabilities().HasParam(c.Text(0), c.Text(1))))
				return nil
			}
			params, ok := s.Capabilities().Params(c.Text(0))
			if ok && params != "" {
				c.PushText(params)
			} else {
				c.Push(lua.LBool(ok))
			}
			return nil
		},
	},
	{
		Name: "again", On: "smtp.Session", Returns: "smtp.Session",
		Doc: "Opens a new connection to the same target with the same options, and sends the same EHLO, HELO or LHLO if the " +
			"first session has sent one. The first session stays open.",
		Example: `s:ehlo("me"); local t = s:again(); t:mail("ann@example.org"):expect(250)`,
		Call:    again,
	},
	{
		Name: "on", On: "smtp.Session",
		Params: []luabind.Param{
			{Name: "event", Type: eventNames(), Doc: "The kind of event."},
			{Name: "fn", Type: "fun(e: smtp.Event)", Doc: "Called with each event."},
		},
		Doc: "Calls a function for events of the session: each line sent or received, each reply, finding and state. The " +
			"functions run after the call that caused the events.",
		Example: `s:on("reply", function(e) print(e.verb, e.reply.code, e.took) end); s:ehlo(); s:noop()`,
		Call: func(c *luabind.Call) error {
			c.Self.(*Session).events.listen(sessionEvents[c.Text(0)], c.Arg(1).(*lua.LFunction))
			return nil
		},
	},
	{
		Name: "play", On: "smtp.Session", Returns: "table<string, string>",
		Params: []luabind.Param{
			{Name: "dialogue", Type: "string", Doc: "C: lines are sent, S: lines are expected."},
			{Name: "opts", Type: playOpts.Name, Optional: true, Doc: "Options."},
		},
		Doc: "Runs a dialogue in the notation of transcripts and fails at the first difference. S: 250 expects a code, S: 250 " +
			"2.1.0 also an enhanced code, S: 250 some text also the text. {name} captures a word, {} matches anything, ... " +
			"matches the rest. Returns the captured values.",
		Example: "local got = s:play[[\n  C: EHLO me\n  S: 250-{host} greets me\n  S: ...\n  C: NOOP\n  S: 250 2.0.0\n]]\nprint(got.host)",
		Call:    playDialogue,
	},
	{
		Name: "close", On: "smtp.Session",
		Doc: "Closes the connection at once, without QUIT. Raises kind protocol if the server sent more replies than " +
			"commands. Open sessions send QUIT at the end of the script or test.",
		Example: `s:close()`,
		Call: func(c *luabind.Call) error {
			s := c.Self.(*Session)
			if s.forget != nil {
				s.forget()
			}
			var err error
			if s.busy == "" { // otherwise another task is using it, and its wait ends with an error
				err = s.CheckUnsolicited("close")
			}
			s.Close() //nolint:errcheck // the connection is closed in any case
			return err
		},
	},
	{
		Name: "send", On: "smtp.Session",
		Params: []luabind.Param{
			{Name: "msg", Type: "mail.Message", Doc: "The message with its envelope."},
			{Name: "opts", Type: sendOpts.Name, Optional: true, Doc: "Options."},
		},
		Returns: "smtp.Reply",
		Doc: "Sends a complete message: MAIL, RCPT for each recipient, DATA. Returns the final reply. Raises kind reply at " +
			"the first rejected step.",
		Example: `s:ehlo(); s:send(mail.message{from = "a@example.org", to = {"bob@sandbox.test"}, subject = "hi", text = "hello"})`,
		Call:    sendMessage,
	},
}
