package smtpmod

import (
	"context"
	"fmt"
	"slices"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine/reply"
	"smtpsh/luabind"
)

// begin reserves a session for a call: no other task uses it until [Session.finish]. A lent
// session must be returned with lent.leave.
func (s *Session) begin(c *luabind.Call) error {
	if s.busy != "" {
		return &luabind.ErrorValue{
			Kind: "usage", Op: c.Func.Name, Details: &ErrorDetails{Session: s},
			Message: fmt.Sprintf("%s: another task is using this session for %s", c.Func.Full(), s.busy),
			Hint:    "give each task a session of its own",
		}
	}
	if !s.lent.enter() {
		return &luabind.ErrorValue{
			Kind: "usage", Op: c.Func.Name, Details: &ErrorDetails{Session: s},
			Message: fmt.Sprintf("%s: the prompt is using this session", c.Func.Full()),
			Hint:    "open a separate session for a background task: smtp.open()",
		}
	}
	s.busy = c.Func.Name
	s.usedIn(c.Context())
	return nil
}

// finish releases the session after the step of a call, completes the error of the step,
// and calls the handlers of the session.
func (s *Session) finish(c *luabind.Call, err error) error {
	s.busy = ""
	if s.forget != nil && s.Session.Closed() {
		s.forget()
	}
	if herr := s.events.deliver(c, s); herr != nil {
		return herr
	}
	if err != nil {
		e := ToErrorValue(err)
		Belongs(e, s)
		return e
	}
	return nil
}

// exchange does one exchange of the call's session with the server. Its reply is the result
// of the call.
func exchange(c *luabind.Call, f func(ctx context.Context, s *Session) (*reply.Reply, error)) error {
	s := c.Self.(*Session)
	if err := s.begin(c); err != nil {
		return err
	}
	defer s.lent.leave()
	r, err := waitReply(c, s, f)
	if err = s.finish(c, err); err != nil {
		return err
	}
	c.Push(replyValue(c, s, r))
	return nil
}

// waitReply is a step that waits for the server while other tasks run.
func waitReply(c *luabind.Call, s *Session, f func(ctx context.Context, s *Session) (*reply.Reply, error)) (*reply.Reply, error) {
	defer c.Resume(c.Suspend())
	return f(c.Context(), s)
}

// using runs f with a session that no other task uses meanwhile.
func using(c *luabind.Call, s *Session, f func(ctx context.Context, s *Session) error) error {
	if err := s.begin(c); err != nil {
		return err
	}
	defer s.lent.leave()
	var err error
	c.Wait(func() { err = f(c.Context(), s) })
	return s.finish(c, err)
}

// pushReply returns a reply to the script, or the error to the caller.
func pushReply(c *luabind.Call, s *Session, r *reply.Reply, err error) error {
	if err != nil {
		return err
	}
	c.Push(replyValue(c, s, r))
	return nil
}

// replyValue wraps a reply of a session.
func replyValue(c *luabind.Call, s *Session, r *reply.Reply) lua.LValue { return c.Object(Reply{r, s}) }

// usedIn records that the task of a context uses the session. The lock must be held.
func (x *Session) usedIn(ctx context.Context) {
	t := luabind.TaskOf(ctx)
	if t == nil || slices.Contains(x.tasks, t) {
		return
	}
	x.tasks = append(slices.DeleteFunc(x.tasks, func(t *luabind.TaskRun) bool { return t.Over }), t)
}

// inUse reports whether a running task has used the session, except that of the given
// context. The lock must be held.
func (x *Session) inUse(ctx context.Context) bool {
	self := luabind.TaskOf(ctx)
	return slices.ContainsFunc(x.tasks, func(t *luabind.TaskRun) bool { return !t.Over && t != self })
}

// secretArg returns a string or a Secret of a method's argument; the session masks a secret
// from now on.
func secretArg(c *luabind.Call, i int) string {
	text, _ := luabind.SecretText(c.Arg(i))
	if _, ok := luabind.ValueOf[*luabind.Secret](c.Arg(i)); ok {
		c.Self.(*Session).Conceal(text)
	}
	return text
}
