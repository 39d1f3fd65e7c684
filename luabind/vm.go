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

// Host is what a VM needs of the program around it.
type Host interface {
	// Print writes a line that a script prints.
	Print(line string)
	// Var returns the value of a variable given on the command line or in the
	// environment.
	Var(name string) (string, bool)
	// Secret returns a secret by name; false when it was not given. It may wait for a
	// person or a program, until ctx ends.
	Secret(ctx context.Context, name string) (string, bool, error)
	// Getenv reads the environment for os.getenv; it keeps back what secrets
	// are read from.
	Getenv(name string) string
}

// Options is what a script may reach. The zero value reaches nothing outside.
type Options struct {
	// Library has the modules that scripts can use; nil for what belongs to none.
	Library *Library
	// Dir is where require looks for modules and transcript:save writes to;
	// "" for nowhere.
	Dir string
	// Lib has the modules that come with the program; nil for none.
	Lib fs.FS
	// Offline refuses every connection: the script is only looked at.
	Offline bool
	// DryRun leaves files alone, and takes expectations for met: only mistakes
	// in the script itself are to show.
	DryRun bool
	// LuaTime is how long Lua may run without a wait; 0 for [DefaultLuaTime], negative
	// for no limit.
	LuaTime time.Duration
	// Limits are those of each function that is called later: rules of a server, checks of
	// a lesson. Whoever runs a script or a test gives them with the context.
	Limits Limits
	// Stuck, if not nil, is called with a [*StuckError] when a run does not end although
	// its context is over. It is to end the process: the run cannot be ended.
	Stuck func(error)
	// Bundled reports that the script is the program's own: its lines are not shown in
	// errors, which are about the server or the arguments then.
	Bundled bool
	// Reach is what the script may reach on this machine.
	Reach Reach
	// Unsafe adds io, os.execute and the like, and exec, and lifts the limits of Reach.
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
	cleaning atomic.Int32 // clean-ups under way, whose time is their own
	writing  atomic.Int32 // output under way, which is no work of Lua
	root     *Scope
	sources  map[string][]byte    // of the files that were loaded, for error texts
	ours     map[string]bool      // those of them that come with the program
	loading  map[string]bool      // modules that are being required
	main     string               // the file that was run
	guards   map[*lua.LState]int  // calls from Go under way, which no yield may cross
	depths   map[*lua.LState]int  // of protected calls, by their threads
	resumed  map[*lua.LState]bool // coroutines that are running
	secrets  *secret.Set          // what must not be shown, from all sessions
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

// Close ends the VM and all that its scripts have left open.
func (vm *VM) Close() {
	vm.root.End()
	vm.stopped()
	vm.L.Close()
}

// Run runs a script with the given arguments, which it sees as ... and as the
// table arg. A function that it returns, to be repeated, is called once ([Program]).
// Afterwards the deferred functions run, also when it failed or was
// stopped, and all that it opened is closed. The error is a [*ScriptError], or the
// cause that ended the context first.
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
		return failed[0] // what a task met explains why the connection ended
	}
	return err
}

// isLost reports a connection that ended.
func isLost(err error) bool {
	var e *ErrorValue
	return errors.As(err, &e) && (e.Kind == "closed" || e.Kind == "timeout")
}

// Execute compiles a file and runs it in the scope of ctx, without an end of that scope.
// The lock must be held.
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

// Failure makes a *ScriptError of what a protected call returned; nil of nil,
// unless the context is over: a script that ends with return pcall(f) succeeds
// although it was stopped.
func (vm *VM) Failure(ctx context.Context, err error) error {
	if d, ok := ctx.Deadline(); ok && err != nil && !time.Now().Before(d) {
		<-ctx.Done() // a wait has noticed it before the context's own timer
	}
	if err == nil && ctx.Err() == nil {
		return nil
	}
	e := vm.ScriptError(err)
	if ctx.Err() != nil {
		e.Cause = context.Cause(ctx)
		if e.Message == ctx.Err().Error() { // the interpreter's words
			e.Message = stopWords(e.Cause)
		}
	}
	return e
}

// stopWords says why a script was stopped.
func stopWords(cause error) string {
	switch {
	case errors.Is(cause, context.DeadlineExceeded):
		return "the time limit has passed"
	case errors.Is(cause, context.Canceled):
		return "interrupted"
	}
	return cause.Error()
}

// Lock takes the interpreter lock, which is held by whoever runs Lua or touches its values.
func (vm *VM) Lock() { vm.lock.Lock() }

// Unlock gives the interpreter lock back.
func (vm *VM) Unlock() { vm.lock.Unlock() }

// TryLock takes the interpreter lock if nobody has it.
func (vm *VM) TryLock() bool { return vm.lock.TryLock() }

// Host is what is around the VM; nil for nothing.
func (vm *VM) Host() Host { return vm.host }

// Options are those that the VM was made with. They must not be changed.
func (vm *VM) Options() *Options { return &vm.opts }

// Library is the modules that scripts can use.
func (vm *VM) Library() *Library { return vm.lib }

// Main is the file that was run last.
func (vm *VM) Main() string { return vm.main }

// Root is the scope of the VM itself, around all others.
func (vm *VM) Root() *Scope { return vm.root }

// Secrets are what must not be shown, of all modules.
func (vm *VM) Secrets() *secret.Set { return vm.secrets }

// UseSecrets makes the secrets of the program around the VM its own.
func (vm *VM) UseSecrets(s *secret.Set) { vm.secrets = s }

// SetSource keeps the text of a file, so that errors can show its lines. The lock must be
// held.
func (vm *VM) SetSource(file string, src []byte) { vm.sources[file] = src }

// SetGlobal makes a Go value, of a class of some module, a global. The lock must be held.
func (vm *VM) SetGlobal(name string, v any) { vm.L.SetGlobal(name, vm.Object(vm.L, v)) }
