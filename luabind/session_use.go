package luabind

import (
	"context"
	"fmt"
	"slices"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine/reply"
)

// using runs f with a session that no other task uses meanwhile.
func (c *Call) using(s *Session, f func(ctx context.Context, s *Session) error) error {
	if s.busy != "" {
		return &ErrorValue{Kind: "usage", Op: c.fn.Name, Details: &ErrorDetails{Session: s},
			Message: fmt.Sprintf("%s: another task is in the middle of %s on this session", c.fn.Full(), s.busy),
			Hint:    "give each task a session of its own"}
	}
	if !s.lent.enter() {
		return &ErrorValue{Kind: "usage", Op: c.fn.Name, Details: &ErrorDetails{Session: s},
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

// reply wraps a reply of a session.
func (c *Call) reply(s *Session, r *reply.Reply) lua.LValue { return c.object(Reply{r, s}) }

// usedIn notes that the task of a context uses the session. The lock must be held.
func (x *Session) usedIn(ctx context.Context) {
	t := taskOf(ctx)
	if t == nil || slices.Contains(x.tasks, t) {
		return
	}
	x.tasks = append(slices.DeleteFunc(x.tasks, func(t *taskRun) bool { return t.over }), t)
}

// inUse reports whether a task that is still running has used the session, apart from
// the one whose context this is. The lock must be held.
func (x *Session) inUse(ctx context.Context) bool {
	self := taskOf(ctx)
	return slices.ContainsFunc(x.tasks, func(t *taskRun) bool { return !t.over && t != self })
}

// secretArg reads a string or a Secret of a session's method; a secret is masked in the
// session from then on.
func secretArg(c *Call, i int) string {
	text, _ := SecretText(c.arg(i))
	if _, ok := ValueOf[*Secret](c.arg(i)); ok {
		c.self.(*Session).Conceal(text)
	}
	return text
}
