package luabind

import (
	"context"
	"errors"

	"smtpsh/internal/sandbox"
)

// RunRules runs a script that sees a running sandbox as the variable server, and
// keeps its rules alive until the context ends. Errors of rules that are functions
// go to failed as they happen. The error is the script's own.
func (vm *VM) RunRules(ctx context.Context, name string, src []byte, box *sandbox.Server, failed func(error)) error {
	vm.turn.Lock()
	scope := newScope(ctx, vm.root)
	scope.onFail = failed
	vm.L.SetGlobal("server", vm.object(vm.L, "smtp.Server", &Server{box: box, patience: defaultPatience, owned: true}))
	bound, over := vm.Leash(scope.ctx)
	defer over()
	err := vm.run(bound, name, src, nil)
	vm.turn.Unlock()
	if err != nil {
		scope.end()
		if slow := new(LuaTimeError); errors.As(context.Cause(bound), &slow) {
			return slow.at(err)
		}
		return err
	}
	context.AfterFunc(ctx, scope.end)
	return nil
}
