//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package line

import (
	"errors"
	"io"
	"os"

	"github.com/chzyer/readline"
	"golang.org/x/term"
)

// terminal is a terminal on systems where readline reads the console itself, such as
// Windows.
type terminal struct {
	rl      *readline.Instance
	in, out *os.File
	fd      int
	history *history
	folds   *folds
}

// NewTerminal returns a Reader that edits lines on a terminal. historyFile keeps the
// lines between runs; "" means no file.
func NewTerminal(in, out *os.File, historyFile string, complete Complete) (Reader, error) {
	t := &terminal{in: in, out: out, fd: int(in.Fd()), folds: newFolds()}
	width := func() int {
		if w, _, err := term.GetSize(int(out.Fd())); err == nil && w > 0 {
			return w
		}
		return 80
	}
	var err error
	t.rl, err = readline.NewEx(&readline.Config{
		DisableAutoSaveHistory: true, HistoryLimit: 1000,
		AutoComplete: completer(complete, width, t.Print, t.folds), Listener: t.folds,
		Painter:         t.folds,
		InterruptPrompt: "^C", EOFPrompt: "",
		FuncFilterInputRune: func(r rune) (rune, bool) { return r, r != 0 },
	})
	if err != nil {
		return nil, err
	}
	t.history = openHistory(historyFile)
	for _, l := range t.history.lines {
		t.rl.SaveHistory(t.folds.entry(l)) //nolint:errcheck // in memory
	}
	return t, nil
}

func (t *terminal) ReadLine(prompt string) (string, error) {
	t.rl.SetPrompt(prompt)
	edited, err := t.rl.Readline()
	switch {
	case errors.Is(err, readline.ErrInterrupt):
		return "", ErrInterrupt
	case err != nil:
		return "", io.EOF
	}
	line := []rune(edited)
	text := t.folds.expand(line)
	io.WriteString(t.out, t.folds.note(line, text)) //nolint:errcheck // the console may be gone
	return text, nil
}

func (t *terminal) Print(text string) { io.WriteString(t.rl.Stdout(), text) } //nolint:errcheck // the console may be gone

func (t *terminal) KeepOut() { t.rl.SaveHistory("") } //nolint:errcheck // in memory

func (t *terminal) Remember(line string) {
	t.KeepOut()
	if line == "" || line[0] == ' ' {
		return
	}
	t.rl.SaveHistory(t.folds.entry(line)) //nolint:errcheck // in memory
	t.history.add(line)
}

func (t *terminal) Password(prompt string) (string, error) {
	io.WriteString(t.out, prompt) //nolint:errcheck // the console may be gone
	b, err := term.ReadPassword(t.fd)
	io.WriteString(t.out, "\n") //nolint:errcheck // the console may be gone
	return string(b), err
}

func (t *terminal) SetPrompt(prompt string) { t.rl.SetPrompt(prompt) }

func (t *terminal) Progress(text string) { io.WriteString(t.out, "\r"+text+"\x1b[K") } //nolint:errcheck // the console may be gone

func (t *terminal) Outside(run func(in, out *os.File) error) error { return run(t.in, t.out) }

func (t *terminal) Terminal() bool { return true }

func (t *terminal) Size() (columns, rows int) {
	columns, rows, err := term.GetSize(int(t.out.Fd()))
	if err != nil || columns <= 0 {
		return 80, 24
	}
	return columns, rows
}

func (t *terminal) Close() error {
	t.history.close()
	go t.rl.Close()
	return nil
}
