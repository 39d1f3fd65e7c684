package smtpmod

import (
	"sync"

	"smtpsh/luabind"
	"smtpsh/transcript"
)

// maxKept bounds the sessions whose conversations a test keeps.
const maxKept = 100

// Conversations are those of a test, kept until it is known how it ended.
type Conversations struct {
	mu       sync.Mutex
	sessions []*transcript.Log
	others   []func() []*transcript.Log // of its servers
}

type conversationsKey struct{}

// KeepConversations begins to keep the conversations of a scope and of those in it.
func KeepConversations(s *luabind.Scope) *Conversations {
	c := &Conversations{}
	s.Attach(conversationsKey{}, c)
	return c
}

// keepConversation keeps that of a session, where a scope keeps them.
func keepConversation(s *luabind.Scope, l *transcript.Log) {
	c, ok := s.Nearest(conversationsKey{}).(*Conversations)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.sessions) < maxKept {
		c.sessions = append(c.sessions, l)
	}
}

// KeepOthers keeps the conversations that logs gives at the end, where a scope keeps them.
func KeepOthers(s *luabind.Scope, logs func() []*transcript.Log) {
	c, ok := s.Nearest(conversationsKey{}).(*Conversations)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.others = append(c.others, logs)
}

// List gives the conversations in which anything was said: first those of the failures,
// then those of the sessions and of the clients of servers.
func (c *Conversations) List(failures []*luabind.ScriptError) []*transcript.Log {
	var out []*transcript.Log
	seen := map[*transcript.Log]bool{}
	add := func(l *transcript.Log) {
		if l != nil && !seen[l] && len(l.Entries()) > 0 {
			seen[l] = true
			out = append(out, l)
		}
	}
	for _, f := range failures {
		add(LogOf(f))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.sessions {
		add(l)
	}
	for _, logs := range c.others {
		for _, l := range logs() {
			add(l)
		}
	}
	return out
}

// LogOf is the conversation of the session that an error belongs to; nil when there is none.
func LogOf(e *luabind.ScriptError) *transcript.Log {
	if e.Value == nil {
		return nil
	}
	d, ok := e.Value.Details.(*ErrorDetails)
	switch {
	case !ok:
		return nil
	case d.Session != nil:
		return d.Session.log
	case d.Log != nil:
		return d.Log
	}
	return nil
}
