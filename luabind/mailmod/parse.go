package mailmod

import (
	"reflect"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/internal/message"
	"smtpsh/luabind"
)

var partClass = luabind.Class{
	Name: "mail.Parsed", Type: reflect.TypeFor[*message.Parsed](),
	Example: `local x = mail.parse("From: a@example.org\r\nSubject: x\r\n\r\nx\r\n")`,
	Doc:     "A parsed message: header fields decoded, bodies in UTF-8.",
	Fields: []luabind.Field{
		parsedField("subject", "string", "The subject.",
			func(_ *luabind.Call, p *message.Parsed) lua.LValue { return lua.LString(p.Get("Subject")) }),
		parsedField("from", "string[]", "The authors' mailboxes, without names.",
			func(c *luabind.Call, p *message.Parsed) lua.LValue { return c.List(p.Addresses("From")) }),
		parsedField("to", "string[]", "The mailboxes of the To field.",
			func(c *luabind.Call, p *message.Parsed) lua.LValue { return c.List(p.Addresses("To")) }),
		parsedField("cc", "string[]", "Those of the Cc field.",
			func(c *luabind.Call, p *message.Parsed) lua.LValue { return c.List(p.Addresses("Cc")) }),
		parsedField("id", "string", "The Message-ID with brackets; empty without one.",
			func(_ *luabind.Call, p *message.Parsed) lua.LValue { return lua.LString(p.Get("Message-Id")) }),
		parsedField("date", "number?", "The date in seconds since 1970.", func(_ *luabind.Call, p *message.Parsed) lua.LValue {
			if d, ok := p.Date(); ok {
				return lua.LNumber(d.Unix())
			}
			return lua.LNil
		}),
		parsedField("text", "string?", "The plain text.",
			func(_ *luabind.Call, p *message.Parsed) lua.LValue { return luabind.TextOrNil(p.Text) }),
		parsedField("html", "string?", "The HTML.", func(_ *luabind.Call, p *message.Parsed) lua.LValue { return luabind.TextOrNil(p.HTML) }),
		parsedField("body", "string", "The body as it came, nothing decoded.",
			func(_ *luabind.Call, p *message.Parsed) lua.LValue { return lua.LString(p.Body) }),
		parsedField("attachments", "mail.Attachment[]", "The attached files: name, type, data.",
			func(c *luabind.Call, p *message.Parsed) lua.LValue {
				out := c.L.NewTable()
				for _, a := range p.Attachments {
					t := c.L.NewTable()
					t.RawSetString("name", lua.LString(a.Name))
					t.RawSetString("type", lua.LString(a.Type))
					t.RawSetString("data", lua.LString(a.Data))
					out.Append(t)
				}
				return out
			}),
		parsedField("defects", "string[]", "What was wrong with it; empty for a clean message.",
			func(c *luabind.Call, p *message.Parsed) lua.LValue { return c.List(p.Defects) }),
	},
}

func parsedField(name, typ, doc string, get func(c *luabind.Call, p *message.Parsed) lua.LValue) luabind.Field {
	return luabind.Field{Name: name, Type: typ, Doc: doc, Get: func(c *luabind.Call, v any) lua.LValue { return get(c, v.(*message.Parsed)) }}
}

// exampleMail is a message for the examples.
const exampleMail = `local m = mail.parse("From: Ann <ann@example.org>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nReceived: ` +
	`a\r\nReceived: b\r\n\r\nhello\r\n")` + "\n"

var partFuncs = []luabind.Func{
	{
		Name: "header", On: "mail.Parsed",
		Params:  []luabind.Param{{Name: "name", Type: "string", Doc: "The field's name, in any case."}},
		Returns: "string?",
		Doc:     "Returns the first field with this name, decoded and unfolded; nil if there is none.",
		Example: exampleMail + `expect(m:header("subject")):equals("Grüße")`,
		Call: func(c *luabind.Call) error {
			if all := c.Self.(*message.Parsed).All(c.Text(0)); len(all) > 0 {
				c.PushText(all[0])
			} else {
				c.Push(lua.LNil)
			}
			return nil
		},
	},
	{
		Name: "headers", On: "mail.Parsed",
		Params:  []luabind.Param{{Name: "name", Type: "string", Doc: "The field's name, in any case."}},
		Returns: "string[]",
		Doc:     "Returns all fields with this name from top to bottom, such as Received.",
		Example: exampleMail + `expect(m:headers("Received")):equals({"a", "b"})`,
		Call: func(c *luabind.Call) error {
			c.Push(c.List(c.Self.(*message.Parsed).All(c.Text(0))))
			return nil
		},
	},
}
