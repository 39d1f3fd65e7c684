package luabind

import (
	"context"
	"errors"
	"io/fs"
	"reflect"
	"sync/atomic"
	"time"

	"smtpsh/engine/secret"

	lua "github.com/yuin/gopher-lua"
)

// Host is what a VM needs from the program.
type Host interface {
	// Print writes a line that a script prints.
	Print(line string)
	// Var returns the value of a variable of the command line or the environment.
	Var(name string) (string, bool)
	// Secret returns a secret by name; false if it was not given. It can wait for a user
	// or a program, until ctx ends.
	Secret(ctx context.Context, name string) (string, bool, error)
	// Getenv reads the environment for os.getenv. It hides the variables of secrets.
	Getenv(name string) string
}

// Options sets what a script may use. With the zero value it can use nothing outside.
type Options struct {
	// Library has the modules for scripts; nil means only the base module.
	Library *Library
	// Dir is the folder in which require searches for modules and to which transcript:save
	// writes; "" for none.
	Dir string
	// Lib has the bundled modules; nil for none.
	Lib fs.FS
	// Offline refuses every connection: the script is only checked.
	Offline bool
	// DryRun writes no files, and treats expectations as met, so that only mistakes in the
	// script itself are reported.
	DryRun bool
	// LuaTime limits the time that Lua runs without a wait; 0 means [DefaultLuaTime],
	// negative means no limit.
	LuaTime time.Duration
	// Limits are the limits of each function that is called later: rules of a server,
	// checks of a lesson. For scripts and tests the context has the limits.
	Limits Limits
	// Stuck, if not nil, is called with a [*StuckError] if a run does not end although its
	// context has ended. It should end the process, because the run cannot be ended.
	Stuck func(error)
	// Bundled tells that the script belongs to the program: errors, which are then about
	// the server or the arguments, do not show its lines.
	Bundled bool
	// Reach is what the script may use on this machine.
	Reach Reach
	// Unsafe adds io, os.execute and similar functions, and exec, and removes the limits
	// of Reach.
	Unsafe bool
}

// VM runs Lua for one script or test file.
type VM struct {
	L          *lua.LState
	host       Host
	opts       Options
	lib        *Library
	states     map[reflect.Type]any // of the modules
	metatables map[reflect.Type]*lua.LTable

	lock     interpreterLock
	cleaning atomic.Int32 // clean-ups in progress, which have their own time
	writing  atomic.Int32 // output in progress, which does not count as work of Lua
	root     *Scope
	sources  map[string][]byte    // of the loaded files, for errors
	ours     map[string]bool      // those that are bundled
	loading  map[string]bool      // modules that require is loading
	main     string               // the file that was run
	guards   map[*lua.LState]int  // calls from Go in progress, which no yield may cross
	depths   map[*lua.LState]int  // of protected calls, by thread
	resumed  map[*lua.LState]bool // coroutines that are running
	secrets  *secret.Set          // what must not be shown, of all sessions
	stopped  context.CancelFunc
}

// New makes a VM. Close it.
func New(host Host, opts Options) *VM {
	boundInstructions()
	L := lua.NewState(lua.Options{
		SkipOpenLibs: true, RegistrySize: 128, RegistryMaxSize: 1 << 18, RegistryGrowStep: 256,
		CallStackSize: 1024, MinimizeStackMemory: true,
	})
	vm := &VM{
		L: L, host: host, opts: opts, lib: opts.Library,
		states: map[reflect.Type]any{}, metatables: map[reflect.Type]*lua.LTable{},
		sources: map[string][]byte{}, ours: map[string]bool{},
		loading: map[string]bool{}, guards: map[*lua.LState]int{},
		depths: map[*lua.LState]int{}, resumed: map[*lua.LState]bool{},
	}
	if vm.lib == nil {
		vm.lib = noModules()
	}
	vm.secrets = &secret.Set{}
	ctx, cancel := context.WithCancel(context.Background())
	vm.stopped = cancel
	vm.root = NewScope(ctx, nil)
	vm.root.vm = vm
	for _, m := range vm.lib.modules {
		if m.New == nil {
			continue
		}
		if state := m.New(vm); state != nil {
			vm.states[reflect.TypeOf(state)] = state
		}
	}
	vm.openLibs()
	vm.register()
	return vm
}

// Close ends the VM and closes everything that its scripts left open.
func (vm *VM) Close() {
	vm.root.End()
	vm.stopped()
	vm.L.Close()
}

// Run runs a script with the given arguments, which it gets as ... and as the table arg. A
// returned function, which is for repeated runs, is called once ([Program]). Afterwards the
// deferred functions run, also after a failure or a stop, and everything that it opened is
// closed. The error is a [*ScriptError], or the cause that ended the context before.
func (vm *VM) Run(ctx context.Context, name string, src []byte, args []string) error {
	ctx, over := vm.Leash(ctx)
	defer over()
	defer vm.Heed(ctx)()
	vm.Lock()
	scope := NewScope(ctx, vm.root)
	err := vm.Execute(scope.ctx, name, src, args)
	for _, derr := range vm.RunDefers(scope) {
		if err == nil {
			err = derr
		}
	}
	if err == nil && ctx.Err() == nil {
		err = vm.Leftover(scope)
	}
	scope.failing = err != nil
	vm.Unlock()
	scope.End()
	if ctx.Err() != nil {
		if slow := new(LuaTimeError); errors.As(context.Cause(ctx), &slow) {
			return slow.At(err)
		}
		return context.Cause(ctx)
	}
	if d, ok := ctx.Deadline(); ok && !time.Now().Before(d) {
		return context.DeadlineExceeded // a wait noticed it before the context's own timer
	}
	if failed := scope.Failures(); len(failed) > 0 && (err == nil || isLost(err)) {
		return failed[0] // the error of a task explains why the connection ended
	}
	return err
}

// isLost reports whether an error is a connection that ended.
func isLost(err error) bool {
	var e *ErrorValue
	return errors.As(err, &e) && (e.Kind == "closed" || e.Kind == "timeout")
}

// Execute compiles a file and runs it in the scope of ctx, without ending that scope. The
// lock must be held.
func (vm *VM) Execute(ctx context.Context, name string, src []byte, args []string) error {
	vm.main = name
	vm.ours[name] = vm.opts.Bundled
	proto, repeats, err := compileForm(name, src)
	if err != nil {
		return err
	}
	vm.sources[name] = src
	L := vm.L
	L.SetContext(ctx)
	argt := L.NewTable()
	values := make([]lua.LValue, len(args))
	for i, a := range args {
		argt.Append(lua.LString(a))
		values[i] = lua.LString(a)
	}
	argt.RawSetInt(0, lua.LString(name))
	L.SetGlobal("arg", argt)
	if err := L.CallByParam(lua.P{Fn: L.NewFunctionFromProto(proto), NRet: 1, Protect: true}, values...); err != nil {
		return vm.Failure(ctx, err)
	}
	value := L.Get(-1)
	L.Pop(1)
	if again, ok := value.(*lua.LFunction); ok && repeats {
		err = L.CallByParam(lua.P{Fn: again, NRet: 0, Protect: true}, lua.LNumber(1))
	}
	return vm.Failure(ctx, err)
}

// Failure makes a *ScriptError of the result of a protected call; nil for nil, unless the
// context has ended: a script that ends with return pcall(f) would succeed although it was
// stopped.
func (vm *VM) Failure(ctx context.Context, err error) error {
	if d, ok := ctx.Deadline(); ok && err != nil && !time.Now().Before(d) {
		<-ctx.Done() // a wait noticed it before the context's own timer
	}
	if err == nil && ctx.Err() == nil {
		return nil
	}
	e := vm.ScriptError(err)
	if ctx.Err() != nil {
		e.Cause = context.Cause(ctx)
		if e.Message == ctx.Err().Error() { // the text of the interpreter
			e.Message = stopWords(e.Cause)
		}
	}
	return e
}

// stopWords describes why a script was stopped.
func stopWords(cause error) string {
	switch {
	case errors.Is(cause, context.DeadlineExceeded):
		return "the time limit has passed"
	case errors.Is(cause, context.Canceled):
		return "interrupted"
	}
	return cause.Error()
}

// Lock takes the interpreter lock, which is held while Lua runs or its values are used.
func (vm *VM) Lock() { vm.lock.Lock() }

// Unlock releases the interpreter lock.
func (vm *VM) Unlock() { vm.lock.Unlock() }

// TryLock takes the interpreter lock if it is free.
func (vm *VM) TryLock() bool { return vm.lock.TryLock() }

// Host returns the host of the VM; nil without one.
func (vm *VM) Host() Host { return vm.host }

// Options returns the options of the VM. They must not be changed.
func (vm *VM) Options() *Options { return &vm.opts }

// Library returns the modules for scripts.
func (vm *VM) Library() *Library { return vm.lib }

// Main returns the file that was run last.
func (vm *VM) Main() string { return vm.main }

// Root returns the scope of the VM, around all others.
func (vm *VM) Root() *Scope { return vm.root }

// Secrets returns what must not be shown, of all modules.
func (vm *VM) Secrets() *secret.Set { return vm.secrets }

// UseSecrets makes the VM use the secrets of the program.
func (vm *VM) UseSecrets(s *secret.Set) { vm.secrets = s }

// SetSource stores the text of a file, so that errors can show its lines. The lock must be
// held.
func (vm *VM) SetSource(file string, src []byte) { vm.sources[file] = src }

// SetGlobal sets a global to a Go value of a class of some module. The lock must be held.
func (vm *VM) SetGlobal(name string, v any) { vm.L.SetGlobal(name, vm.Object(vm.L, v)) }
