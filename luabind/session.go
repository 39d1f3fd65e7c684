package luabind

import (
	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine"
	"smtpsh/engine/tlsinfo"
	"smtpsh/internal/transcript"
)

// Session is a session as a script holds it: with its own transcript.
type Session struct {
	*engine.Session
	log *transcript.Log
}

// NewSession wraps a session that was opened elsewhere; log may be nil.
func NewSession(s *engine.Session, log *transcript.Log) *Session {
	if log == nil {
		log = transcript.NewLog()
	}
	return &Session{s, log}
}

func sessionField(get func(*Call, *Session) lua.LValue) func(*Call, any) lua.LValue {
	return func(c *Call, v any) lua.LValue { return get(c, v.(*Session)) }
}

var sessionClass = Class{
	Name: "smtp.Session",
	Doc:  "A live conversation with a server. Every verb is one call and returns the reply, whatever its code.",
	Fields: []Field{
		{"greeting", "smtp.Reply", "The server's first reply.", sessionField(func(c *Call, s *Session) lua.LValue {
			return c.vm.object(c.L, "smtp.Reply", s.Greeting())
		})},
		{"caps", "table<string, string|boolean>", "What the last EHLO offered: keyword to parameters, true when it has none. Empty after STARTTLS.", sessionField(func(c *Call, s *Session) lua.LValue {
			t := c.L.NewTable()
			for _, k := range s.Capabilities() {
				if k.Params == "" {
					t.RawSetString(k.Keyword, lua.LTrue)
				} else {
					t.RawSetString(k.Keyword, lua.LString(k.Params))
				}
			}
			return t
		})},
		{"tls", "smtp.TLS?", "The encryption, nil when there is none.", sessionField(func(c *Call, s *Session) lua.LValue {
			info := s.TLS()
			if info == nil {
				return lua.LNil
			}
			return c.vm.object(c.L, "smtp.TLS", info)
		})},
		{"peer", "string", "The server's address.", sessionField(func(_ *Call, s *Session) lua.LValue { return lua.LString(s.Peer()) })},
		{"state", "string", "Where the conversation stands: greeted, ready, mail, rcpt, data ...", sessionField(func(_ *Call, s *Session) lua.LValue { return lua.LString(s.State().String()) })},
		{"user", "string?", "Who has logged in, nil before AUTH.", sessionField(func(_ *Call, s *Session) lua.LValue {
			if s.User() == "" {
				return lua.LNil
			}
			return lua.LString(s.User())
		})},
		{"closed", "boolean", "Whether the connection is closed on our side.", sessionField(func(_ *Call, s *Session) lua.LValue { return lua.LBool(s.Closed()) })},
		{"transcript", "smtp.Transcript", "The conversation so far.", sessionField(func(c *Call, s *Session) lua.LValue {
			return c.vm.object(c.L, "smtp.Transcript", s.log)
		})},
	},
}

var tlsClass = Class{
	Name: "smtp.TLS", Doc: "The encryption of a session in plain words.",
	Fields: []Field{
		{"version", "number", "1.2 or 1.3.", tlsField(func(i *tlsinfo.Info) lua.LValue { return lua.LNumber(tlsVersion(i.Version)) })},
		{"cipher", "string", "The cipher suite.", tlsField(func(i *tlsinfo.Info) lua.LValue { return lua.LString(i.Cipher) })},
		{"key_exchange", "string", "The group of the key exchange; empty when not known.", tlsField(func(i *tlsinfo.Info) lua.LValue { return lua.LString(i.KeyExchange) })},
		{"server_name", "string", "The name asked for and checked.", tlsField(func(i *tlsinfo.Info) lua.LValue { return lua.LString(i.ServerName) })},
		{"verified", "boolean", "Whether the certificate was verified.", tlsField(func(i *tlsinfo.Info) lua.LValue { return lua.LBool(i.Verified) })},
		{"verify_error", "string?", "Why it was not.", tlsField(func(i *tlsinfo.Info) lua.LValue {
			if i.VerifyError == "" {
				return lua.LNil
			}
			return lua.LString(i.VerifyError)
		})},
		{"cert", "smtp.Cert?", "The server's own certificate.", func(c *Call, v any) lua.LValue {
			i := v.(*tlsinfo.Info)
			if len(i.Chain) == 0 {
				return lua.LNil
			}
			return c.vm.object(c.L, "smtp.Cert", &i.Chain[0])
		}},
		{"chain", "smtp.Cert[]", "All certificates that the server sent, its own first.", func(c *Call, v any) lua.LValue {
			t := c.L.NewTable()
			i := v.(*tlsinfo.Info)
			for n := range i.Chain {
				t.Append(c.vm.object(c.L, "smtp.Cert", &i.Chain[n]))
			}
			return t
		}},
	},
}

func tlsField(get func(*tlsinfo.Info) lua.LValue) func(*Call, any) lua.LValue {
	return func(_ *Call, v any) lua.LValue { return get(v.(*tlsinfo.Info)) }
}

func tlsVersion(s string) float64 {
	return map[string]float64{"TLS 1.0": 1.0, "TLS 1.1": 1.1, "TLS 1.2": 1.2, "TLS 1.3": 1.3}[s]
}

var sessionMore = []Func{
	{
		Name: "has", On: "smtp.Session",
		Params:  []Param{{Name: "keyword", Type: "string", Doc: "An EHLO keyword, in any case."}, {Name: "word", Type: "string", Optional: true, Doc: "One of its parameters."}},
		Returns: "string|boolean",
		Doc:     "Tells whether the server offers an extension. Returns its parameters when it has any, true when it has none, false when it is not offered; with a word, whether that is among the parameters.",
		Example: `s:ehlo(); print(s:has("SIZE"), s:has("AUTH", "PLAIN"))`,
		call: func(c *Call) error {
			s := c.self.(*Session)
			if c.given(1) {
				c.push(lua.LBool(s.Capabilities().HasParam(c.str(0), c.str(1))))
				return nil
			}
			params, ok := s.Capabilities().Params(c.str(0))
			if ok && params != "" {
				c.pushString(params)
			} else {
				c.push(lua.LBool(ok))
			}
			return nil
		},
	},
	{
		Name: "close", On: "smtp.Session",
		Doc:     "Ends the connection at once, without QUIT. Sessions that are left open are closed at the end of the script.",
		Example: `s:close()`,
		call:    func(c *Call) error { return c.self.(*Session).Close() },
	},
	{
		Name: "send", On: "smtp.Session", Params: []Param{{Name: "msg", Type: "mail.Message", Doc: "The message with its envelope."}}, Returns: "smtp.Reply",
		Doc:     "Sends a whole message: MAIL, RCPT for each recipient, DATA. Returns the final reply and raises an error of kind reply at the first step that is refused.",
		Example: `s:ehlo(); s:send(mail.message{from = "a@example.org", to = {"bob@sandbox.test"}, subject = "hi", text = "hello"})`,
		call:    sendMessage,
	},
}
