package luabind

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/internal/duration"
	"smtpsh/internal/suggest"
)

// Call is one call from Lua. Its arguments have been checked against the row of the
// function.
type Call struct {
	L     *lua.LState
	VM    *VM
	Func  *Func
	Self  any    // the receiver of a method
	class *Class // of the receiver
	Base  int    // stack index of the first parameter
	n     int    // values returned
}

// Context returns the context of the script, test or task that calls. It ends when that is
// stopped.
func (c *Call) Context() context.Context {
	if ctx := c.L.Context(); ctx != nil {
		return ctx
	}
	return context.Background()
}

// Arg returns argument i, counted from 0 without the receiver; nil if it was not given.
func (c *Call) Arg(i int) lua.LValue { return c.L.Get(c.Base + i) }

// Given reports whether argument i was given.
func (c *Call) Given(i int) bool { return c.Arg(i) != lua.LNil }

// Text returns argument i as a text; "" if it was not given.
func (c *Call) Text(i int) string {
	if !c.Given(i) {
		return ""
	}
	return lua.LVAsString(c.Arg(i))
}

// Table returns argument i as a table; nil if it is not a table.
func (c *Call) Table(i int) *lua.LTable {
	t, _ := c.Arg(i).(*lua.LTable)
	return t
}

// Duration parses argument i as seconds or "90s"; 0 if it was not given.
func (c *Call) Duration(i int) (time.Duration, error) {
	if !c.Given(i) {
		return 0, nil
	}
	return ToDuration(c.Func.Params[i].Name, c.Arg(i))
}

// ToDuration parses an option that is a length of time: seconds, or a text such as "90s".
// The error names the option.
func ToDuration(name string, v lua.LValue) (time.Duration, error) {
	var d time.Duration
	switch v := v.(type) {
	case lua.LNumber:
		d = time.Duration(float64(v) * float64(time.Second))
	case lua.LString:
		var err error
		if d, err = duration.Parse(string(v)); err != nil {
			return 0, UsageError("%s: %q is not a duration; write seconds as a number, or \"90s\", \"1m30s\", \"200ms\"", name, string(v))
		}
	default:
		return 0, UsageError("%s: expected seconds or a duration such as \"90s\", got %s", name, TypeName(v))
	}
	if d <= 0 {
		return 0, UsageError("%s: a duration must be positive", name)
	}
	return d, nil
}

// Push adds a value to the results of the call.
func (c *Call) Push(v lua.LValue) {
	c.L.Push(v)
	c.n++
}

// PushText is Push for a text.
func (c *Call) PushText(s string) { c.Push(lua.LString(s)) }

// TypeName returns the name of a value's type for errors.
func TypeName(v lua.LValue) string {
	if class := classOf(v); class != nil {
		return class.Name
	}
	if v == lua.LNil {
		return "nothing"
	}
	return v.Type().String()
}

// Accepts reports whether a value has a LuaCATS type.
func (l *Library) Accepts(typ string, v lua.LValue) bool {
	for t := range strings.SplitSeq(typ, "|") {
		switch {
		case t == "any":
			return true
		case t == "nil":
			if v == lua.LNil {
				return true
			}
		case t == "string":
			if v.Type() == lua.LTString || v.Type() == lua.LTNumber {
				return true
			}
		case t == "integer" || t == "number":
			if v.Type() == lua.LTNumber {
				return true
			}
		case t == "boolean":
			if v.Type() == lua.LTBool {
				return true
			}
		case t == "table" || strings.HasSuffix(t, "[]") || strings.HasPrefix(t, "table<"):
			if v.Type() == lua.LTTable {
				return true
			}
		case strings.HasPrefix(t, "fun("):
			if v.Type() == lua.LTFunction {
				return true
			}
		case strings.HasPrefix(t, `"`):
			if s, ok := v.(lua.LString); ok && `"`+string(s)+`"` == t {
				return true
			}
		default:
			if class := classOf(v); class != nil && class.Name == t {
				return true
			}
			if class := l.named[t]; class != nil && class.Keys != nil && v.Type() == lua.LTTable {
				return true
			}
		}
	}
	return false
}

// CheckKeys returns an error for unknown keys of an options table, and for values of the
// wrong type.
func (l *Library) CheckKeys(where, class string, t *lua.LTable) error {
	if t == nil {
		return nil
	}
	keys := l.KeysOf(class)
	var err error
	InOrder(t, func(k, v lua.LValue) {
		if err != nil {
			return
		}
		name, ok := k.(lua.LString)
		if !ok {
			err = UsageError("%s: options must be named, for example {timeout = 5}; got the key %s", where, k.String())
			return
		}
		var names []string
		for _, p := range keys {
			if p.Name == string(name) {
				if !l.Accepts(p.Type, v) {
					err = UsageError("%s: option %s must be %s, got %s", where, name, TypeWords(p.Type), gotWords(p.Type, v))
				} else if why := tooLarge(p, v); why != "" {
					err = UsageError("%s: option %s has %s", where, name, why)
				}
				return
			}
			names = append(names, p.Name)
		}
		err = UsageError("%s: unknown option %s%s", where, name, suggest.DidYouMean(string(name), names))
	})
	return err
}

// InOrder calls f for all entries of a table, sorted by the text of the keys. Tables have
// no order, and of several mistakes the same one must be reported each time.
func InOrder(t *lua.LTable, f func(k, v lua.LValue)) {
	var keys []lua.LValue
	t.ForEach(func(k, _ lua.LValue) { keys = append(keys, k) })
	slices.SortStableFunc(keys, func(a, b lua.LValue) int { return strings.Compare(a.String(), b.String()) })
	for _, k := range keys {
		f(k, t.RawGet(k))
	}
}

// bind returns the Lua function for a row.
func (vm *VM) bind(L *lua.LState, f *Func) *lua.LFunction {
	return L.NewFunction(func(L *lua.LState) int {
		c := &Call{L: L, VM: vm, Func: f, Base: 1}
		if f.IsMethod() {
			class := classOf(L.Get(1))
			if class == nil || class.Name != f.On {
				vm.raise(L, UsageError("%s: call it with a colon: %s", f.Full(), f.Signature()))
			}
			c.Self, c.Base, c.class = L.Get(1).(*lua.LUserData).Value, 2, class
		}
		if err := c.check(); err != nil {
			vm.raise(L, err)
		}
		vm.guarded(L, func() {
			if err := f.Call(c); err != nil {
				vm.raise(L, c.belongs(err))
			}
		})
		return c.n
	})
}

// belongs passes an error to the class of the method, before it is raised.
func (c *Call) belongs(err error) error {
	if c.class == nil || c.class.Blame == nil || errors.As(err, new(*lua.ApiError)) {
		return err
	}
	e := c.VM.toErrorValue(err)
	c.class.Blame(c.Self, e)
	return e
}

// check compares the arguments with the row.
func (c *Call) check() error {
	f := c.Func
	for i, p := range f.Params {
		v := c.Arg(i)
		if v == lua.LNil && p.Optional {
			continue
		}
		if !c.VM.lib.Accepts(p.Type, v) {
			return UsageError("%s: argument %d (%s) must be %s, got %s%s", f.Full(), i+1, p.Name, TypeWords(p.Type), gotWords(p.Type, v),
				c.VM.lib.OptionsFollow(f, i, v))
		}
		if why := tooLarge(p, v); why != "" {
			return UsageError("%s: argument %d (%s) has %s", f.Full(), i+1, p.Name, why)
		}
		if t, ok := v.(*lua.LTable); ok {
			if class, ok := c.VM.lib.OptionsClass(p.Type); ok {
				if err := c.VM.lib.CheckKeys(f.Full(), class, t); err != nil {
					return err
				}
			}
		}
	}
	extra := c.L.GetTop() - c.Base + 1 - len(f.Params)
	for i := len(f.Params); f.More != nil && i < len(f.Params)+extra; i++ {
		if v := c.Arg(i); !c.VM.lib.Accepts(f.More.Type, v) {
			return UsageError("%s: argument %d must be %s, got %s", f.Full(), i+1, TypeWords(f.More.Type), TypeName(v))
		}
	}
	if extra > 0 && f.More == nil {
		return UsageError("%s has %d argument(s), got %d more: %s", f.Full(), len(f.Params), extra, f.Signature())
	}
	return nil
}

// gotWords returns the value if only certain values are allowed, else its type.
func gotWords(typ string, v lua.LValue) string {
	if s, ok := v.(lua.LString); ok && strings.HasPrefix(typ, `"`) {
		return Quoted(string(s))
	}
	return TypeName(v)
}

// TypeWords returns a type in words: "string or integer".
func TypeWords(t string) string { return strings.ReplaceAll(t, "|", " or ") }

// LaterOptions returns the class of the options after a parameter, "" if there is none.
func (l *Library) LaterOptions(f *Func, i int) string {
	for j := i + 1; j < len(f.Params); j++ {
		if class, ok := l.OptionsClass(f.Params[j].Type); ok {
			return class
		}
	}
	return ""
}

// OptionsFollow returns a hint about the position of the options, after a table that was
// given before them.
func (l *Library) OptionsFollow(f *Func, i int, v lua.LValue) string {
	if v.Type() != lua.LTTable || l.LaterOptions(f, i) == "" {
		return ""
	}
	for j := i + 1; j < len(f.Params); j++ {
		if _, ok := l.OptionsClass(f.Params[j].Type); ok {
			return "; the table of options is argument " + strconv.Itoa(j+1)
		}
	}
	return ""
}

// UsageError returns an error of kind usage: the script requests something impossible.
func UsageError(format string, args ...any) error {
	return &ErrorValue{Kind: "usage", Message: fmt.Sprintf(format, args...)}
}

// Online returns an error while a script is only checked, for functions that use the
// network or the machine.
func (c *Call) Online() error {
	if !c.VM.opts.Offline {
		return nil
	}
	e := UsageError("%s: not possible while the file is loaded", c.Func.Full()).(*ErrorValue)
	e.Hint = "move the call into an it(), before_each() or before_all() block"
	return e
}
