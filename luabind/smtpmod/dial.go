package smtpmod

import (
	"context"
	"strconv"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/luabind"
)

// dial connects s, whose target and options are set, if the script may connect there; a
// server of the script is trusted. The scope keeps the transcript and closes the session at
// its end. The interpreter lock must be free. After an error, s has a log unless the script
// must not connect there.
func dial(ctx context.Context, vm *luabind.VM, scope *luabind.Scope, s *Session) error {
	vm.Lock()
	if err := mayConnect(vm, scope, s.target); err != nil {
		vm.Unlock()
		return err
	}
	own := serverAt(vm, s.target)
	state := smtpOf(vm)
	state.labels++
	label := strconv.Itoa(state.labels)
	s.log = state.budget.NewLog()
	if s.log.Name = s.target; s.target == "" {
		s.log.Name = HostOf(vm).Target()
	}
	keepConversation(scope, s.log)
	vm.Unlock()
	if own != nil {
		s.scripted = own.Scripted()
		ctx = context.WithValue(ctx, ownServer{}, true)
	}
	session, err := HostOf(vm).Dial(ctx, s.target, func(o *engine.Options, t *engine.Target) {
		s.opts.Apply(o, t)
		if own != nil {
			own.Trust(o)
		}
		o.Label, o.Secrets = label, vm.Secrets()
		o.Observer = event.Tee(o.Observer, s.log, s.events)
	})
	if err != nil {
		s.log.Leave()
		return err
	}
	s.Session = session
	s.disown = scope.Own(s, func() {
		session.Close()
		s.log.Leave()
	})
	s.forget = func() {
		s.disown()
		s.log.Leave()
	}
	return nil
}

type ownServer struct{}

// IsOwnServer tells a [Host], from the context of its Dial, whether the script itself runs
// the server.
func IsOwnServer(ctx context.Context) bool { return ctx.Value(ownServer{}) != nil }
