package sandbox_test

import (
	"crypto/tls"
	"strings"
	"testing"

	"smtpsh/internal/sandbox"
)

// TestNamesForOtherMachines checks the names in certificates and greetings, and replies that
// must not change.
func TestNamesForOtherMachines(t *testing.T) {
	for _, row := range []struct{ profile, name, hello string }{
		{"plain", "lab.example", "lab.example"},
		{"strict", "192.0.2.7", "[192.0.2.7]"},
		{"lmtp", "2001:db8::1", "[IPv6:2001:db8::1]"},
		{"gmail", "lab.example", "smtp.gmail.com"},
		{"gmail-2010", "lab.example", "mx.google.com"},
	} {
		s, err := sandbox.Start(sandbox.Options{Profile: row.profile, Names: []string{row.name, "second.example"}})
		if err != nil {
			t.Fatal(err)
		}
		c := dial(t, s, "")
		if got := c.reply(); !strings.HasPrefix(got, "220 "+row.hello+" ") {
			t.Errorf("%s: %s", row.profile, got)
		}
		verb := "EHLO"
		if row.profile == "lmtp" {
			verb = "LHLO"
		}
		c.write(verb + " me\r\n")
		if got := c.reply(); !strings.HasPrefix(got, "250-"+row.hello+" ") {
			t.Errorf("%s: %s", row.profile, got)
		}
		c.write("STARTTLS\r\n")
		if row.profile == "lmtp" || strings.HasPrefix(c.reply(), "220") {
			if row.profile == "lmtp" {
				c.reply()
			}
			conn := tls.Client(c.nc, &tls.Config{RootCAs: s.Roots(), ServerName: row.name})
			if err := conn.Handshake(); err != nil {
				t.Errorf("%s: %v", row.profile, err)
			}
			for _, name := range []string{"second.example", "127.0.0.1", "localhost"} {
				if err := conn.ConnectionState().PeerCertificates[0].VerifyHostname(name); err != nil {
					t.Error(err)
				}
			}
		}
		s.Close()
	}
	for _, name := range []string{"", "two words", "-x.example", "bücher.example", "[192.0.2.7]", "*.example"} {
		if s, err := sandbox.Start(sandbox.Options{Profile: "plain", Names: []string{name}}); err == nil {
			s.Close()
			t.Errorf("%q is accepted as a name", name)
		}
	}
	// Mail for the server itself is accepted.
	s, err := sandbox.Start(sandbox.Options{Profile: "plain", Names: []string{"lab.example"}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	dial(t, s, "mx").dialogue(s,
		"S: 220\nC: EHLO me\nS: 250\nC: MAIL FROM:<a@b.example>\nS: 250\nC: RCPT TO:<postmaster@lab.example>\nS: 250\nC: RCPT "+
			"TO:<postmaster@[127.0.0.1]>\nS: 250\nC: RCPT TO:<x@[127.0.0.1]>\nS: 550 5.7.1\nC: RCPT TO:<x@other.example>\nS: 550 5.7.1")
}

// TestManySmallMessagesAreDroppedToo checks that the memory of recipients counts: it sends
// messages without content to many recipients.
func TestManySmallMessagesAreDroppedToo(t *testing.T) {
	s, err := sandbox.Start(sandbox.Options{Profile: "plain", Memory: sandbox.ConnCost + 190<<10, Forget: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := dial(t, s, "mx")
	c.dialogue(s, "S: 220\nC: EHLO x\nS: 250")
	for range 5 {
		c.write("MAIL FROM:<>\r\n" + strings.Repeat("RCPT TO:<"+strings.Repeat("x", 60)+"@sandbox.test>\r\n", 400) + "BDAT 0 LAST\r\n")
		for range 402 {
			if r := c.reply(); !strings.HasPrefix(r, "250") {
				t.Fatal(r)
			}
		}
	}
	if m := s.Messages(); len(m) != 2 || m[1].ID != 5 {
		t.Errorf("%d messages are kept", len(m))
	} else if got := m[1].Summary(); len(got) > 1000 || !strings.Contains(got, "> and 390 more, 0 bytes") {
		t.Errorf("the summary is %.500q", got)
	}
}
