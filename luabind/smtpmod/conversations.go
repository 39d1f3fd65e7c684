package smtpmod

import (
	"sync"

	"smtpsh/luabind"
	"smtpsh/transcript"
)

// maxKept limits the sessions whose transcripts a test keeps.
const maxKept = 100

// Conversations are the transcripts of a test, kept until its result is known.
type Conversations struct {
	mu       sync.Mutex
	sessions []*transcript.Log
	others   []func() []*transcript.Log // of its servers
}

type conversationsKey struct{}

// KeepConversations begins to keep the transcripts of a scope and of its inner scopes.
func KeepConversations(s *luabind.Scope) *Conversations {
	c := &Conversations{}
	s.Attach(conversationsKey{}, c)
	return c
}

// keepConversation keeps the transcript of a session if a scope keeps them.
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

// KeepOthers keeps the transcripts that logs returns at the end, if a scope keeps them.
func KeepOthers(s *luabind.Scope, logs func() []*transcript.Log) {
	c, ok := s.Nearest(conversationsKey{}).(*Conversations)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.others = append(c.others, logs)
}

// List returns the transcripts that are not empty: first those of the failures, then those
// of the sessions and of the clients of servers.
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

// LogOf returns the transcript of the session of an error, or nil.
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
