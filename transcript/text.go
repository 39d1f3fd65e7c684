package transcript

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/tlsinfo"
)

// TextOptions sets how a transcript is shown.
type TextOptions struct {
	Color       bool
	Timings     bool // seconds since the first event before each line
	ShowSecrets bool
	Server      bool // the events are those of a server: the lines that it receives are C:
	Sessions    bool // the session's label before each line
	// ContentLines is the number of lines of a message that are shown; 0 means 30,
	// negative means all. The transcript reports how many lines are omitted.
	ContentLines int
	// Quiet omits the "*" lines, except findings and notes.
	Quiet bool
	// Terminal is for output to a terminal: tabs in replies and messages appear as
	// spaces. In files they appear as \x09, which keeps them distinct from spaces.
	Terminal bool
}

// defaultContentLines is enough for a header and the beginning of a body.
const defaultContentLines = 30

// maxShownLine limits a single content line on a screen, in bytes.
const maxShownLine = 2000

// maxShownReply limits the part of one reply on a screen, because a long reply hides all
// others. The transcript reports how much is omitted.
const maxShownReply = 32 << 10

// heard is an incomplete reply.
type heard struct{ shown, lines, hidden int }

// Text writes transcripts as C:, S: and * lines. It is safe for several sessions at once;
// it writes the lines of one event in one call.
type Text struct {
	mu       sync.Mutex
	w        io.Writer
	o        TextOptions
	start    time.Time
	err      error
	contents map[string]*content
	replies  map[string]*heard
}

// content is an incomplete message.
type content struct {
	partial []byte
	lines   int
	hidden  int64
}

// NewText returns a sink that writes to w.
func NewText(w io.Writer, o TextOptions) *Text {
	if o.ContentLines == 0 {
		o.ContentLines = defaultContentLines
	}
	return &Text{w: w, o: o, contents: map[string]*content{}, replies: map[string]*heard{}}
}

// Set changes the options for later events.
func (t *Text) Set(o TextOptions) {
	if o.ContentLines == 0 {
		o.ContentLines = defaultContentLines
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.o = o
}

// Err returns the first error of writing.
func (t *Text) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// Observe writes the lines for one event.
func (t *Text) Observe(e *event.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.start.IsZero() {
		t.start = e.Time
	}
	var b bytes.Buffer
	t.render(&b, e)
	if b.Len() > 0 && t.err == nil {
		_, t.err = t.w.Write(b.Bytes())
	}
}

func (t *Text) render(b *bytes.Buffer, e *event.Event) {
	if e.Content && e.Kind.Wire() {
		t.content(b, e)
		return
	}
	if c := t.contents[e.Session]; c != nil && e.Kind != event.Progress {
		t.endContent(b, e, c)
	}
	switch {
	case t.o.Server:
	case e.Kind == event.LineReceived:
		if !t.hear(e) {
			return
		}
	default:
		if cut := t.unheard(e.Session); cut != "" {
			t.line(b, e, "*", cut)
		}
	}
	switch e.Kind {
	case event.LineSent, event.LineReceived:
		t.line(b, e, t.letter(e.Kind == event.LineSent), t.visible(e))
	case event.ChunkSent, event.ChunkReceived:
		t.line(b, e, t.letter(e.Kind == event.ChunkSent), t.visible(e)+"  (no line end)")
	default:
		text := Remark(e, Detail(t.o.Quiet))
		if t.o.Server {
			text = serverRemark(e)
		}
		if text != "" {
			t.line(b, e, "*", text)
		}
	}
}

// hear counts a line of a reply, and reports whether it is shown.
func (t *Text) hear(e *event.Event) bool {
	h := t.replies[e.Session]
	if h == nil {
		h = &heard{}
		t.replies[e.Session] = h
	}
	return h.line(e.Data)
}

// line counts one line.
func (h *heard) line(b []byte) bool {
	if h.shown > maxShownReply { //mutant:what-is-shown-of-a-reply-is-bounded is "maxShownReply" "1<<40"
		h.lines++
		h.hidden += len(b)
		return false
	}
	h.shown += shownLen(b)
	return true
}

// end reports how much of the reply was not shown, and prepares for the next.
func (h *heard) end() (cut string) {
	if h.lines > 0 {
		cut = replyOmitted(h.lines, h.hidden)
	}
	*h = heard{}
	return cut
}

// unheard ends a reply and returns a text about the part that was not shown, or "".
func (t *Text) unheard(session string) string {
	h := t.replies[session]
	delete(t.replies, session)
	if h == nil {
		return ""
	}
	return h.end()
}

// shownLen returns at least the number of bytes of a line on a screen.
func shownLen(b []byte) int {
	n := len(b)
	for _, c := range b {
		if c < 0x20 || c >= 0x7f {
			n += 3 // \x1b
		}
	}
	return n
}

func (t *Text) letter(sent bool) string {
	if sent != t.o.Server {
		return "C"
	}
	return "S"
}

// visible returns the bytes of a wire event: masked, escaped, with the line ending only if
// it is not CRLF.
func (t *Text) visible(e *event.Event) string {
	data := e.Data
	if !t.o.ShowSecrets {
		data = e.Masked()
	}
	text := string(data)
	if t.o.Terminal && !t.o.Server && e.Kind == event.LineReceived {
		text = spread(text, 4) // a tab instead of the space after the code is a defect that must be visible
	}
	return VisibleLine(text)
}

// VisibleLine escapes a line and shows its ending unless that is CRLF.
func VisibleLine(s string) string {
	if body, ok := strings.CutSuffix(s, "\r\n"); ok {
		return Escape(body)
	}
	if body, ok := strings.CutSuffix(s, "\n"); ok {
		return Escape(body) + escapeEnding("\n")
	}
	return Escape(s)
}

func (t *Text) line(b *bytes.Buffer, e *event.Event, letter, text string) {
	if t.o.Timings {
		fmt.Fprintf(b, "%7.3f ", e.Time.Sub(t.start).Seconds())
	}
	if t.o.Sessions && e.Session != "" {
		b.WriteString("[" + Escape(e.Session) + "] ")
	}
	if !t.o.Color {
		b.WriteString(prefix(letter) + text + "\n")
		return
	}
	b.WriteString(paint(letter, text) + "\n")
}

func prefix(letter string) string {
	if letter == "*" {
		return "*  "
	}
	return letter + ": "
}

// content collects message bytes into lines and shows the first of them.
func (t *Text) content(b *bytes.Buffer, e *event.Event) {
	c := t.contents[e.Session]
	if c == nil {
		c = &content{}
		t.contents[e.Session] = c
	}
	letter := t.letter(e.Kind == event.ChunkSent)
	data := e.Data
	if !t.o.ShowSecrets {
		data = e.Masked()
	}
	for rest := data; len(rest) > 0; {
		if t.o.ContentLines >= 0 && c.lines >= t.o.ContentLines {
			c.hidden += int64(len(rest))
			return
		}
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			room := max(0, maxShownLine-len(c.partial))
			c.partial = append(c.partial, rest[:min(room, len(rest))]...)
			c.hidden += int64(max(0, len(rest)-room))
			return
		}
		line := rest[:i+1]
		rest = rest[i+1:]
		if len(c.partial) > 0 {
			c.partial = append(c.partial, line...)
			line = c.partial
			c.partial = nil
		}
		c.lines++
		if len(line) > maxShownLine {
			t.line(b, e, letter, Escape(string(line[:maxShownLine]))+lineOmitted(len(line)))
			continue
		}
		text := string(line)
		if t.o.Terminal {
			text = spread(text, 0)
		}
		t.line(b, e, letter, VisibleLine(text))
	}
}

// endContent shows the rest and how much was not shown.
func (t *Text) endContent(b *bytes.Buffer, e *event.Event, c *content) {
	delete(t.contents, e.Session)
	letter := "C"
	if len(c.partial) > 0 {
		t.line(b, e, letter, Escape(string(c.partial)))
	}
	if c.hidden > 0 {
		t.line(b, e, "*", contentOmitted(c.hidden))
	}
}

// Detail sets which events get a remark.
type Detail bool

const (
	FindingsOnly Detail = true  // findings and notes
	EveryRemark  Detail = false // everything that the lines do not show
)

// Remark describes an event of a session in words. It returns "" for events that the
// wire lines already show. With FindingsOnly it describes only findings and notes.
func Remark(e *event.Event, quiet Detail) string {
	switch e.Kind {
	case event.Finding:
		return "finding: " + Escape(e.Text)
	case event.Note:
		return Escape(e.Text)
	}
	if quiet {
		return ""
	}
	switch e.Kind {
	case event.ReplyDone:
		if e.Reply != nil && e.Reply.Recipient != "" {
			return "reply for " + Escape(e.Reply.Recipient)
		}
	case event.DialFailed:
		return "no connection to " + Escape(e.Addr) + ": " + Escape(reason(e.Err))
	case event.Connected:
		return "connected to " + Escape(e.Addr)
	case event.TLSDone:
		if e.TLS == nil || !e.TLS.HandshakeComplete {
			return "TLS failed: " + Escape(tlsinfo.Explain(e.Err))
		}
		info := tlsinfo.Describe(e.TLS, e.Err)
		if e.Err != nil && !info.Verified { // a separate note gives the reason
			return Escape(info.Protocol())
		}
		return Escape(info.Summary())
	case event.AuthStep:
		if e.Failed {
			return e.Verb + ": " + Escape(e.Text)
		}
	case event.Closed:
		if e.Err != nil {
			return "closed: " + Escape(reason(e.Err))
		}
		return strings.TrimSpace("connection closed " + Escape(e.Text))
	}
	return ""
}

// serverRemark is Remark for a server, whose peer is a client.
func serverRemark(e *event.Event) string {
	switch e.Kind {
	case event.Connected:
		return "connection from " + Escape(e.Addr)
	case event.TLSDone:
		if e.Err != nil {
			return "TLS failed: " + Escape(tlsinfo.Explain(e.Err))
		}
		info := tlsinfo.Describe(e.TLS, nil)
		return info.Version + ", " + info.Cipher
	}
	return Remark(e, EveryRemark)
}

func reason(err error) string {
	if err == nil {
		return ""
	}
	if op, ok := err.(*net.OpError); ok && op.Op == "dial" && op.Err != nil {
		return op.Err.Error() // the address is already at the beginning
	}
	return err.Error()
}
