package repl

import (
	"sync"
	"sync/atomic"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/luabind/smtpmod"
	"smtpsh/transcript"
)

// link passes on the events of a session that Lua has opened. Once the prompt uses the
// session, owner is set, and its events are shown like those of the prompt's own sessions.
type link struct{ owner atomic.Pointer[session] }

// links maps sessions to their links.
type links struct {
	mu        sync.Mutex
	bySession map[*engine.Session]*link
}

// put stores a link, and removes those of closed sessions.
func (l *links) put(s *engine.Session, x *link) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bySession == nil {
		l.bySession = map[*engine.Session]*link{}
	}
	for other := range l.bySession {
		if other.Closed() {
			delete(l.bySession, other)
		}
	}
	l.bySession[s] = x
}

// openCount counts the open sessions that the prompt does not use.
func (l *links) openCount() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for s, x := range l.bySession {
		if x.owner.Load() == nil && !s.Closed() {
			n++
		}
	}
	return n
}

func (l *links) get(s *engine.Session) *link {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bySession[s]
}

// observer passes on the events of a session to the prompt.
func (h *luaHost) observer(x *link) event.Observer {
	return event.Func(func(e *event.Event) {
		if sess := x.owner.Load(); sess != nil {
			h.r.saw(sess, e)
			return
		}
		h.r.sawOther(e)
	})
}

// explainUnadopted prints why the prompt does not use the session that Lua has opened.
func (r *REPL) explainUnadopted(c *console, before int) {
	if n := c.host.links.openCount(); n > before && c.nonSession == "" {
		r.screen.say("*  the prompt uses only a session in the global s, for example :lua s = smtp.open(...); it keeps its current session")
	}
}

// adopt makes the session in the global s the current one, or prints why it does not.
func (r *REPL) adopt(c *console) {
	value, typ := c.lua.Get("s")
	s, _ := value.(*smtpmod.Session)
	if r.sessions.current != nil && (s == r.sessions.current.lua || s == nil && typ == "nothing" && r.sessions.current.smtp == nil) {
		c.nonSession = ""
		return
	}
	if s == nil {
		if c.nonSession != typ { // once for each kind of value
			if typ == "nothing" {
				typ = "nil"
			}
			r.screen.say("*  s is not a session but a value of type %s; the prompt keeps its current session", typ)
		}
		c.nonSession = typ
		return
	}
	for _, sess := range r.sessions.list {
		if sess.lua == s {
			r.switchTo(sess)
			return
		}
	}
	x := c.host.links.get(s.Session)
	switch {
	case s.Closed() || s.Err() != nil:
		r.screen.say("*  the session in s is closed; the prompt keeps its current session")
		r.tellLua()
		return
	case x == nil: // Lua at this prompt did not open it
		r.screen.say("*  Lua did not open the session in s here; the prompt keeps its current session")
		r.tellLua()
		return
	case !s.Adopt(c.vm):
		r.screen.say("*  another task is using the session in s; the prompt keeps its current session")
		r.tellLua()
		return
	}
	r.sessions.lastNumber++
	sess := &session{
		number: r.sessions.lastNumber, target: s.Target().String(), smtp: s.Session,
		lua: s, tutor: r.sessions.tutor.Another(), lastReply: s.Greeting(),
	}
	if caps := s.Capabilities(); len(caps) > 0 {
		sess.offers = []offer{{caps, s.TLS() != nil}}
	}
	if cs := s.ConnectionState(); cs != nil {
		sess.handshake = handshake{state: cs}
	}
	r.mu.Lock()
	x.owner.Store(sess)
	r.sessions.list = append(r.sessions.list, sess)
	before := r.sessions.current
	r.sessions.current = sess
	r.mu.Unlock()
	c.nonSession = ""
	if before != nil && before.smtp != nil {
		r.screen.say("*  s is session %d of the prompt now, %s; :connections %d goes back", sess.number, transcript.Escape(sess.target),
			before.number)
	}
}

var _ smtpmod.Host = (*luaHost)(nil)
