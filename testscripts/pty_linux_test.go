package testscripts

import (
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

// terminal is the program on a pseudo-terminal, with simulated keys and a screen that is
// drawn as on a terminal.
type terminal struct {
	t    *testing.T
	cmd  *exec.Cmd
	pty  *os.File
	home string
	done chan struct{}

	mu     sync.Mutex
	screen vt10x.Terminal
	raw    strings.Builder
}

// ttyWait limits every wait; tests that pass never reach it.
const ttyWait = 30 * time.Second

// start runs a program on 80 columns and 24 rows, in its own directory.
func start(t *testing.T, env []string, name string, args ...string) *terminal {
	t.Helper()
	term := &terminal{t: t, home: t.TempDir(), done: make(chan struct{}), screen: vt10x.New(vt10x.WithSize(80, 24))}
	term.cmd = exec.Command(name, args...)
	term.cmd.Dir = term.home
	term.cmd.Env = append([]string{"HOME=" + term.home, "PATH=" + os.Getenv("PATH"), "TERM=xterm", "LANG=C.UTF-8", "PS1=shell$ "}, env...)
	var err error
	if term.pty, err = pty.StartWithSize(term.cmd, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(term.done)
		buf := make([]byte, 4096)
		for {
			n, err := term.pty.Read(buf)
			term.mu.Lock()
			term.raw.Write(buf[:n])
			term.screen.Write(buf[:n]) //nolint:errcheck // it is in memory
			term.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the screen:\n%s", term.text())
		}
		term.cmd.Process.Kill() //nolint:errcheck // it can have ended
		term.cmd.Wait()         //nolint:errcheck // it can have failed
		term.pty.Close()
	})
	return term
}

// text returns the text of the screen.
func (x *terminal) text() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	var b strings.Builder
	for l := range strings.Lines(x.screen.String()) {
		b.WriteString(strings.TrimRight(l, " \n") + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// keys presses keys.
func (x *terminal) keys(s string) {
	x.t.Helper()
	if _, err := io.WriteString(x.pty, s); err != nil {
		x.t.Fatal(err)
	}
}

// types types lines one by one, each after the prompt before it.
func (x *terminal) types(lines ...string) {
	x.t.Helper()
	for _, l := range lines {
		x.atPrompt()
		x.keys(l + "\r")
		x.sees(l[:min(len(l), 20)]) // a long line is wrapped
	}
	x.atPrompt()
}

// atPrompt waits until the cursor is after an empty prompt.
func (x *terminal) atPrompt() {
	x.t.Helper()
	x.atPromptOf(">")
}

// atPromptOf waits until the cursor is after an empty prompt that ends in a text.
func (x *terminal) atPromptOf(end string) {
	x.t.Helper()
	x.until("an empty prompt "+end, func() bool {
		x.mu.Lock()
		defer x.mu.Unlock()
		c := x.screen.Cursor()
		var line strings.Builder
		for col := range 80 {
			line.WriteRune(x.screen.Cell(col, c.Y).Char)
		}
		text := strings.TrimRight(line.String(), " \x00")
		return strings.HasSuffix(text, end) && c.X == len([]rune(text))+1
	})
}

// sees waits until the screen shows a text.
func (x *terminal) sees(want string) {
	x.t.Helper()
	x.until(want, func() bool { return strings.Contains(x.text(), want) })
}

func (x *terminal) until(what string, ok func() bool) {
	x.t.Helper()
	for deadline := time.Now().Add(ttyWait); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			x.t.Fatalf("the screen never showed %q", what)
		}
	}
}

// lacks checks that the screen has never shown a text.
func (x *terminal) lacks(what string) {
	x.t.Helper()
	x.mu.Lock()
	defer x.mu.Unlock()
	if strings.Contains(x.raw.String(), what) {
		x.t.Errorf("%q was on the screen", what)
	}
}

// ends waits for the program and returns its exit status.
func (x *terminal) ends() int {
	x.t.Helper()
	got := make(chan int, 1)
	go func() {
		x.cmd.Wait() //nolint:errcheck // the exit status shows it
		got <- x.cmd.ProcessState.ExitCode()
	}()
	select {
	case code := <-got:
		return code
	case <-time.After(ttyWait):
		x.t.Fatal("the program does not end")
	}
	return -1
}

// leaves leaves the prompt, which must succeed.
func (x *terminal) leaves() {
	x.t.Helper()
	x.atPrompt()
	x.keys(":q\r")
	if code := x.ends(); code != 0 {
		x.t.Errorf("exit status %d", code)
	}
}

func (x *terminal) file(name string) string {
	x.t.Helper()
	b, err := os.ReadFile(filepath.Join(x.home, name))
	if err != nil {
		x.t.Error(err)
	}
	return string(b)
}

func TestWholeGmailSessionByHand(t *testing.T) {
	x := start(t, nil, "smtpsh")
	x.types("EHLO me")
	x.types("MAIL FROM:<alice@gmail.com>")
	x.sees("S: 530-5.7.0 Must issue a STARTTLS")
	x.types(":why")
	x.sees("Google")
	x.types("STARTTLS", "EHLO me")
	x.keys(":login\r")
	x.sees("user name (^C cancels):")
	x.keys("alice@gmail.com\r")
	x.sees("password (not shown):")
	x.keys("abcdefghijklmnop\r")
	x.sees("S: 235 2.7.0 Accepted")
	x.types("MAIL FROM:<alice@gmail.com>", "RCPT TO:<bob@example.com>")
	x.keys("DATA\r")
	x.atPrompt()
	x.sees("data>")
	x.types("Subject: hi", "", ".hidden", ".")
	x.sees("S: 250 2.0.0 OK")
	x.types(":mailbox 1")
	x.sees("   .hidden")
	x.types("AUTH PLAIN AGFsaWNlQGdtYWlsLmNvbQBhYmNkZWZnaGlqa2xtbm9w", ":encode \\0alice\\0abcdefghijklmnop")
	x.types(" NOOP not kept", "QUIT")
	x.sees("not connected>")
	x.keys("\x04")
	if code := x.ends(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	history := x.file(".local/state/smtpsh/history")
	for _, want := range []string{"EHLO me\n", "STARTTLS\n", ":login\n", "QUIT\n"} {
		if !strings.Contains(history, want) {
			t.Errorf("the history lacks %q", want)
		}
	}
	for _, not := range []string{"abcdefgh", "AUTH PLAIN", "AGFs", "not kept", "Subject", "alice@gmail.com\n\n"} {
		if strings.Contains(history, not) {
			t.Errorf("the history has %q", not)
		}
	}
	if info, err := os.Stat(filepath.Join(x.home, ".local/state/smtpsh/history")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestPasteOfManyLines(t *testing.T) {
	x := start(t, []string{"NO_COLOR=1"}, "smtpsh", "sandbox:plain")
	x.atPrompt()
	var b strings.Builder
	b.WriteString("EHLO me\r")
	for range 7 {
		b.WriteString("NOOP one\rRSET\r")
	}
	b.WriteString("MAIL FROM:<a@example.org>\rRCPT TO:<bob@sandbox.test>\rDATA\rSubject: pasted\r\rsecond last\r.\rHELP\r")
	x.keys("\x1b[200~" + b.String() + "\x1b[201~")
	x.sees("message 1 accepted")
	x.sees("S: 214")
	x.types(":mailbox 1")
	x.sees("second last")
	x.types(":show 4")
	x.sees("C: HELP")
	x.lacks("\x1b[3")
	x.leaves()
}

func TestCompletionOnTheScreen(t *testing.T) {
	x := start(t, nil, "smtpsh", "sandbox:plain")
	x.types("EHLO me")
	x.keys("mai\t")
	x.sees("mail from:<")
	x.keys("a@example.org> \t")
	x.sees("SIZE=octets")
	x.keys("siz\t")
	x.sees("sizE=")
	x.keys("10\r")
	x.sees("S: 250 2.1.0")
	x.atPrompt()
	x.keys("R\t")
	x.keys("a\t")
	x.keys("\x03")
	x.atPrompt()
	x.keys(":set tim\t")
	x.sees(":set tim")
	x.keys("i\ton\r")
	x.sees(":set timings on")
	x.atPrompt()
	x.keys("=s:no\t")
	x.sees("=s:noop")
	x.keys("()\r")
	x.sees("C: NOOP")
	x.leaves()
}

// listening is a server that sends text on request.
func listening(t *testing.T) (addr string, conn <-chan net.Conn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	ch := make(chan net.Conn, 1)
	go func() {
		c, err := ln.Accept()
		if err == nil {
			t.Cleanup(func() { c.Close() })
			ch <- c
		}
	}()
	return ln.Addr().String(), ch
}

func TestInterruptEndsAWait(t *testing.T) {
	addr, conn := listening(t)
	x := start(t, nil, "smtpsh", addr)
	c := <-conn
	io.WriteString(c, "220 slow\r\n") //nolint:errcheck // the screen shows it
	x.atPrompt()
	x.keys("EHLO me\r")
	x.sees("waiting, ")
	x.keys("\x03")
	x.sees("reply to EHLO: canceled")
	x.sees("not connected>")
	x.types("NOOP")
	x.sees("hint: :reconnect")
	x.types(":open sandbox:plain", "NOOP")
	x.sees("S: 250")
	x.leaves()
}

// TestInterruptEndsAWaitForASecret: the FIFO has no writer, and the command does not end.
func TestInterruptEndsAWaitForASecret(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	x := start(t, nil, "smtpsh", "sandbox:plain/465")
	x.atPrompt()
	for _, source := range []string{"@file:" + fifo, "@cmd:exec<" + fifo} {
		x.types("EHLO me")
		x.sees("S: 250 ")
		x.keys(":login PLAIN ann@sandbox.test " + source + "\r")
		x.sees("waiting, ")
		x.keys("\x03")
		x.sees("AUTH: canceled")
		x.types("NOOP")
		x.sees("S: 250 2.0.0")
	}
	x.leaves()
}

func TestServerClosesWhileUserTypes(t *testing.T) {
	addr, conn := listening(t)
	x := start(t, nil, "smtpsh", addr)
	c := <-conn
	io.WriteString(c, "220 hello\r\n") //nolint:errcheck // the screen shows it
	x.atPrompt()
	x.keys("MAIL FROM:<half")
	x.sees("<half")
	io.WriteString(c, "421 4.4.2 idle for too long\x1b[2J\r\n") //nolint:errcheck // the screen shows it
	x.sees(`S: 421 4.4.2 idle for too long\x1b[2J`)
	c.Close()
	x.sees("closed")
	x.sees("not connected> MAIL FROM:<half")
	x.keys("-typed>\r")
	x.sees("hint: :reconnect")
	x.leaves()
}

func TestStopAndContinue(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Fatal(err)
	}
	x := start(t, nil, bash, "--norc", "-i")
	x.sees("shell$")
	x.keys("smtpsh sandbox:plain\r")
	x.atPrompt()
	x.keys("NOOP half")
	x.sees("NOOP half")
	x.keys("\x1a")
	x.sees("Stopped")
	x.keys("echo in the $((40+2)) shell\r")
	x.sees("in the 42 shell")
	x.keys("fg\r")
	x.keys(" way\r")
	x.sees("S: 250 2.0.0")
	x.types("EHLO again")
	x.keys(":q\r")
	x.sees("S: 221")
	x.keys("stty -a | grep -o -- ' echo '\r")
	x.sees(" echo")
	x.keys("exit\r")
	x.ends()
}

func TestResize(t *testing.T) {
	x := start(t, nil, "smtpsh", "sandbox:plain")
	x.atPrompt()
	if err := pty.Setsize(x.pty, &pty.Winsize{Rows: 24, Cols: 50}); err != nil {
		t.Fatal(err)
	}
	x.mu.Lock()
	x.screen.Resize(50, 24)
	x.mu.Unlock()
	long := "NOOP " + strings.Repeat("wide ", 12)
	x.keys(long + "\r")
	x.sees("S: 250")
	x.keys(":explain 550\r")
	x.sees("defined")
	for l := range strings.Lines(x.text()) {
		if n := len([]rune(strings.TrimRight(l, "\n"))); n > 50 {
			t.Errorf("a line of %d columns: %s", n, l)
		}
	}
	x.keys(":q\r")
	x.ends()
}

func TestPipeOnTheScreen(t *testing.T) {
	x := start(t, []string{"NO_COLOR=1"}, "smtpsh", "sandbox:plain")
	x.types("EHLO me", ":pipe", "MAIL FROM:<a@example.org>", "RCPT TO:<bob@sandbox.test>", "RCPT TO:<mailbox-full@sandbox.test>", ".")
	x.sees("C: RCPT TO:<mailbox-full@sandbox.test>\nS: 452 4.2.2 mailbox full")
	x.sees("C: MAIL FROM:<a@example.org>\nS: 250 2.1.0 sender ok")
	x.keys(":pipe\r")
	x.atPromptOf("pipe>")
	x.keys("NOOP\r")
	x.sees("pipe> NOOP") // keys typed before a line is read again are lost
	x.atPromptOf("pipe>")
	x.keys("\x03")
	x.sees("nothing was sent")
	x.atPrompt()
	x.leaves()
}

func TestLessonOnTheScreen(t *testing.T) {
	x := start(t, []string{"NO_COLOR=1"}, "smtpsh", "learn")
	x.atPrompt()
	x.sees("Lesson 1: First hello")
	x.types("HELLO")
	x.types(":hint", "EHLO me")
	x.sees("step 2 of 3")
	x.types("NOOP", "QUIT")
	x.sees("Finished.")
	x.types(":lesson list")
	x.sees("[x]  1")
	x.sees("1 of 17 finished")
	x.keys("\x04")
	if code := x.ends(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	x = startIn(t, x.home, "smtpsh", "learn")
	x.sees("Lesson 2: The envelope")
}

// startIn runs a program in the home of another one.
func startIn(t *testing.T, home string, name string, args ...string) *terminal {
	t.Helper()
	return start(t, []string{"HOME=" + home, "NO_COLOR=1"}, name, args...)
}

func TestEditorAndPager(t *testing.T) {
	x := start(t, []string{`EDITOR=printf 'From: a\n\nfrom the editor\n' >`, "PAGER=sed -e s/^/paged:/", "NO_COLOR=1"}, "smtpsh",
		"sandbox:plain")
	x.types(":help")
	x.sees("paged:keys")
	x.types("EHLO me", ":edit")
	x.sees("no recipient was accepted, so the text is kept.")
	x.types("MAIL FROM:<a@example.org>", "RCPT TO:<bob@sandbox.test>", ":edit")
	x.sees("message 1 accepted")
	x.types(":mailbox 1")
	x.sees("from the editor")
	x.types("NOOP after")
	x.sees("S: 250 2.0.0 ok")
	x.leaves()
}

func TestFileWithProgress(t *testing.T) {
	x := start(t, []string{"NO_COLOR=1"}, "smtpsh", "sandbox:plain")
	if err := os.WriteFile(filepath.Join(x.home, "big.eml"), []byte("Subject: big\n\n"+strings.Repeat(strings.Repeat("x", 70)+"\n", 60000)),
		0o600); err != nil {
		t.Fatal(err)
	}
	x.types("EHLO me", "MAIL FROM:<a@example.org>", "RCPT TO:<bob@sandbox.test>")
	x.keys(":send bi\t\r")
	x.sees("message 1 accepted")
	x.sees("more bytes of the message are not shown")
	x.mu.Lock()
	if !strings.Contains(x.raw.String(), "[####") {
		t.Error("no progress was shown")
	}
	x.mu.Unlock()
	x.types(":send nothing.eml")
	x.sees("no such file")
	x.leaves()
}

// The prompt disconnects from a server that sends without end, and continues.
func TestServerThatSendsWithoutEnd(t *testing.T) {
	addr, conn := listening(t)
	x := start(t, nil, "smtpsh", addr)
	c := <-conn
	io.WriteString(c, "220 hello\r\n") //nolint:errcheck // the screen shows it
	x.atPrompt()
	x.keys("NOOP half")
	go func() {
		for {
			if _, err := io.WriteString(c, strings.Repeat("250 and on\r\n", 100)); err != nil {
				return
			}
		}
	}()
	x.sees("replies that answer no command")
	x.sees("not connected> NOOP half")
	x.keys("\x03")
	x.types(":open sandbox:plain")
	x.sees("S: 220 sandbox.test")
	x.leaves()
}

// Waits are reported, but not while a user is typing.
func TestWaitIsNotReportedWhileTyping(t *testing.T) {
	x := start(t, []string{"EDITOR=sh -c 'echo in the editor; read x; true'", "NO_COLOR=1"}, "smtpsh", "sandbox:plain/465")
	x.types("EHLO me")
	x.keys(":edit\r")
	x.sees("in the editor")
	time.Sleep(3500 * time.Millisecond) // longer than the time after which a wait is reported
	x.keys("\r")
	x.sees("no recipient was accepted")
	x.atPrompt()
	x.keys(":login PLAIN ann@sandbox.test\r")
	x.sees("password (not shown):")
	time.Sleep(3500 * time.Millisecond)
	x.sees("password (not shown):")
	x.keys("ann-secret\r")
	x.sees("S: 235")
	x.lacks("waiting")
	x.leaves()
}

// Secrets typed in the wrong place are not stored.
func TestSlipsStayOutOfTheHistory(t *testing.T) {
	x := start(t, []string{"NO_COLOR=1"}, "smtpsh", "sandbox:plain/465")
	x.types("EHLO me", "AUTH AGFubgBodW50ZXIy", "AUHT PLAIN AGFubgBodW50ZXIy", ":login PLAIN ann hunter2", `:raw AUTH LOGIN\r\n`,
		`:raw YW5uQHNhbmRib3gudGVzdA==\r\n`, `:raw aHVudGVyMg==\r\n`)
	x.types(`=s:auth{user = "ann", pass = "hunter2"}`, "RSET")
	x.leaves()
	history := x.file(".local/state/smtpsh/history")
	for _, not := range []string{"hunter2", "AGFubg", "aHVudGVyMg", "YW5uQ"} {
		if strings.Contains(history, not) {
			t.Errorf("the history has %q:\n%s", not, history)
		}
	}
	if !strings.Contains(history, "RSET") {
		t.Error("the history lacks the line without a secret")
	}
}

// A load shows its progress in one line, and ^C ends it with a report.
func TestLoadShowsProgressAndCanBeStopped(t *testing.T) {
	x := start(t, []string{"NO_COLOR=1"}, "smtpsh", "load", "idle-sessions", "--sessions", "3", "--duration", "1h", "--var", "every=5ms")
	x.sees("runs/s")
	x.sees("3 sessions")
	x.keys("\x03")
	x.sees("smtpsh: interrupted") // the screen can be behind the end of the program
	if code := x.ends(); code != 130 {
		t.Errorf("exit status %d", code)
	}
	x.mu.Lock()
	shown := x.raw.String()
	x.mu.Unlock()
	for _, want := range []string{"runs of idle-sessions.lua on sandbox:plain", "interrupted\r\n", "NOOP", "smtpsh: interrupted"} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q was not shown", want)
		}
	}
	for l := range strings.Lines(shown) {
		if l = l[strings.LastIndexByte(l, 'K')+1:]; len([]rune(strings.TrimRight(l, "\r\n"))) > 80 {
			t.Errorf("too long for the screen: %q", l)
		}
	}
}
