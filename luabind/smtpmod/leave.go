package smtpmod

import (
	"context"
	"sync"
	"time"

	"smtpsh/engine"
	"smtpsh/luabind"
)

const (
	// leaveTime limits the time in which all sessions of a scope together send QUIT.
	leaveTime = 2 * time.Second
	// leaveAtOnce is the number of sessions that send it at the same time.
	leaveAtOnce = 64
)

// leave sends QUIT, if it is a command at this point, and closes the session. The reply
// changes nothing unless it is a rejection. The error is that rejection, or a reply that
// answers no command.
func (x *Session) leave(ctx context.Context, limit time.Duration) error {
	if x.Session == nil || x.scripted || x.lent != nil || x.Closed() || ctx.Err() != nil || limit <= 0 {
		return nil
	}
	if end, ok := ctx.Deadline(); ok { // the end of the session must not depend on a context that has ended
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

// leaveSessions sends QUIT in the sessions that the scope will close (RFC 5321 section
// 4.1.1.10). It skips sessions that a task is using, and all if the time of the scope has
// ended. The lock must be free. A reply that answers no command is the error, unless a
// running task could be about to read it.
func leaveSessions(s *luabind.Scope) error {
	open := luabind.Owned[*Session](s)
	if len(open) == 0 {
		return nil
	}
	s.VM().Lock()
	mine := open[:0]
	var tasks []bool // whether a running task has used the session
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

// leftover checks that no server has sent more replies than commands, in the sessions that
// the scope will close: a rejection can follow the reply that was read. It skips sessions
// of running tasks. The lock must be held.
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

// leftError returns the error of a session whose server has sent more replies than
// commands.
func leftError(vm *luabind.VM, x *Session, err error) error {
	v := ToErrorValue(err)
	Details(v).Session = x
	return vm.Hush(&luabind.ScriptError{Name: vm.Main(), Message: v.Message, Value: v})
}
