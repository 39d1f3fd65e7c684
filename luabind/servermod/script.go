package servermod

import (
	"context"
	"errors"

	"smtpsh/internal/sandbox"
	"smtpsh/luabind"
)

// RunRules runs a script that sees a running sandbox as the global server, and keeps its
// rules until the context ends. failed receives errors of rules that are functions when
// they occur. The error is that of the script.
func RunRules(ctx context.Context, vm *luabind.VM, name string, src []byte, box *sandbox.Server, failed func(error)) error {
	vm.Lock()
	scope := luabind.NewScope(ctx, vm.Root())
	scope.OnFail(failed)
	vm.SetGlobal("server", ServerOf(box, OfScript))
	bound, freed := vm.Options().Limits.Bound(scope.Context())
	defer freed()
	bound, over := vm.Leash(bound)
	defer over()
	heeded := vm.Heed(bound)
	err := vm.Execute(bound, name, src, nil)
	heeded()
	vm.Unlock()
	if err != nil {
		cause := context.Cause(bound)
		scope.End()
		slow := new(luabind.LuaTimeError)
		switch {
		case errors.As(cause, &slow):
			return slow.At(err)
		case cause != nil:
			return cause
		}
		return err
	}
	context.AfterFunc(ctx, scope.End)
	return nil
}
