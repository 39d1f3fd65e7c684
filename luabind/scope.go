package luabind

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// CleanupTime limits deferred functions and after hooks if the time of their test or script
// has ended.
const CleanupTime = 5 * time.Second

// Scope owns what a script, a test or a task has opened: all of it is closed at the end of
// the scope, in reverse order. A context carries the scope, so that coroutines find it too.
type Scope struct {
	parent *Scope
	vm     *VM

	ctx    context.Context // ends with the scope; tasks run in it
	cancel context.CancelCauseFunc
	tasks  sync.WaitGroup
	// starting counts tasks that have not got the lock yet.
	starting sync.WaitGroup
	cleaning context.Context // for clean-up after the end of the scope's own time

	mu       sync.Mutex
	closers  []*closer
	dead     int // closers of what was closed before
	defers   []*lua.LFunction
	attached map[any]any // values of modules, by their own keys
	failed   []error     // of background tasks
	onFail   func(error)
	left     error // a reply that answers no command and was found at the end
	failing  bool  // the test or script has failed: what is found at the end is not reported
}

type scopeKey struct{}

// NewScope begins a scope inside another one, which can be nil.
func NewScope(ctx context.Context, parent *Scope) *Scope {
	s := &Scope{parent: parent}
	if parent != nil {
		s.vm = parent.vm
	}
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	s.ctx = context.WithValue(s.ctx, scopeKey{}, s)
	return s
}

// Context returns a context that ends with the scope, and carries it.
func (s *Scope) Context() context.Context { return s.ctx }

// VM returns the VM of the scope.
func (s *Scope) VM() *VM { return s.vm }

// Parent returns the enclosing scope; nil for that of the VM.
func (s *Scope) Parent() *Scope { return s.parent }

// In returns ctx with the scope: what is opened with it belongs to the scope.
func (s *Scope) In(ctx context.Context) context.Context { return context.WithValue(ctx, scopeKey{}, s) }

// Stop ends the context of the scope, and so its tasks, for a reason.
func (s *Scope) Stop(why error) { s.cancel(why) }

// Go runs f in a goroutine; the end of the scope waits for it. f must not use Lua without
// the lock.
func (s *Scope) Go(f func()) { s.tasks.Go(f) }

// OnFail passes errors of tasks to f when they occur, instead of storing them.
func (s *Scope) OnFail(f func(error)) { s.onFail = f }

// SetFailing sets whether the test or script has failed. What is found at the end is then
// not reported.
func (s *Scope) SetFailing(failing bool) { s.failing = failing }

// Left returns what was found at the end of the scope, or nil.
func (s *Scope) Left() error { return s.left }

// FailLate stores what was found at the end of an inner scope, whose function could not
// receive it.
func (s *Scope) FailLate(err error) {
	s.left = err
	s.Fail(err)
}

// Scope returns the scope of this call.
func (c *Call) Scope() *Scope {
	if s, ok := c.Context().Value(scopeKey{}).(*Scope); ok {
		return s
	}
	return c.VM.root
}

// closer closes something that the scope owns.
type closer struct {
	f     func()
	owned any // what it closes, for modules that search for their own; or nil
}

// OnClose registers a function for the end of the scope. The function that it returns
// removes it, for what was closed before.
func (s *Scope) OnClose(f func()) (forget func()) { return s.Own(nil, f) }

// Own is OnClose for a value that [Scope.Owned] lists until then.
func (s *Scope) Own(x any, f func()) (forget func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &closer{f, x}
	s.closers = append(s.closers, c)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if c.f == nil {
			return
		}
		c.f = nil
		if s.dead++; s.dead > 64 && s.dead > len(s.closers)/2 {
			s.closers = slices.DeleteFunc(s.closers, func(c *closer) bool { return c.f == nil })
			s.dead = 0
		}
	}
}

// Owned returns the values of one type that the scope will close, the oldest first.
func Owned[T any](s *Scope) []T {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []T
	for _, c := range s.closers {
		if x, ok := c.owned.(T); ok && c.f != nil {
			out = append(out, x)
		}
	}
	return out
}

// Attach stores a value in the scope, with a key that only its module has.
func (s *Scope) Attach(key, value any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.attached == nil {
		s.attached = map[any]any{}
	}
	s.attached[key] = value
}

// Nearest returns the value of a key in this scope, or in the nearest enclosing one that
// has it.
func (s *Scope) Nearest(key any) any {
	for ; s != nil; s = s.parent {
		s.mu.Lock()
		value, ok := s.attached[key]
		s.mu.Unlock()
		if ok {
			return value
		}
	}
	return nil
}

// Fail stores an error of a goroutine or task of the scope.
func (s *Scope) Fail(err error) {
	if s.onFail != nil {
		s.onFail(err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = append(s.failed, err)
}

// FailedSoFar returns the number of stored failures.
func (s *Scope) FailedSoFar() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.failed)
}

// Forgive drops the failures after the first n.
func (s *Scope) Forgive(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = s.failed[:n]
}

// Failures returns the errors of tasks that nothing waited for. The scope must have ended.
func (s *Scope) Failures() []error {
	var out []error
	for _, err := range s.failed {
		if w, ok := err.(interface{ Waited() bool }); !ok || !w.Waited() {
			out = append(out, err)
		}
	}
	return out
}

// ErrScopeEnds is the reason for stopping tasks whose script or test has ended.
var ErrScopeEnds = errors.New("the script or test has ended")

// settle lets spawned tasks begin: each runs up to its first wait. The lock must be held.
func (vm *VM) settle(s *Scope) {
	vm.Unlock()
	s.starting.Wait()
	vm.Lock()
}

// maxDefers limits deferred functions that defer further ones.
const maxDefers = 1000

// RunDefers calls the deferred functions, the latest first, also after one has failed. The
// lock must be held. It returns the errors.
func (vm *VM) RunDefers(s *Scope) []error {
	vm.settle(s)
	var errs []error
	for round := 0; ; round++ {
		s.mu.Lock()
		n := len(s.defers)
		if n == 0 || round > maxDefers {
			s.mu.Unlock()
			if n > 0 {
				errs = append(errs, &ScriptError{Name: vm.main, Message: "deferred functions keep deferring further ones"})
			}
			return errs
		}
		fn := s.defers[n-1]
		s.defers = s.defers[:n-1]
		s.mu.Unlock()
		if err := vm.Cleanup(s, fn); err != nil {
			errs = append(errs, err)
		}
	}
}

// Cleanup calls a function that must run even if the time of the scope has ended.
func (vm *VM) Cleanup(s *Scope, fn *lua.LFunction) error {
	ctx := s.ctx
	if ctx.Err() != nil { // all clean-up of a scope shares one additional limit
		if s.cleaning == nil {
			var cancel context.CancelFunc
			s.cleaning, cancel = context.WithTimeoutCause(context.WithoutCancel(s.ctx), CleanupTime, errCleanup)
			s.OnClose(cancel)
		}
		ctx = s.cleaning
	}
	vm.cleaning.Add(1)
	defer vm.cleaning.Add(-1)
	return vm.Failure(ctx, vm.Call(vm.Thread(ctx), fn, 0))
}

var errCleanup = errors.New("cleaning up exceeded " + CleanupTime.String())

// Leftover asks the modules for what the script should have checked. The lock must be held.
func (vm *VM) Leftover(s *Scope) error {
	for _, m := range vm.lib.modules {
		if m.Leftover == nil {
			continue
		}
		if err := m.Leftover(s); err != nil {
			s.left = err
			return err
		}
	}
	return nil
}

// leave calls the Leave functions of the modules. It stores their first error if nothing
// else has failed. The lock must be free.
func (s *Scope) leave() {
	if s.vm == nil || s.ctx.Err() != nil {
		return
	}
	for _, m := range s.vm.lib.modules {
		if m.Leave == nil {
			continue
		}
		if err := m.Leave(s); err != nil && !s.failing {
			s.left = err
			s.Fail(err)
			return
		}
	}
}

// End cancels the tasks of the scope, waits for them and closes everything. The lock must
// be free.
func (s *Scope) End() {
	s.leave()
	s.cancel(ErrScopeEnds)
	for {
		s.mu.Lock()
		n := len(s.closers)
		if n == 0 {
			s.mu.Unlock()
			break
		}
		c := s.closers[n-1]
		s.closers = s.closers[:n-1]
		f := c.f
		c.f = nil
		s.mu.Unlock()
		if f != nil {
			f()
		}
	}
	s.tasks.Wait()
}

// Conclude ends a scope whose function has returned err: deferred functions run, everything
// that it opened is closed, and errors of that count if there was none before. The lock
// must be held.
func (vm *VM) Conclude(s *Scope, err error) error {
	for _, derr := range vm.RunDefers(s) {
		if err == nil {
			err = derr
		}
	}
	if err == nil {
		err = vm.Leftover(s)
	}
	s.failing = err != nil
	vm.Unlock()
	s.End()
	vm.Lock()
	if failed := s.Failures(); err == nil && len(failed) > 0 {
		err = failed[0]
	}
	return err
}

// Spawn runs f as a task of the scope, on its own thread, with the lock held. If the scope
// has ended, the thread is nil.
func (vm *VM) Spawn(s *Scope, f func(th *lua.LState)) {
	s.tasks.Add(1)
	s.starting.Add(1)
	go func() {
		defer s.tasks.Done()
		vm.Lock()
		s.starting.Done()
		defer vm.Unlock()
		if s.ctx.Err() != nil {
			f(nil)
			return
		}
		ctx, over := BeginTask(s.ctx)
		defer over()
		f(vm.Thread(ctx))
	}()
}
