package luabind

import (
	"bytes"
	"context"
	"sort"
	"time"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/internal/message"
)

var messageClass = Class{
	Name: "mail.Message", Doc: "A composed message with its envelope.",
	Fields: []Field{
		{"id", "string", "The Message-ID with brackets.", messageField(func(_ *Call, m *message.Message) lua.LValue { return lua.LString(m.ID) })},
		{"from", "string", "The reverse-path.", messageField(func(_ *Call, m *message.Message) lua.LValue { return lua.LString(m.From) })},
		{"rcpts", "string[]", "The recipients: to, cc and bcc.", messageField(func(c *Call, m *message.Message) lua.LValue {
			t := c.L.NewTable()
			for _, r := range m.Rcpts {
				t.Append(lua.LString(r))
			}
			return t
		})},
	},
}

func messageField(get func(*Call, *message.Message) lua.LValue) func(*Call, any) lua.LValue {
	return func(c *Call, v any) lua.LValue { return get(c, v.(*message.Message)) }
}

var attachOpts = Class{
	Name: "mail.Attachment", Doc: "One attached file.",
	Keys: []Param{
		{Name: "name", Type: "string", Doc: "The file name; any characters."},
		{Name: "type", Type: "string", Optional: true, Doc: "The media type; found by the name when left out."},
		{Name: "data", Type: "string", Large: true, Doc: "The content."},
	},
}

var messageOpts = Class{
	Name: "mail.Spec", Doc: "What a message is to be.",
	Keys: []Param{
		{Name: "from", Type: "string", Doc: "The author's mailbox, with or without a name."},
		{Name: "to", Type: "string|string[]", Optional: true, Doc: "Recipients."},
		{Name: "cc", Type: "string|string[]", Optional: true, Doc: "Further recipients."},
		{Name: "bcc", Type: "string|string[]", Optional: true, Doc: "Recipients that the message does not name."},
		{Name: "reply_to", Type: "string", Optional: true, Doc: "Where answers go."},
		{Name: "subject", Type: "string", Optional: true, Doc: "The subject; any characters."},
		{Name: "text", Type: "string", Optional: true, Large: true, Doc: "The body as plain text."},
		{Name: "html", Type: "string", Optional: true, Large: true, Doc: "The body as HTML, beside the text."},
		{Name: "attach", Type: "mail.Attachment[]", Optional: true, Doc: "Attached files."},
		{Name: "headers", Type: "table<string, string>", Optional: true, Doc: "Further header fields."},
		{Name: "id", Type: "string", Optional: true, Doc: "The Message-ID; made when left out."},
		{Name: "date", Type: "number", Optional: true, Doc: "Seconds since 1970; now when left out."},
	},
}

var mailFuncs = []Func{{
	Name: "message", On: "mail", Params: []Param{{Name: "spec", Type: messageOpts.Name, Doc: "What it is to be."}}, Returns: "mail.Message",
	Doc:     "Composes a message: header fields folded and encoded (RFC 5322, RFC 2047), text and HTML, attachments (RFC 2231 names), Message-ID and Date. Quoted local parts keep their quotes.",
	Example: `print(mail.message{from = "ann@example.org", to = {"bob@sandbox.test"}, subject = "Grüße", text = "hello"}:bytes())`,
	call: func(c *Call) error {
		spec, err := readSpec(c.table(0))
		if err != nil {
			return err
		}
		total := len(spec.Text) + len(spec.HTML)
		for _, a := range spec.Attachments {
			total += len(a.Data)
		}
		if total > maxMessage {
			e := usageError("mail.message: its texts and files have %d octets together, and at most %d are allowed", total, maxMessage).(*ErrorValue)
			e.Hint = "s:data takes a function that makes a larger message piece by piece"
			return e
		}
		m, err := message.Build(spec)
		if err != nil {
			return usageError("mail.message: %v", err)
		}
		c.push(c.vm.object(c.L, "mail.Message", m))
		return nil
	},
}, {
	Name: "parse", On: "mail", Params: []Param{{Name: "raw", Type: "string", Large: true, Doc: "The message, with CRLF or LF line ends."}}, Returns: "mail.Parsed",
	Doc:     "Reads a message that a server or a mailbox gave back: header fields decoded, text, HTML and attachments. What is wrong with it is in defects.",
	Example: exampleMail + `expect(m.subject):equals("Grüße"); expect(m.from[1]):equals("ann@example.org"); expect(m.text):contains("hello")`,
	call: func(c *Call) error {
		if n := len(c.str(0)); n > maxMessage {
			return usageError("mail.parse: the message has %d octets, and at most %d can be read", n, maxMessage)
		}
		p, err := message.Parse([]byte(c.str(0)))
		if err != nil {
			return usageError("mail.parse: %v", err)
		}
		c.push(c.object("mail.Parsed", p))
		return nil
	},
}}

var messageFuncs = []Func{{
	Name: "bytes", On: "mail.Message", Returns: "string",
	Doc:     "Gives the message as it goes out, with CRLF line ends.",
	Example: `print(#mail.message{from = "ann@example.org", to = "bob@sandbox.test"}:bytes())`,
	call:    func(c *Call) error { c.pushString(string(c.self.(*message.Message).Bytes)); return nil },
}}

func readSpec(t *lua.LTable) (message.Spec, error) {
	str := func(key string) string {
		if v := t.RawGetString(key); v != lua.LNil {
			return v.String()
		}
		return ""
	}
	s := message.Spec{From: str("from"), ReplyTo: str("reply_to"), Subject: str("subject"), Text: str("text"), HTML: str("html"), ID: str("id")}
	if d, ok := t.RawGetString("date").(lua.LNumber); ok {
		if !(d > 0 && d < 253402300800) { // the year 10000
			return s, usageError("mail.message: date must be seconds since 1970, got %s", d.String())
		}
		s.Date = time.Unix(int64(d), 0)
	}
	var err error
	for i, list := range []*[]string{&s.To, &s.Cc, &s.Bcc} {
		key := []string{"to", "cc", "bcc"}[i]
		if *list, err = readStrings(key, t.RawGetString(key)); err != nil {
			return s, err
		}
	}
	var headerErr error
	if h, ok := t.RawGetString("headers").(*lua.LTable); ok {
		inOrder(h, func(k, v lua.LValue) {
			if v.Type() != lua.LTString && v.Type() != lua.LTNumber {
				headerErr = usageError("mail.message: header %s must be a string, got %s", k.String(), typeName(v))
			}
			s.Headers = append(s.Headers, message.Field{Name: k.String(), Value: v.String()})
		})
		if headerErr != nil {
			return s, headerErr
		}
		sort.Slice(s.Headers, func(i, j int) bool { return s.Headers[i].Name < s.Headers[j].Name })
	}
	if a, ok := t.RawGetString("attach").(*lua.LTable); ok {
		for i := 1; i <= a.Len(); i++ {
			one, ok := a.RawGetInt(i).(*lua.LTable)
			if !ok {
				return s, usageError("mail.message: attachment %d must be a table {name=, data=}, got %s", i, typeName(a.RawGetInt(i)))
			}
			if err := checkKeys("mail.message: attachment", attachOpts.Name, one); err != nil {
				return s, err
			}
			if one.RawGetString("name") == lua.LNil || one.RawGetString("data") == lua.LNil {
				return s, usageError("mail.message: attachment %d needs name and data", i)
			}
			if n := len(one.RawGetString("data").String()); n > maxMessage {
				return s, usageError("mail.message: attachment %d has %d octets, and at most %d are allowed", i, n, maxMessage)
			}
			if i > maxAttached {
				return s, usageError("mail.message: more than %d attachments", maxAttached)
			}
			att := message.Attachment{Name: one.RawGetString("name").String(), Data: []byte(one.RawGetString("data").String())}
			if k := one.RawGetString("type"); k != lua.LNil {
				att.Type = k.String()
			}
			s.Attachments = append(s.Attachments, att)
		}
	}
	return s, nil
}

// maxAttached is how many files a message may have. Each may be as large as all together:
// their sum is looked at when they are known.
const maxAttached = 1000

func readStrings(name string, v lua.LValue) ([]string, error) {
	switch v := v.(type) {
	case lua.LString:
		return []string{string(v)}, nil
	case *lua.LTable:
		var out []string
		for i := 1; i <= v.Len(); i++ {
			s, ok := v.RawGetInt(i).(lua.LString)
			if !ok {
				return nil, usageError("mail.message: %s must hold strings, got %s", name, typeName(v.RawGetInt(i)))
			}
			out = append(out, string(s))
		}
		return out, nil
	}
	return nil, nil
}

// sendMessage is session:send.
func sendMessage(c *Call) error {
	m := c.arg(0).(*lua.LUserData).Value.(*message.Message)
	if t := c.table(1); t != nil && lua.LVAsBool(t.RawGetString("pipeline")) {
		return c.say(func(ctx context.Context, s *Session) (*reply.Reply, error) {
			content, params, err := prepare(s, m)
			if err != nil {
				return nil, err
			}
			r, err := s.SendPipelined(ctx, m.From, m.Rcpts, bytes.NewReader(content), params...)
			if err == nil && !r.Completed() {
				err = refusedError(r)
			}
			return r, err
		})
	}
	return c.say(func(ctx context.Context, s *Session) (*reply.Reply, error) { return transfer(ctx, s, m) })
}

// prepare gives a message as this server can take it, and what MAIL needs for it: a
// header or a recipient that is not ASCII needs SMTPUTF8 (RFC 6531 section 3.4).
func prepare(s *Session, m *message.Message) ([]byte, []engine.Param, error) {
	utf8 := s.Has("SMTPUTF8")
	content, err := m.For(utf8)
	if err != nil {
		return nil, nil, &engine.OpError{Op: "message", Kind: engine.ErrUsage, Err: err, Hint: "s:data(message:bytes()) sends it as it is"}
	}
	if utf8 && m.NeedsUTF8() {
		return content, []engine.Param{{Key: "SMTPUTF8"}}, nil
	}
	return content, nil, nil
}

var sendOpts = Class{
	Name: "smtp.SendOpts", Doc: "How a message is sent.",
	Keys: []Param{{Name: "pipeline", Type: "boolean", Optional: true, Doc: "Say MAIL, RCPT and DATA in one go (RFC 2920) if the server offers PIPELINING. When one of several recipients is refused the connection is closed before the message."}},
}

// transfer runs one transaction and stops at the first refusal.
func transfer(ctx context.Context, s *Session, m *message.Message) (*reply.Reply, error) {
	step := func(r *reply.Reply, err error) (*reply.Reply, error) {
		if err == nil && !r.Completed() {
			err = refusedError(r)
		}
		return r, err
	}
	content, params, err := prepare(s, m)
	if err != nil {
		return nil, err
	}
	if r, err := step(s.Mail(ctx, m.From, params...)); err != nil {
		return r, err
	}
	for _, to := range m.Rcpts {
		if r, err := step(s.Rcpt(ctx, to)); err != nil {
			return r, err
		}
	}
	return step(s.Data(ctx, bytes.NewReader(content)))
}
