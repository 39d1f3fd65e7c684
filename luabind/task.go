package luabind

import (
	"context"
	"fmt"
	"time"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine/reply"
)

// wait runs f while other tasks may run Lua. f must not touch Lua values that
// others can see; its own arguments it may read.
//
// One lock, the turn, is held by whoever runs Lua. Scripts with many sessions
// thus need no locks of their own, and waits for the network overlap.
func (c *Call) wait(f func()) {
	current := c.L.G.CurrentThread
	c.vm.turn.Unlock()
	defer func() {
		c.vm.turn.Lock()
		c.L.G.CurrentThread = current
	}()
	f()
}

// pause waits for a time, or until the script is stopped.
func (c *Call) pause(op string, d time.Duration) error {
	ctx := c.ctx()
	var err error
	c.wait(func() {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			err = &ErrorValue{Kind: "canceled", Op: op, Message: op + ": canceled"}
		}
	})
	return err
}

// using runs f with a session that no other task uses meanwhile.
func (c *Call) using(s *Session, f func(ctx context.Context, s *Session) error) error {
	if s.busy != "" {
		return &ErrorValue{Kind: "usage", Op: c.fn.Name, Session: s,
			Message: fmt.Sprintf("%s: another task is in the middle of %s on this session", c.fn.Full(), s.busy),
			Hint:    "give each task a session of its own"}
	}
	if !s.lent.enter() {
		return &ErrorValue{Kind: "usage", Op: c.fn.Name, Session: s,
			Message: fmt.Sprintf("%s: the session belongs to the prompt, which is using it", c.fn.Full()),
			Hint:    "a task that goes on in the background opens a session of its own: smtp.open()"}
	}
	defer s.lent.leave()
	s.busy = c.fn.Name
	ctx := c.ctx()
	s.usedIn(ctx)
	var err error
	c.wait(func() { err = f(ctx, s) })
	s.busy = ""
	if s.forget != nil && s.Session.Closed() {
		s.forget()
	}
	if herr := s.events.deliver(c, s); herr != nil {
		return herr
	}
	if err != nil {
		e := toErrorValue(err)
		e.of(s)
		return e
	}
	return nil
}

// say is using for one exchange, whose reply is the call's value.
func (c *Call) say(f func(ctx context.Context, s *Session) (*reply.Reply, error)) error {
	s := c.self.(*Session)
	var r *reply.Reply
	err := c.using(s, func(ctx context.Context, s *Session) (err error) {
		r, err = f(ctx, s)
		return err
	})
	return c.pushReply(s, r, err)
}

// pushReply hands a reply to the script, or the error to the wrapper.
func (c *Call) pushReply(s *Session, r *reply.Reply, err error) error {
	if err != nil {
		return err
	}
	c.push(c.reply(s, r))
	return nil
}

// reply wraps a reply and remembers whose it is.
func (c *Call) reply(s *Session, r *reply.Reply) lua.LValue {
	s.saw(r)
	return c.object("smtp.Reply", r)
}

func (c *Call) object(class string, v any) *lua.LUserData { return c.vm.object(c.L, class, v) }

// thread makes a Lua thread for a task, with its own context.
func (vm *VM) thread(ctx context.Context) *lua.LState {
	th, cancel := vm.L.NewThread()
	if cancel != nil {
		cancel() // of a context that the thread does not keep, and its parent would
	}
	th.SetContext(ctx)
	return th
}

// call calls a Lua function on a thread. The turn must be held.
func (vm *VM) call(th *lua.LState, fn *lua.LFunction, nret int, args ...lua.LValue) error {
	current := vm.L.G.CurrentThread
	vm.L.G.CurrentThread = th
	defer func() { vm.L.G.CurrentThread = current }()
	return th.CallByParam(lua.P{Fn: fn, NRet: nret, Protect: true}, args...)
}
