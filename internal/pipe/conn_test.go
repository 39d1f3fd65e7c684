//go:build unix

package pipe

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

func start(t *testing.T, s Starter, command string) net.Conn {
	t.Helper()
	c, err := s.Start(t.Context(), command)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// TestPrograms: what programs of a pipe target do, and what the connection shows.
func TestPrograms(t *testing.T) {
	for name, tt := range map[string]struct{ command, send, want string }{
		"answers":                   {"cat", "EHLO me\r\n", "EHLO me\r\n"},
		"writes and ends":           {"printf '220 hi\\r\\n'", "", "220 hi\r\n"},
		"does not exist":            {"no-such-program-of-smtpsh", "", ""},
		"reads nothing":             {"echo 421 busy; exit 1", "", "421 busy\n"},
		"has a quoted argument":     {"printf '%s|' 'a b' c", "", "a b|c|"},
		"ends after its last input": {"read line; echo $line", "one\n", "one\n"},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, Starter{}, tt.command)
			if tt.send != "" {
				if _, err := io.WriteString(c, tt.send); err != nil {
					t.Fatal(err)
				}
			}
			c.(*conn).CloseWrite()
			got, err := io.ReadAll(c)
			if string(got) != tt.want || err != nil {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// TestDeadlineEndsRead: a wait for a silent program ends at the deadline.
func TestDeadlineEndsRead(t *testing.T) {
	c := start(t, Starter{}, "cat")
	if err := c.SetDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	_, err := c.Read(make([]byte, 1))
	var temporary interface{ Temporary() bool }
	if !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &temporary) || !temporary.Temporary() {
		t.Errorf("%v, want a temporary one, as crypto/tls needs", err)
	}
}

// TestCloseEndsRead: closing the connection ends a read in another goroutine.
func TestCloseEndsRead(t *testing.T) {
	c := start(t, Starter{}, "cat")
	done := make(chan error)
	go func() { _, err := c.Read(make([]byte, 1)); done <- err }()
	c.Close()
	if err := <-done; err == nil {
		t.Error("the read succeeded")
	}
}

// TestCloseKillsProgramAndChildren: a program that ignores the end of its input is killed, with
// its child processes. Their output ends then.
func TestCloseKillsProgramAndChildren(t *testing.T) {
	c := start(t, Starter{}, "trap '' PIPE; sleep 1000 & echo started; wait; sleep 1000")
	if line, err := bufio.NewReader(c).ReadString('\n'); line != "started\n" || err != nil {
		t.Fatal(line, err)
	}
	c.Close()
	select {
	case <-c.(*conn).ended:
	default:
		t.Error("the program still runs")
	}
}

// TestPending: bytes that were not read are noticed without waiting.
func TestPending(t *testing.T) {
	c := start(t, Starter{}, "cat").(*conn)
	if c.Pending() {
		t.Error("pending before the program wrote anything")
	}
	io.WriteString(c, "ab")
	b := make([]byte, 1)
	if _, err := io.ReadFull(c, b); err != nil {
		t.Fatal(err)
	}
	if !c.Pending() {
		t.Error("not pending although a byte is left")
	}
}

// TestErrorsGoToStderr: the standard error of a program is no part of the session.
func TestErrorsGoToStderr(t *testing.T) {
	var errs strings.Builder
	c := start(t, Starter{Stderr: &errs}, "echo oops >&2; echo 220 ok")
	got, err := io.ReadAll(c)
	c.Close()
	if string(got) != "220 ok\n" || err != nil || errs.String() != "oops\n" {
		t.Errorf("%q, %v, %q", got, err, errs.String())
	}
}
