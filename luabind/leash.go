package luabind

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultLuaTime limits the time that Lua runs without waiting, unless Options.LuaTime sets
// another limit. The work of a script between two replies takes far less; only an endless
// loop takes more.
const DefaultLuaTime = 5 * time.Minute

// LuaTimeError is the reason why a script was stopped that ran without waiting for a
// server, a time or another task.
type LuaTimeError struct {
	Limit time.Duration
	Where string // file and line; "" if not known
}

// Error returns the position and the time.
func (e *LuaTimeError) Error() string {
	text := fmt.Sprintf("Lua has run for %v without waiting for a server or anything else", e.Limit)
	if e.Where != "" {
		return e.Where + ": " + text
	}
	return text
}

// At adds the position at which the script was stopped.
func (e *LuaTimeError) At(err error) *LuaTimeError {
	var se *ScriptError
	if errors.As(err, &se) && se.Name != "" && se.Line > 0 {
		return &LuaTimeError{e.Limit, fmt.Sprintf("%s:%d", se.Name, se.Line)}
	}
	return e
}

// interpreterLock is held while Lua runs. It has a counter, so that a watch can see whether
// the holder has changed.
type interpreterLock struct {
	mu    sync.Mutex
	count atomic.Uint64 // odd while the lock is held
}

// Lock takes the lock.
func (t *interpreterLock) Lock() {
	t.mu.Lock()
	t.count.Add(1)
}

// TryLock takes the lock if it is free.
func (t *interpreterLock) TryLock() bool {
	if !t.mu.TryLock() {
		return false
	}
	t.count.Add(1)
	return true
}

// Unlock releases the lock.
func (t *interpreterLock) Unlock() {
	t.count.Add(1)
	t.mu.Unlock()
}

// Leash cancels the context that it returns, with a [*LuaTimeError], if Lua of this VM
// holds the lock for as long as Options.LuaTime. Every wait releases the lock, so it must
// be a loop that waits for nothing. The function that Leash returns ends the watch.
func (vm *VM) Leash(ctx context.Context) (context.Context, func()) {
	limit := vm.LuaTime()
	return vm.LeashFor(ctx, limit, limit)
}

// LuaTime returns the limit of the options, negative for none.
func (vm *VM) LuaTime() time.Duration {
	if vm.opts.LuaTime == 0 {
		return DefaultLuaTime
	}
	return vm.opts.LuaTime
}

// LeashFor is [VM.Leash] with a limit, negative for none, which acts only after patience: a
// watch with less patience can act first.
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

// leashLooks is how often the lock is checked within the limit.
const leashLooks = 8

// leash is one watch.
type leash struct {
	vm       *VM
	limit    time.Duration
	patience time.Duration // after this time it acts
	cancel   context.CancelCauseFunc

	mu        sync.Mutex
	timer     *time.Timer
	over      bool
	lastCount uint64 // the counter at the last check
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
