package cli

import (
	"bytes"
	"io"
	"sync"

	"smtpsh/transcript"
)

// maxProgramLine is the longest part of a line that is kept until its end arrives, in bytes.
const maxProgramLine = 4096

// programErrors writes the standard error of the programs of pipe targets line by line, with
// control characters escaped. It is safe for concurrent use.
type programErrors struct {
	mu   sync.Mutex
	out  io.Writer
	line []byte
}

// Write writes the complete lines of b and keeps the rest. It never fails, so that a program
// continues if standard error is closed.
func (p *programErrors) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for rest := b; len(rest) > 0; {
		i := bytes.IndexByte(rest, '\n')
		end := i + 1
		if i < 0 {
			i, end = len(rest), len(rest)
		}
		room := maxProgramLine - len(p.line)
		whole := end > i
		if i > room {
			i, end, whole = room, room, true
		}
		p.line = append(p.line, rest[:i]...)
		rest = rest[end:]
		if whole {
			p.show()
		}
	}
	return len(b), nil
}

// Flush writes the kept part of a line, at the end of a program.
func (p *programErrors) Flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.line) > 0 {
		p.show()
	}
}

// show writes the line.
func (p *programErrors) show() {
	text := transcript.Escape(string(bytes.TrimRight(p.line, "\r")))
	p.line = p.line[:0]
	io.WriteString(p.out, "program: "+text+"\n") //nolint:errcheck // nobody else can be told
}
