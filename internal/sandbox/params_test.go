package sandbox_test

import (
	"strings"
	"testing"

	"smtpsh/internal/sandbox"
)

// TestParameters tries every parameter with values that its RFC allows, with values that it
// does not allow, and twice.
func TestParameters(t *testing.T) {
	long := strings.Repeat("x", 500)
	rows := []struct{ params, want string }{
		// RFC 1870 section 3: up to 20 digits
		{"SIZE=0", "250"}, {"SIZE=00000000000000000010", "250"},
		{"size=67108864", "250"},
		{"SIZE=67108865", "552 5.3.4"}, {"SIZE=9223372036854775808", "552 5.3.4"},
		{"SIZE=99999999999999999999", "552 5.3.4"},
		{"SIZE=100000000000000000000", "501 5.5.4"},
		{"SIZE=000000000000000000001", "501 5.5.4"}, {"SIZE=12x", "501 5.5.4"},
		{"SIZE=", "501 5.5.4"}, {"SIZE", "501 5.5.4"},
		{"SIZE=+5", "501 5.5.4"}, {"SIZE=-0", "501 5.5.4"}, {"SIZE=1=1", "501 5.5.4"},
		{"SIZE==1", "501 5.5.4"}, {"SIZE=1e3", "501 5.5.4"},
		{"SIZE=1 SIZE=1", "501 5.5.4"}, {"SIZE=1 size=2", "501 5.5.4"},
		// RFC 6152 section 3, RFC 3030 section 3
		{"BODY=7bit", "250"}, {"body=8BITMIME", "250"}, {"BODY=BINARYMIME", "250"},
		{"BODY", "501 5.5.4"}, {"BODY=", "501 5.5.4"}, {"BODY=8BIT", "501 5.5.4"},
		{"BODY=7BIT BODY=7BIT", "501 5.5.4"},
		// RFC 6531 section 3.4
		{"SMTPUTF8", "250"}, {"SMTPUTF8=1", "501 5.5.4"}, {"SMTPUTF8=", "501 5.5.4"},
		{"SMTPUTF8 SMTPUTF8", "501 5.5.4"},
		// RFC 4954 section 5
		{"AUTH=<>", "250"}, {"AUTH=ann@example.org", "250"},
		{"AUTH=e+3Dmc2@example.com", "250"}, {"AUTH", "501 5.5.4"},
		{"AUTH=", "501 5.5.4"}, {"AUTH=a=b@example.org", "501 5.5.4"},
		{"AUTH=e+3d@example.com", "501 5.5.4"}, {"AUTH=nobody", "501 5.5.4"},
		{"AUTH=+20@example.org", "501 5.5.4"},
		{"AUTH=" + long + "@example.org", "501 5.5.4"},
		{"AUTH=<> AUTH=<>", "501 5.5.4"},
		// RFC 3461 sections 4.3 and 4.4
		{"RET=FULL", "250"}, {"RET=hdrs", "250"}, {"RET", "501 5.5.4"},
		{"RET=BODY", "501 5.5.4"}, {"RET=FULL RET=HDRS", "501 5.5.4"},
		{"ENVID=a+2Bb", "250"}, {"ENVID=" + long[:100], "250"},
		{"ENVID=" + long[:101], "501 5.5.4"}, {"ENVID=a+2b", "501 5.5.4"},
		{"ENVID=a+0Ab", "501 5.5.4"}, {"ENVID=a+", "501 5.5.4"},
		{"ENVID", "501 5.5.4"}, {"ENVID=a ENVID=b", "501 5.5.4"},
		// texts that are not parameters (RFC 5321 section 4.1.2)
		{"=1", "501 5.5.4"}, {"-X=1", "501 5.5.4"}, {"X_Y=1", "501 5.5.4"},
		{"FOO=", "501 5.5.4"}, {`SIZE=1	BODY=7BIT`, "501 5.5.4"},
		{"ENVID=\xc3\xa4", "501 5.5.4"},
		// parameters that the server does not support
		{"FOO", "555"}, {"FOO=1", "555"}, {"MT-PRIORITY=3", "555"},
		{"BY=120;R", "555"}, {"HOLDFOR=60", "555"},
		{"HOLDUNTIL=2026-12-01T00:00:00Z", "555"}, {"REQUIRETLS", "555"},
		{"NOTIFY=NEVER", "555"},
		{"RCPT NOTIFY=NEVER", "250"}, {"RCPT NOTIFY=success,DELAY,failure", "250"},
		{"RCPT NOTIFY=NEVER,DELAY", "501 5.5.4"}, {"RCPT NOTIFY=", "501 5.5.4"},
		{"RCPT NOTIFY=SUCCESS,", "501 5.5.4"}, {"RCPT NOTIFY", "501 5.5.4"},
		{"RCPT NOTIFY=ALWAYS", "501 5.5.4"},
		{"RCPT NOTIFY=NEVER NOTIFY=NEVER", "501 5.5.4"},
		{"RCPT ORCPT=rfc822;bob@sandbox.test", "250"},
		{"RCPT ORCPT=utf-8;b+2Bb@sandbox.test", "250"},
		{"RCPT ORCPT=rfc822;", "501 5.5.4"}, {"RCPT ORCPT=;bob", "501 5.5.4"},
		{"RCPT ORCPT=bob", "501 5.5.4"}, {"RCPT ORCPT=rfc 822;bob", "501 5.5.4"},
		{"RCPT ORCPT=rfc822;a=b", "501 5.5.4"},
		{"RCPT ORCPT=rfc822;a+2b", "501 5.5.4"},
		{"RCPT ORCPT=rfc822;" + long, "501 5.5.4"},
		{"RCPT ORCPT=rfc822;a ORCPT=rfc822;a", "501 5.5.4"},
		{"RCPT SIZE=1", "555"}, {"RCPT RRVS=2026-01-01T00:00:00Z", "555"},
	}
	s := start(t, "plain")
	c := dial(t, s, "")
	c.reply()
	c.dialogue(s, "C: EHLO me\nS: 250")
	for _, r := range rows {
		c.dialogue(s, "C: RSET\nS: 250")
		line := "MAIL FROM:<ann@example.org> " + r.params
		if p, ok := strings.CutPrefix(r.params, "RCPT "); ok {
			c.dialogue(s, "C: MAIL FROM:<ann@example.org>\nS: 250")
			line = "RCPT TO:<bob@sandbox.test> " + p
		}
		c.write(line + "\r\n")
		if got := c.reply(); !strings.HasPrefix(got, r.want) {
			t.Errorf("%.120s: %s, want %s", line, got, r.want)
		}
	}
	c.dialogue(s, "C: HELO me\nS: 250\nC: MAIL FROM:<ann@example.org> SIZE=1\nS: 555 5.5.4")
	mx := dial(t, s, "mx") // The MX has no login, so the parameter AUTH is unknown.
	mx.reply()
	mx.dialogue(s, "C: EHLO me\nS: 250\nC: MAIL FROM:<ann@example.org> AUTH=<>\nS: 555")
}

// TestAddressesAreDialable connects to the addresses that Addr returns.
func TestAddressesAreDialable(t *testing.T) {
	for listen, want := range map[string]string{
		"0.0.0.0": "127.0.0.1:", "0.0.0.0:0": "127.0.0.1:", "127.0.0.1": "127.0.0.1:",
		"::": "[::1]:", "[::]": "[::1]:", ":0": "[::1]:",
	} {
		s, err := sandbox.Start(sandbox.Options{Profile: "plain", Listen: listen})
		if err != nil {
			if strings.Contains(listen, "::") {
				t.Logf("%s: %v", listen, err) // a machine without IPv6
				continue
			}
			t.Fatal(err)
		}
		for _, d := range s.Profile().Services {
			addr := s.Addr(d.Name)
			if !strings.HasPrefix(addr, want) && (listen != ":0" || !strings.HasPrefix(addr, "127.0.0.1:")) {
				t.Errorf("%s has the address %s", listen, addr)
			}
			dial(t, s, d.Name).nc.Close()
		}
		s.Close()
		l, err := sandbox.Listen(strings.TrimSuffix(listen, ":0")+":0", sandbox.ListenOptions{})
		if err != nil {
			continue // The address would need brackets.
		}
		if got := l.Addr().String(); strings.Contains(got, "0.0.0.0") || strings.Contains(got, "[::]") {
			t.Errorf("a listener at %s has the address %s", listen, got)
		}
		l.Close()
	}
}
