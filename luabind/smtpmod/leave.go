package smtpmod

import (
	"context"
	"sync"
	"time"

	"smtpsh/engine"
	"smtpsh/luabind"
)

const (
	// leaveTime bounds how long the sessions of a scope may take to say QUIT, all together.
	leaveTime = 2 * time.Second
	// leaveAtOnce is how many say it at the same time.
	leaveAtOnce = 64
)

// leave says QUIT, where that is a command then, and closes the session. How the server
// takes QUIT changes nothing, unless it refuses; the error is that, or a reply that answers
// no command and came to light.
func (x *Session) leave(ctx context.Context, limit time.Duration) error {
	if x.Session == nil || x.scripted || x.lent != nil || x.Closed() || ctx.Err() != nil || limit <= 0 {
		return nil
	}
	if end, ok := ctx.Deadline(); ok { // leaving must not use up the time of what is over
		limit = min(limit, time.Until(end)/2)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	x.log.Leaving()
	if err := x.Session.Leave(ctx); engine.Unasked(err) {
		x.log.LeavingMatters()
		return err
	}
	return nil
}

// leaveSessions says QUIT on the sessions that the scope is about to close (RFC 5321
// section 4.1.1.10). Those that a task is using are left alone, and so are all when the
// time of the scope is over. The lock must be free. A reply that comes to light is the error,
// except where a running task may be about to read it.
func leaveSessions(s *luabind.Scope) error {
	open := luabind.Owned[*Session](s)
	if len(open) == 0 {
		return nil
	}
	s.VM().Lock()
	mine := open[:0]
	var tasks []bool // whether a task that is still running has to do with it
	for _, x := range open {
		if x.busy == "" {
			x.busy = "the end of the session"
			mine = append(mine, x)
			tasks = append(tasks, x.inUse(s.Context()))
		}
	}
	s.VM().Unlock()
	begun := time.Now()
	errs := make([]error, len(mine))
	var all sync.WaitGroup
	places := make(chan struct{}, leaveAtOnce)
	for i, x := range mine {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			errs[i] = x.leave(s.Context(), leaveTime-time.Since(begun))
		})
	}
	all.Wait()
	for i, err := range errs {
		if err != nil && !tasks[i] {
			return leftError(s.VM(), mine[i], err)
		}
	}
	return nil
}

// leftover checks that no server has said more than it was asked, on the sessions that
// the scope is about to close: a refusal may lie there behind what was taken for the
// answer. Sessions of tasks that are still running are left alone. The lock must be held.
func leftover(s *luabind.Scope) error {
	for _, x := range luabind.Owned[*Session](s) {
		if x.Session == nil || x.Closed() || x.busy != "" || x.inUse(s.Context()) {
			continue
		}
		if err := x.CheckUnsolicited("the end of the session"); err != nil {
			return leftError(s.VM(), x, err)
		}
	}
	return nil
}

// leftError is the error of a session whose server has said more than it was asked.
func leftError(vm *luabind.VM, x *Session, err error) error {
	v := ToErrorValue(err)
	Details(v).Session = x
	return vm.Hush(&luabind.ScriptError{Name: vm.Main(), Message: v.Message, Value: v})
}
