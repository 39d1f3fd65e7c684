package sandbox

import (
	"fmt"
	"slices"
	"sync"
)

// store keeps the accepted messages. Their memory is part of the server's budget. When the
// budget is used up, the oldest messages are dropped.
type store struct {
	mu      sync.Mutex
	arrived *sync.Cond
	msgs    []Message // in the order of their numbers
	numbers int       // assigned so far
	came    int       // kept since the start
	dropped int
}

func newStore() *store {
	s := &store{}
	s.arrived = sync.NewCond(&s.mu)
	return s
}

// number returns the next message number.
func (s *store) number() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.numbers++
	return s.numbers
}

// add keeps a message. Its memory has been reserved.
func (s *store) add(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.came++
	s.msgs = append(s.msgs, m)
	for i := len(s.msgs) - 1; i > 0 && s.msgs[i-1].ID > m.ID; i-- { // Saving may take longer for an earlier number.
		s.msgs[i-1], s.msgs[i] = s.msgs[i], s.msgs[i-1]
	}
	s.arrived.Broadcast()
}

// dropWhile drops the oldest messages while short returns true, and returns their count. It
// calls give with the memory of each.
func (s *store) dropWhile(short func() bool, give func(int64)) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for len(s.msgs) > 0 && short() {
		s.msgs[0].file.close()
		give(s.msgs[0].taken)
		s.msgs[0] = Message{}
		s.msgs = s.msgs[1:]
		n++
	}
	s.dropped += n
	return n
}

func (s *store) all() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.msgs...)
}

// latest returns the last n messages and the number of other kept messages.
func (s *store) latest(n int) ([]Message, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := max(0, len(s.msgs)-n)
	return slices.Clone(s.msgs[left:]), left
}

// find returns the message with a number, or false if it is not kept.
func (s *store) find(id int) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := slices.BinarySearchFunc(s.msgs, id, func(m Message, id int) int { return m.ID - id })
	if !ok {
		return Message{}, false
	}
	return s.msgs[i], true
}

// closeFiles removes the temporary files of the kept messages.
func (s *store) closeFiles() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.msgs {
		s.msgs[i].file.close()
	}
}

// makeRoom drops kept messages, the oldest first, until n bytes fit into a budget.
func (s *Server) makeRoom(b *budget, what string, n int64) {
	dropped := s.store.dropWhile(func() bool { return b.used.Load()+n > b.limit }, s.memory.give)
	if dropped == 0 {
		return
	}
	s.notices.tell(noticeDropped, dropped, func() string {
		return fmt.Sprintf("the limit of %d MiB on %s is reached: the oldest messages are dropped for newer ones", b.limit>>20, what)
	})
}

// Counts returns the number of messages accepted since the start, and how many of them were
// dropped to make room.
func (s *Server) Counts() (accepted, dropped int) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	return s.store.came, s.store.dropped
}
