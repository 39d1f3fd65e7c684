package mailmod

import (
	"reflect"
	"sort"
	"time"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/internal/message"
	"smtpsh/luabind"
	"smtpsh/luabind/filemod"
)

var messageClass = luabind.Class{
	Name: "mail.Message", Type: reflect.TypeFor[*message.Message](),
	Example: `local x = mail.message{from = "a@example.org", to = "b@example.org", text = "x"}`,
	String:  func(v any) string { return "message " + v.(*message.Message).ID }, Doc: "A composed message with its envelope.",
	Fields: []luabind.Field{
		{
			Name: "id", Type: "string", Doc: "The Message-ID with brackets.",
			Get: messageField(func(_ *luabind.Call, m *message.Message) lua.LValue { return lua.LString(m.ID) }),
		},
		{
			Name: "from", Type: "string", Doc: "The reverse-path.",
			Get: messageField(func(_ *luabind.Call, m *message.Message) lua.LValue { return lua.LString(m.From) }),
		},
		{
			Name: "rcpts", Type: "string[]", Doc: "The recipients: to, cc and bcc.",
			Get: messageField(func(c *luabind.Call, m *message.Message) lua.LValue {
				t := c.L.NewTable()
				for _, r := range m.Rcpts {
					t.Append(lua.LString(r))
				}
				return t
			}),
		},
	},
}

func messageField(get func(*luabind.Call, *message.Message) lua.LValue) func(*luabind.Call, any) lua.LValue {
	return func(c *luabind.Call, v any) lua.LValue { return get(c, v.(*message.Message)) }
}

var attachOpts = luabind.Class{
	Name: "mail.Attachment", Doc: "One attached file.",
	Keys: []luabind.Param{
		{Name: "name", Type: "string", Doc: "The file name; any characters."},
		{Name: "type", Type: "string", Optional: true, Doc: "The media type (default: from the name)."},
		{Name: "data", Type: "string", Large: true, Doc: "The content."},
	},
}

var messageOpts = luabind.Class{
	Name: "mail.Spec", Doc: "The content of a message.",
	Keys: []luabind.Param{
		{Name: "from", Type: "string", Doc: "The author's mailbox, with or without a display name."},
		{Name: "to", Type: "string|string[]", Optional: true, Doc: "Recipients."},
		{Name: "cc", Type: "string|string[]", Optional: true, Doc: "Further recipients."},
		{Name: "bcc", Type: "string|string[]", Optional: true, Doc: "Recipients that are not in the header."},
		{Name: "reply_to", Type: "string", Optional: true, Doc: "The mailbox for answers (Reply-To)."},
		{Name: "subject", Type: "string", Optional: true, Doc: "The subject; any characters."},
		{Name: "text", Type: "string", Optional: true, Large: true, Doc: "The body as plain text."},
		{Name: "html", Type: "string", Optional: true, Large: true, Doc: "The body as HTML, an alternative to the text."},
		{Name: "attach", Type: "mail.Attachment[]", Optional: true, Doc: "Attached files."},
		{Name: "headers", Type: "table<string, string>", Optional: true, Doc: "Further header fields."},
		{Name: "id", Type: "string", Optional: true, Doc: "The Message-ID (default: generated)."},
		{Name: "date", Type: "number", Optional: true, Doc: "The date in seconds since 1970 (default: now)."},
	},
}

var rawOpts = luabind.Class{
	Name: "mail.Envelope", Doc: "The envelope of a finished message.",
	Keys: []luabind.Param{
		{Name: "from", Type: "string", Optional: true, Doc: "The reverse-path; \"\" is the null reverse-path (default: Sender or From)."},
		{Name: "to", Type: "string|string[]", Optional: true, Doc: "The recipients (default: To, Cc and Bcc)."},
	},
}

var mailFuncs = []luabind.Func{{
	Name: "message", On: "mail",
	Params:  []luabind.Param{{Name: "spec", Type: messageOpts.Name, Doc: "The content of the message."}},
	Returns: "mail.Message",
	Doc: "Composes a message: header fields folded and encoded (RFC 5322, RFC 2047), text and HTML, attachments (RFC 2231 names), " +
		"Message-ID and Date. Quoted local parts keep their quotes.",
	Example: `print(mail.message{from = "ann@example.org", to = {"bob@sandbox.test"}, subject = "Grüße", text = "hello"}:bytes())`,
	Call: func(c *luabind.Call) error {
		spec, err := readSpec(c.VM, c.Table(0))
		if err != nil {
			return err
		}
		total := len(spec.Text) + len(spec.HTML)
		for _, a := range spec.Attachments {
			total += len(a.Data)
		}
		if total > luabind.MaxMessage {
			e := luabind.UsageError("mail.message: its texts and files have %d bytes together, and at most %d are allowed", total,
				luabind.MaxMessage).(*luabind.ErrorValue)
			e.Hint = "s:data takes a function that makes a larger message piece by piece"
			return e
		}
		m, err := message.Build(spec)
		if err != nil {
			return luabind.UsageError("mail.message: %v", err)
		}
		c.Push(c.VM.Object(c.L, m))
		return nil
	},
}, {
	Name: "raw", On: "mail",
	Params: []luabind.Param{
		{
			Name: "text", Type: "string|file.File", Large: true,
			Doc: "The finished message, as a text or a file: a header, an empty line and a body, with CRLF or LF line ends.",
		},
		{Name: "envelope", Type: rawOpts.Name, Optional: true, Doc: "The envelope (default: from the header)."},
	},
	Returns: "mail.Message",
	Doc: "Makes a message of a finished text, for send. The text is not changed, except that line ends become CRLF. If the recipients " +
		"come from the header, Bcc is removed. send encodes it differently if the server does not offer 8BITMIME or SMTPUTF8.",
	Example: `local m = mail.raw("From: ann@example.org\nTo: bob@sandbox.test\n\nhello\n"); smtp.open("sandbox:plain"):send(m)`,
	Call: func(c *luabind.Call) error {
		if n := len(c.Text(0)); n > luabind.MaxMessage {
			return luabind.UsageError("mail.raw: the message has %d bytes, and at most %d are allowed", n, luabind.MaxMessage)
		}
		from, rcpts := "", []string(nil)
		if t := c.Table(1); t != nil {
			var err error
			if v := t.RawGetString("from"); v != lua.LNil {
				if from = v.String(); from == "" {
					from = "<>"
				}
			}
			if rcpts, err = luabind.ReadStrings("to", t.RawGetString("to")); err != nil {
				return err
			}
		}
		m, err := finished(c, from, rcpts)
		if err != nil {
			return luabind.UsageError("mail.raw: %v", err)
		}
		c.Push(c.VM.Object(c.L, m))
		return nil
	},
}, {
	Name: "parse", On: "mail",
	Params:  []luabind.Param{{Name: "raw", Type: "string", Large: true, Doc: "The message, with CRLF or LF line ends."}},
	Returns: "mail.Parsed",
	Doc: "Parses a message from a server or a mailbox: header fields, text, HTML and attachments, all decoded. defects lists " +
		"errors in the message.",
	Example: exampleMail + `expect(m.subject):equals("Grüße"); expect(m.from[1]):equals("ann@example.org"); expect(m.text):contains("hello")`,
	Call: func(c *luabind.Call) error {
		if n := len(c.Text(0)); n > luabind.MaxMessage {
			return luabind.UsageError("mail.parse: the message has %d bytes, and at most %d can be read", n, luabind.MaxMessage)
		}
		p, err := message.Parse([]byte(c.Text(0)))
		if err != nil {
			return luabind.UsageError("mail.parse: %v", err)
		}
		c.Push(c.Object(p))
		return nil
	},
}}

var messageFuncs = []luabind.Func{{
	Name: "bytes", On: "mail.Message", Returns: "string",
	Doc:     "Returns the message as it is sent, with CRLF line ends.",
	Example: `print(#mail.message{from = "ann@example.org", to = "bob@sandbox.test"}:bytes())`,
	Call: func(c *luabind.Call) error {
		m := c.Self.(*message.Message)
		if f := m.Stream(); f != nil && f.Needs().Size > luabind.MaxMessage {
			return luabind.UsageError("bytes: the message has %d bytes, and at most %d can be read into memory", f.Needs().Size,
				luabind.MaxMessage)
		}
		text, err := m.Whole()
		if err != nil {
			return luabind.UsageError("bytes: %v", err)
		}
		c.PushText(string(text))
		return nil
	},
}}

// finished makes a message of the first argument: a text or a file.
func finished(c *luabind.Call, from string, rcpts []string) (*message.Message, error) {
	if ud, ok := c.Arg(0).(*lua.LUserData); ok {
		if f, ok := ud.Value.(*filemod.File); ok {
			r, err := f.Reader()
			if err != nil {
				return nil, err
			}
			return message.FromFile(r, f.Size(), from, rcpts)
		}
	}
	return message.FromText(c.Text(0), from, rcpts)
}

func readSpec(vm *luabind.VM, t *lua.LTable) (message.Spec, error) {
	str := func(key string) string {
		if v := t.RawGetString(key); v != lua.LNil {
			return v.String()
		}
		return ""
	}
	s := message.Spec{
		From: str("from"), ReplyTo: str("reply_to"), Subject: str("subject"),
		Text: str("text"), HTML: str("html"), ID: str("id"),
	}
	if d, ok := t.RawGetString("date").(lua.LNumber); ok {
		if !(d > 0 && d < 253402300800) { // the year 10000
			return s, luabind.UsageError("mail.message: date must be seconds since 1970, got %s", d.String())
		}
		s.Date = time.Unix(int64(d), 0)
	}
	var err error
	for i, list := range []*[]string{&s.To, &s.Cc, &s.Bcc} {
		key := []string{"to", "cc", "bcc"}[i]
		if *list, err = luabind.ReadStrings(key, t.RawGetString(key)); err != nil {
			return s, err
		}
	}
	var headerErr error
	if h, ok := t.RawGetString("headers").(*lua.LTable); ok {
		luabind.InOrder(h, func(k, v lua.LValue) {
			if v.Type() != lua.LTString && v.Type() != lua.LTNumber {
				headerErr = luabind.UsageError("mail.message: header %s must be a string, got %s", k.String(), luabind.TypeName(v))
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
				return s, luabind.UsageError("mail.message: attachment %d must be a table {name=, data=}, got %s", i, luabind.TypeName(a.RawGetInt(i)))
			}
			if err := vm.Library().CheckKeys("mail.message: attachment", attachOpts.Name, one); err != nil {
				return s, err
			}
			if one.RawGetString("name") == lua.LNil || one.RawGetString("data") == lua.LNil {
				return s, luabind.UsageError("mail.message: attachment %d needs name and data", i)
			}
			if n := len(one.RawGetString("data").String()); n > luabind.MaxMessage {
				return s, luabind.UsageError("mail.message: attachment %d has %d bytes, and at most %d are allowed", i, n, luabind.MaxMessage)
			}
			if i > maxAttached {
				return s, luabind.UsageError("mail.message: more than %d attachments", maxAttached)
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

// maxAttached limits the number of files of a message. Their sizes together are checked
// when all are known.
const maxAttached = 1000
