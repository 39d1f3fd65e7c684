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
)

// Call is one call from Lua, its arguments already checked against the row.
type Call struct {
	L     *lua.LState
	vm    *VM
	fn    *Func
	self  any    // the receiver of a method
	class *Class // of the receiver
	base  int    // stack index of the first parameter
	n     int    // values returned
}

func (c *Call) ctx() context.Context {
	if ctx := c.L.Context(); ctx != nil {
		return ctx
	}
	return context.Background()
}

func (c *Call) arg(i int) lua.LValue { return c.L.Get(c.base + i) }

func (c *Call) given(i int) bool { return c.arg(i) != lua.LNil }

func (c *Call) str(i int) string {
	if !c.given(i) {
		return ""
	}
	return lua.LVAsString(c.arg(i))
}

func (c *Call) table(i int) *lua.LTable {
	t, _ := c.arg(i).(*lua.LTable)
	return t
}

// duration reads seconds or "90s"; 0 when it is not given.
func (c *Call) duration(i int) (time.Duration, error) {
	if !c.given(i) {
		return 0, nil
	}
	return toDuration(c.fn.Params[i].Name, c.arg(i))
}

func toDuration(name string, v lua.LValue) (time.Duration, error) {
	var d time.Duration
	switch v := v.(type) {
	case lua.LNumber:
		d = time.Duration(float64(v) * float64(time.Second))
	case lua.LString:
		var err error
		if d, err = duration.Parse(string(v)); err != nil {
			return 0, usageError("%s: %q is not a duration; write seconds as a number, or \"90s\", \"1m30s\", \"200ms\"", name, string(v))
		}
	default:
		return 0, usageError("%s: want seconds or a duration such as \"90s\", got %s", name, typeName(v))
	}
	if d <= 0 {
		return 0, usageError("%s: a duration must be more than nothing", name)
	}
	return d, nil
}

func (c *Call) push(v lua.LValue) {
	c.L.Push(v)
	c.n++
}

func (c *Call) pushString(s string) { c.push(lua.LString(s)) }

// typeName names a value for an error text.
func typeName(v lua.LValue) string {
	if class := classOf(v); class != nil {
		return class.Name
	}
	if v == lua.LNil {
		return "nothing"
	}
	return v.Type().String()
}

// accepts reports whether a value is of a LuaCATS type.
func (l *Library) accepts(typ string, v lua.LValue) bool {
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

// checkKeys refuses keys that an options table does not have, and values of the
// wrong type.
func (l *Library) checkKeys(where, class string, t *lua.LTable) error {
	if t == nil {
		return nil
	}
	keys := l.keysOf(class)
	var err error
	inOrder(t, func(k, v lua.LValue) {
		if err != nil {
			return
		}
		name, ok := k.(lua.LString)
		if !ok {
			err = usageError("%s: options are named, as in {timeout = 5}; got the key %s", where, k.String())
			return
		}
		var names []string
		for _, p := range keys {
			if p.Name == string(name) {
				if !l.accepts(p.Type, v) {
					err = usageError("%s: option %s must be %s, got %s", where, name, typeWords(p.Type), gotWords(p.Type, v))
				} else if why := tooLarge(p, v); why != "" {
					err = usageError("%s: option %s has %s", where, name, why)
				}
				return
			}
			names = append(names, p.Name)
		}
		err = usageError("%s: there is no option %s%s", where, name, didYouMean(string(name), names))
	})
	return err
}

// inOrder calls f for all that a table holds, in the order of the keys' text. A table has
// no order of its own, and of several mistakes the same one must be named each time.
func inOrder(t *lua.LTable, f func(k, v lua.LValue)) {
	var keys []lua.LValue
	t.ForEach(func(k, _ lua.LValue) { keys = append(keys, k) })
	slices.SortStableFunc(keys, func(a, b lua.LValue) int { return strings.Compare(a.String(), b.String()) })
	for _, k := range keys {
		f(k, t.RawGet(k))
	}
}

// bind makes the Lua function for a row.
func (vm *VM) bind(L *lua.LState, f *Func) *lua.LFunction {
	return L.NewFunction(func(L *lua.LState) int {
		c := &Call{L: L, vm: vm, fn: f, base: 1}
		if f.IsMethod() {
			class := classOf(L.Get(1))
			if class == nil || class.Name != f.On {
				vm.raise(L, usageError("%s: call it with a colon, as in %s", f.Full(), f.Signature()))
			}
			c.self, c.base, c.class = L.Get(1).(*lua.LUserData).Value, 2, class
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

// belongs tells the class of a method of an error that is about to be raised.
func (c *Call) belongs(err error) error {
	if c.class == nil || c.class.Blame == nil || errors.As(err, new(*lua.ApiError)) {
		return err
	}
	e := c.vm.toErrorValue(err)
	c.class.Blame(c.self, e)
	return e
}

// check holds the arguments against the row.
func (c *Call) check() error {
	f := c.fn
	for i, p := range f.Params {
		v := c.arg(i)
		if v == lua.LNil && p.Optional {
			continue
		}
		if !c.vm.lib.accepts(p.Type, v) {
			return usageError("%s: argument %d (%s) must be %s, got %s%s", f.Full(), i+1, p.Name, typeWords(p.Type), gotWords(p.Type, v), c.vm.lib.optionsFollow(f, i, v))
		}
		if why := tooLarge(p, v); why != "" {
			return usageError("%s: argument %d (%s) has %s", f.Full(), i+1, p.Name, why)
		}
		if t, ok := v.(*lua.LTable); ok {
			if class, ok := c.vm.lib.optionsClass(p.Type); ok {
				if err := c.vm.lib.checkKeys(f.Full(), class, t); err != nil {
					return err
				}
			}
		}
	}
	extra := c.L.GetTop() - c.base + 1 - len(f.Params)
	for i := len(f.Params); f.More != nil && i < len(f.Params)+extra; i++ {
		if v := c.arg(i); !c.vm.lib.accepts(f.More.Type, v) {
			return usageError("%s: argument %d must be %s, got %s", f.Full(), i+1, typeWords(f.More.Type), typeName(v))
		}
	}
	if extra > 0 && f.More == nil {
		return usageError("%s takes %d argument(s), got %d more: %s", f.Full(), len(f.Params), extra, f.Signature())
	}
	return nil
}

// gotWords shows a value where only certain ones are allowed, else its type.
func gotWords(typ string, v lua.LValue) string {
	if s, ok := v.(lua.LString); ok && strings.HasPrefix(typ, `"`) {
		return quoted(string(s))
	}
	return typeName(v)
}

// typeWords reads a type aloud: "string or integer".
func typeWords(t string) string { return strings.ReplaceAll(t, "|", " or ") }

// laterOptions is the class of the options that a function takes behind a parameter, ""
// for none.
func (l *Library) laterOptions(f *Func, i int) string {
	for j := i + 1; j < len(f.Params); j++ {
		if class, ok := l.optionsClass(f.Params[j].Type); ok {
			return class
		}
	}
	return ""
}

// optionsFollow says where the options of a function stand, after a table that was given
// before them.
func (l *Library) optionsFollow(f *Func, i int, v lua.LValue) string {
	if v.Type() != lua.LTTable || l.laterOptions(f, i) == "" {
		return ""
	}
	for j := i + 1; j < len(f.Params); j++ {
		if _, ok := l.optionsClass(f.Params[j].Type); ok {
			return "; the table of options is argument " + strconv.Itoa(j+1)
		}
	}
	return ""
}

func usageError(format string, args ...any) error {
	return &ErrorValue{Kind: "usage", Message: fmt.Sprintf(format, args...)}
}

// online refuses what touches the world while a file is only looked at.
func (c *Call) online() error {
	if !c.vm.opts.Offline {
		return nil
	}
	e := usageError("%s: the file is only being read, nothing is connected now", c.fn.Full()).(*ErrorValue)
	e.Hint = "put it into it, before_each or before_all"
	return e
}
