//go:build unix

package redteam_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

func login(password string) string {
	return "AUTH PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00ann@sandbox.test\x00"+password))
}

// TestGuessedPasswords guesses passwords in many sessions. Only a limited number is
// checked, and the console shows a line and a count.
func TestGuessedPasswords(t *testing.T) {
	s := run(t, "", "--quiet", "--limit-loopback", "--max-logins-per-client", "10")
	looked, refused := 0, 0
	for range 20 {
		c, err := dial(t.Context(), s.word("submission"), "")
		if err != nil {
			t.Fatal(err)
		}
		if err := c.secure(); err != nil {
			t.Fatal(err)
		}
		if err := c.want("250", "EHLO me"); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			switch r, err := c.say(login("guess")); {
			case err != nil:
				t.Fatal(err)
			case strings.HasPrefix(r, "535"):
				looked++
			case strings.HasPrefix(r, "454 4.7.0"):
				refused++
			default:
				t.Fatal(r)
			}
		}
		c.nc.Close()
	}
	// the limit is per minute: a slow machine can show some more
	if looked < 10 || looked > 100 || looked+refused != 400 {
		t.Errorf("%d guesses were checked, %d rejected", looked, refused)
	}
	s.stop()
	if said := s.console(); strings.Count(said, "127.0.0.1 failed to log in more than 10 times in a minute") != 1 ||
		!strings.Contains(said, "more: logins rejected because of the login limit") || strings.Count(said,
		"\n") > 20 {
		t.Errorf("unexpected console:\n%s", said)
	}
}

// TestFloodOnConsoleIsLimited sends more commands than a person can read, without --quiet.
func TestFloodOnConsoleIsLimited(t *testing.T) {
	s := run(t, "")
	c, err := dial(t.Context(), s.word("mx"), "")
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		c.nc.SetDeadline(time.Now().Add(patience)) //nolint:errcheck // a closed connection returns an error later
		if _, err := io.WriteString(c.nc, strings.Repeat("NOOP\r\n", 200)); err != nil {
			t.Fatal(err)
		}
		for range 200 {
			if _, err := c.reply(); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.nc.Close()
	s.stop()
	said := s.console()
	// a slow machine can show some more: twenty lines per second
	if n := strings.Count(said, "\n"); n < 1000 || n > 20000 || !strings.Contains(said, "more lines") ||
		!strings.Contains(said, "are not shown; --log FILE keeps all of them") {
		t.Errorf("%d lines; the last are\n%s", n, said[max(0, len(said)-500):])
	}
}

// TestLimitsOfClients opens connections and sends commands from one address, while another
// address is served.
func TestLimitsOfClients(t *testing.T) {
	s := run(t, "", "--quiet", "--limit-loopback", "--max-connections-per-client", "5", "--max-commands-per-client", "10")
	addr := s.word("mx")
	var open []*client
	for {
		c, err := dial(t.Context(), addr, "")
		if err != nil {
			if !strings.HasPrefix(err.Error(), "421 4.7.0") {
				t.Error(err)
			}
			break
		}
		defer c.nc.Close()
		if open = append(open, c); len(open) > 5 {
			t.Fatal("the sandbox accepts a sixth connection")
		}
	}
	if _, err := io.WriteString(open[0].nc, strings.Repeat("NOOP\r\n", 2000)); err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; ; n++ {
		r, err := open[0].reply()
		if err != nil || !strings.HasPrefix(r, "250") {
			if !strings.HasPrefix(r, "421 4.7.0") {
				t.Errorf("%q, %v", r, err)
			}
			break
		}
	}
	if n < 50 || n > 1500 {
		t.Errorf("%d commands were answered", n)
	}
	c, err := dial(t.Context(), addr, "127.0.0.2")
	if err != nil {
		t.Skipf("this system has only one loopback address: %v", err)
	}
	defer c.nc.Close()
	if err := c.want("250", "EHLO me"); err != nil {
		t.Error(err)
	}
	if r, err := c.send("x"); err != nil || !strings.HasPrefix(r, "250") {
		t.Error(r, err)
	}
}

// TestCAFileFollowsNoLink names a CA file that is a link in a folder that
// everybody can write.
func TestCAFileFollowsNoLink(t *testing.T) {
	shared, victim := t.TempDir(), t.TempDir()+"/victim"
	if err := errors.Join(os.Chmod(shared, 0o777|os.ModeSticky), os.WriteFile(victim, []byte("precious"), 0o600),
		os.Symlink(victim, shared+"/ca.pem")); err != nil {
		t.Skip("no links here: ", err)
	}
	cmd := program(t.TempDir(), "", "sandbox", "--quiet", "--ca-file", shared+"/ca.pem")
	guard := time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() }) // a sandbox that has started does not end
	out, err := cmd.CombinedOutput()
	guard.Stop()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 2 || !strings.Contains(string(out), "is a link") ||
		!strings.Contains(string(out),
			"hint: ") {
		t.Errorf("%v\n%s", err, out)
	}
	if b, err := os.ReadFile(victim); err != nil || string(b) != "precious" {
		t.Errorf("written through a link: %q, %v", b, err)
	}
	s := run(t, "", "--quiet", "--ca-file", shared+"/new.pem")
	if b, err := os.ReadFile(shared + "/new.pem"); err != nil || !strings.HasPrefix(string(b), "-----BEGIN CERTIFICATE-----") {
		t.Error(fmt.Sprint(err), string(b))
	}
	s.stop()
}
