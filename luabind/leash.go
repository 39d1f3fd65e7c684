package luabind

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultLuaTime is how long Lua may run without waiting for anything, where
// Options.LuaTime sets nothing else. Work that a script does between two replies takes
// far less; only a loop without end takes more.
const DefaultLuaTime = 5 * time.Minute

// LuaTimeError is why a script was stopped that ran on without waiting for a server, a
// time or another task.
type LuaTimeError struct {
	Limit time.Duration
	Where string // file and line; "" when not known
}

// Error says where and for how long.
func (e *LuaTimeError) Error() string {
	text := fmt.Sprintf("Lua has run for %v without waiting for a server or anything else", e.Limit)
	if e.Where != "" {
		return e.Where + ": " + text
	}
	return text
}

// At adds the place at which the script was stopped.
func (e *LuaTimeError) At(err error) *LuaTimeError {
	var se *ScriptError
	if errors.As(err, &se) && se.Name != "" && se.Line > 0 {
		return &LuaTimeError{e.Limit, fmt.Sprintf("%s:%d", se.Name, se.Line)}
	}
	return e
}

// interpreterLock is held by whoever runs Lua. It counts, so that a look from outside can
// tell whether the same one has it still.
type interpreterLock struct {
	mu    sync.Mutex
	count atomic.Uint64 // odd while somebody has it
}

// Lock takes the lock.
func (t *interpreterLock) Lock() {
	t.mu.Lock()
	t.count.Add(1)
}

// TryLock takes the lock if nobody has it.
func (t *interpreterLock) TryLock() bool {
	if !t.mu.TryLock() {
		return false
	}
	t.count.Add(1)
	return true
}

// Unlock gives the lock back.
func (t *interpreterLock) Unlock() {
	t.count.Add(1)
	t.mu.Unlock()
}

// Leash cancels the context that it returns, with a [*LuaTimeError], when Lua of this
// VM keeps the lock for as long as Options.LuaTime: every wait gives the lock up, so it
// must be a loop in which nothing is said and nothing is waited for. The function that
// it returns ends the watch.
func (vm *VM) Leash(ctx context.Context) (context.Context, func()) {
	limit := vm.LuaTime()
	return vm.LeashFor(ctx, limit, limit)
}

// LuaTime is the limit of the options, negative for none.
func (vm *VM) LuaTime() time.Duration {
	if vm.opts.LuaTime == 0 {
		return DefaultLuaTime
	}
	return vm.opts.LuaTime
}

// LeashFor is [VM.Leash] with a limit, negative for none, which acts after patience: a watch
// with more patience than another one lets that stop what it can first.
func (vm *VM) LeashFor(ctx context.Context, limit, patience time.Duration) (context.Context, func()) {
	if limit < 0 {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	l := &leash{vm: vm, limit: limit, patience: patience, cancel: cancel, since: time.Now(), lastCount: vm.lock.count.Load()}
	l.mu.Lock()
	l.timer = time.AfterFunc(limit/leashLooks, l.look)
	l.mu.Unlock()
	return ctx, func() {
		l.end()
		cancel(nil)
	}
}

// leashLooks is how often the lock is looked at within the limit.
const leashLooks = 8

// leash is one watch.
type leash struct {
	vm       *VM
	limit    time.Duration
	patience time.Duration // after which it acts
	cancel   context.CancelCauseFunc

	mu        sync.Mutex
	timer     *time.Timer
	over      bool
	lastCount uint64 // the count at the last look
	since     time.Time
}

func (l *leash) look() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return
	}
	now, n := time.Now(), l.vm.lock.count.Load()
	if n != l.lastCount || n%2 == 0 || l.vm.writing.Load() > 0 {
		l.lastCount, l.since = n, now
		//mutant:Lua-that-waits-for-nothing-is-stopped is "patience " "patience && false "
	} else if now.Sub(l.since) >= l.patience {
		l.over = true
		l.cancel(&LuaTimeError{Limit: l.limit})
		return
	}
	l.timer.Reset(l.limit / leashLooks)
}

func (l *leash) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	l.timer.Stop()
}
