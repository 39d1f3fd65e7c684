package luabind

import (
	"context"
	"errors"
	"time"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/internal/dialogue"
	"smtpsh/transcript"
)

var playOpts = Class{
	Name: "smtp.PlayOpts", Doc: "How a dialogue is played.",
	Keys: []Param{
		{Name: "match", Type: `"text"|"codes"`, Optional: true, Doc: "codes: the texts of replies do not count, as in examples from RFCs."},
		{Name: "timeout", Type: "number|string", Optional: true, Doc: "How long each reply may take."},
	},
}

func playDialogue(c *Call) error {
	script, err := dialogue.Parse("dialogue", c.str(0))
	if err != nil {
		var pe *dialogue.ParseError
		e := usageError("play: line %s", err.Error()).(*ErrorValue)
		if errors.As(err, &pe) {
			e.Message = usageError("play: line %d: %s: %s", pe.Line, quoted(pe.Source), pe.Message).Error()
			e.Hint = pe.Hint
		}
		return e
	}
	self := c.self.(*Session)
	env := c.vm.playEnv(c.scope(), self.target)
	env.Session = self.Session
	if t := c.table(1); t != nil {
		env.Codes = lua.LVAsString(t.RawGetString("match")) == "codes"
		if v := t.RawGetString("timeout"); v != lua.LNil {
			if env.Timeout, err = toDuration("timeout", v); err != nil {
				return err
			}
		}
	}
	var caught map[string]string
	err = c.using(self, func(ctx context.Context, _ *Session) (err error) {
		caught, err = script.Play(ctx, env)
		return playFailure(err, self)
	})
	if err != nil {
		if e := toErrorValue(err); e.Expect {
			e.Where = ""
			c.record(e)
			return e
		}
		return err
	}
	t := c.L.NewTable()
	for k, v := range caught {
		t.RawSetString(k, lua.LString(v))
	}
	c.push(t)
	return nil
}

// playFailure makes an error object of what ended a dialogue.
func playFailure(err error, s *Session) error {
	var m *dialogue.Mismatch
	var p *dialogue.PlayError
	switch {
	case errors.As(err, &m):
		e := &ErrorValue{Kind: "reply", Op: "play", Expect: true, Details: &ErrorDetails{Reply: m.Reply, Session: s}, Want: transcript.Escape(m.Want), Got: transcript.Escape(m.Got), Hint: m.Hint}
		e.What = "dialogue, line " + itoa(m.Line)
		e.Message = e.What + ": want " + e.Want + ", got " + e.Got
		return e
	case errors.As(err, &p):
		e := toErrorValue(p.Err)
		if p.Usage {
			e = &ErrorValue{Kind: "usage", Op: "play", Message: p.Err.Error(), Missing: p.Missing}
		}
		e.Message = "dialogue, line " + itoa(p.Line) + ": " + e.Message
		if p.Hint != "" {
			e.Hint = p.Hint
		}
		Details(e).Session = s
		return e
	}
	return err
}

// playEnv is what a dialogue may use of a script.
func (vm *VM) playEnv(scope *scope, target string) dialogue.Env {
	held := map[*engine.Session]*Session{}
	return dialogue.Env{
		Var: vm.Host().Var, Secret: func(name string) (string, bool, error) { return vm.Host().Secret(scope.Context(), name) },
		Leave: func(ctx context.Context, s *engine.Session) error {
			if x := held[s]; x != nil {
				return x.leave(ctx, leaveTime)
			}
			return nil
		},
		Open: func(ctx context.Context, to string) (*engine.Session, error) {
			if to == "" {
				to = target
			}
			log := transcript.NewLog()
			if log.Name = to; to == "" {
				log.Name = HostOf(vm).Target()
			}
			s := &Session{log: log, target: to, events: &eventQueue{}}
			vm.Lock()
			if err := mayConnect(vm, to); err != nil {
				vm.Unlock()
				return nil, err
			}
			own := serverAt(vm, to)
			state := smtpOf(vm)
			state.labels++
			label := itoa(state.labels)
			keepConversation(scope, log)
			vm.Unlock()
			var err error
			s.Session, err = HostOf(vm).Dial(ctx, to, func(o *engine.Options, _ *engine.Target) {
				if own != nil {
					own.Trust(o)
				}
				o.Label, o.Secrets = label, vm.Secrets()
				o.Observer = event.Tee(o.Observer, log)
			})
			s.scripted = own != nil && own.Scripted()
			held[s.Session] = s
			return s.Session, err
		},
		Now:    time.Now,
		Server: HostOf(vm).Server(),
	}
}
