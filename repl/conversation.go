package repl

import (
	"fmt"
	"strings"

	"smtpsh/engine/event"
	"smtpsh/internal/explain"
	"smtpsh/transcript"
)

// show writes an event of a session to the screen, and beneath it what it means to a
// learner. The prompt's lock is held.
func (sc *screen) show(sess *session, e *event.Event) {
	if e.Kind == event.Progress {
		sc.progress(e)
		return
	}
	if !sc.quiet && !sc.hides(sess, e) {
		if sc.json == nil && sc.batch.keeps(e) {
			return
		}
		sc.write(sess, e)
	}
	if sc.settings.teaching && sc.teaches && sess.tutor != nil {
		if note := sess.tutor.Note(e); note != "" {
			sc.remark(note)
		}
	}
}

// write shows an event in the form of the session that it is of.
func (sc *screen) write(sess *session, e *event.Event) {
	if sc.json != nil {
		sc.json.Observe(e)
		return
	}
	if command := sc.batch.commandOf(e); command != nil {
		sc.text.Observe(command)
	}
	switch {
	case sess != sc.current():
		other := *e
		other.Session = fmt.Sprint(sess.number)
		sc.labelledText().Observe(&other)
	case sc.in.Terminal() && e.Kind == event.Note && !sc.settings.show.Timings && len(e.Text) > sc.columns()-3:
		sc.print(explain.Indent("*  ", transcript.Escape(e.Text)))
	default:
		sc.text.Observe(e)
	}
}

// showOther writes an event of a session that only Lua uses. The prompt's lock is held.
func (sc *screen) showOther(e *event.Event) {
	switch {
	case sc.quiet || e.Kind == event.Progress:
	case sc.json != nil:
		sc.json.Observe(e)
	default:
		sc.labelledText().Observe(e)
	}
}

// labelledText is the sink for sessions that are not the current one: it says which.
func (sc *screen) labelledText() *transcript.Text {
	if sc.labelled == nil {
		o := sc.settings.show
		o.Sessions = true
		sc.labelled = transcript.NewText(printer{sc.in}, o)
	}
	return sc.labelled
}

// hides reports an event that the screen shows already, or that is told by the error
// that comes with it. What a person has just typed is not repeated.
func (sc *screen) hides(sess *session, e *event.Event) bool {
	notConnected := e.Kind == event.DialFailed && sess.smtp == nil
	noHandshake := e.Kind == event.TLSDone && (e.TLS == nil || !e.TLS.HandshakeComplete)
	if e.Err != nil && (notConnected || noHandshake) {
		return true
	}
	if e.Kind == event.Closed && e.Err != nil && sc.line.handled && sc.in.textPrompt == "" {
		return true // the error of what was asked says it
	}
	if !sc.in.Terminal() {
		return false
	}
	if e.Kind == event.LineSent && sc.line.typed != "" && strings.TrimRight(string(e.Data), "\r\n") == sc.line.typed {
		sc.line.typed = ""
		return true
	}
	if !sc.line.composed || !e.Kind.Wire() {
		return false
	}
	return e.Content && e.Kind != event.LineReceived || e.Kind == event.LineSent && string(e.Data) == ".\r\n"
}

// commandBatch shows the commands of a batch each with its reply. Its methods may be
// called on nil, for no batch.
type commandBatch struct {
	sent     []event.Event // not answered yet
	midReply bool          // a reply has begun
}

// beginBatch shows commands with their replies from now on. The function that it returns
// ends that.
func (sc *screen) beginBatch() (end func()) {
	set := func(b *commandBatch) {
		sc.mu.Lock()
		defer sc.mu.Unlock()
		sc.batch = b
	}
	set(&commandBatch{})
	return func() { set(nil) }
}

// keeps takes a command of the batch until it is answered.
func (b *commandBatch) keeps(e *event.Event) bool {
	if b == nil || e.Kind != event.LineSent {
		return false
	}
	command := *e
	command.Data = append([]byte(nil), e.Data...)
	b.sent = append(b.sent, command)
	return true
}

// commandOf returns the command whose reply begins with an event; nil for none.
func (b *commandBatch) commandOf(e *event.Event) *event.Event {
	if b == nil || e.Kind != event.LineReceived || b.midReply {
		if b != nil && e.Kind == event.ReplyDone {
			b.midReply = false
		}
		return nil
	}
	b.midReply = true
	if len(b.sent) == 0 {
		return nil
	}
	command := &b.sent[0]
	b.sent = b.sent[1:]
	return command
}

// progress shows how much of a long message has gone.
func (sc *screen) progress(e *event.Event) {
	total := e.Total
	if total <= 0 {
		total = sc.line.octets
	}
	if !sc.in.Terminal() || total < longMessage {
		return
	}
	const bar = 30
	part := min(1, float64(e.Sent)/float64(total))
	full := int(part * bar)
	done, left := strings.Repeat("#", full), strings.Repeat(".", bar-full)
	sc.in.Progress(fmt.Sprintf("   [%s%s] %3.0f %%  %s of %s", done, left, part*100, size(e.Sent), size(total)))
}

// longMessage is from where on a message has a line of progress, in octets.
const longMessage = 256 << 10

// size writes octets as people read them.
func size(n int64) string {
	switch {
	case n >= 10<<20:
		return fmt.Sprintf("%d MB", n/1000/1000)
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/1000/1000)
	case n >= 10000:
		return fmt.Sprintf("%d kB", n/1000)
	}
	return fmt.Sprintf("%d octets", n)
}

// shorten shows only the beginning of a long message that comes from a pipe or a file
// while it is sent. The function that it returns ends that.
func (sc *screen) shorten(octets int64) (back func()) {
	if sc.in.Terminal() || octets <= maxShownOctets || sc.settings.show.ContentLines >= 0 {
		return func() {}
	}
	short := sc.settings.show
	short.ContentLines = 0 // its default
	set := func(o transcript.TextOptions) {
		sc.mu.Lock()
		defer sc.mu.Unlock()
		sc.text.Set(o)
	}
	set(short)
	return func() { set(sc.settings.show) }
}
