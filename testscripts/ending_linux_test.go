package testscripts

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// unread runs the program with a standard output that nobody reads, until its pipe is full,
// and returns it with its standard error.
func unread(t *testing.T, args ...string) (*exec.Cmd, *bytes.Buffer, chan error) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	cmd := exec.Command("smtpsh", args...)
	said := &bytes.Buffer{}
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "SMTPSH_SERVER=")
	cmd.Stdout, cmd.Stderr = w, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { cmd.Process.Kill() }) //nolint:errcheck // it has ended
	untilFull(t, r, ended)
	return cmd, said, ended
}

// untilFull waits until the pipe of a program is full.
func untilFull(t *testing.T, r *os.File, ended chan error) {
	t.Helper()
	for full := false; !full; time.Sleep(5 * time.Millisecond) {
		n, err := unix.IoctlGetInt(int(r.Fd()), unix.TIOCINQ)
		select {
		case err := <-ended:
			t.Fatalf("the program ended although the pipe was not full: %v", err)
		default:
			full = err != nil || n > 60_000
		}
	}
}

// A program that is blocked ends nevertheless: at its deadline, and at once at a second
// signal.
func TestBlockedProgramEnds(t *testing.T) {
	prints := filepath.Join(t.TempDir(), "prints.lua")
	write(t, prints, `while true do print(("x"):rep(1000)) end`)
	tests := filepath.Join(t.TempDir(), "prints_test.lua")
	write(t, tests, strings.Repeat("it('x', function() end)\n", 20_000))
	for _, tt := range []struct {
		name   string
		args   []string
		signal os.Signal // sent twice
		status int
		want   string
	}{
		{
			"deadline", []string{"run", prints, "--deadline", "300ms"}, nil, 6,
			"the time limit of the run has passed; the script did not stop within 2s",
		},
		{"^C twice", []string{"run", prints}, os.Interrupt, 130, "interrupted again"},
		{"SIGTERM twice", []string{"run", prints}, syscall.SIGTERM, 130, "interrupted again"},
		{"tests", []string{"test", tests, "--out", ""}, os.Interrupt, 130, "interrupted again"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cmd, said, ended := unread(t, tt.args...)
			if tt.signal != nil {
				go func() {
					// two signals at the same time can count as one
					for cmd.Process.Signal(tt.signal) == nil {
						time.Sleep(20 * time.Millisecond)
					}
				}()
			}
			select {
			case err := <-ended:
				if code := exitStatus(err); code != tt.status || !strings.Contains(said.String(), tt.want) {
					t.Errorf("status %d, want %d: %s", code, tt.status, said)
				}
			case <-time.After(30 * time.Second):
				t.Fatal("the program does not end")
			}
		})
	}
}

// The second ^C also ends a program on a terminal whose output nobody reads.
func TestInterruptEndsProgramWithoutReader(t *testing.T) {
	prints := filepath.Join(t.TempDir(), "prints.lua")
	write(t, prints, `while true do print(("x"):rep(1000)) end`)
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	defer tty.Close()
	errs, full, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer errs.Close()
	full.SetWriteDeadline(time.Now().Add(200 * time.Millisecond)) //nolint:errcheck // it is a pipe
	for err = nil; err == nil; {
		_, err = full.Write(make([]byte, 1<<12))
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command("smtpsh", "run", prints)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "SMTPSH_SERVER=")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, w, full
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	full.Close()
	w.Close()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	defer cmd.Process.Kill() //nolint:errcheck // it has ended
	untilFull(t, r, ended)
	for late := time.After(15 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-ended:
			if status := exitStatus(err); status != 130 {
				t.Errorf("status %d", status)
			}
			return
		case <-late:
			t.Fatal("the program does not end")
		default:
			cmd.Process.Signal(os.Interrupt) //nolint:errcheck // it may have ended
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func exitStatus(err error) int {
	if exit, ok := err.(*exec.ExitError); ok {
		return exit.ExitCode()
	}
	if err != nil {
		return -1
	}
	return 0
}

// A rule that does not end, or that uses too much memory, is answered with 451, and other
// clients are served.
func TestRulesThatDoNotEnd(t *testing.T) {
	rules := filepath.Join(t.TempDir(), "rules.lua")
	write(t, rules, `
server:on("NOOP", function() while true do end end)
server:on("VRFY", function() local t = {} while true do t[#t + 1] = ("x"):rep(4000000) .. #t end end)
server:on("HELP", function() server:close() end)
`)
	s := runSandbox(t, t.TempDir(), "--profile", "plain", "--script", rules, "--max-memory", "64")
	addr := s.line("submission")
	if addr == "" {
		t.Fatalf("no address in\n%s", strings.Join(s.said, "\n"))
	}
	addr, _, _ = strings.Cut(addr, " ")
	bad, good := dialPlain(t, addr), dialPlain(t, addr)
	bad.send("NOOP")
	for i := range 20 { // while the rule runs
		good.send(fmt.Sprintf("MAIL FROM:<a%d@example.org>", i))
		good.want("250")
		good.send("RSET")
		good.want("250")
	}
	bad.want("451")
	bad.send("VRFY x")
	bad.want("451")
	bad.send("RSET")
	bad.want("250")
	bad.send("HELP") // a rule that stops its own server
	if line, err := bad.r.ReadString('\n'); err == nil && !strings.HasPrefix(line, "4") {
		t.Errorf("%q", line)
	}
	s.stop()
	for _, want := range []string{"rules.lua:2: Lua has run for 2s", "the script uses more than 320 MiB"} {
		if strings.Contains(want, "MiB") && raceEnabled {
			continue // with the race detector the time ends first
		}
		if !strings.Contains(s.errs.String(), want) {
			t.Errorf("standard error lacks %q:\n%s", want, s.errs.String())
		}
	}
}

// plainClient sends lines and reads replies of one line.
type plainClient struct {
	t *testing.T
	c net.Conn
	r *bufio.Reader
}

func dialPlain(t *testing.T, addr string) *plainClient {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(60 * time.Second)) //nolint:errcheck // a limit against hangs
	p := &plainClient{t, c, bufio.NewReader(c)}
	p.want("220")
	p.send("HELO me")
	p.want("250")
	return p
}

func (p *plainClient) send(line string) {
	p.t.Helper()
	if _, err := p.c.Write([]byte(line + "\r\n")); err != nil {
		p.t.Fatal(err)
	}
}

func (p *plainClient) want(code string) {
	p.t.Helper()
	line, err := p.r.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, code) {
		p.t.Fatalf("%q, %v; want %s", line, err, code)
	}
}
