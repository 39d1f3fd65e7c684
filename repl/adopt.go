package repl

import (
	"sync"
	"sync/atomic"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/luabind/smtpmod"
	"smtpsh/transcript"
)

// link leads the events of a session that Lua has opened: to the screen as another
// one's, or, once the prompt has taken it over, as the prompt's own.
type link struct{ to atomic.Pointer[held] }

// links finds them by their session.
type links struct {
	mu sync.Mutex
	of map[*engine.Session]*link
}

// put remembers a link, and drops those of sessions that are closed.
func (l *links) put(s *engine.Session, x *link) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of == nil {
		l.of = map[*engine.Session]*link{}
	}
	for other := range l.of {
		if other.Closed() {
			delete(l.of, other)
		}
	}
	l.of[s] = x
}

// others counts the open sessions that the prompt has not taken over.
func (l *links) others() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for s, x := range l.of {
		if x.to.Load() == nil && !s.Closed() {
			n++
		}
	}
	return n
}

func (l *links) get(s *engine.Session) *link {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.of[s]
}

// observer gives the events of a session to whoever has it.
func (h *luaHost) observer(x *link) event.Observer {
	return event.Func(func(e *event.Event) {
		if held := x.to.Load(); held != nil {
			h.r.saw(held, e)
			return
		}
		h.saw(e)
	})
}

// elsewhere tells a person who has opened a session why the prompt does not take it.
func (r *REPL) elsewhere(c *console, before int) {
	if n := c.host.links.others(); n > before && r.unadopted == "" {
		r.say("*  the prompt takes only a session that is in the global s, as in :lua s = smtp.open(...); this one is not, and the prompt keeps its own")
	}
}

// adopt makes the session that typed Lua has put into s the one of the prompt, or says
// why it does not.
func (r *REPL) adopt(c *console) {
	value, typ := c.lua.Get("s")
	s, _ := value.(*smtpmod.Session)
	if r.at != nil && (s == r.at.lua || s == nil && typ == "nothing" && r.at.session == nil) {
		r.unadopted = ""
		return
	}
	if s == nil {
		if r.unadopted != typ { // once for each kind of value
			if typ == "nothing" {
				typ = "nil"
			}
			r.say("*  s holds no session now, its value is of type %s; the prompt keeps its own", typ)
		}
		r.unadopted = typ
		return
	}
	for _, h := range r.sessions {
		if h.lua == s {
			r.switchTo(h)
			return
		}
	}
	x := c.host.links.get(s.Session)
	switch {
	case s.Closed() || s.Err() != nil:
		r.say("*  the session in s is closed; the prompt keeps its own")
		r.tellLua()
		return
	case x == nil: // it was opened before the prompt, or by something else
		r.say("*  the session in s is not one that Lua has opened here; the prompt keeps its own")
		r.tellLua()
		return
	case !s.Adopt(c.vm):
		r.say("*  another task is using the session in s; the prompt keeps its own")
		r.tellLua()
		return
	}
	r.opened++
	h := &held{number: r.opened, target: s.Target().String(), session: s.Session, lua: s, tutor: r.tutor.Another(), last: s.Greeting()}
	if caps := s.Capabilities(); len(caps) > 0 {
		h.offers = []offer{{caps, s.TLS() != nil}}
	}
	if cs := s.ConnectionState(); cs != nil {
		h.peer = shown{state: cs}
	}
	r.mu.Lock()
	x.to.Store(h)
	r.sessions = append(r.sessions, h)
	before := r.at
	r.at = h
	r.mu.Unlock()
	r.unadopted = ""
	if before != nil && before.session != nil {
		r.say("*  s is session %d of the prompt now, %s; :connections %d goes back", h.number, transcript.Escape(h.target), before.number)
	}
}

var _ smtpmod.Host = (*luaHost)(nil)
