package varsmod

import (
	"fmt"
	"reflect"

	"smtpsh/engine/secret"
	"smtpsh/luabind"
)

var secretClass = luabind.Class{
	Name: "smtp.Secret", Type: reflect.TypeFor[*luabind.Secret](),
	String: func(any) string { return secret.Mask },
	Doc:    "A password or token. It prints as ********, and is masked in every transcript."}

var secretFuncs = []luabind.Func{{
	Name: "reveal", On: "smtp.Secret", Returns: "string",
	Doc:     "Returns the text, in a run with --unsafe. print and errors still mask it.",
	Example: `print(pcall(function() return vars.secret("example"):reveal() end))`,
	Call: func(c *luabind.Call) error {
		if !c.VM.Options().Unsafe { //mutant:scripts-do-not-see-secrets never
			e := luabind.UsageError("secret:reveal: scripts do not get to see secrets").(*luabind.ErrorValue)
			e.Hint, e.Elsewhere = "give the secret itself to auth, cmd and the like; with --unsafe scripts may see it", true
			return e
		}
		c.PushText(c.Self.(*luabind.Secret).Text())
		return nil
	},
}}

var varsFuncs = []luabind.Func{
	{
		Name: "get", On: "vars", Returns: "string",
		Params: []luabind.Param{
			{Name: "name", Type: "string", Doc: "The variable's name."},
			{Name: "default", Type: "any", Optional: true, Doc: "The result if the variable was not given."},
		},
		Doc:     "Returns a variable of --var name=value or SMTPSH_VAR_name. Without a default a missing variable ends the script.",
		Example: `print(vars.get("to", "bob@sandbox.test"))`,
		Call: func(c *luabind.Call) error {
			if v, ok := c.VM.Host().Var(c.Text(0)); ok {
				c.PushText(v)
				return nil
			}
			if c.Given(1) {
				c.Push(c.Arg(1))
				return nil
			}
			name := c.Text(0)
			return &luabind.ErrorValue{Kind: "usage", Op: "vars.get", Missing: name, Message: fmt.Sprintf("the variable %s has no value", name),
				Hint: fmt.Sprintf("set it with --var %s=... or in SMTPSH_VAR_%s", name, name)}
		},
	},
	{
		Name: "secret", On: "vars", Returns: "smtp.Secret",
		Params: []luabind.Param{
			{Name: "name", Type: "string", Doc: "The secret's name."},
			{Name: "default", Type: "string", Optional: true, Doc: "The value if the secret was not given; only for tests."},
		},
		Doc:     "Returns a secret of --secret name=@prompt, @env:X, @file:PATH, @cmd:COMMAND or @netrc:HOST, as an object that is never shown.",
		Example: `print(vars.secret("example"))`,
		Call: func(c *luabind.Call) error {
			name := c.Text(0)
			var text string
			var ok bool
			var err error
			ctx := c.Context()
			c.Wait(func() { text, ok, err = c.VM.Host().Secret(ctx, name) })
			if err != nil {
				return &luabind.ErrorValue{
					Kind: "usage", Op: "vars.secret", Missing: name,
					Message: fmt.Sprintf("the secret %s cannot be read: %v", name, err),
				}
			}
			if !ok && c.Given(1) {
				text, ok = c.Text(1), true
			}
			if !ok {
				return &luabind.ErrorValue{Kind: "usage", Op: "vars.secret", Missing: name, Message: fmt.Sprintf("the secret %s has no value", name),
					Hint: fmt.Sprintf("set it with --secret %s=@prompt, @env:X, @file:PATH, @cmd:COMMAND or @netrc:HOST", name)}
			}
			c.VM.Secrets().Add(text)
			c.Push(c.VM.Object(c.L, luabind.NewSecret(text)))
			return nil
		},
	},
}
