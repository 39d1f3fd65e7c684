package smtpmod

import (
	"reflect"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/internal/dialer"
	"smtpsh/internal/sandbox"
	"smtpsh/luabind"
)

// correspondentsHost is a [Host] that knows accounts of servers.
type correspondentsHost interface {
	Correspondents(target string) *sandbox.Correspondents
}

var correspondentsClass = luabind.Class{
	Name: "smtp.Correspondents", Type: reflect.TypeFor[*sandbox.Correspondents](),
	Example: `local x = smtp.correspondents("sandbox:plain")`, Doc: "A sender and a recipient that the server accepts.",
	Fields: []luabind.Field{
		peopleField("from", "string", "The sender.", func(p *sandbox.Correspondents) lua.LValue { return lua.LString(p.From) }),
		peopleField("to", "string", "The recipient.", func(p *sandbox.Correspondents) lua.LValue { return lua.LString(p.To) }),
		peopleField("user", "string?", "The user that can log in; nil if none.",
			func(p *sandbox.Correspondents) lua.LValue { return luabind.TextOrNil(p.User) }),
		peopleField("pass", "string?", "The password of "+
			"login.", func(p *sandbox.Correspondents) lua.LValue { return luabind.TextOrNil(p.Password) }),
		peopleField("login", "boolean", "Whether sending mail requires the login.",
			func(p *sandbox.Correspondents) lua.LValue { return lua.LBool(p.Login) }),
	},
}

func peopleField(name, typ, doc string, get func(*sandbox.Correspondents) lua.LValue) luabind.Field {
	return luabind.Field{
		Name: name, Type: typ, Doc: doc,
		Get: func(_ *luabind.Call, v any) lua.LValue { return get(v.(*sandbox.Correspondents)) },
	}
}

var serverPeople = []luabind.Func{{
	Name: "correspondents", On: "smtp", Returns: "smtp.Correspondents?",
	Params: []luabind.Param{{Name: "target", Type: "string", Optional: true, Doc: "The target (default: smtp.target())."}},
	Doc: "Returns a sender and a recipient of the sandbox, or of a sandbox that the same user runs on this machine. Returns " +
		"nil for other servers.",
	Example: `local who = smtp.correspondents("sandbox:strict"); assert(who.login and who.pass); print(who.from, who.to)`,
	Call: func(c *luabind.Call) error {
		target := c.Text(0)
		if target == "" {
			target = HostOf(c.VM).Target()
		}
		if who := correspondents(c.VM, target); who != nil {
			c.Push(c.Object(who))
		} else {
			c.Push(lua.LNil)
		}
		return nil
	},
}}

// correspondents asks the host. Without such a host only the sandbox is known.
func correspondents(vm *luabind.VM, target string) *sandbox.Correspondents {
	if h, ok := vm.Host().(correspondentsHost); ok {
		return h.Correspondents(target)
	}
	t, err := dialer.ParseTarget(target)
	if err != nil || !t.BuiltIn() {
		return nil
	}
	p, err := sandbox.LookupProfile(t.Profile)
	if err != nil {
		return nil
	}
	who := p.Correspondents(t.Service)
	return &who
}
