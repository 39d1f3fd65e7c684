package sandbox

import (
	"strings"
	"sync"
	"time"
)

// Bounds of the commands that are remembered; the oldest go first.
const (
	maxCommands      = 10000
	maxCommandOctets = 16 << 20 // octets
)

// commandLog has the commands that clients have sent. With memory nil nothing is remembered.
type commandLog struct {
	memory *budget

	mu     sync.Mutex
	list   []Command
	octets int64
}

func cost(c *Command) int64 { return commandCost + int64(len(c.Verb)+len(c.Line)) }

// add remembers a command as long as there is memory.
func (l *commandLog) add(c Command) {
	n := cost(&c)
	l.mu.Lock()
	defer l.mu.Unlock()
	//mutant:remembered-commands-are-bounded is "maxCommandOctets" "1<<40"
	for len(l.list) > 0 && (len(l.list) >= maxCommands || l.octets+n > maxCommandOctets) {
		l.drop()
	}
	if !l.memory.take(n) {
		return
	}
	l.octets += n
	l.list = append(l.list, c)
}

// drop forgets the oldest.
func (l *commandLog) drop() {
	n := cost(&l.list[0])
	l.list[0] = Command{}
	l.list = l.list[1:]
	l.octets -= n
	l.memory.give(n)
}

// all returns them, oldest first.
func (l *commandLog) all() []Command {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Command(nil), l.list...)
}

// Commands returns what clients have said, oldest first: the latest 10 000, or fewer when
// they are long; none with [Options].Forget.
func (s *Server) Commands() []Command { return s.commands.all() }

// note remembers a command.
func (c *conn) note(line, verb, arg string) {
	s := c.srv
	if s.commands.memory == nil {
		return
	}
	s.commands.add(Command{
		Session: c.number, Service: c.service.Name, Verb: strings.ToUpper(verb), Arg: arg, Line: line,
		At: time.Since(s.begun),
	})
}
