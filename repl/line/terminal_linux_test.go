package line

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// tty is a pseudo-terminal; the test types at it.
type tty struct {
	t      testing.TB
	master *os.File
	slave  *os.File
	mu     sync.Mutex
	screen strings.Builder
}

func openTTY(t testing.TB) *tty {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatalf("no pseudo-terminals here: %v", err)
	}
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile("/dev/pts/"+itoa(n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	p := &tty{t: t, master: master, slave: slave}
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := master.Read(buf)
			p.mu.Lock()
			p.screen.Write(buf[:n])
			p.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { slave.Close(); master.Close() })
	return p
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

func (p *tty) types(s string) { io.WriteString(p.master, s) }

// sees waits until a text has been on the screen.
func (p *tty) sees(want string) {
	p.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		p.mu.Lock()
		s := p.screen.String()
		p.mu.Unlock()
		if strings.Contains(s, want) {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("the screen lacks %q:\n%q", want, s)
		}
	}
}

func open(t *testing.T, p *tty, history string) Reader {
	t.Helper()
	r, err := NewTerminal(p.slave, p.slave, history, func(before string) Proposal {
		return Proposal{Candidates: []string{"STARTTLS ", "MAIL "}, Word: len(before)}
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func read(t *testing.T, r Reader, prompt, want string) {
	t.Helper()
	if got, err := r.ReadLine(prompt); err != nil || got != want {
		t.Fatalf("got %q, %v, want %q", got, err, want)
	}
}

func TestTerminal(t *testing.T) {
	p := openTTY(t)
	history := filepath.Join(t.TempDir(), "deep", "history")
	r := open(t, p, history)

	p.types("EHLO me\r")
	read(t, r, "one> ", "EHLO me")
	p.sees("one> ")

	// editing, history, completion, NUL, wide characters
	p.types("NOPE\x7f\x7fOP\r")
	read(t, r, "> ", "NOOP")
	r.Remember("NOOP")
	r.KeepOut()
	r.Remember(" leading space")
	p.types("\x1b[A\r")
	read(t, r, "> ", "NOOP")
	p.types("st\t\r")
	read(t, r, "> ", "stARTTLS ")
	p.types("a\x00b\r")
	read(t, r, "> ", "ab")
	p.types("漢字\x7f😀\r")
	read(t, r, "> ", "漢😀")

	// several lines that arrive at once are returned one by one
	p.types("RSET\rNOOP\rQUIT\r")
	for _, want := range []string{"RSET", "NOOP", "QUIT"} {
		read(t, r, "> ", want)
	}
	// CRLF is one line end, also without paste markers; an empty line is kept
	p.types("RSET\r\nNOOP\r\n\r\nHELP\r\n")
	for _, want := range []string{"RSET", "NOOP", "", "HELP"} {
		read(t, r, "> ", want)
	}
	p.types("\x1b[200~RSET\r\nNOOP\r\n\x1b[201~VRFY\n\nHELP\r")
	for _, want := range []string{"RSET", "NOOP", "VRFY", "", "HELP"} {
		read(t, r, "> ", want)
	}
	// the markers of a paste are removed
	p.types("\x1b[200~MAIL FROM:<a@b>\rDATA\r\x1b[201~x\r")
	for _, want := range []string{"MAIL FROM:<a@b>", "DATA", "x"} {
		read(t, r, "> ", want)
	}

	// ^C discards the line, ^D on an empty line is the end of input
	// (between lines ^C is a signal, so wait for the prompt first)
	go func() {
		p.sees("interrupt> ")
		p.types("half a li")
		p.sees("half a li")
		p.types("\x03")
	}()
	if _, err := r.ReadLine("interrupt> "); !errors.Is(err, ErrInterrupt) {
		t.Fatalf("^C: %v", err)
	}
	p.types("\x04")
	if _, err := r.ReadLine("> "); err != io.EOF {
		t.Fatalf("^D: %v", err)
	}

	// text printed meanwhile is above the line, and the typed text is kept
	go func() {
		p.sees("print> ")
		p.types("typed")
		p.sees("typed")
		r.Print("421 closing\n")
		p.sees("421 closing")
		p.types(" on\r")
	}()
	read(t, r, "print> ", "typed on")

	// a password is neither shown nor kept in the history
	done := make(chan string)
	go func() {
		s, err := r.Password("password: ")
		if err != nil {
			t.Error(err)
		}
		done <- s
	}()
	p.sees("password: ")
	p.types("hunter2\r")
	if s := <-done; s != "hunter2" {
		t.Fatalf("password %q", s)
	}
	// ^C cancels the question and nothing else
	gaveUp := make(chan error)
	go func() {
		_, err := r.Password("again: ")
		gaveUp <- err
	}()
	p.sees("again: ")
	p.types("hunt\x03")
	if err := <-gaveUp; !errors.Is(err, ErrInterrupt) {
		t.Fatalf("^C at the password: %v", err)
	}
	go func() {
		p.sees("after> ")
		p.types("NOOP after\r")
	}()
	read(t, r, "after> ", "NOOP after")
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	if strings.Contains(p.screen.String(), "hunt") {
		t.Error("the password was shown")
	}
	p.mu.Unlock()

	// the mode of the terminal is restored; the history is private and has no secrets
	m, err := unix.IoctlGetTermios(int(p.slave.Fd()), unix.TCGETS)
	if err != nil || m.Lflag&unix.ECHO == 0 || m.Lflag&unix.ICANON == 0 {
		t.Errorf("the mode of the terminal was not restored: %+v, %v", m, err)
	}
	b, err := os.ReadFile(history)
	if err != nil || string(b) != "NOOP\n" {
		t.Errorf("history %q, %v", b, err)
	}
	if fi, err := os.Stat(history); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", fi.Mode(), err)
	}
}

func TestCloseEndsAPendingRead(t *testing.T) {
	p := openTTY(t)
	r := open(t, p, "")
	got := make(chan error)
	go func() {
		_, err := r.ReadLine("> ")
		got <- err
	}()
	p.sees("> ")
	r.Close()
	select {
	case err := <-got:
		if err == nil {
			t.Fatal("ReadLine returned a line")
		}
	case <-time.After(20 * time.Second):
		t.Fatal("Close does not end a read")
	}
}

func TestHistoryIsLoadedAndCut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	var b strings.Builder
	for range 3000 {
		b.WriteString("NOOP old\n")
	}
	b.WriteString("NOOP new\n")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	p := openTTY(t)
	r := open(t, p, path)
	p.types("\x1b[A\r")
	read(t, r, "> ", "NOOP new")
	r.Close()
	left, err := os.ReadFile(path)
	if err != nil || strings.Count(string(left), "\n") != maxHistory {
		t.Errorf("%d lines are left, %v", strings.Count(string(left), "\n"), err)
	}
	if fi, _ := os.Stat(path); fi.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", fi.Mode())
	}
}
