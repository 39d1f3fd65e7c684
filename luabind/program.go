package luabind

import (
	"context"
	"fmt"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
)

// Program is a script that many virtual users run many times at once.
//
// A script has one of two forms. If it ends with return and a function, it is set up once
// for each virtual user: its body runs first, and each run calls the function, with the
// sessions that the body has opened. Any other script runs as a whole each time.
type Program struct {
	vm      *VM
	name    string
	proto   *lua.FunctionProto
	args    []lua.LValue
	repeats bool
}

// Program compiles a script. The error is a [*ScriptError].
func (vm *VM) Program(name string, src []byte, args []string) (*Program, error) {
	proto, repeats, err := compileForm(name, src)
	if err != nil {
		return nil, err
	}
	vm.Lock()
	defer vm.Unlock()
	vm.main, vm.sources[name], vm.ours[name] = name, src, vm.opts.Bundled
	p := &Program{vm: vm, name: name, proto: proto, repeats: repeats}
	argt := vm.L.NewTable()
	argt.RawSetInt(0, lua.LString(name))
	for _, a := range args {
		argt.Append(lua.LString(a))
		p.args = append(p.args, lua.LString(a))
	}
	vm.L.SetGlobal("arg", argt)
	return p, nil
}

// compileForm is Compile. It also reports whether the script returns a function for the
// repeated part.
func compileForm(name string, src []byte) (*lua.FunctionProto, bool, error) {
	chunk, err := ParseScript(name, src)
	if err != nil {
		return nil, false, err
	}
	repeats := returnsFunction(chunk)
	proto, err := compileChunk(name, chunk)
	return proto, repeats, err
}

// returnsFunction reports whether the last statement returns a function, or a variable that
// must be one.
func returnsFunction(chunk []ast.Stmt) bool {
	if len(chunk) == 0 {
		return false
	}
	ret, ok := chunk[len(chunk)-1].(*ast.ReturnStmt)
	if !ok || len(ret.Exprs) != 1 {
		return false
	}
	switch ret.Exprs[0].(type) {
	case *ast.FunctionExpr, *ast.IdentExpr:
		return true
	}
	return false
}

// Repeats reports whether the script is set up once and its function repeated.
func (p *Program) Repeats() bool { return p.repeats }

// VirtualUser runs a program repeatedly, one run at a time. Virtual users of one program
// share its modules; each has its own variables and sessions. Lua of one VM runs on one
// core at a time, while waits for the network overlap.
type VirtualUser struct {
	p     *Program
	th    *lua.LState
	scope *Scope         // of the body, if the function is repeated
	fn    *lua.LFunction // the repeated function
}

// VirtualUser returns a new virtual user. Close it.
func (p *Program) VirtualUser() *VirtualUser { return &VirtualUser{p: p} }

// Ready reports whether the next [VirtualUser.Run] only calls the function.
func (s *VirtualUser) Ready() bool { return !s.p.repeats || s.fn != nil }

// Open runs the body of a script that returns a function, unless it has run. If the body
// fails, Open closes what it has opened. For other scripts it does nothing. The error is a
// [*ScriptError], or the cause that ended the context before.
func (s *VirtualUser) Open(ctx context.Context) error {
	if s.Ready() {
		return nil
	}
	vm := s.p.vm
	vm.Lock()
	defer vm.Unlock()
	scope := NewScope(ctx, vm.root)
	value, err := s.call(scope, s.main(), s.p.args...)
	if err == nil {
		if fn, ok := value.(*lua.LFunction); ok {
			s.scope, s.fn = scope, fn
			return nil
		}
		err = &ScriptError{
			Name:    s.p.name,
			Message: fmt.Sprintf("the script returns a %s; return a function to repeat, or nothing", TypeName(value)),
		}
	}
	return vm.ended(ctx, vm.Conclude(scope, err))
}

// Run runs the script, or the function that it returned, with the number n. It calls
// [VirtualUser.Open] first and has the same errors.
func (s *VirtualUser) Run(ctx context.Context, n int) error {
	if err := s.Open(ctx); err != nil {
		return err
	}
	vm := s.p.vm
	vm.Lock()
	defer vm.Unlock()
	scope := NewScope(ctx, vm.root)
	var err error
	if s.fn != nil {
		_, err = s.call(scope, s.fn, lua.LNumber(n))
	} else {
		_, err = s.call(scope, s.main(), s.p.args...)
	}
	return vm.ended(ctx, vm.Conclude(scope, err))
}

// Close runs the deferred functions of the body and closes what it has opened. A later Run
// starts again. The error is that of [VirtualUser.Open].
func (s *VirtualUser) Close() error {
	if s.scope == nil {
		return nil
	}
	vm, scope := s.p.vm, s.scope
	s.scope, s.fn = nil, nil
	vm.Lock()
	defer vm.Unlock()
	return vm.ended(scope.ctx, vm.Conclude(scope, nil))
}

// main makes the script's function, with its own environment, so that virtual users do not
// share variables. The lock must be held.
func (s *VirtualUser) main() *lua.LFunction {
	L := s.p.vm.L
	env, outer := L.NewTable(), L.NewTable()
	outer.RawSetString("__index", L.G.Global)
	env.Metatable = outer
	fn := L.NewFunctionFromProto(s.p.proto)
	fn.Env = env
	return fn
}

// call calls a function in a scope, on the thread of the virtual user. The lock must be
// held.
func (s *VirtualUser) call(scope *Scope, fn *lua.LFunction, args ...lua.LValue) (lua.LValue, error) {
	vm := s.p.vm
	if s.th == nil {
		s.th = vm.Thread(scope.ctx)
	} else {
		s.th.SetContext(scope.ctx)
	}
	if err := vm.Failure(scope.ctx, vm.Call(s.th, fn, 1, args...)); err != nil {
		return nil, err
	}
	value := s.th.Get(-1)
	s.th.Pop(1)
	return value, nil
}

// ended returns why a run ended: the cause of its context has precedence over its own
// error.
func (vm *VM) ended(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return vm.ScriptError(err)
}
