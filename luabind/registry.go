package luabind

import (
	"reflect"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Func is one function, method or field for scripts.
type Func struct {
	Name    string  // "mail"
	On      string  // module ("smtp", "vars", "mail") or class ("smtp.Session")
	Params  []Param // without the receiver
	More    *Param  // the type of further arguments; nil if none are allowed
	Returns string  // LuaCATS type; "" for nothing
	Doc     string  // sentences; the first is the summary
	Example string  // runs against the sandbox; s is an open session
	Verb    string  // the SMTP verb that it sends, for references

	// Call implements the function. The arguments have been checked; it raises an error
	// that it returns.
	Call func(c *Call) error
}

// Param is a parameter of a Func or a key of an options table.
type Param struct {
	Name     string
	Type     string // LuaCATS: "string", "integer|string", "smtp.Session" ...
	Optional bool
	// Large allows a text of up to 64 MiB. Other texts are limited to 1 MiB.
	Large bool
	Doc   string
}

// Field is a field of a class, read with a dot.
type Field struct {
	Name string
	Type string
	Doc  string
	// Get returns the field of a value of the class.
	Get func(c *Call, v any) lua.LValue
}

// Class is a class of objects, or the form of an options table.
type Class struct {
	Name string       // "smtp.Reply"
	Type reflect.Type // of the Go values of these objects; nil for options tables
	Doc  string
	// Example makes an object as the local x of a script, for classes with fields. A test
	// reads every field of it.
	Example string
	Fields  []Field
	Keys    []Param  // for options tables: the allowed keys
	Parents []string // options tables whose keys are allowed too
	// Loose is for options tables that other values can replace; the function itself
	// checks the keys.
	Loose bool
	// String returns tostring of an object; without it that is the name of the class.
	String func(v any) string
	// Blame, if not nil, receives each error of a method before it is raised.
	Blame func(self any, e *ErrorValue)
}

// IsMethod reports whether the function is called with a colon.
func (f Func) IsMethod() bool { return strings.Contains(f.On, ".") }

// Full returns the name as scripts write it: "smtp.open", "session:mail".
func (f Func) Full() string {
	if f.On == "" {
		return f.Name
	}
	if f.IsMethod() {
		_, class, _ := strings.Cut(f.On, ".")
		return strings.ToLower(class) + ":" + f.Name
	}
	return f.On + "." + f.Name
}

// Signature returns the call with its parameters, optional ones in brackets.
func (f Func) Signature() string {
	var b strings.Builder
	b.WriteString(f.Full() + "(")
	for i, p := range f.Params {
		name := p.Name
		if i > 0 {
			name = ", " + name
		}
		if p.Optional {
			name = "[" + name + "]"
		}
		b.WriteString(name)
	}
	if f.More != nil {
		if len(f.Params) > 0 {
			b.WriteString(", ")
		}
		b.WriteString("...")
	}
	return b.String() + ")"
}

// Summary returns the first sentence of the text.
func (f Func) Summary() string {
	s, _, found := strings.Cut(f.Doc, ". ")
	if found {
		return s + "."
	}
	return s
}
