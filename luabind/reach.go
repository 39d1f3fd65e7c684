package luabind

import (
	"path/filepath"
	"slices"
	"strings"

	"smtpsh/internal/reach"
)

// Reach lists what a script may use on this machine. Options.Unsafe includes all of it.
type Reach = reach.Reach

// MaySocket returns an error if a script must not use a socket. The error does not show
// whether the socket exists.
func (vm *VM) MaySocket(op, path string) error {
	if vm.opts.Unsafe {
		return nil
	}
	return reachError(op, vm.opts.Reach.Socket(vm.opts.Dir, path))
}

// InFolder returns the name of a file in the script's folder, for a path that is relative to the
// folder in which the program was started, or absolute. It returns every other name unchanged.
func (vm *VM) InFolder(name string) string {
	dir := vm.opts.Dir
	if rel, err := filepath.Rel(dir, name); err == nil && filepath.IsAbs(name) == filepath.IsAbs(dir) && filepath.IsLocal(rel) {
		return rel
	}
	return name
}

// programsKey is the key of AllowPrograms in a scope.
type programsKey struct{}

// AllowPrograms sets whether code in a scope may start programs.
func (s *Scope) AllowPrograms(allowed bool) { s.Attach(programsKey{}, allowed) }

// MayStartPrograms reports whether code in a scope may start programs without --unsafe.
func (s *Scope) MayStartPrograms() bool {
	allowed, _ := s.Nearest(programsKey{}).(bool)
	return allowed
}

// MayProgram returns an error if code in a scope must not start the program of a target.
func (vm *VM) MayProgram(s *Scope, op, command string) error {
	if vm.opts.Unsafe || s.MayStartPrograms() {
		return nil
	}
	return reachError(op, vm.opts.Reach.Program(command))
}

// reachError returns the error for Lua, with the hint of the cause.
func reachError(op string, err error) error {
	if err == nil {
		return nil
	}
	e := UsageError("%s: %v", op, err).(*ErrorValue)
	if h, ok := err.(interface{ Hint() string }); ok {
		e.Hint = h.Hint()
	}
	return e
}

// getenv implements os.getenv. A variable that exists but is not allowed is an error, not
// nil, so that the script does not continue without it.
func (vm *VM) getenv(name string) (string, error) {
	value := vm.host.Getenv(name)
	//mutant:a-script-does-not-read-the-environment is "value == \"\"" "true"
	if value == "" || vm.opts.Unsafe || vm.opts.Reach.Anything || strings.HasPrefix(name, "SMTPSH_VAR_") || slices.Contains(vm.opts.Reach.Env,
		name) {
		return value, nil
	}
	e := UsageError("os.getenv: scripts cannot read the variable %s", name).(*ErrorValue)
	e.Hint = "allow it with --env " + name + ", or a value with --var"
	return "", e
}
