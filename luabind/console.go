package luabind

import (
	"context"
	"errors"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Console runs the Lua that a user types, piece by piece. The next piece can use everything
// that a piece opens or sets. Globals keep their values, locals end with their piece.
type Console struct {
	vm    *VM
	scope *Scope
	over  func() // ends watching background tasks
	// failed is the error of background tasks that were stopped; Close returns it.
	failed []error
}

// Shown is the value of an expression.
type Shown struct {
	Text  string // for people, escaped
	Value any    // the Go value of an object; nil for other values
}

// Console returns a console for the VM. Close ends what the pieces have opened.
func (vm *VM) Console() *Console {
	vm.main = consoleName
	c := &Console{vm: vm}
	c.begin()
	return c
}

// begin makes the scope for what the pieces open. A background task that keeps the lock for
// too long ends it. Pieces have a shorter limit of their own, so that the sessions of other
// pieces stay open.
func (c *Console) begin() {
	limit := c.vm.LuaTime()
	ctx, over := c.vm.LeashFor(context.Background(), limit, limit+limit/2)
	c.scope = NewScope(ctx, c.vm.root)
	heeded := c.vm.Heed(c.scope.ctx)
	c.over = func() {
		heeded()
		over()
	}
}

// finish ends the scope. It returns why one of its tasks was stopped, or the error of a
// task that nothing waited for.
func (c *Console) finish() []error {
	slow := new(LuaTimeError)
	stopped := errors.As(context.Cause(c.scope.ctx), &slow)
	c.scope.End()
	c.over()
	if stopped {
		return []error{slow}
	}
	return c.scope.Failures()
}

// consoleName is the name of the file in errors.
const consoleName = "typed"

// Close runs the deferred functions and closes what was opened. It returns their errors,
// and those of background tasks that nothing waited for.
func (c *Console) Close() []error {
	c.vm.Lock()
	errs := c.vm.RunDefers(c.scope)
	c.vm.Unlock()
	return append(append(c.failed, errs...), c.finish()...)
}

// Set sets a global to a Go value of a class of some module; nil removes the global.
func (c *Console) Set(name string, v any) {
	c.vm.Lock()
	defer c.vm.Unlock()
	if v == nil {
		c.vm.L.SetGlobal(name, lua.LNil)
		return
	}
	c.vm.L.SetGlobal(name, c.vm.Object(c.vm.L, v))
}

// Get returns the Go value of a global object, or nil, and the type of the global.
func (c *Console) Get(name string) (v any, typ string) {
	c.vm.Lock()
	defer c.vm.Unlock()
	value := c.vm.L.G.Global.RawGetString(name)
	if ud, ok := value.(*lua.LUserData); ok {
		v = ud.Value
	}
	return v, TypeName(value)
}

// VM returns the VM of the console.
func (c *Console) VM() *VM { return c.vm }

// Eval runs an expression or statements and returns their values. The error is a
// [*ScriptError]. The end of ctx stops the piece, not the console.
func (c *Console) Eval(ctx context.Context, src string) ([]Shown, error) {
	vm := c.vm
	vm.Lock()
	defer vm.Unlock()
	if c.scope.ctx.Err() != nil { // a task was stopped, and everything else with it
		vm.Unlock()
		c.failed = append(c.failed, c.finish()...)
		vm.Lock()
		c.begin()
	}
	ctx, over := vm.Leash(ctx)
	defer over()
	defer vm.Heed(ctx)()
	fn, err := vm.compile(consoleName, []byte("return "+src))
	if err != nil { // the column numbers would be those of the changed text
		fn, err = vm.compile(consoleName, []byte(src))
	}
	if err != nil {
		return nil, err
	}
	vm.sources[consoleName] = []byte(src)
	ctx = c.scope.In(ctx)
	L := vm.L
	L.SetContext(ctx)
	top := L.GetTop()
	defer L.SetTop(top)
	if err := vm.Failure(ctx, L.CallByParam(lua.P{Fn: fn, NRet: lua.MultRet, Protect: true})); err != nil {
		if slow := new(LuaTimeError); errors.As(context.Cause(ctx), &slow) {
			return nil, slow.At(err)
		}
		return nil, err
	}
	var out []Shown
	for i := top + 1; i <= L.GetTop(); i++ {
		v := L.Get(i)
		shown := Shown{Text: vm.secrets.Mask(Show(v))}
		if ud, ok := v.(*lua.LUserData); ok {
			shown.Value = ud.Value
		}
		out = append(out, shown)
	}
	return out, nil
}

// Names returns completions of the name at the end of an expression: globals, or the fields
// of the module or object before the last dot or colon.
func (c *Console) Names(expr string) []string {
	if !c.vm.TryLock() {
		return nil // a script is running
	}
	defer c.vm.Unlock()
	i := strings.LastIndexAny(expr, ".:")
	if i < 0 {
		return c.globals()
	}
	owner, sep := expr[:i], expr[i:i+1]
	var out []string
	switch v := c.vm.L.G.Global.RawGetString(owner).(type) {
	case *lua.LUserData:
		class := classOf(v)
		if class != nil && sep == ":" {
			for name := range c.vm.lib.methods[class.Name] {
				out = append(out, owner+sep+name)
			}
		}
		if class != nil && sep == "." {
			for _, f := range class.Fields {
				out = append(out, owner+sep+f.Name)
			}
		}
	case *lua.LTable:
		if sep == "." {
			v.ForEach(func(k, _ lua.LValue) {
				if name, ok := k.(lua.LString); ok {
					out = append(out, owner+sep+string(name))
				}
			})
		}
	}
	slices.Sort(out)
	return out
}

func (c *Console) globals() []string {
	var out []string
	c.vm.L.G.Global.ForEach(func(k, v lua.LValue) {
		name, ok := k.(lua.LString)
		if !ok || strings.HasPrefix(string(name), "_") {
			return
		}
		switch v.(type) {
		case *lua.LTable:
			out = append(out, string(name)+".")
		case *lua.LUserData:
			out = append(out, string(name)+":", string(name)+".")
		default:
			out = append(out, string(name))
		}
	})
	slices.Sort(out)
	return out
}
