package repl

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/engine/verb"
	"smtpsh/internal/tutor"
	"smtpsh/luabind/smtpmod"
	"smtpsh/transcript"
)

// held is a session of the prompt; one of them is the current one.
type held struct {
	number  int
	target  string
	session *engine.Session
	lua     *smtpmod.Session
	tutor   *tutor.Tutor
	last    *reply.Reply
	verb    string  // what was said last; AUTH with its mechanism
	offers  []offer // what EHLO was answered, the latest last
	peer    shown   // in the last handshake
	flags   *connFlags
	up      *climb // how it was brought up; nil when it was not
}

// offer is what the server offered at one time.
type offer struct {
	caps engine.Capabilities
	tls  bool
}

// usable reports whether the session can be spoken on.
func (h *held) usable() bool {
	return h != nil && h.session != nil && !h.session.Closed() && h.session.Err() == nil
}

// connect opens a session and makes it the current one, in the place of h or, when
// that is nil, beside the others.
func (r *REPL) connect(ctx context.Context, target string, h *held, flags *connFlags) error {
	if h == nil {
		r.opened++
		h = &held{number: r.opened}
		r.sessions = append(r.sessions, h)
	}
	before := r.at
	h.target, h.session, h.last, h.verb, h.offers = r.opts.Dialer.Resolve(target), nil, nil, "", nil
	h.peer, h.flags, h.up, r.orphan = shown{}, flags, nil, orphans{}
	h.tutor = r.tutor.Another()
	h.lua = smtpmod.NewSession(nil, nil)
	r.at = h
	r.dials++
	label := "" // a log of one session needs none
	if r.dials > 1 {
		label = strconv.Itoa(r.dials)
	}
	s, err := r.opts.Dialer.Dial(ctx, target, func(o *engine.Options, _ *engine.Target) {
		flags.apply(o)
		o.Label = label
		o.Observer = event.Tee(event.Func(func(e *event.Event) { r.saw(h, e) }), h.lua.Observer(), r.opts.Log, o.Observer)
	})
	if err != nil {
		if before != nil && before != h { // the new one is not kept
			r.sessions = r.sessions[:len(r.sessions)-1]
			r.opened--
			r.at = before
		}
		return err
	}
	h.session, h.lua.Session = s, s
	r.tellLua()
	return r.judge(s.Greeting())
}

// drop says QUIT to a session, where that is still possible.
func (r *REPL) drop(ctx context.Context, h *held) error {
	if h == nil || h.session == nil {
		return nil
	}
	return h.session.Leave(ctx)
}

// listen tells of what servers say while a person types. The function that it
// returns ends that; afterwards the sessions may be used again.
func (r *REPL) listen(ctx context.Context) (stop func()) {
	if !r.in.Terminal() {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	for _, h := range r.sessions {
		if !h.usable() {
			continue
		}
		running.Go(func() { r.listenTo(ctx, h) })
	}
	return func() {
		cancel()
		running.Wait()
	}
}

// unasked is how long the rest of a reply that nobody asked for may take.
const unasked = 2 * time.Second

// mostUnasked is how many replies that nobody asked for a server may send while one
// line is typed: a 421, or a few by mistake.
const mostUnasked = 20

func (r *REPL) listenTo(ctx context.Context, h *held) {
	for n := 0; ctx.Err() == nil; n++ {
		if n == mostUnasked {
			r.say("*  %s does not stop talking, %d replies that nobody asked for: the connection is closed", transcript.Escape(h.target), n)
			h.session.Close()
			r.gone(h)
			return
		}
		heard, err := h.session.Listen(ctx)
		if err != nil {
			r.gone(h)
			if !errors.Is(err, engine.ErrClosed) {
				r.complain(err)
			}
			return
		}
		if !heard {
			return
		}
		if h.session.State() == engine.InAuth || h.session.Unread() > 0 {
			return // it is an answer that was given up
		}
		// a reply that has begun is read to its end
		if _, err := h.session.ReadReply(context.WithoutCancel(ctx), unasked); err != nil {
			r.gone(h)
			return
		}
	}
}

// gone changes the prompt when the session that it speaks of is over.
func (r *REPL) gone(h *held) {
	if h == r.at && !r.lost() {
		r.in.SetPrompt(r.prompt())
	}
}

// live returns the current session if it can be spoken on.
func (r *REPL) live() (*engine.Session, error) {
	if !r.at.usable() {
		return nil, errNotConnected
	}
	return r.at.session, nil
}

var errNotConnected = &InputError{&hinted{"not connected", ":reconnect opens a new session to the same server, :open TARGET to another"}}

// phase maps the session's state to the catalogue's.
func phase(s *engine.Session) verb.Phase {
	if s == nil {
		return verb.Greeted
	}
	switch s.State() {
	case engine.Ready:
		return verb.Ready
	case engine.InMail:
		return verb.Mail
	case engine.InRcpt:
		return verb.Rcpt
	case engine.InChunks:
		return verb.Chunks
	}
	return verb.Greeted
}

// saw is told of every event of a session of ours: it records, shows, explains.
func (r *REPL) saw(h *held, e *event.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.record.Observe(e)
	if r.log != nil {
		r.log.Observe(e)
	}
	if e.Kind == event.LineSent && !e.Content {
		if f := strings.Fields(string(e.Masked())); e.Verb != "AUTH" {
			h.verb = e.Verb
		} else if len(f) > 1 && strings.EqualFold(f[0], "AUTH") {
			h.verb = "AUTH " + strings.ToUpper(f[1])
		}
	}
	if e.Kind == event.TLSDone && e.TLS != nil {
		h.peer = shown{e.TLS, e.Err}
	}
	if e.Kind == event.ReplyDone {
		h.last = e.Reply
		if e.Reply.Completed() && (e.Verb == "MAIL" || e.Verb == "RCPT") {
			r.use(e.Reply.Command)
		}
		r.replies = append(r.replies, e.Reply)
		if len(r.replies) > maxReplies {
			r.replies = r.replies[len(r.replies)-maxReplies/2:]
		}
	}
	if e.Kind == event.ReplyDone && (e.Verb == "EHLO" || e.Verb == "LHLO") && e.Reply.Completed() && h.session != nil {
		h.offers = append(h.offers, offer{engine.ParseCapabilities(e.Reply), h.session.TLS() != nil})
		if len(h.offers) > 2 {
			h.offers = h.offers[len(h.offers)-2:]
		}
	}
	r.show(h, e)
}

// maxReplies bounds the replies that a lesson looks back on.
const maxReplies = 200

// newText makes the sink that writes to the screen.
func (r *REPL) newText() *transcript.Text { return transcript.NewText(printer{r.in}, r.opts.Show) }
