package smtpmod

import (
	"smtpsh/engine/event"
	"smtpsh/luabind"
)

// Adopt passes a session that the console has opened to the caller: it stays open when the
// console ends, and tasks can use it only while it is lent ([Session.Lend]). It returns
// false for a session that a task is using.
func (s *Session) Adopt(vm *luabind.VM) bool {
	vm.Lock()
	defer vm.Unlock()
	if s.busy != "" {
		return false
	}
	if s.disown != nil {
		s.disown()
	}
	if s.lent == nil {
		l := &lending{}
		l.idle.L = &l.mu
		s.lent = l
	}
	return true
}

// Observer returns the observer that the session needs for its transcript and for handlers
// of session:on.
func (s *Session) Observer() event.Observer { return event.Tee(s.log, s.events) }
