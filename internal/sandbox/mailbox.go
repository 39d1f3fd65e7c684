package sandbox

import (
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
	s.size += int64(len(m.Data))
	for s.size > s.limit && len(s.msgs) > 1 {
		s.size -= int64(len(s.msgs[0].Data))
		s.msgs[0] = Message{}
		s.msgs = s.msgs[1:]
	}
	s.arrived.Broadcast()
	return m.ID
}

func (s *store) all() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.msgs...)
}
