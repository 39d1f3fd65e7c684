package luabind

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// CleanupTime is how long deferred functions and after hooks may take when the
// time of what they clean up after is over.
const CleanupTime = 5 * time.Second

// Scope owns what a script, a test or a task has opened: all of it is closed at
// the scope's end, in the reverse order. A context carries the scope, so that
// coroutines find it too.
type Scope struct {
	parent *Scope
	vm     *VM

	ctx    context.Context // ends with the scope; tasks live in it
	cancel context.CancelCauseFunc
	tasks  sync.WaitGroup
	// starting counts tasks that have not had the lock yet.
	starting sync.WaitGroup
	cleaning context.Context // for clean-up when the scope's own time is over

	mu       sync.Mutex
	closers  []*closer
	dead     int // closers whose thing was closed already
	defers   []*lua.LFunction
	attached map[any]any // what modules keep here, by keys of theirs
	failed   []error     // of tasks in the background
	onFail   func(error)
	left     error // a reply that answers no command and came to light at its end
	failing  bool  // what it is about has failed: what comes to light at its end is no news
}

type scopeKey struct{}

// NewScope begins a scope inside another one, which may be nil.
func NewScope(ctx context.Context, parent *Scope) *Scope {
	s := &Scope{parent: parent}
	if parent != nil {
		s.vm = parent.vm
	}
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	s.ctx = context.WithValue(s.ctx, scopeKey{}, s)
	return s
}

// Context ends with the scope, and carries it.
func (s *Scope) Context() context.Context { return s.ctx }

// VM is the VM that the scope belongs to.
func (s *Scope) VM() *VM { return s.vm }

// Parent is the scope around this one; nil for that of the VM.
func (s *Scope) Parent() *Scope { return s.parent }

// In is ctx as the scope's: what is opened under it belongs to the scope.
func (s *Scope) In(ctx context.Context) context.Context { return context.WithValue(ctx, scopeKey{}, s) }

// Stop ends the context of the scope, and with it its tasks, for a reason.
func (s *Scope) Stop(why error) { s.cancel(why) }

// Go runs f beside everything else; the end of the scope waits for it. It must not touch
// Lua without the lock.
func (s *Scope) Go(f func()) { s.tasks.Go(f) }

// OnFail hands errors of tasks to f as they happen, instead of keeping them.
func (s *Scope) OnFail(f func(error)) { s.onFail = f }

// SetFailing says whether what the scope is about has failed: what comes to light at its
// end is no news then.
func (s *Scope) SetFailing(failing bool) { s.failing = failing }

// Left is what came to light at the scope's end; nil for nothing.
func (s *Scope) Left() error { return s.left }

// FailLate notes what has come to light at the end of a scope inside this one, whose
// function could not have met it.
func (s *Scope) FailLate(err error) {
	s.left = err
	s.Fail(err)
}

// Scope is where this call belongs.
func (c *Call) Scope() *Scope {
	if s, ok := c.Context().Value(scopeKey{}).(*Scope); ok {
		return s
	}
	return c.VM.root
}

// closer closes something that the scope owns.
type closer struct {
	f     func()
	owned any // what it closes, for modules that look for their own; nil for anything else
}

// OnClose registers what is done at the scope's end. The function it returns takes
// that back, for what was closed before.
func (s *Scope) OnClose(f func()) (forget func()) { return s.Own(nil, f) }

// Own is onClose for something that [scope.owned] is to list until then.
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

// Owned lists what the scope is still to close, of one type, the oldest first.
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

// Attach keeps something with the scope, by a key that only its module has.
func (s *Scope) Attach(key, value any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.attached == nil {
		s.attached = map[any]any{}
	}
	s.attached[key] = value
}

// Nearest is what is kept by that key with this scope, or with the nearest one around it.
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

// Fail notes an error of what runs next to the function of the scope.
func (s *Scope) Fail(err error) {
	if s.onFail != nil {
		s.onFail(err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = append(s.failed, err)
}

// FailedSoFar counts the failures that were noted.
func (s *Scope) FailedSoFar() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.failed)
}

// Forgive drops the failures behind the first n.
func (s *Scope) Forgive(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = s.failed[:n]
}

// Failures are the errors of tasks that nobody has waited for. The scope must
// have ended.
func (s *Scope) Failures() []error {
	var out []error
	for _, err := range s.failed {
		if w, ok := err.(interface{ Waited() bool }); !ok || !w.Waited() {
			out = append(out, err)
		}
	}
	return out
}

// ErrScopeEnds is why tasks are stopped whose script or test is over.
var ErrScopeEnds = errors.New("the script or test has ended")

// settle lets tasks that were spawned begin: each runs up to its first wait. The
// lock must be held.
func (vm *VM) settle(s *Scope) {
	vm.Unlock()
	s.starting.Wait()
	vm.Lock()
}

// maxDefers bounds deferred functions that defer further ones.
const maxDefers = 1000

// RunDefers calls the deferred functions, the latest first, each with its own
// chance. The lock must be held. It returns the errors.
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

// Cleanup calls a function that must run even when the scope's time is over.
func (vm *VM) Cleanup(s *Scope, fn *lua.LFunction) error {
	ctx := s.ctx
	if ctx.Err() != nil { // all clean-up of a scope shares one further limit
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

// Leftover asks the modules whether anything has come to light that nobody has looked
// at. The lock must be held.
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

// leave lets the modules take their leave of what the scope is about to close. Of what
// comes to light then the first counts, if nothing else has failed. The lock must be free.
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

// End cancels the scope's tasks, waits for them and closes everything. The lock
// must be free.
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

// Conclude ends a scope whose function has returned err: deferred functions run, all
// that it opened is closed, and what goes wrong then counts when nothing has before.
// The lock must be held.
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

// Spawn runs f as a task of the scope, on a thread of its own, with the lock held.
// When the scope has ended before, the thread is nil.
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
