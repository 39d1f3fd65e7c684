//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package line

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/chzyer/readline"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// terminal is a terminal at which a user types.
type terminal struct {
	rl      *readline.Instance
	keys    *keys
	folds   *folds
	in, out *os.File
	fd      int
	saved   unix.Termios
	resize  func()
	winch   chan os.Signal
	sigint  chan os.Signal
	history *history

	mode   sync.Mutex // guards the mode of the terminal
	closed bool

	mu       sync.Mutex
	editing  bool
	resized  bool
	progress bool    // a progress line is shown
	prompt   *string // the new prompt of the line being edited; nil for no change
	queue    []string
}

// NewTerminal returns a Reader that edits lines on a terminal. historyFile keeps the
// lines between runs, readable only for its owner; "" means no file. NewTerminal returns
// an error if in is not a terminal.
func NewTerminal(in, out *os.File, historyFile string, complete Complete) (Reader, error) {
	t := &terminal{in: in, out: out, fd: int(in.Fd()), winch: make(chan os.Signal, 1), sigint: make(chan os.Signal, 1), folds: newFolds()}
	saved, err := unix.IoctlGetTermios(t.fd, ioctlGet)
	if err != nil {
		return nil, err
	}
	t.saved = *saved
	if t.keys, err = newKeys(t.fd, t.folds); err != nil {
		return nil, err
	}
	t.keys.suspend, t.keys.say = t.suspend, t.Print
	t.rl, err = readline.NewEx(&readline.Config{
		Stdin: t.keys, Stdout: out, Stderr: out,
		DisableAutoSaveHistory: true, HistoryLimit: 1000,
		AutoComplete:        completer(complete, t.width, t.Print, t.folds),
		Listener:            t.folds,
		Painter:             t.folds,
		InterruptPrompt:     "^C",
		EOFPrompt:           "",
		ForceUseInteractive: true,
		FuncIsTerminal:      func() bool { return true },
		FuncMakeRaw:         func() error { return t.set(editingMode) },
		FuncExitRaw:         func() error { return t.set(waitingMode) },
		FuncGetWidth:        t.width,
		FuncFilterInputRune: t.filter,
		FuncOnWidthChanged:  func(f func()) { t.resize = f },
	})
	if err != nil {
		return nil, err
	}
	signal.Notify(t.winch, syscall.SIGWINCH)
	go func() {
		for range t.winch {
			t.mu.Lock()
			t.resized = true
			t.mu.Unlock()
			t.keys.wake()
		}
	}()
	signal.Notify(t.sigint, os.Interrupt)
	go func() {
		for range t.sigint {
			t.interrupted()
		}
	}()
	t.history = openHistory(historyFile)
	for _, l := range t.history.lines {
		t.rl.SaveHistory(t.folds.entry(l)) //nolint:errcheck // in memory
	}
	return t, nil
}

// terminalMode is the way in which the terminal handles keys.
type terminalMode int

const (
	waitingMode terminalMode = iota // no echo; ^C and ^Z are signals
	editingMode                     // no echo; all keys are returned as bytes
)

// set sets the mode of the terminal. After Close it does nothing, because readline's
// goroutine can still call it.
func (t *terminal) set(mode terminalMode) error {
	t.mode.Lock()
	defer t.mode.Unlock()
	if t.closed {
		return nil
	}
	m := t.saved
	m.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON
	m.Iflag &^= unix.ICRNL // otherwise the terminal turns CRLF into two line ends
	if mode == editingMode {
		m.Iflag &^= unix.INLCR | unix.IGNCR | unix.IXON | unix.BRKINT | unix.ISTRIP
		m.Lflag &^= unix.ISIG | unix.IEXTEN
	}
	m.Cc[unix.VMIN], m.Cc[unix.VTIME] = 1, 0
	return unix.IoctlSetTermios(t.fd, ioctlSet, &m)
}

// restore restores the mode that the terminal had before.
func (t *terminal) restore() error { return unix.IoctlSetTermios(t.fd, ioctlSet, &t.saved) }

func (t *terminal) width() int {
	if w, _, err := term.GetSize(int(t.out.Fd())); err == nil && w > 0 {
		return w
	}
	return 80
}

// filter runs on readline's goroutine, so that printing and resizing cannot disturb its
// drawing. It replaces the wake rune by BEL, which readline ignores within a line. If it
// rejected the rune, readline would read ahead.
func (t *terminal) filter(r rune) (rune, bool) {
	if r != wakeRune {
		return r, true
	}
	t.mu.Lock()
	queue, resized, prompt := t.queue, t.resized, t.prompt
	t.queue, t.resized, t.prompt = nil, false, nil
	t.mu.Unlock()
	if prompt != nil {
		t.rl.SetPrompt(*prompt)
	}
	if resized && t.resize != nil {
		t.resize()
	}
	for _, text := range queue {
		t.rl.Stdout().Write([]byte(text)) //nolint:errcheck // the terminal may be gone
	}
	if len(queue) == 0 {
		t.rl.Refresh()
	}
	return readline.CharBell, true
}

// suspend stops the process like ^Z in other programs, and sets the terminal mode again
// when the process continues. In an orphaned process group the kernel ignores the signal;
// then suspend returns after 50 ms.
func (t *terminal) suspend() {
	t.out.WriteString(pasteOff + "\r\n")
	t.restore() //nolint:errcheck // nothing else can be done
	cont := make(chan os.Signal, 1)
	signal.Notify(cont, syscall.SIGCONT)
	defer signal.Stop(cont)
	syscall.Kill(0, syscall.SIGTSTP) //nolint:errcheck // the signal can be ignored
	select {
	case <-cont:
	case <-time.After(50 * time.Millisecond):
	}
	t.set(editingMode) //nolint:errcheck // nothing else can be done
	t.out.WriteString(pasteOn)
}

const pasteOn, pasteOff = "\x1b[?2004h", "\x1b[?2004l"

func (t *terminal) ReadLine(prompt string) (string, error) {
	t.rl.SetPrompt(prompt)
	t.mu.Lock()
	t.editing = true
	t.mu.Unlock()
	t.keys.admit()
	t.set(editingMode)         //nolint:errcheck // readline sets it again
	t.out.WriteString(pasteOn) // after set, or bytes of a paste could be signals
	edited, err := t.rl.Readline()
	t.out.WriteString(pasteOff)
	t.keys.shut()
	t.mu.Lock()
	t.editing = false
	queue := t.queue
	t.queue, t.prompt = nil, nil
	t.mu.Unlock()
	line := []rune(edited)
	text := t.folds.expand(line)
	if err == nil {
		queue = append(queue, t.folds.note(line, text))
	}
	for _, q := range queue {
		t.out.WriteString(q)
	}
	switch {
	case errors.Is(err, readline.ErrInterrupt):
		return "", ErrInterrupt
	case err != nil:
		return "", io.EOF
	}
	return text, nil
}

func (t *terminal) Print(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.editing {
		if t.progress {
			text = eraseLine + text
			t.progress = false
		}
		t.out.WriteString(text)
		return
	}
	if len(t.queue) >= maxQueue {
		return // more text than anyone can read
	}
	t.queue = append(t.queue, text)
	go t.keys.wake()
}

// maxQueue is the largest number of texts that wait to be printed above the line being
// edited.
const maxQueue = 1000

const eraseLine = "\r\x1b[K"

func (t *terminal) SetPrompt(prompt string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.editing {
		t.prompt = &prompt
		go t.keys.wake()
	}
}

func (t *terminal) Progress(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.editing || text == "" && !t.progress {
		return
	}
	if r := []rune(text); len(r) >= t.width() {
		text = string(r[:t.width()-1])
	}
	t.out.WriteString(eraseLine + text)
	t.progress = text != ""
}

func (t *terminal) Outside(run func(in, out *os.File) error) error {
	if err := t.restore(); err != nil {
		return err
	}
	defer func() {
		t.set(waitingMode) //nolint:errcheck // nothing else can be done
		t.keys.leave()
	}()
	return run(t.in, t.out)
}

func (t *terminal) Size() (columns, rows int) {
	_, rows, err := term.GetSize(t.fd)
	if err != nil {
		rows = 24
	}
	return t.width(), rows
}

// KeepOut adds an empty entry. Otherwise readline would save its own copy of a recalled
// line that was edited.
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
	// in editing mode ^C is a byte, and cancels the question
	if err := t.set(editingMode); err != nil {
		return "", err
	}
	defer t.set(waitingMode) //nolint:errcheck // nothing else can be done
	t.out.WriteString(prompt)
	defer t.out.WriteString("\n")
	var typed []byte
	for {
		var b [1]byte
		if c, ok := t.keys.octet(); ok {
			b[0] = c
		} else {
			n, err := unix.Read(t.fd, b[:])
			switch {
			case errors.Is(err, unix.EINTR):
				continue
			case err != nil || n == 0:
				return "", io.EOF
			}
		}
		var within bool
		if typed, within = t.keys.answer(typed, b[0]); within {
			continue
		}
		switch c := b[0]; c {
		case '\r', '\n':
			return string(typed), nil
		case 3: // ^C
			return "", ErrInterrupt
		case 4: // ^D
			if len(typed) == 0 {
				return "", io.EOF
			}
		case 8, 127: // backspace deletes a whole character
			for len(typed) > 0 {
				last := typed[len(typed)-1]
				typed = typed[:len(typed)-1]
				if last&0xc0 != 0x80 {
					break
				}
			}
		case 21: // ^U
			typed = typed[:0]
		default:
			if c >= 0x20 && len(typed) < maxPassword {
				typed = append(typed, c)
			}
		}
	}
}

// maxPassword is the largest password, in bytes. Access tokens have a few thousand.
const maxPassword = 64 << 10

func (t *terminal) Terminal() bool { return true }

// interrupted drops the rest of a paste when ^C cancels one of its lines.
func (t *terminal) interrupted() {
	t.mu.Lock()
	editing := t.editing
	t.mu.Unlock()
	if editing {
		return
	}
	if n := t.keys.drop(); n > 0 {
		t.Print(fmt.Sprintf("   ^C: the rest of the paste is ignored, lines: %d\n", n))
	}
}

// Close ends reading and restores the terminal. readline's Close can wait for a key
// forever, so keys is closed first, and Close does not wait for readline.
func (t *terminal) Close() error {
	signal.Stop(t.winch)
	close(t.winch)
	signal.Stop(t.sigint)
	close(t.sigint)
	t.keys.Close()
	go t.rl.Close()
	t.history.close()
	t.mode.Lock()
	defer t.mode.Unlock()
	t.closed = true
	return t.restore()
}
