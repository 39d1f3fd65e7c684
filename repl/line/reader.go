package line

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strings"
)

// Reader reads lines for the prompt, and prints above the line being edited.
type Reader interface {
	// ReadLine shows the prompt on a terminal and returns one line without its
	// line end. It returns io.EOF at the end of the input, and [ErrInterrupt]
	// after ^C.
	ReadLine(prompt string) (string, error)
	// Print prints whole lines, above the line being edited if there is one.
	// It is safe for concurrent use.
	Print(text string)
	// Remember adds a line to the history, unless it begins with a space.
	Remember(line string)
	// KeepOut omits the line that was read last from the history.
	KeepOut()
	// Password reads a line without showing it. It returns [ErrInterrupt] after
	// ^C and io.EOF after ^D.
	Password(prompt string) (string, error)
	// SetPrompt changes the prompt of the line being edited, if there is one.
	SetPrompt(prompt string)
	// Progress shows a line that the next call replaces; "" removes it. It does
	// nothing without a terminal.
	Progress(text string)
	// Outside gives the terminal to another program, such as an editor, while
	// run runs. It returns [ErrNoTerminal] without a terminal.
	Outside(run func(in, out *os.File) error) error
	// Terminal reports whether lines come from a terminal.
	Terminal() bool
	// Size returns the size of the terminal, in columns and rows; 80 and 0
	// without a terminal.
	Size() (columns, rows int)
	// Close restores the mode of the terminal.
	Close() error
}

// ErrInterrupt is returned by ReadLine and Password after ^C.
var ErrInterrupt = errors.New("interrupted")

// ErrNoTerminal is returned by Outside without a terminal.
var ErrNoTerminal = errors.New("no terminal")

// ErrTooLong is returned for a line of more than [MaxLine] bytes.
var ErrTooLong = errors.New("the line is too long")

// MaxLine is the length of the longest line that is read from a pipe or a paste, in bytes.
const MaxLine = 1 << 20

// Proposal contains completions of a line.
type Proposal struct {
	Candidates []string // possible replacements of the word before the cursor
	Word       int      // length of that word, in bytes
	Note       string   // text to print above the line, such as the syntax of what can follow
}

// Complete returns completions of a line. before is the line up to the cursor.
type Complete func(before string) Proposal

// piped reads lines from a pipe or a file.
type piped struct {
	r     *bufio.Reader
	out   io.Writer
	begun bool
}

// NewPiped reads from a pipe or file.
func NewPiped(r io.Reader, out io.Writer) Reader {
	return &piped{r: bufio.NewReader(r), out: out}
}

func (p *piped) ReadLine(string) (string, error) {
	if !p.begun { // a byte order mark does not belong to the first line
		p.begun = true
		if first, err := p.r.Peek(1); err == nil && first[0] == "\ufeff"[0] { // do not wait for more bytes if the first one differs
			if mark, err := p.r.Peek(3); err == nil && string(mark) == "\ufeff" {
				p.r.Discard(3) //nolint:errcheck // Peek has read these bytes
			}
		}
	}
	var b strings.Builder
	for {
		part, err := p.r.ReadSlice('\n')
		if b.Len()+len(part) > MaxLine {
			return "", ErrTooLong
		}
		b.Write(part)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && b.Len() == 0 {
			return "", err
		}
		return strings.TrimSuffix(strings.TrimSuffix(b.String(), "\n"), "\r"), nil
	}
}

func (p *piped) Print(text string) { io.WriteString(p.out, text) }
func (p *piped) Remember(string)   {}
func (p *piped) KeepOut()          {}
func (p *piped) Password(string) (string, error) {
	return "", errors.New("cannot ask for the password: no terminal")
}
func (p *piped) SetPrompt(string)                           {}
func (p *piped) Progress(string)                            {}
func (p *piped) Outside(func(in, out *os.File) error) error { return ErrNoTerminal }
func (p *piped) Terminal() bool                             { return false }
func (p *piped) Size() (columns, rows int)                  { return 80, 0 }
func (p *piped) Close() error                               { return nil }
