package luabind

import (
	"slices"
	"strings"
)

// base is the module of this package, which every script has.
var base = &Module{
	Name: "base", Doc: "print, fail, and additions to Lua's standard libraries.",
	Funcs:   slices.Concat(globalFuncs, tableFuncs, bitFuncs),
	Classes: []Class{errorClass},
	Touches: baseTouches,
}

var globalFuncs = []Func{{
	Name: "print", More: &Param{Name: "...", Type: "any", Doc: "The values to print."},
	Doc:     "Prints its arguments, separated by tabs. The output of a test is shown if the test fails.",
	Example: `print("hello", 1, true)`,
	Call: func(c *Call) error {
		var b strings.Builder
		for i := c.Base; i <= c.L.GetTop(); i++ {
			if i > c.Base {
				b.WriteByte('\t')
			}
			text := c.L.ToStringMeta(c.L.Get(i)).String()
			if b.Len()+len(text) > MaxTexts {
				return UsageError("print: more than %d bytes in one call", MaxTexts)
			}
			b.WriteString(text)
		}
		//mutant:what-a-script-prints-is-masked is "c.VM.secrets.Mask(b.String())" "b.String()"
		text := c.VM.secrets.Mask(b.String())
		if p, ok := c.Scope().Nearest(PrinterKey{}).(Printer); ok {
			p.Print(text)
			return nil
		}
		c.VM.writing.Add(1) // the output can be stopped with ^S
		c.VM.host.Print(text)
		c.VM.writing.Add(-1)
		return nil
	},
}, {
	Name: "fail", Params: []Param{{Name: "message", Type: "string", Doc: "The failure text."}},
	Doc:     "Fails the test. In a script it raises an error; if nothing catches it, smtpsh exits with status 1.",
	Example: `print(pcall(fail, "the server is too slow"))`,
	Call: func(c *Call) error {
		e := &ErrorValue{Kind: "expect", Op: "fail", Message: c.Text(0), Expect: true}
		c.Record(e)
		return e
	},
}}

// Printer receives what a script prints in a scope that has one.
type Printer interface {
	// Print receives a line with secrets masked. The lock is held.
	Print(line string)
}

// PrinterKey is the key of a scope's [Printer].
type PrinterKey struct{}
