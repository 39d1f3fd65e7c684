package transcript

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
)

// Entry is one line of a stored transcript.
type Entry struct {
	Dir  string // "C", "S" or "*"
	Text string // masked and escaped
	At   time.Duration
	// Reply is the reply that this line ends; nil for other lines.
	Reply *reply.Reply
	// Leaving reports that the line belongs to the QUIT at the end of the session.
	Leaving bool
}

// maxEntries limits the entries of a Log: it keeps the first third and the latest two
// thirds, so that a long session shows its beginning and its end.
const maxEntries = 3000

// maxLogged limits the bytes of a Log; above it only the beginnings of lines are kept.
const (
	maxLogged  = 4 << 20
	maxCutLine = 120
	// maxLoggedContent limits the stored part of one message.
	maxLoggedContent = 16 << 10
)

// Log keeps a transcript in memory. It is safe for concurrent use. It stores masked
// bytes and converts them to text only on request, because most logs are never
// shown.
type Log struct {
	// Name is the name of the peer. Set it before use.
	Name string

	mu      sync.Mutex
	budget  *Budget
	server  bool
	text    *Text
	start   time.Time
	head    []kept
	tail    []kept // a ring when it is full
	next    int
	dropped int
	octets  int
	leaving bool // the following lines belong to the end of the session
	matters bool // the failure was found there

	heard   heard // of the incomplete reply
	content kept  // an incomplete message: the part that is shown
	lines   int
	hidden  int64
}

// Leaving marks the following lines as the end of the session, which is not the
// cause of a failure.
func (l *Log) Leaving() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leaving = true
}

// LeavingMatters undoes Leaving: the failure occurred at the end of the session.
func (l *Log) LeavingMatters() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.matters = true
}

// Budget limits the memory of the logs of many sessions: the more logs there are,
// the less each one keeps. The zero value is ready to use.
type Budget struct{ logs atomic.Int64 }

// NewLog returns an empty log that shares the budget until Leave is called.
func (s *Budget) NewLog() *Log {
	l := NewLog()
	l.budget = s
	s.logs.Add(1)
	return l
}

// Leave returns the log's share to its Budget; the log keeps its lines. Further
// calls have no effect.
func (l *Log) Leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.budget != nil {
		l.budget.logs.Add(-1)
		l.budget = nil
	}
}

// A budget has room for this number of whole logs. More logs share it, but each keeps at
// least fewEntries.
const (
	wholeLogs  = 8
	fewEntries = 60
)

// part divides the limit of a whole log by the logs of the budget.
func (l *Log) part(whole, least int) int {
	if l.budget == nil {
		return whole
	}
	if n := int(l.budget.logs.Load()); n > wholeLogs {
		return max(least, whole*wholeLogs/n)
	}
	return whole
}

// kept is one line as received, several lines of a message, or a remark of smtpsh.
type kept struct {
	dir     byte // 'C', 'S' or '*'
	content bool // lines of a message
	chunk   bool // a line end was not expected
	text    string
	at      time.Duration
	reply   *reply.Reply
	leaving bool
}

// NewLog returns an empty log.
func NewLog() *Log { return &Log{text: NewText(nil, TextOptions{})} }

// NewServerLog returns a log for the events of a server.
func NewServerLog(name string) *Log {
	return &Log{Name: name, server: true, text: NewText(nil, TextOptions{Server: true})}
}

// Observe stores the lines of one event.
func (l *Log) Observe(e *event.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.start.IsZero() {
		l.start = e.Time
	}
	at := e.Time.Sub(l.start)
	if e.Content && e.Kind.Wire() {
		l.message(e, at)
		return
	}
	if l.content.content && e.Kind != event.Progress {
		l.endMessage(at)
	}
	switch e.Kind {
	case event.LineSent, event.LineReceived, event.ChunkSent, event.ChunkReceived:
		if e.Kind == event.LineReceived && !l.server && !l.heard.line(e.Data) {
			return
		}
		l.add(kept{dir: l.dir(e.Kind == event.LineSent || e.Kind == event.ChunkSent), text: string(e.Masked()), at: at,
			chunk: e.Kind == event.ChunkSent || e.Kind == event.ChunkReceived})
		return
	case event.ReplyDone:
		if last := l.last(); last != nil && last.dir == 'S' {
			last.reply = e.Reply
		}
		if cut := l.heard.end(); cut != "" {
			l.add(kept{dir: '*', text: cut, at: at})
		}
		return
	case event.CommandStart, event.StateChange, event.Progress:
		return // not shown
	}
	var b bytes.Buffer
	l.text.render(&b, e)
	for line := range strings.Lines(b.String()) {
		if line = strings.TrimSuffix(line, "\n"); len(line) >= 3 {
			l.add(kept{dir: line[0], text: line[3:], at: at})
		}
	}
}

func (l *Log) dir(sent bool) byte {
	if sent != l.server {
		return 'C'
	}
	return 'S'
}

// message stores the first lines of a message.
func (l *Log) message(e *event.Event, at time.Duration) {
	if !l.content.content {
		l.content = kept{dir: l.dir(e.Kind == event.ChunkSent), content: true, at: at}
		l.lines, l.hidden = 0, 0
	}
	part := e.Masked()
	n := 0
	for n < len(part) && l.lines < defaultContentLines && len(l.content.text)+n < maxLoggedContent {
		i := bytes.IndexByte(part[n:], '\n')
		if i < 0 {
			n = len(part)
			break
		}
		n += i + 1
		l.lines++
	}
	n = min(n, max(0, maxLoggedContent-len(l.content.text)))
	if n > 0 {
		l.content.text += string(part[:n])
	}
	l.hidden += int64(len(part) - n)
}

// endMessage stores the collected part of a message.
func (l *Log) endMessage(at time.Duration) {
	if l.content.text != "" {
		l.add(l.content)
	}
	if l.hidden > 0 {
		l.add(kept{dir: '*', text: contentOmitted(l.hidden), at: at})
	}
	l.content = kept{}
}

// last returns the latest entry, or nil.
func (l *Log) last() *kept {
	switch {
	case len(l.tail) > 0:
		return &l.tail[(l.next+len(l.tail)-1)%len(l.tail)]
	case len(l.head) > 0:
		return &l.head[len(l.head)-1]
	}
	return nil
}

func (l *Log) add(e kept) {
	e.leaving = l.leaving
	if l.octets > l.part(maxLogged, fewEntries*maxCutLine) && len(e.text) > maxCutLine {
		e.text = e.text[:maxCutLine] + "...\r\n"
	}
	l.octets += len(e.text)
	most := l.part(maxEntries, fewEntries)
	switch {
	case len(l.head) < most/3 && len(l.tail) == 0:
		l.head = append(l.head, e)
	case len(l.tail) < most-most/3 && l.next == 0:
		l.tail = append(l.tail, e)
	default:
		l.octets -= len(l.tail[l.next].text)
		l.tail[l.next] = e
		l.next = (l.next + 1) % len(l.tail)
		l.dropped++
	}
}

// entries makes lines of the stored data.
func (k *kept) entries(out []Entry) []Entry {
	dir := string(k.dir)
	switch {
	case k.dir == '*':
		return append(out, Entry{Dir: dir, Text: k.text, At: k.at, Leaving: k.leaving})
	case k.content:
		for line := range strings.Lines(k.text) {
			text := VisibleLine(line)
			if len(line) > maxShownLine {
				text = Escape(line[:maxShownLine]) + lineOmitted(len(line))
			}
			out = append(out, Entry{Dir: dir, Text: text, At: k.at})
		}
		return out
	}
	text := VisibleLine(k.text)
	if k.chunk {
		text += "  (no line end)"
	}
	return append(out, Entry{Dir: dir, Text: text, At: k.at, Reply: k.reply, Leaving: k.leaving})
}

// Entries returns the stored lines, in order.
func (l *Log) Entries() []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []Entry
	for i := range l.head {
		out = l.head[i].entries(out)
	}
	if l.dropped > 0 {
		out = append(out, Entry{Dir: "*", Text: linesOmitted(l.dropped), At: l.tail[l.next].at})
	}
	for i := range l.tail {
		out = l.tail[(l.next+i)%len(l.tail)].entries(out)
	}
	if l.content.content && l.content.text != "" { // a message is incomplete
		out = l.content.entries(out)
	}
	for i := range out {
		out[i].Leaving = out[i].Leaving && !l.matters
	}
	return out
}

// Clock sets whether lines begin with their time.
type Clock bool

const (
	WithTimes    Clock = true  // seconds since the first event
	WithoutTimes Clock = false // only the lines
)

// Text returns the last n lines, all for n <= 0, with times on request.
func (l *Log) Text(n int, times Clock) string {
	entries := l.Entries()
	var b strings.Builder
	if n > 0 && n < len(entries) {
		b.WriteString("*  " + onlyLast(n, len(entries)) + "\n")
		entries = entries[len(entries)-n:]
	}
	for _, e := range entries {
		if times {
			fmt.Fprintf(&b, "%7.3f ", e.At.Seconds())
		}
		b.WriteString(prefix(e.Dir) + e.Text + "\n")
	}
	return b.String()
}
