package line

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strings"
)

// Reader is where the prompt gets its lines from.
type Reader interface {
	// ReadLine shows the prompt, where there is somebody to see it, and returns
	// one line without its ending. It returns io.EOF at the end of the input,
	// and [ErrInterrupt] when the person pressed ^C.
	ReadLine(prompt string) (string, error)
	// Print writes whole lines, above the line being edited if there is one.
	// It may be called from any goroutine.
	Print(text string)
	// Remember puts a line into the history, unless it begins with a space.
	Remember(line string)
	// KeepOut keeps the line that was read last out of the history.
	KeepOut()
	// Password asks without showing what is typed. It returns [ErrInterrupt]
	// after ^C and io.EOF after ^D.
	Password(prompt string) (string, error)
	// SetPrompt changes the prompt of the line being edited, if there is one.
	SetPrompt(prompt string)
	// Progress shows a line that the next one replaces; "" takes it away.
	// Nobody but a person at a terminal sees it.
	Progress(text string)
	// Outside gives the terminal to another program, such as an editor, while
	// run runs. It returns [ErrNoTerminal] where there is none.
	Outside(run func(in, out *os.File) error) error
	// Terminal reports whether a person is at the peer.
	Terminal() bool
	// Size is the terminal's, in columns and rows; 80 and 0 without one.
	Size() (columns, rows int)
	// Close gives the terminal back as it was.
	Close() error
}

// ErrInterrupt is what ReadLine returns after ^C.
var ErrInterrupt = errors.New("interrupted")

// ErrNoTerminal is returned where only a person at a terminal could answer.
var ErrNoTerminal = errors.New("no terminal")

// ErrTooLong is returned for a line beyond [MaxLine].
var ErrTooLong = errors.New("the line is too long")

// MaxLine bounds a line that is read from a pipe.
const MaxLine = 1 << 20

// Proposal is how a line could go on.
type Proposal struct {
	Candidates []string // what may replace the word that ends at the cursor
	Word       int      // how many bytes of the line that word has
	Note       string   // lines to print above, such as the form of what can follow
}

// Complete proposes how the line before the cursor could go on.
type Complete func(before string) Proposal

// piped reads lines that nobody edits.
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
	if !p.begun { // a byte order mark is no part of the first line
		p.begun = true
		if first, err := p.r.Peek(1); err == nil && first[0] == "\ufeff"[0] { // shorter lines must not wait for more
			if mark, err := p.r.Peek(3); err == nil && string(mark) == "\ufeff" {
				p.r.Discard(3) //nolint:errcheck // they have been read
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
	return "", errors.New("no terminal to ask for a password on")
}
func (p *piped) SetPrompt(string)                           {}
func (p *piped) Progress(string)                            {}
func (p *piped) Outside(func(in, out *os.File) error) error { return ErrNoTerminal }
func (p *piped) Terminal() bool                             { return false }
func (p *piped) Size() (columns, rows int)                  { return 80, 0 }
func (p *piped) Close() error                               { return nil }
