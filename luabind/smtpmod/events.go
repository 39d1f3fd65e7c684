package smtpmod

import (
	"bytes"
	"reflect"
	"sync"
	"sync/atomic"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine/event"
	"smtpsh/engine/tlsinfo"
	"smtpsh/luabind"
	"smtpsh/transcript"
)

// eventQueue stores the events for a script until the end of the call that caused them:
// only then can Lua run.
type eventQueue struct {
	heard    atomic.Bool // a handler exists
	mu       sync.Mutex
	handlers map[event.Kind][]*lua.LFunction
	waiting  []event.Event
	dropped  int
}

// maxWaiting limits the stored events of one call; a long message makes many.
const maxWaiting = 10000

// Observe stores an event if a handler exists.
func (q *eventQueue) Observe(e *event.Event) {
	if !q.heard.Load() {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.handlers[e.Kind]) == 0 {
		return
	}
	if len(q.waiting) >= maxWaiting {
		q.dropped++
		return
	}
	kept := *e
	kept.Data = bytes.Clone(e.Masked())
	kept.Secrets = nil
	q.waiting = append(q.waiting, kept)
}

func (q *eventQueue) listen(k event.Kind, fn *lua.LFunction) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.handlers == nil {
		q.handlers = map[event.Kind][]*lua.LFunction{}
	}
	q.handlers[k] = append(q.handlers[k], fn)
	q.heard.Store(true)
}

// deliver calls the handlers for the stored events, in order.
func (q *eventQueue) deliver(c *luabind.Call, s *Session) error {
	if q == nil || !q.heard.Load() {
		return nil
	}
	for {
		q.mu.Lock()
		if len(q.waiting) == 0 {
			q.mu.Unlock()
			return nil
		}
		e := q.waiting[0]
		q.waiting = q.waiting[1:]
		fns := append([]*lua.LFunction(nil), q.handlers[e.Kind]...)
		q.mu.Unlock()
		for _, fn := range fns {
			if err := c.L.CallByParam(lua.P{Fn: fn, NRet: 0, Protect: true}, eventValue(c, s, &e)); err != nil {
				return err
			}
		}
	}
}

// sessionEvents are the names of events for session:on.
var sessionEvents = map[string]event.Kind{
	"sent": event.LineSent, "received": event.LineReceived,
	"chunk": event.ChunkSent, "reply": event.ReplyDone,
	"command": event.CommandStart,
	"tls":     event.TLSDone, "auth": event.AuthStep, "state": event.StateChange,
	"finding": event.Finding, "closed": event.Closed, "progress": event.Progress,
}

var eventClass = luabind.Class{
	Name: "smtp.Event", Type: reflect.TypeFor[*sessionEvent](),
	Example: `local x; local s = smtp.connect("sandbox:plain"); s:on("reply", function(e) x = e end); s:noop()`,
	Doc:     "An event of a session. Fields that an event does not have are nil.",
	Fields: []luabind.Field{
		eventField("kind", "string", "The kind of event, as in on.",
			func(_ *luabind.Call, e *sessionEvent) lua.LValue { return lua.LString(e.name) }),
		eventField("data", "string?", "The bytes of a line or chunk, secrets masked.", func(_ *luabind.Call, e *sessionEvent) lua.LValue {
			if !e.Kind.Wire() {
				return lua.LNil
			}
			return lua.LString(e.Data)
		}),
		eventField("verb", "string?", "The verb of a command.",
			func(_ *luabind.Call, e *sessionEvent) lua.LValue { return luabind.TextOrNil(e.Verb) }),
		eventField("text", "string?", "The text of a finding or step.",
			func(_ *luabind.Call, e *sessionEvent) lua.LValue { return luabind.TextOrNil(e.Text) }),
		eventField("reply", "smtp.Reply?", "The reply.", func(c *luabind.Call, e *sessionEvent) lua.LValue {
			if e.Reply == nil {
				return lua.LNil
			}
			return replyValue(c, e.session, e.Reply)
		}),
		eventField("tls", "smtp.TLS?", "The TLS state, when TLS has begun.", func(c *luabind.Call, e *sessionEvent) lua.LValue {
			if e.TLS == nil {
				return lua.LNil
			}
			info := tlsinfo.Describe(e.TLS, e.Err)
			return c.Object(&info)
		}),
		eventField("from", "string?", "The state before.",
			func(_ *luabind.Call, e *sessionEvent) lua.LValue { return luabind.TextOrNil(e.From) }),
		eventField("to", "string?", "The state after.", func(_ *luabind.Call, e *sessionEvent) lua.LValue { return luabind.TextOrNil(e.To) }),
		eventField("bytes", "integer?", "Bytes of the message sent so far.", func(_ *luabind.Call, e *sessionEvent) lua.LValue {
			if e.Kind != event.Progress {
				return lua.LNil
			}
			return lua.LNumber(e.Sent)
		}),
		eventField("took", "number?", "The duration in seconds.", func(_ *luabind.Call, e *sessionEvent) lua.LValue {
			if e.Took == 0 {
				return lua.LNil
			}
			return lua.LNumber(e.Took.Seconds())
		}),
		eventField("error", "string?", "The reason of the failure.", func(_ *luabind.Call, e *sessionEvent) lua.LValue {
			if e.Err == nil {
				return lua.LNil
			}
			return lua.LString(transcript.Escape(e.Err.Error()))
		}),
	},
}

// sessionEvent is an event with its session.
type sessionEvent struct {
	event.Event
	name    string
	session *Session
}

func eventField(name, typ, doc string, get func(*luabind.Call, *sessionEvent) lua.LValue) luabind.Field {
	return luabind.Field{Name: name, Type: typ, Doc: doc, Get: func(c *luabind.Call, v any) lua.LValue { return get(c, v.(*sessionEvent)) }}
}

func eventValue(c *luabind.Call, s *Session, e *event.Event) lua.LValue {
	name := ""
	for n, k := range sessionEvents {
		if k == e.Kind {
			name = n
		}
	}
	return c.Object(&sessionEvent{*e, name, s})
}
