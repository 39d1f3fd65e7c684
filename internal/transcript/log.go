package transcript

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
)

// Entry is one line of a conversation that is kept.
type Entry struct {
	Dir  string // "C", "S" or "*"
	Text string // masked and escaped
	At   time.Duration
	// Reply is the reply that this line ends; nil for other lines.
	Reply *reply.Reply
}

// maxEntries bounds a Log: it keeps the first third and the latest two thirds,
// so that a long session shows how it began and how it ended.
const maxEntries = 3000

// maxLogged bounds the octets of a Log; beyond it only the beginnings of lines are
// kept.
const (
	maxLogged  = 4 << 20
	maxCutLine = 120
)

// Log keeps a conversation in memory. It is safe for concurrent use.
type Log struct {
	// Name says whom the conversation is with. It is set before use.
	Name string

	mu      sync.Mutex
	text    *Text
	start   time.Time
	head    []Entry
	tail    []Entry // a ring once it is full
	next    int
	dropped int
	octets  int
}

// NewLog returns an empty log.
func NewLog() *Log { return &Log{text: NewText(nil, TextOptions{})} }

// NewServerLog returns one for the server's end of a conversation.
func NewServerLog(name string) *Log {
	return &Log{Name: name, text: NewText(nil, TextOptions{Server: true})}
}

// Observe keeps the lines of one event.
func (l *Log) Observe(e *event.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.start.IsZero() {
		l.start = e.Time
	}
	if e.Kind == event.ReplyDone {
		if last := l.last(); last != nil && last.Dir == "S" {
			last.Reply = e.Reply
		}
	}
	var b bytes.Buffer
	l.text.render(&b, e)
	for line := range strings.Lines(b.String()) {
		line = strings.TrimSuffix(line, "\n")
		if len(line) < 3 {
			continue
		}
		l.add(Entry{Dir: line[:1], Text: line[3:], At: e.Time.Sub(l.start)})
	}
}

// last is the latest entry, nil before the first.
func (l *Log) last() *Entry {
	switch {
	case len(l.tail) > 0:
		return &l.tail[(l.next+len(l.tail)-1)%len(l.tail)]
	case len(l.head) > 0:
		return &l.head[len(l.head)-1]
	}
	return nil
}

func (l *Log) add(e Entry) {
	if l.octets > maxLogged && len(e.Text) > maxCutLine {
		e.Text = strings.ToValidUTF8(e.Text[:maxCutLine], "") + "..."
	}
	l.octets += len(e.Text)
	switch {
	case len(l.head) < maxEntries/3:
		l.head = append(l.head, e)
	case len(l.tail) < maxEntries-maxEntries/3:
		l.tail = append(l.tail, e)
	default:
		l.octets -= len(l.tail[l.next].Text)
		l.tail[l.next] = e
		l.next = (l.next + 1) % len(l.tail)
		l.dropped++
	}
}

// Entries returns what is kept, in order.
func (l *Log) Entries() []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := append([]Entry(nil), l.head...)
	if l.dropped > 0 {
		out = append(out, Entry{Dir: "*", Text: fmt.Sprintf("%d lines were left out here", l.dropped), At: l.tail[l.next].At})
	}
	out = append(out, l.tail[l.next:]...)
	return append(out, l.tail[:l.next]...)
}

// Text gives the last n lines, all for n <= 0, with times on request.
func (l *Log) Text(n int, times bool) string {
	entries := l.Entries()
	var b strings.Builder
	if n > 0 && n < len(entries) {
		fmt.Fprintf(&b, "*  last %d of %d lines\n", n, len(entries))
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
