package testscripts

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"smtpsh/internal/authority"
	"smtpsh/internal/cli"
	"smtpsh/internal/fakeserver"
	"smtpsh/internal/sandbox"
)

// verdicts are the results of the bundled scripts for servers that reject for another
// reason, or that end the session early. {at} is the server, {free} an address without a
// listener.
var verdicts = map[string]struct {
	profile string
	service string
	rules   []sandbox.Rule
	args    string
	code    int
	says    []string
	silent  []string
}{
	"open-relay: a relay behind required TLS": {
		profile: "strict+open-relay",
		args:    "open-relay --server {at} --var domain=sandbox.test", code: 1,
		says: []string{"this server relays for strangers: plain"},
	},
	"open-relay: a login is required": {
		args: "open-relay --server {at} --var domain=sandbox.test", code: 1,
		says:   []string{"rejected without a login 530 5.7.0", "logins were not tried"},
		silent: []string{"no open relay"},
	},
	"open-relay: no TLS today": {
		rules: []sandbox.Rule{always("STARTTLS", "454 4.7.0 no TLS now")},
		args:  "open-relay --server {at} --var domain=sandbox.test", code: 1,
		says:   []string{"rejected without TLS 530", "inconclusive", "not encrypted: 454"},
		silent: []string{"no open relay"},
	},
	"open-relay: the handshake fails": {
		service: "mx",
		rules:   []sandbox.Rule{{On: "TLS", Sequence: []sandbox.Action{{CutTLS: true}}}},
		args:    "open-relay --server {at} --var domain=sandbox.test", code: 0,
		says: []string{"note: the session was not encrypted"},
	},
	"open-relay: greylisting": {
		service: "mx", rules: []sandbox.Rule{always("RCPT", "450 4.2.0 greylisted")},
		args: "open-relay --server {at} --var domain=sandbox.test", code: 1,
		says:   []string{"rejected temporarily 450", "inconclusive"},
		silent: []string{"no open relay"},
	},
	"open-relay: the name in EHLO": {
		service: "mx",
		rules:   []sandbox.Rule{always("RCPT", "550 5.7.1 Helo command rejected: need a fully qualified name")},
		args:    "open-relay --server {at} --var domain=sandbox.test", code: 1,
		says:   []string{"rejected because of EHLO 550", "inconclusive"},
		silent: []string{"no open relay"},
	},
	"open-relay: an unknown domain": {
		service: "mx",
		rules:   []sandbox.Rule{always("RCPT", "550 5.1.2 Recipient address rejected: Domain not found")},
		args:    "open-relay --server {at} --var domain=sandbox.test", code: 1,
		says:   []string{"inconclusive", "--var victim="},
		silent: []string{"no open relay"},
	},
	"open-relay: no sender is good enough": {
		service: "mx",
		rules:   []sandbox.Rule{always("MAIL", "550 5.1.8 sender domain does not exist")},
		args:    "open-relay --server {at} --var domain=sandbox.test", code: 1,
		says:   []string{"rejected because of the sender", "inconclusive"},
		silent: []string{"no open relay"},
	},
	"open-relay: the client is blocked": {
		service: "mx",
		rules:   []sandbox.Rule{always("RCPT", "554 5.7.1 Client host blocked using dnsbl.example")},
		args:    "open-relay --server {at} --var domain=sandbox.test", code: 1,
		says: []string{"inconclusive"}, silent: []string{"no open relay"},
	},
	"open-relay: busy": {
		rules: []sandbox.Rule{always("CONNECT", "421 4.3.2 too busy")},
		args:  "open-relay --server {at} --var domain=sandbox.test", code: 8,
		says:   []string{"inconclusive: the greeting is 421"},
		silent: []string{"no open relay"},
	},
	"open-relay: hangs up at QUIT": {
		service: "mx",
		rules:   []sandbox.Rule{{On: "QUIT", Sequence: []sandbox.Action{{Drop: "before"}}}},
		args:    "open-relay --server {at} --var domain=sandbox.test", code: 0,
		says: []string{"no open relay found"},
	},
	"open-relay: leaves in the middle": {
		service: "mx",
		rules:   []sandbox.Rule{{On: "RCPT", Nth: 3, Sequence: []sandbox.Action{{Drop: "before"}}}},
		args:    "open-relay --server {at} --var domain=sandbox.test", code: 6,
		says:   []string{"plain                              rejected", "inconclusive: the session was lost after 2 of 9 ways"},
		silent: []string{"no open relay"},
	},
	"open-relay: nothing listens": {args: "open-relay --server {free}", code: 4},

	"tls-report: busy": {
		rules: []sandbox.Rule{always("CONNECT", "421 4.3.2 too busy")},
		args:  "tls-report --server {at}", code: 8, says: []string{"inconclusive"},
	},
	"tls-report: no TLS today": {
		rules: []sandbox.Rule{always("STARTTLS", "454 4.7.0 no TLS now")},
		args:  "tls-report --server {at}", code: 8,
		says: []string{"inconclusive: STARTTLS was rejected: 454"},
	},
	"tls-report: a handshake fails": {
		rules: []sandbox.Rule{{On: "TLS", Sequence: []sandbox.Action{{CutTLS: true}}}},
		args:  "tls-report --server {at}", code: 5,
	},
	"tls-report: hangs up at QUIT": {
		rules: []sandbox.Rule{{On: "QUIT", Sequence: []sandbox.Action{{Drop: "before"}}}},
		args:  "tls-report --server {at}", code: 0, says: []string{"1.2 yes, 1.3 yes"},
	},
	"tls-report: old versions": {
		profile: "strict+tls-old", args: "tls-report --server {at}", code: 0,
		says: []string{"1.0 yes", "warning      TLS 1.0 is enabled", "warning      TLS 1.1 is enabled"},
	},
	"tls-report: leaves in the middle": {
		rules: []sandbox.Rule{{On: "EHLO", Nth: 2, Sequence: []sandbox.Action{{Reply: "421 4.3.2 bye", Drop: "after"}}}},
		args:  "tls-report --server {at}", code: 8,
		says: []string{"1.0 not known", "negotiated   TLS 1.3"},
	},
	"tls-report: closes before the greeting": {
		rules: []sandbox.Rule{{On: "CONNECT", Nth: 2, Sequence: []sandbox.Action{{Drop: "before"}}}},
		args:  "tls-report --server {at}", code: 6,
		says: []string{"1.0 not known, 1.1 no", "negotiated   TLS 1.3", "inconclusive: some versions"},
	},
	"tls-report: closes instead of STARTTLS": {
		rules: []sandbox.Rule{{On: "STARTTLS", Nth: 3, Sequence: []sandbox.Action{{Drop: "before"}}}},
		args:  "tls-report --server {at}", code: 6,
		says: []string{"1.0 no, 1.1 not known"},
	},
	"tls-report: nothing listens": {args: "tls-report --server {free}", code: 4},

	"capabilities: hangs up at QUIT": {
		rules: []sandbox.Rule{{On: "QUIT", Sequence: []sandbox.Action{{Drop: "before"}}}},
		args:  "capabilities --server {at}", code: 0,
		says: []string{"    + AUTH PLAIN"},
	},
	"capabilities: a handshake fails": {
		rules: []sandbox.Rule{{On: "TLS", Sequence: []sandbox.Action{{CutTLS: true}}}},
		args:  "capabilities --server {at}", code: 5,
		says: []string{"before TLS", "STARTTLS"},
	},
	"capabilities: no TLS today": {
		rules: []sandbox.Rule{always("STARTTLS", "454 4.7.0 no TLS now")},
		args:  "capabilities --server {at}", code: 8,
		says: []string{"before TLS", "inconclusive: STARTTLS was rejected: 454"},
	},
	"capabilities: no STARTTLS ever": {
		rules: []sandbox.Rule{always("STARTTLS", "502 5.5.1 no")},
		args:  "capabilities --server {at}", code: 9,
		says: []string{"inconclusive: STARTTLS was rejected: 502"},
	},
	"capabilities: busy inside TLS": {
		rules: []sandbox.Rule{{On: "EHLO", Nth: 2, Sequence: []sandbox.Action{{Reply: "421 4.3.2 bye", Drop: "after"}}}},
		args:  "capabilities --server {at}", code: 8,
		says: []string{"before TLS", "inconclusive: the extensions inside TLS are not known: 421"},
	},
	"capabilities: no login today": {
		rules: []sandbox.Rule{always("AUTH", "454 4.7.0 no database")},
		args:  "capabilities --server {at} LOGIN", code: 7,
		says: []string{"    + AUTH PLAIN", "inconclusive: the login did not take place: 454"},
	},
	"capabilities: hangs up at the login": {
		rules: []sandbox.Rule{{On: "AUTH", Sequence: []sandbox.Action{{Drop: "before"}}}},
		args:  "capabilities --server {at} LOGIN", code: 6,
		says: []string{"    + AUTH PLAIN", "inconclusive: the login"},
	},
	"capabilities: a wrong password": {
		rules: []sandbox.Rule{always("AUTH", "535 5.7.8 no")},
		args:  "capabilities --server {at} LOGIN", code: 0,
		says: []string{"no login: 535"},
	},
	"capabilities: one listener is down": {
		args: "capabilities --server {at} --var services={free},{at}", code: 4,
		says: []string{"connection refused", "    + AUTH PLAIN"},
	},
	"capabilities: nothing listens": {args: "capabilities --server {free}", code: 4},
	"capabilities: busy": {
		rules: []sandbox.Rule{always("CONNECT", "421 4.3.2 too busy")},
		args:  "capabilities --server {at}", code: 8,
		says: []string{"inconclusive: the greeting is 421"},
	},
	"capabilities: knows no EHLO": {
		rules: []sandbox.Rule{always("EHLO", "502 5.5.1 what")},
		args:  "capabilities --server {at}", code: 1,
		says: []string{"before TLS: 502", "inconclusive"},
	},
	"capabilities: a certificate expired": {
		profile: "strict+cert-expired", args: "capabilities --server {at}", code: 5,
		says: []string{"    + AUTH PLAIN", "expired"},
	},

	"auth-methods: busy": {
		rules: []sandbox.Rule{always("CONNECT", "421 4.3.2 too busy")},
		args:  "auth-methods --server {at}", code: 8, says: []string{"inconclusive"},
	},
	"auth-methods: no TLS today": {
		rules: []sandbox.Rule{always("STARTTLS", "454 4.7.0 no TLS now")},
		args:  "auth-methods --server {at}", code: 8,
		says: []string{"before TLS   none", "inconclusive: STARTTLS was rejected"},
	},
	"auth-methods: no login today": {
		rules: []sandbox.Rule{always("AUTH", "454 4.7.0 no database")},
		args:  "auth-methods --server {at} LOGIN", code: 1,
		says: []string{"PLAIN                inconclusive 454", "inconclusive"},
	},
	"auth-methods: hangs up at QUIT": {
		rules: []sandbox.Rule{{On: "QUIT", Sequence: []sandbox.Action{{Drop: "before"}}}},
		args:  "auth-methods --server {at} LOGIN", code: 0,
		says: []string{"PLAIN                works 235"},
	},
	"auth-methods: a mechanism that we cannot use": {
		rules: []sandbox.Rule{{On: "EHLO", Sequence: []sandbox.Action{{With: []string{"AUTH PLAIN X-OWN"}, Without: []string{"AUTH"}}}}},
		args:  "auth-methods --server {at}", code: 0,
		says: []string{"before TLS   PLAIN X-OWN", "X-OWN                not tried: unsupported mechanism"},
	},
	"auth-methods: the form with an equals sign": {
		rules: []sandbox.Rule{{On: "EHLO", Sequence: []sandbox.Action{{With: []string{"AUTH=PLAIN LOGIN"}, Without: []string{"AUTH"}}}}},
		args:  "auth-methods --server {at}", code: 0,
		says: []string{"before TLS   LOGIN PLAIN"},
	},
	"auth-methods: a certificate expired": {
		profile: "strict+cert-expired", args: "auth-methods --server {at} LOGIN",
		code: 5, says: []string{"inside TLS   LOGIN", "not tried: no password"},
	},
	"auth-methods: nothing listens": {args: "auth-methods --server {free}", code: 4},
}

// script runs the program and returns its status and output.
func script(args ...string) (int, string) {
	var out bytes.Buffer
	code := cli.Main(cli.World{
		Args: append([]string{"run", "--quiet"}, args...), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
		Getenv:   func(name string) string { return map[string]string{"PASS": "ann-secret"}[name] },
		Terminal: func(any) bool { return false },
	})
	return code, out.String()
}

// TestScriptsReportOnlyWhatTheySaw: a script without a result has its own exit status, and reports
// what it saw although the server ended the session early.
func TestScriptsReportOnlyWhatTheySaw(t *testing.T) {
	for name, c := range verdicts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			profile, service := c.profile, c.service
			if profile == "" {
				profile = "strict"
			}
			if service == "" {
				service = "submission"
			}
			srv, ca := careful(t, profile, c.rules...)
			free, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			free.Close()
			line := strings.NewReplacer("{at}", srv.Addr(service), "{free}", free.Addr().String(),
				"LOGIN", "--var user=ann@sandbox.test --secret pass=@env:PASS").Replace(c.args)
			code, out := script(append(strings.Fields(line), "--ca", ca)...)
			if code != c.code {
				t.Errorf("status %d, want %d\n%s", code, c.code, out)
			}
			for _, s := range c.says {
				if !strings.Contains(out, s) {
					t.Errorf("the output lacks %q:\n%s", s, out)
				}
			}
			for _, s := range c.silent {
				if strings.Contains(out, s) {
					t.Errorf("the output has %q:\n%s", s, out)
				}
			}
		})
	}
}

// TestReportOfLimitedConnections: a server that closes all connections but the first has
// not rejected a version of TLS, with STARTTLS or implicit TLS.
func TestReportOfLimitedConnections(t *testing.T) {
	for _, service := range []string{"submission", "submissions"} {
		srv, ca := careful(t, "strict")
		var conns atomic.Int64
		at := fakeserver.Loop(t, func(c net.Conn) {
			if conns.Add(1) == 1 {
				relay(c, srv.Addr(service))
			}
		}).String()
		if service == "submissions" {
			at = "smtps://" + at
		}
		code, out := script("tls-report", "--server", at, "--ca", ca)
		if code == 0 || !strings.Contains(out, "1.0 not known, 1.1 not known, 1.2 not known, 1.3 yes") || !strings.Contains(out, "inconclusive") {
			t.Errorf("%s: status %d\n%s", service, code, out)
		}
	}
}

// TestReportOfOldTLS: a server with nothing newer than TLS 1.1 is reported without flags
// for it, and is a failure.
func TestReportOfOldTLS(t *testing.T) {
	ca, err := authority.New("old CA")
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue(authority.Leaf{Names: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, ca.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	ln, err := tls.Listen("tcp", "127.0.0.1:0",
		&tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
	if err != nil {
		t.Fatal(err)
	}
	fakeserver.LoopOn(t, ln, func(c net.Conn) {
		io.WriteString(c, "220 old\r\n") //nolint:errcheck // the client can have closed the connection
		for in := bufio.NewScanner(c); in.Scan(); {
			io.WriteString(c, "250 fine\r\n") //nolint:errcheck // the client can have closed the connection
		}
	})
	code, out := script("tls-report", "--server", "smtps://"+ln.Addr().String(), "--ca", file)
	if code != 1 || !strings.Contains(out, "negotiated   TLS 1.1") || !strings.Contains(out, "1.0 yes, 1.1 yes, 1.2 no, 1.3 no") ||
		!strings.Contains(out,
			"nothing newer than TLS 1.1") {
		t.Errorf("status %d\n%s", code, out)
	}
}
