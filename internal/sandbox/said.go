package sandbox

import (
	"strings"
	"sync"
	"time"
)

// Bounds of the commands that are remembered; the oldest go first.
const (
	maxCommands = 10000
	maxSaid     = 16 << 20 // octets
)

// said are the commands that clients have sent. With memory nil nothing is remembered.
type said struct {
	memory *budget

	mu     sync.Mutex
	list   []Command
	octets int64
}

func cost(c *Command) int64 { return commandCost + int64(len(c.Verb)+len(c.Line)) }

// add remembers a command as long as there is memory.
func (s *said) add(c Command) {
	n := cost(&c)
	s.mu.Lock()
	defer s.mu.Unlock()
	//mutant:remembered-commands-are-bounded is "maxSaid" "1<<40"
	for len(s.list) > 0 && (len(s.list) >= maxCommands || s.octets+n > maxSaid) {
		s.drop()
	}
	if !s.memory.take(n) {
		return
	}
	s.octets += n
	s.list = append(s.list, c)
}

// drop forgets the oldest.
func (s *said) drop() {
	n := cost(&s.list[0])
	s.list[0] = Command{}
	s.list = s.list[1:]
	s.octets -= n
	s.memory.give(n)
}

// all returns them, oldest first.
func (s *said) all() []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Command(nil), s.list...)
}

// Commands returns what clients have said, oldest first: the latest 10 000, or fewer when
// they are long; none with [Options].Forget.
func (s *Server) Commands() []Command { return s.said.all() }

// note remembers a command.
func (c *conn) note(line, verb, arg string) {
	s := c.srv
	if s.said.memory == nil {
		return
	}
	s.said.add(Command{Session: c.number, Service: c.service.Name, Verb: strings.ToUpper(verb), Arg: arg, Line: line, At: time.Since(s.begun)})
}
