package luabind

import (
	"fmt"
	"reflect"

	"smtpsh/engine/event"
)

var secretClass = Class{
	Name: "smtp.Secret", Type: reflect.TypeFor[*Secret](),
	String: func(any) string { return event.Mask },
	Doc:    "A password or token. It prints as ********, and is masked in every transcript."}

var secretFuncs = []Func{{
	Name: "reveal", On: "smtp.Secret", Returns: "string",
	Doc:     "Gives the text itself, in a run with --unsafe. print and errors mask it all the same.",
	Example: `print(pcall(function() return vars.secret("example"):reveal() end))`,
	Call: func(c *Call) error {
		if !c.vm.Options().Unsafe {
			e := usageError("secret:reveal: scripts do not get to see secrets").(*ErrorValue)
			e.Hint = "give the secret itself to auth, cmd and the like; with --unsafe scripts may see it"
			return e
		}
		c.pushString(c.self.(*Secret).Text())
		return nil
	},
}}

var varsFuncs = []Func{
	{
		Name: "get", On: "vars", Returns: "string",
		Params:  []Param{{Name: "name", Type: "string", Doc: "The variable's name."}, {Name: "default", Type: "any", Optional: true, Doc: "What to return when it was not given."}},
		Doc:     "Gives a variable from --var name=value or SMTPSH_VAR_name. Without a default a missing variable ends the script.",
		Example: `print(vars.get("to", "bob@sandbox.test"))`,
		Call: func(c *Call) error {
			if v, ok := c.vm.Host().Var(c.str(0)); ok {
				c.pushString(v)
				return nil
			}
			if c.given(1) {
				c.push(c.arg(1))
				return nil
			}
			name := c.str(0)
			return &ErrorValue{Kind: "usage", Op: "vars.get", Missing: name, Message: fmt.Sprintf("the variable %s has no value", name),
				Hint: fmt.Sprintf("give it with --var %s=... or in SMTPSH_VAR_%s", name, name)}
		},
	},
	{
		Name: "secret", On: "vars", Returns: "smtp.Secret",
		Params:  []Param{{Name: "name", Type: "string", Doc: "The secret's name."}, {Name: "default", Type: "string", Optional: true, Doc: "What to use when it was not given; fit for tests only."}},
		Doc:     "Gives a secret from --secret name=@prompt, @env:X, @file:PATH or @cmd:COMMAND, as an object that is never shown.",
		Example: `print(vars.secret("example"))`,
		Call: func(c *Call) error {
			name := c.str(0)
			var text string
			var ok bool
			var err error
			ctx := c.ctx()
			c.wait(func() { text, ok, err = c.vm.Host().Secret(ctx, name) })
			if err != nil {
				return &ErrorValue{Kind: "usage", Op: "vars.secret", Missing: name, Message: fmt.Sprintf("the secret %s cannot be read: %v", name, err)}
			}
			if !ok && c.given(1) {
				text, ok = c.str(1), true
			}
			if !ok {
				return &ErrorValue{Kind: "usage", Op: "vars.secret", Missing: name, Message: fmt.Sprintf("the secret %s has no value", name),
					Hint: fmt.Sprintf("give it with --secret %s=@prompt, @env:X, @file:PATH or @cmd:COMMAND", name)}
			}
			c.vm.Secrets().Learn(text)
			c.push(c.vm.object(c.L, NewSecret(text)))
			return nil
		},
	},
}
