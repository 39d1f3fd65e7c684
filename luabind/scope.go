package luabind

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// cleanupTime is how long deferred functions and after hooks may take when the
// time of what they clean up after is over.
const cleanupTime = 5 * time.Second

// scope owns what a script, a test or a task has opened: all of it is closed at
// the scope's end, in the reverse order. A context carries the scope, so that
// coroutines find it too.
type scope struct {
	parent *scope
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

// newScope begins a scope inside another one, which may be nil.
func newScope(ctx context.Context, parent *scope) *scope {
	s := &scope{parent: parent}
	if parent != nil {
		s.vm = parent.vm
	}
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	s.ctx = context.WithValue(s.ctx, scopeKey{}, s)
	return s
}

// Context ends with the scope, and carries it.
func (s *scope) Context() context.Context { return s.ctx }

// VM is the VM that the scope belongs to.
func (s *scope) VM() *VM { return s.vm }

// Parent is the scope around this one; nil for that of the VM.
func (s *scope) Parent() *scope { return s.parent }

func (s *scope) is(x *scope) bool { return s == x }

// scope is where this call belongs.
func (c *Call) scope() *scope {
	if s, ok := c.ctx().Value(scopeKey{}).(*scope); ok {
		return s
	}
	return c.vm.root
}

// closer closes something that the scope owns.
type closer struct {
	f     func()
	owned any // what it closes, for modules that look for their own; nil for anything else
}

// onClose registers what is done at the scope's end. The function it returns takes
// that back, for what was closed before.
func (s *scope) onClose(f func()) (forget func()) { return s.own(nil, f) }

// own is onClose for something that [scope.owned] is to list until then.
func (s *scope) own(x any, f func()) (forget func()) {
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

// owned lists what the scope is still to close, of one type, the oldest first.
func owned[T any](s *scope) []T {
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

// attach keeps something with the scope, by a key that only its module has.
func (s *scope) attach(key, value any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.attached == nil {
		s.attached = map[any]any{}
	}
	s.attached[key] = value
}

// nearest is what is kept by that key with this scope, or with the nearest one around it.
func (s *scope) nearest(key any) any {
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

func (s *scope) fail(err error) {
	if s.onFail != nil {
		s.onFail(err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = append(s.failed, err)
}

// failedSoFar counts the failures that were noted.
func (s *scope) failedSoFar() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.failed)
}

// forgive drops the failures behind the first n.
func (s *scope) forgive(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = s.failed[:n]
}

// failures are the errors of tasks that nobody has waited for. The scope must
// have ended.
func (s *scope) failures() []error {
	var out []error
	for _, err := range s.failed {
		if w, ok := err.(interface{ Waited() bool }); !ok || !w.Waited() {
			out = append(out, err)
		}
	}
	return out
}

var errScopeEnds = errors.New("the script or test is over")

// settle lets tasks that were spawned begin: each runs up to its first wait. The
// lock must be held.
func (vm *VM) settle(s *scope) {
	vm.Unlock()
	s.starting.Wait()
	vm.Lock()
}

// maxDefers bounds deferred functions that defer further ones.
const maxDefers = 1000

// runDefers calls the deferred functions, the latest first, each with its own
// chance. The lock must be held. It returns the errors.
func (vm *VM) runDefers(s *scope) []error {
	vm.settle(s)
	var errs []error
	for round := 0; ; round++ {
		s.mu.Lock()
		n := len(s.defers)
		if n == 0 || round > maxDefers {
			s.mu.Unlock()
			if n > 0 {
				errs = append(errs, &ScriptError{Name: vm.main, Message: "deferred functions defer further ones without end"})
			}
			return errs
		}
		fn := s.defers[n-1]
		s.defers = s.defers[:n-1]
		s.mu.Unlock()
		if err := vm.cleanup(s, fn); err != nil {
			errs = append(errs, err)
		}
	}
}

// cleanup calls a function that must run even when the scope's time is over.
func (vm *VM) cleanup(s *scope, fn *lua.LFunction) error {
	ctx := s.ctx
	if ctx.Err() != nil { // all clean-up of a scope shares one further limit
		if s.cleaning == nil {
			var cancel context.CancelFunc
			s.cleaning, cancel = context.WithTimeoutCause(context.WithoutCancel(s.ctx), cleanupTime, errCleanup)
			s.onClose(cancel)
		}
		ctx = s.cleaning
	}
	vm.cleaning.Add(1)
	defer vm.cleaning.Add(-1)
	return vm.failure(ctx, vm.call(vm.thread(ctx), fn, 0))
}

var errCleanup = errors.New("cleaning up took longer than " + cleanupTime.String())

// leftover asks the modules whether anything has come to light that nobody has looked
// at. The lock must be held.
func (vm *VM) leftover(s *scope) error {
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
func (s *scope) leave() {
	if s.vm == nil || s.ctx.Err() != nil {
		return
	}
	for _, m := range s.vm.lib.modules {
		if m.Leave == nil {
			continue
		}
		if err := m.Leave(s); err != nil && !s.failing {
			s.left = err
			s.fail(err)
			return
		}
	}
}

// end cancels the scope's tasks, waits for them and closes everything. The lock
// must be free.
func (s *scope) end() {
	s.leave()
	s.cancel(errScopeEnds)
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

// conclude ends a scope whose function has returned err: deferred functions run, all
// that it opened is closed, and what goes wrong then counts when nothing has before.
// The lock must be held.
func (vm *VM) conclude(s *scope, err error) error {
	for _, derr := range vm.runDefers(s) {
		if err == nil {
			err = derr
		}
	}
	if err == nil {
		err = vm.leftover(s)
	}
	s.failing = err != nil
	vm.Unlock()
	s.end()
	vm.Lock()
	if failed := s.failures(); err == nil && len(failed) > 0 {
		err = failed[0]
	}
	return err
}

// spawn runs f as a task of the scope, on a thread of its own, with the lock held.
// When the scope has ended before, the thread is nil.
func (vm *VM) spawn(s *scope, f func(th *lua.LState)) {
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
		ctx, over := beginTask(s.ctx)
		defer over()
		f(vm.thread(ctx))
	}()
}
