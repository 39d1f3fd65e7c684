package smtpmod

import (
	"reflect"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine/reply"
	"smtpsh/internal/explain"
	"smtpsh/luabind"
	"smtpsh/transcript"
)

// Reply is a reply for scripts, with its session.
type Reply struct {
	*reply.Reply
	Session *Session // nil if it is not known
}

func replyField(get func(*luabind.Call, *reply.Reply) lua.LValue) func(*luabind.Call, any) lua.LValue {
	return func(c *luabind.Call, v any) lua.LValue { return get(c, v.(Reply).Reply) }
}

var replyClass = luabind.Class{
	Name: "smtp.Reply", Type: reflect.TypeFor[Reply](),
	Example: `local x = smtp.connect("sandbox:plain"):ehlo()`,
	String:  func(v any) string { return transcript.Escape(v.(Reply).Reply.String()) },
	Doc:     "A reply of the server. Replies of 4xx and 5xx are values like any other, not errors.",
	Fields: []luabind.Field{
		{
			Name: "code", Type: "integer",
			Doc: "The three-digit code, a number: r.code == 250.",
			Get: replyField(func(_ *luabind.Call, r *reply.Reply) lua.LValue { return lua.LNumber(r.Code) }),
		},
		{
			Name: "enhanced", Type: "string?",
			Doc: "The enhanced status code such as 5.7.1; nil if there is none.",
			Get: replyField(func(_ *luabind.Call, r *reply.Reply) lua.LValue {
				if r.Enhanced.Class == 0 {
					return lua.LNil
				}
				return lua.LString(r.Enhanced.String())
			}),
		},
		{
			Name: "text", Type: "string",
			Doc: "The texts of all lines, joined with newlines, without codes.",
			Get: replyField(func(_ *luabind.Call, r *reply.Reply) lua.LValue { return lua.LString(r.Text()) }),
		},
		{Name: "lines", Type: "string[]", Doc: "The text of each line.", Get: replyField(func(c *luabind.Call, r *reply.Reply) lua.LValue {
			t := c.L.NewTable()
			for _, l := range r.Lines() {
				t.Append(lua.LString(l))
			}
			return t
		})},
		{
			Name: "raw", Type: "string", Doc: "The bytes as received.",
			Get: replyField(func(_ *luabind.Call, r *reply.Reply) lua.LValue { return lua.LString(r.Raw) }),
		},
		{
			Name: "defects", Type: "string[]",
			Doc: "Defects of the reply; empty for a correct reply.",
			Get: replyField(func(c *luabind.Call, r *reply.Reply) lua.LValue {
				t := c.L.NewTable()
				for _, d := range r.Defects {
					t.Append(lua.LString(d.Kind.String()))
				}
				return t
			}),
		},
		{
			Name: "ok", Type: "boolean", Doc: "true for 2yz and 3yz.",
			Get: replyField(func(_ *luabind.Call, r *reply.Reply) lua.LValue { return lua.LBool(r.Positive()) }),
		},
		{
			Name: "temp", Type: "boolean",
			Doc: "true for 4xx: the command may work later.",
			Get: replyField(func(_ *luabind.Call, r *reply.Reply) lua.LValue { return lua.LBool(r.Temporary()) }),
		},
		{
			Name: "perm", Type: "boolean",
			Doc: "true for 5xx: the same command will fail again.",
			Get: replyField(func(_ *luabind.Call, r *reply.Reply) lua.LValue { return lua.LBool(r.Permanent()) }),
		},
		{
			Name: "cmd", Type: "string",
			Doc: "The command of the reply, secrets masked; empty for the greeting.",
			Get: replyField(func(_ *luabind.Call, r *reply.Reply) lua.LValue { return lua.LString(r.Command) }),
		},
		{
			Name: "recipient", Type: "string?",
			Doc: "The recipient of the reply, if an LMTP server replies for each recipient; otherwise nil.",
			Get: replyField(func(_ *luabind.Call, r *reply.Reply) lua.LValue {
				if r.Recipient == "" {
					return lua.LNil
				}
				return lua.LString(r.Recipient)
			}),
		},
		{
			Name: "took", Type: "number",
			Doc: "Seconds from the last byte sent to the last byte received.",
			Get: replyField(func(_ *luabind.Call, r *reply.Reply) lua.LValue { return lua.LNumber(r.Took.Seconds()) }),
		},
	},
}

var replyFuncs = []luabind.Func{
	{
		Name: "is", On: "smtp.Reply", Params: []luabind.Param{{Name: "want", Type: WantType, Doc: "The expected reply."}}, Returns: "boolean",
		Doc:     "Returns whether the reply matches a code, a pattern such as 2xx or 5.7.*, a list of codes, or a table.",
		Example: `if s:noop():is("2xx") then print("alive") end`,
		Call: func(c *luabind.Call) error {
			w, err := WantArg(c, 0)
			if err != nil {
				return err
			}
			ok, err := w.Match(c, c.Self.(Reply).Reply)
			if err != nil {
				return err
			}
			c.Push(lua.LBool(ok))
			return nil
		},
	},
	{
		Name: "expect", On: "smtp.Reply",
		Params: []luabind.Param{
			{Name: "want", Type: WantType, Doc: "The expected reply, as for is."},
			{Name: "why", Type: "string", Optional: true, Doc: "What an unexpected reply means, for the failure."},
		},
		Returns: "smtp.Reply",
		Doc:     "Raises an error if the reply does not match. Otherwise returns the reply, so that calls can be chained.",
		Example: `s:noop():expect(250, "the server must be alive")`,
		Call: func(c *luabind.Call) error {
			r := c.Self.(Reply)
			if _, isNumber := c.Arg(1).(lua.LNumber); isNumber {
				return luabind.UsageError("expect: write several codes as a list: expect{%s, %s}", c.Arg(0).String(), c.Arg(1).String())
			}
			w, err := WantArg(c, 0)
			if err != nil {
				return err
			}
			ok, err := w.Match(c, r.Reply)
			if err != nil {
				return err
			}
			if !ok && !c.VM.Options().DryRun {
				e := unexpected(r.Reply, w, c.Text(1))
				Belongs(e, r.Session)
				c.Record(e)
				return e
			}
			c.Push(c.L.Get(1))
			return nil
		},
	},
	{
		Name: "accept", On: "smtp.Reply", Returns: "smtp.Reply",
		Doc: "Raises an error of kind reply when the server has refused (4xx or 5xx), as open and send do; otherwise returns the " +
			"reply. Unlike expect it is not an expectation: the program then ends with the exit status of the rejection.",
		Example: `s:noop():accept()`,
		Call: func(c *luabind.Call) error {
			r := c.Self.(Reply)
			if !r.Positive() && !c.VM.Options().DryRun {
				e := refusedError(r.Reply)
				Belongs(e, r.Session)
				return e
			}
			c.Push(c.L.Get(1))
			return nil
		},
	},
}

// unexpected returns the error of a failed expectation.
func unexpected(r *reply.Reply, w Want, why string) *luabind.ErrorValue {
	e := &luabind.ErrorValue{
		Kind: "reply", Op: r.Command, Details: &ErrorDetails{Reply: r}, Expect: true,
		What: What(r), Want: w.String(), Got: transcript.Escape(r.String()),
	}
	if why != "" {
		e.What += ": " + why
	}
	e.Message = e.What + ": want " + e.Want + ", got " + e.Got
	if why == "" { // else the author explains it, perhaps to the operator of the server
		e.Hint = explain.Advice(r, explain.Context{})
	}
	return e
}
