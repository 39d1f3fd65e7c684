package repl

import (
	"fmt"
	"strings"

	"smtpsh/engine/event"
	"smtpsh/internal/explain"
	"smtpsh/transcript"
)

// show prints an event of a session, and below it the explanation of :teach. The caller
// holds the lock of the prompt.
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

// write prints an event. Events of another session than the current one get its number.
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

// showOther prints an event of a session that only Lua uses. The caller holds the lock of
// the prompt.
func (sc *screen) showOther(e *event.Event) {
	switch {
	case sc.quiet || e.Kind == event.Progress:
	case sc.json != nil:
		sc.json.Observe(e)
	default:
		sc.labelledText().Observe(e)
	}
}

// labelledText prints lines of sessions other than the current one, each with its label.
func (sc *screen) labelledText() *transcript.Text {
	if sc.labelled == nil {
		o := sc.settings.show
		o.Sessions = true
		sc.labelled = transcript.NewText(printer{sc.in}, o)
	}
	return sc.labelled
}

// hides reports whether an event is not printed: the screen already shows the line that
// the user typed, and an error that follows describes the event.
func (sc *screen) hides(sess *session, e *event.Event) bool {
	notConnected := e.Kind == event.DialFailed && sess.smtp == nil
	noHandshake := e.Kind == event.TLSDone && (e.TLS == nil || !e.TLS.HandshakeComplete)
	if e.Err != nil && (notConnected || noHandshake) {
		return true
	}
	if e.Kind == event.Closed && e.Err != nil && sc.line.handled && sc.in.textPrompt == "" {
		return true // the error of the command reports it
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

// commandBatch prints each command of a batch next to its reply. Its methods can be
// called on nil, which means no batch.
type commandBatch struct {
	sent     []event.Event // without a reply yet
	midReply bool          // a reply has begun
}

// beginBatch prints commands together with their replies until end is called.
func (sc *screen) beginBatch() (end func()) {
	set := func(b *commandBatch) {
		sc.mu.Lock()
		defer sc.mu.Unlock()
		sc.batch = b
	}
	set(&commandBatch{})
	return func() { set(nil) }
}

// keeps stores a command of the batch until its reply, and reports whether it did.
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

// progress shows how much of a long message has been sent.
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

// longMessage is the size in bytes from which the progress of a message is shown.
const longMessage = 256 << 10

// size formats a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 10<<20:
		return fmt.Sprintf("%d MB", n/1000/1000)
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/1000/1000)
	case n >= 10000:
		return fmt.Sprintf("%d kB", n/1000)
	}
	return fmt.Sprintf("%d bytes", n)
}

// shorten prints only the beginning of a long message from a pipe or a file, until back
// is called.
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
