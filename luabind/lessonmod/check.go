package lessonmod

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/internal/sandbox"
	"smtpsh/luabind"
	"smtpsh/luabind/servermod"
	"smtpsh/luabind/smtpmod"
)

// At is the state that the check of a step sees.
type At struct {
	Session *smtpmod.Session // nil without a session
	Target  string           // target of the session
	Server  *sandbox.Server
	Since   int      // ID of the server's last message before the step
	Line    string   // last typed line
	Said    []string // lines typed since the step began
	Answer  string   // argument of :answer, or ""
	Replies []*reply.Reply
	Fresh   []*reply.Reply // replies to the last line
}

// Messages returns the messages that the server has accepted.
func (a At) Messages() []sandbox.Message {
	if a.Server == nil {
		return nil
	}
	return a.Server.Messages()
}

// checkTime is the time limit for the check of a step.
const checkTime = 5 * time.Second

// Setup runs the lesson's setup function with the server.
func (l *Lesson) Setup(ctx context.Context, box *sandbox.Server) error {
	if l.setup == nil {
		return nil
	}
	_, err := l.ask(ctx, l.setup, func(L *lua.LState) lua.LValue {
		return l.vm.Object(L, servermod.ServerOf(box, servermod.OfScript))
	})
	return err
}

// Done reports whether the goal of a step is reached. An error is a mistake in the lesson
// file.
func (l *Lesson) Done(ctx context.Context, s *Step, at At) (bool, error) {
	if s.done == nil {
		given := strings.Trim(at.Answer, " .<>")
		return slices.ContainsFunc(s.answers, func(a string) bool { return a == given || !s.exact && strings.EqualFold(a, given) }), nil
	}
	v, err := l.ask(ctx, s.done, at.value(l.vm))
	return err == nil && lua.LVAsBool(v), err
}

// Remark returns the lesson's remark on a line that did not reach the goal, or "".
func (l *Lesson) Remark(ctx context.Context, s *Step, at At) (string, error) {
	if s.remark == nil {
		return "", nil
	}
	v, err := l.ask(ctx, s.remark, at.value(l.vm))
	return paragraph(v), err
}

// ask calls a function of the lesson with one argument and returns its result.
func (l *Lesson) ask(ctx context.Context, fn *lua.LFunction, arg func(*lua.LState) lua.LValue) (lua.LValue, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, checkTime, errCheck)
	defer cancel()
	ctx, freed := luabind.WatchMemory(ctx, l.vm.Options().Limits.Memory, l.vm.Options().Limits.Beyond)
	defer freed()
	defer l.vm.Heed(ctx)()
	l.vm.Lock()
	defer l.vm.Unlock()
	th := l.vm.Thread(l.vm.Root().In(ctx))
	if err := l.vm.Failure(ctx, l.vm.Call(th, fn, 1, arg(th))); err != nil {
		return lua.LNil, err
	}
	return th.Get(-1), nil
}

var errCheck = errors.New("the lesson took longer than " + checkTime.String())

// value returns a function that creates the smtp.At table.
func (a At) value(vm *luabind.VM) func(*lua.LState) lua.LValue {
	return func(L *lua.LState) lua.LValue {
		t := L.NewTable()
		object := func(v any) lua.LValue { return vm.Object(L, v) }
		set := t.RawSetString
		if a.Session != nil {
			set("s", object(a.Session))
			a.envelope(L, t)
		}
		set("target", lua.LString(a.Target))
		messages, arrived, said, replies, fresh := L.NewTable(), L.NewTable(), L.NewTable(), L.NewTable(), L.NewTable()
		if a.Server != nil {
			set("server", object(servermod.ServerOf(a.Server, servermod.OfProgram)))
			for _, m := range a.Messages() {
				messages.Append(object(&m))
				if m.ID > a.Since {
					arrived.Append(object(&m))
				}
			}
		}
		for _, s := range a.Said {
			said.Append(lua.LString(s))
		}
		for _, r := range a.Replies {
			replies.Append(object(smtpmod.Reply{Reply: r, Session: a.Session}))
			set("reply", object(smtpmod.Reply{Reply: r, Session: a.Session}))
		}
		for _, r := range a.Fresh {
			fresh.Append(object(smtpmod.Reply{Reply: r, Session: a.Session}))
		}
		set("fresh", fresh)
		set("messages", messages)
		set("arrived", arrived)
		set("said", said)
		set("replies", replies)
		set("line", lua.LString(a.Line))
		if a.Answer != "" {
			set("answer", lua.LString(a.Answer))
		}
		return t
	}
}

// envelope sets the accepted sender and recipients of an open transaction.
func (a At) envelope(L *lua.LState, t *lua.LTable) {
	if a.Session.Session == nil {
		return
	}
	switch a.Session.State() {
	case engine.InMail, engine.InRcpt, engine.InData, engine.InChunks:
	default:
		return
	}
	from, rcpts := a.Session.Envelope()
	list := L.NewTable()
	for _, r := range rcpts {
		list.Append(lua.LString(r))
	}
	t.RawSetString("from", lua.LString(from))
	t.RawSetString("rcpts", list)
}
