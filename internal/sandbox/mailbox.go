package sandbox

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// Message is what was received in one transaction.
type Message struct {
	ID         int
	From       string
	MailParams []string
	Rcpts      []Rcpt
	Data       []byte // the message, dots unstuffed, line endings as they came
	Time       time.Time
	Door       string
	HELO       string
	User       string // who had logged in
	TLS        bool
	Chunked    bool // came by BDAT
	BareEnds   bool // has a CR or LF on its own
}

// Summary is the message on one line: number, sender, recipients, size, subject.
// The words are the client's: whoever shows them escapes control bytes.
func (m Message) Summary() string {
	to := make([]string, len(m.Rcpts))
	for i, r := range m.Rcpts {
		to[i] = "<" + r.Address + ">"
	}
	s := fmt.Sprintf("%d  <%s> to %s, %d octets", m.ID, m.From, strings.Join(to, " "), len(m.Data))
	if subject := m.Subject(); subject != "" {
		s += ": " + subject
	}
	return s
}

// Subject is the first Subject field as it was sent, unfolded; "" without one.
func (m Message) Subject() string {
	found := false
	var b strings.Builder
	for line := range headerLines(m.Data) {
		switch {
		case found && (line[0] == ' ' || line[0] == '\t'):
			b.WriteString(" " + strings.TrimSpace(line))
		case found:
			return b.String()
		case len(line) > 8 && strings.EqualFold(line[:8], "Subject:"):
			found = true
			b.WriteString(strings.TrimSpace(line[8:]))
		}
	}
	return b.String()
}

// Envelope writes out everything beside the content, one field a line.
func (m Message) Envelope() string {
	var b strings.Builder
	path := func(verb, address string, params []string) {
		b.WriteString(verb + "<" + address + ">")
		for _, p := range params {
			b.WriteString(" " + p)
		}
		b.WriteByte('\n')
	}
	path("MAIL FROM:", m.From, m.MailParams)
	for _, r := range m.Rcpts {
		path("RCPT TO:", r.Address, r.Params)
	}
	how := "DATA"
	if m.Chunked {
		how = "BDAT"
	}
	security := "plain"
	if m.TLS {
		security = "TLS"
	}
	fmt.Fprintf(&b, "by %s over %s at %s, door %s, HELO %s", how, security, m.Time.UTC().Format(time.RFC3339), m.Door, m.HELO)
	if m.User != "" {
		fmt.Fprintf(&b, ", user %s", m.User)
	}
	return b.String() + "\n"
}

// Rcpt is one accepted recipient.
type Rcpt struct {
	Address string
	Params  []string
}

// store keeps messages up to a number of octets; the oldest go first.
type store struct {
	mu      sync.Mutex
	arrived *sync.Cond
	msgs    []Message
	next    int
	size    int64
	limit   int64
}

func newStore(limit int64) *store {
	s := &store{limit: limit}
	s.arrived = sync.NewCond(&s.mu)
	return s
}

func (s *store) add(m Message) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	m.ID = s.next
	s.msgs = append(s.msgs, m)
	s.size += m.weight()
	for s.size > s.limit && len(s.msgs) > 1 {
		s.size -= s.msgs[0].weight()
		s.msgs[0] = Message{}
		s.msgs = s.msgs[1:]
	}
	s.arrived.Broadcast()
	return m.ID
}

// weight is about how many octets of memory a message takes: many small ones must not
// take more than a few large ones.
func (m Message) weight() int64 {
	n := 512 + len(m.Data) + len(m.From) + len(m.HELO)
	for _, p := range m.MailParams {
		n += 16 + len(p)
	}
	for _, r := range m.Rcpts {
		n += 48 + len(r.Address)
		for _, p := range r.Params {
			n += 16 + len(p)
		}
	}
	return int64(n)
}

func (s *store) all() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.msgs...)
}
