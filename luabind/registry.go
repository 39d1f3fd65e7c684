package luabind

import (
	"slices"
	"strings"
	"sync"

	lua "github.com/yuin/gopher-lua"
)

// Func is one function, method or field that scripts see.
type Func struct {
	Name    string  // "mail"
	On      string  // module ("smtp", "vars", "mail") or class ("smtp.Session")
	Params  []Param // without the receiver
	More    *Param  // what any number of further arguments are; nil for none
	Returns string  // LuaCATS type; "" for nothing
	Doc     string  // sentences; the first is the summary
	Example string  // runs against the sandbox; s is an open session there
	Verb    string  // the SMTP verb that it says, for further reading

	call func(c *Call) error
}

// Param is a parameter of a Func or a key of an options table.
type Param struct {
	Name     string
	Type     string // LuaCATS: "string", "integer|string", "smtp.Session" ...
	Optional bool
	// Large is for contents: a text of up to 64 MiB. Other texts have at most 1 MiB.
	Large bool
	Doc   string
}

// Field is a field of a class, read with a dot.
type Field struct {
	Name string
	Type string
	Doc  string
	get  func(c *Call, v any) lua.LValue
}

// Class is a kind of object, or the form of an options table.
type Class struct {
	Name    string // "smtp.Reply"
	Doc     string
	Fields  []Field
	Keys    []Param // for options tables: the keys that are allowed
	Parents []string
}

// IsMethod reports whether the function is called with a colon.
func (f Func) IsMethod() bool { return strings.Contains(f.On, ".") }

// Full is the name as scripts write it: "smtp.open", "session:mail".
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

// Signature is the call with its parameters, optional ones in brackets.
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

// Summary is the first sentence of the text.
func (f Func) Summary() string {
	s, _, found := strings.Cut(f.Doc, ". ")
	if found {
		return s + "."
	}
	return s
}

// Funcs returns every function that scripts can call, grouped by what it is on.
func Funcs() []Func { return slices.Clone(allFuncs()) }

var allFuncs = sync.OnceValue(func() []Func {
	return slices.Concat(smtpFuncs, parallelFuncs, serverListen, serverPeople, sessionVerbs, sessionRaw, sessionMore, transcriptFuncs, replyFuncs, histFuncs, taskFuncs,
		serverFuncs, connFuncs, varsFuncs, secretFuncs, mailFuncs, messageFuncs, partFuncs, imapFuncs, boxFuncs, execFuncs, procFuncs, textFuncs, jsonFuncs,
		suiteFuncs, expectFuncs, valueFuncs, globalFuncs, tableFuncs, bitFuncs, lessonFuncs)
})

// Classes returns every class and options table.
func Classes() []Class { return slices.Clone(allClasses()) }

var allClasses = sync.OnceValue(func() []Class {
	return []Class{replyClass, sessionClass, tlsClass, certClass, errorClass, eventClass, transcriptClass, entryClass, secretClass, messageClass, partClass, resultsClass, histClass, taskClass,
		serverClass, connClass, commandClass, receivedClass, correspondentsClass, boxClass, procClass, valueClass,
		connectOpts, openOpts, authOpts, messageOpts, attachOpts, textOpts, wantOpts, sendOpts, dataOpts, bdatOpts, starttlsOpts, writeOpts, playOpts, parallelOpts,
		listenOpts, ruleOpts, actionOpts, certOpts, fetchOpts, execOpts, testOpts, eventuallyOpts, lessonOpts, stepOpts, atOpts}
})

// classNamed finds a class by name.
func classNamed(name string) (Class, bool) {
	c, ok := classIndex()[name]
	return c, ok
}

var classIndex = sync.OnceValue(func() map[string]Class {
	index := map[string]Class{}
	for _, c := range allClasses() {
		index[c.Name] = c
	}
	return index
})
