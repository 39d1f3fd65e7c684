package smtpmod

import (
	"context"
	"errors"
	"strconv"
	"time"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine"
	"smtpsh/internal/advice"
	"smtpsh/internal/dialogue"
	"smtpsh/luabind"
	"smtpsh/transcript"
)

var playOpts = luabind.Class{
	Name: "smtp.PlayOpts", Doc: "Options of play.",
	Keys: []luabind.Param{
		{Name: "match", Type: `"text"|"codes"`, Optional: true, Doc: "codes: ignore the texts of replies, as for examples from RFCs."},
		{Name: "timeout", Type: "number|string", Optional: true, Doc: "Time limit for each reply."},
	},
}

func playDialogue(c *luabind.Call) error {
	script, err := dialogue.Parse("dialogue", c.Text(0))
	if err != nil {
		var pe *dialogue.ParseError
		e := luabind.UsageError("play: line %s", err.Error()).(*luabind.ErrorValue)
		if errors.As(err, &pe) {
			e.Message = luabind.UsageError("play: line %d: %s: %s", pe.Line, luabind.Quoted(pe.Source), pe.Message).Error()
			e.Hint = pe.Hint
		}
		return e
	}
	self := c.Self.(*Session)
	env := playEnv(c.VM, c.Scope(), self.target)
	env.Session = self.Session
	if t := c.Table(1); t != nil {
		env.Codes = lua.LVAsString(t.RawGetString("match")) == "codes"
		if v := t.RawGetString("timeout"); v != lua.LNil {
			if env.Timeout, err = luabind.ToDuration("timeout", v); err != nil {
				return err
			}
		}
	}
	var caught map[string]string
	err = using(c, self, func(ctx context.Context, _ *Session) (err error) {
		caught, err = script.Play(ctx, env)
		return playFailure(err, self)
	})
	if err != nil {
		if e := ToErrorValue(err); e.Expect {
			e.Where = ""
			c.Record(e)
			return e
		}
		return err
	}
	t := c.L.NewTable()
	for k, v := range caught {
		t.RawSetString(k, lua.LString(v))
	}
	c.Push(t)
	return nil
}

// playFailure makes an error object of the error of a dialogue.
func playFailure(err error, s *Session) error {
	var m *dialogue.Mismatch
	var p *dialogue.PlayError
	switch {
	case errors.As(err, &m):
		e := &luabind.ErrorValue{
			Kind: "reply", Op: "play", Expect: true,
			Details: &ErrorDetails{Reply: m.Reply, Session: s},
			Want:    transcript.Escape(m.Want), Got: transcript.Escape(m.Got), Hint: m.Hint,
		}
		e.What = "dialogue, line " + strconv.Itoa(m.Line)
		e.Message = e.What + ": want " + e.Want + ", got " + e.Got
		return e
	case errors.As(err, &p):
		e := ToErrorValue(p.Err)
		if p.Usage {
			e = &luabind.ErrorValue{Kind: "usage", Op: "play", Message: p.Err.Error(), Missing: p.Missing}
		}
		e.Message = "dialogue, line " + strconv.Itoa(p.Line) + ": " + e.Message
		if said := advice.Hint(p.Err, advice.Dialogue); said != "" {
			e.Hint = said
		}
		if p.Hint != "" {
			e.Hint = p.Hint
		}
		Details(e).Session = s
		return e
	}
	return err
}

// playEnv is what a dialogue can use of a script.
func playEnv(vm *luabind.VM, scope *luabind.Scope, target string) dialogue.Env {
	opened := map[*engine.Session]*Session{}
	return dialogue.Env{
		Var: vm.Host().Var, Secret: func(name string) (string, bool, error) { return vm.Host().Secret(scope.Context(), name) },
		Leave: func(ctx context.Context, s *engine.Session) error {
			x := opened[s]
			if x == nil {
				return nil
			}
			defer x.forget()
			return x.leave(ctx, leaveTime)
		},
		Open: func(ctx context.Context, to string) (*engine.Session, error) {
			if to == "" {
				to = target
			}
			s := &Session{target: to, events: &eventQueue{}}
			if err := dial(ctx, vm, scope, s); err != nil {
				return nil, err
			}
			opened[s.Session] = s
			return s.Session, nil
		},
		Now:    time.Now,
		Server: HostOf(vm).Server(),
	}
}
