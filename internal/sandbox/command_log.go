package sandbox

import (
	"strings"
	"sync"
	"time"
)

// Limits of the recorded commands. The oldest are dropped first.
const (
	maxCommands     = 10000
	maxCommandBytes = 16 << 20 // bytes, with commandCost for each
)

// commandLog records the commands that clients send. If memory is nil, it records nothing.
type commandLog struct {
	memory *budget

	mu    sync.Mutex
	list  []Command
	bytes int64
}

func cost(c *Command) int64 { return commandCost + int64(len(c.Verb)+len(c.Line)) }

// add records a command if there is memory for it.
func (l *commandLog) add(c Command) {
	n := cost(&c)
	l.mu.Lock()
	defer l.mu.Unlock()
	//mutant:remembered-commands-are-bounded is "maxCommandBytes" "1<<40"
	for len(l.list) > 0 && (len(l.list) >= maxCommands || l.bytes+n > maxCommandBytes) {
		l.drop()
	}
	if !l.memory.take(n) {
		return
	}
	l.bytes += n
	l.list = append(l.list, c)
}

// drop removes the oldest command.
func (l *commandLog) drop() {
	n := cost(&l.list[0])
	l.list[0] = Command{}
	l.list = l.list[1:]
	l.bytes -= n
	l.memory.give(n)
}

// all returns the recorded commands, oldest first.
func (l *commandLog) all() []Command {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Command(nil), l.list...)
}

// Commands returns the last 10 000 commands that clients have sent, oldest first. It
// returns fewer if they are long or memory is short, and none with [Options].Forget.
func (s *Server) Commands() []Command { return s.commands.all() }

// note records a command, if the server records commands.
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
