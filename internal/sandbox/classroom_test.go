package sandbox_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"smtpsh/internal/sandbox"
)

// dialFrom connects from another loopback address, which simulates another machine.
func dialFrom(t *testing.T, s *sandbox.Server, service, from string) *rawClient {
	t.Helper()
	nc, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}).Dial("tcp", s.Addr(service))
	if err != nil {
		t.Skipf("this system has only one loopback address: %v", err)
	}
	t.Cleanup(func() { nc.Close() })
	nc.SetDeadline(time.Now().Add(30 * time.Second))
	return &rawClient{t, nc, bufio.NewReader(nc)}
}

func TestConnectionsAreLimited(t *testing.T) {
	s, notices := limited(t, sandbox.Options{Limits: sandbox.Limits{Conns: 3, ConnsPerClient: 2, Loopback: true}})
	first := dial(t, s, "mx")
	first.dialogue(s, "S: 220")
	dial(t, s, "mx").dialogue(s, "S: 220")
	for range 20 {
		dial(t, s, "mx").dialogue(s, "S: 421 4.7.0\nS: closed")
	}
	dialFrom(t, s, "mx", "127.0.0.2").dialogue(s, "S: 220")
	dialFrom(t, s, "mx", "127.0.0.3").dialogue(s, "S: 421 4.3.2\nS: closed")
	first.dialogue(s, "C: QUIT\nS: 221\nS: closed")
	eventually(t, "there is room again", func() bool {
		c := dial(t, s, "mx")
		defer c.nc.Close()
		return strings.HasPrefix(c.reply(), "220")
	})
	if got := notices(); strings.Count(got, "\n") > 0 || !strings.Contains(got, "a connection from 127.0.0.1 is rejected with 421: the "+
		"limits are 2 for one address and 3 for all") {
		t.Errorf("unexpected notices:\n%s", got)
	}
}

func TestCommandsAreLimited(t *testing.T) {
	s, notices := limited(t, sandbox.Options{Limits: sandbox.Limits{CommandsPerClient: 2, Loopback: true}})
	c := dial(t, s, "mx")
	c.dialogue(s, "S: 220")
	c.write(strings.Repeat("NOOP\r\n", 500) + "QUIT\r\n")
	n, r := 0, c.reply()
	for ; strings.HasPrefix(r, "250"); n++ {
		r = c.reply()
	}
	if !strings.HasPrefix(r, "421 4.7.0 too many commands") || n > 450 {
		t.Errorf("%d commands, then %q", n, r)
	}
	// Each connection counts as a command, so the limit soon rejects connections.
	eventually(t, "a connection is rejected", func() bool {
		c := dial(t, s, "mx")
		defer c.nc.Close()
		return strings.HasPrefix(c.reply(), "421 4.7.0 too many commands")
	})
	other := dialFrom(t, s, "mx", "127.0.0.2")
	other.dialogue(s, "S: 220\nC: NOOP\nS: 250")
	if got := notices(); strings.Count(got, "\n") > 0 || !strings.Contains(got, "127.0.0.1 sent more than 2 commands a second") {
		t.Errorf("unexpected notices:\n%s", got)
	}
}

// TestFailedLoginsAreLimited guesses passwords one after the other and all at once. A login
// that succeeds is not counted.
func TestFailedLoginsAreLimited(t *testing.T) {
	right, wrong := "C: AUTH PLAIN "+b64("\x00ann@sandbox.test\x00ann-secret")+"\n", "C: AUTH PLAIN "+b64("\x00ann@sandbox.test\x00guess")+"\n"
	s, notices := limited(t, sandbox.Options{Limits: sandbox.Limits{LoginsPerClient: 3, Loopback: true}})
	open := func() *rawClient {
		c := dial(t, s, "submissions")
		c.dialogue(s, "S: 220\nC: EHLO x\nS: 250")
		return c
	}
	for range 10 {
		open().dialogue(s, right+"S: 235")
		open().dialogue(s, "C: AUTH LOGIN\nS: 334\nC: *\nS: 501\nC: AUTH LOGIN\nS: 334\nC: ?\nS: 501")
	}
	half := open() // This login waits for its password while others fail.
	half.dialogue(s, "C: AUTH LOGIN\nS: 334\nC: "+b64("ann@sandbox.test")+"\nS: 334")
	open().dialogue(s, wrong+"S: 535\n"+wrong+"S: 535\n"+wrong+"S: 454 4.7.0\n"+right+"S: 454 4.7.0\nC: NOOP\nS: 250")
	half.dialogue(s, "C: "+b64("guess")+"\nS: 535\n"+wrong+"S: 454 4.7.0")
	other := dialFrom(t, s, "submissions", "127.0.0.2")
	other.tls(s)
	other.dialogue(s, "S: 220\nC: EHLO x\nS: 250\n"+right+"S: 235")
	if got := notices(); strings.Count(got, "\n") > 0 || !strings.Contains(got, "127.0.0.1 failed to log in more than 3 times in a minute") {
		t.Errorf("unexpected notices:\n%s", got)
	}
}

// TestWrongTokensAreFailedLogins checks that a wrong token counts as a failed login when the
// challenge reports it, whatever the client sends next, or if it closes the connection.
func TestWrongTokensAreFailedLogins(t *testing.T) {
	token := func(mech, secret string) string {
		if mech == "XOAUTH2" {
			return "C: AUTH XOAUTH2 " + b64("user=ann@sandbox.test\x01auth=Bearer "+secret+"\x01\x01") + "\n"
		}
		return "C: AUTH OAUTHBEARER " + b64("n,a=ann@sandbox.test,\x01auth=Bearer "+secret+"\x01\x01") + "\n"
	}
	for _, mech := range []string{"XOAUTH2", "OAUTHBEARER"} {
		for _, after := range []string{"C: *\nS: 501\n", "C: !!\nS: 501\n", "C: AQ==\nS: 5\n", ""} {
			s, _ := limited(t, sandbox.Options{Limits: sandbox.Limits{LoginsPerClient: 3, Loopback: true}})
			for i := range 3 {
				c := dial(t, s, "submissions")
				c.dialogue(s, "S: 220\nC: EHLO x\nS: 250\n"+token(mech, fmt.Sprint("guess", i))+"S: 334\n"+after)
				c.nc.Close()
			}
			c := dial(t, s, "submissions")
			c.dialogue(s, "S: 220\nC: EHLO x\nS: 250\n"+token(mech, "guess")+"S: 454 4.7.0")
		}
	}
}

// TestLoopbackIsNotLimited checks that loopback clients have no limits, because loads are
// measured from them.
func TestLoopbackIsNotLimited(t *testing.T) {
	s, notices := limited(t,
		sandbox.Options{Limits: sandbox.Limits{Conns: 1, ConnsPerClient: 1, Commands: 1, CommandsPerClient: 1, Logins: 1, LoginsPerClient: 1}})
	for range 5 {
		c := dial(t, s, "submissions")
		c.dialogue(s, "S: 220\nC: EHLO x\nS: 250\nC: AUTH PLAIN "+b64("\x00ann@sandbox.test\x00guess")+"\nS: 535")
		c.write(strings.Repeat("NOOP\r\n", 50))
		for range 50 {
			if r := c.reply(); !strings.HasPrefix(r, "250") {
				t.Fatal(r)
			}
		}
	}
	if got := notices(); got != "" {
		t.Error(got)
	}
}

// TestOneAddressUsesAQuarterOfTheMemory leaves a large message unfinished. Another address
// can still send one, and the same address cannot.
func TestOneAddressUsesAQuarterOfTheMemory(t *testing.T) {
	s, notices := limited(t, sandbox.Options{Memory: 16 << 20, Forget: true, Limits: sandbox.Limits{Loopback: true}})
	large := strings.Repeat(strings.Repeat("x", 62)+"\r\n", 25000) // 1.6 MB
	begin := func(c *rawClient) *rawClient {
		c.dialogue(s, "S: 220\nC: EHLO x\nS: 250\n"+toBob+"C: DATA\nS: 354")
		c.write(large)
		return c
	}
	first := begin(dial(t, s, "mx"))
	defer first.nc.Close()
	eventually(t, "the message takes memory", func() bool { n, _ := s.Used(); return n > 1600<<10 })
	same := begin(dial(t, s, "mx"))
	same.write(large + ".\r\n")
	same.dialogue(s, "S: 452 4.3.1")
	other := begin(dialFrom(t, s, "mx", "127.0.0.2"))
	other.write(".\r\n")
	other.dialogue(s, "S: 250")
	if got := notices(); got != "connections of 127.0.0.1 use 4 MiB, a quarter of the memory limit: its commands are rejected with 452" {
		t.Errorf("unexpected notices:\n%s", got)
	}
}
