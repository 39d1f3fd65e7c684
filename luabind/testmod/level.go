package testmod

import (
	"strings"

	"smtpsh/internal/testrun"
	"smtpsh/luabind"
	"smtpsh/luabind/smtpmod"

	lua "github.com/yuin/gopher-lua"
)

// readRule parses the level and the clause of a test.
func (o *testOptions) readRule(t *lua.LTable) error {
	if v, ok := t.RawGetString("level").(lua.LString); ok {
		l, err := testrun.ParseLevel(string(v))
		if err != nil {
			return err
		}
		o.level = l
	}
	if v, ok := t.RawGetString("clause").(lua.LString); ok {
		o.clause = string(v)
	}
	return nil
}

// named adds the level and the clause to the name of a test, so that every report shows
// them.
func (o testOptions) named(name string) string {
	var words []string
	if o.level != "" {
		words = append(words, strings.ToUpper(string(o.level)))
	}
	if o.clause != "" {
		words = append(words, o.clause)
	}
	if len(words) == 0 {
		return name
	}
	return name + " [" + strings.Join(words, ", ") + "]"
}

var untriedFunc = luabind.Func{
	Name: "untried",
	Params: []luabind.Param{
		{Name: "why", Type: "string", Doc: "The reason."},
		{
			Name: "because", Type: "smtp.Error|smtp.Reply|nil", Optional: true,
			Doc: "The error or the reply. If it may be temporary (a refused connection or 4xx), the test is repeated when no other test runs.",
		},
	},
	Doc: "Ends the test with the result \"could not be tried\", which is neither success nor failure and is counted separately. " +
		"In a script it raises an error; if nothing catches it, smtpsh exits with the status of because, or with 1.",
	Example: testFile + "it(\"accepts bounces\", function()\n  local s = smtp.open()\n  local r = s:mail(\"ann@example.org\")\n  if not " +
		"r.ok then untried(\"no sender is accepted: \" .. tostring(r), r) end\n  s:rset(); s:mail(\"\"):expect(250)\nend)",
	Call: func(c *luabind.Call) error {
		e := &luabind.ErrorValue{Kind: "usage", Op: "untried", Message: c.Text(0), Untried: true}
		if ud, ok := c.Arg(1).(*lua.LUserData); ok {
			switch v := ud.Value.(type) {
			case smtpmod.Reply:
				smtpmod.Details(e).Reply, e.Busy = v.Reply, v.Temporary()
			case *luabind.ErrorValue:
				e.Because, e.Hint = v.Kind, v.Hint
				*smtpmod.Details(e) = *smtpmod.Details(v)
				r := smtpmod.ReplyOf(v)
				e.Busy = v.Kind == "dial" || v.Kind == "closed" || v.Kind == "timeout" || r != nil && r.Temporary()
			}
		}
		return e
	},
}
