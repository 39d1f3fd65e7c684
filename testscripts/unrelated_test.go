package testscripts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"smtpsh/internal/cli"
	"smtpsh/internal/fakeserver"
	"smtpsh/internal/sandbox"
)

// judged is the result of the submission suite for a server.
type judged struct {
	code  int
	out   string
	ended map[string]string // by the name of the test without level and clause
	notes []string
}

// judge runs the suite against a real address, with a login.
func judge(t *testing.T, ca, server string, more ...string) judged {
	t.Helper()
	j, err := judgement(filepath.Join(t.TempDir(), "report.json"), ca, server, more...)
	if err != nil {
		t.Fatalf("%v\n%s", err, j.out)
	}
	return j
}

// judgement is judge for goroutines.
func judgement(report, ca, server string, more ...string) (judged, error) {
	var out bytes.Buffer
	args := []string{"test", "submission", "--server", server, "--ca", ca, "--out", "", "--wait", "3s", "--report-json", report}
	args = append(args, "--var", "user=ann@sandbox.test", "--secret", "pass=@env:PASS")
	code := cli.Main(cli.World{
		Args:  append(args, more...),
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
		Getenv:   func(name string) string { return map[string]string{"PASS": "ann-secret"}[name] },
		Terminal: func(any) bool { return false },
	})
	j := judged{code: code, out: out.String(), ended: map[string]string{}}
	text, err := os.ReadFile(report)
	if err != nil {
		return j, err
	}
	var got struct {
		Notes []string
		Tests []struct{ Name, Status, Level, Clause string }
	}
	if err := json.Unmarshal(text, &got); err != nil {
		return j, err
	}
	j.notes = got.Notes
	for _, x := range got.Tests {
		name, _, _ := strings.Cut(x.Name, " [")
		j.ended[name] = x.Status
		if x.Level == "" || x.Clause == "" {
			return j, fmt.Errorf("%s names no level or no clause", x.Name)
		}
	}
	return j, nil
}

// careful starts a server with the rules of a careful site.
func careful(t *testing.T, profile string, rules ...sandbox.Rule) (srv *sandbox.Server, ca string) {
	t.Helper()
	srv, err := sandbox.Start(sandbox.Options{Profile: profile})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	for _, r := range rules {
		if err := srv.On(r); err != nil {
			t.Fatal(err)
		}
	}
	ca = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, srv.CA(), 0o600); err != nil {
		t.Fatal(err)
	}
	return srv, ca
}

// always answers a command with a reply.
func always(verb, reply string) sandbox.Rule {
	return sandbox.Rule{On: verb, Sequence: []sandbox.Action{{Reply: reply}}}
}

// unrelated are servers that reject for another reason. No test may fail; the named tests
// could not be tried.
var unrelated = map[string]struct {
	profile string
	rules   []sandbox.Rule
	untried []string
}{
	"busy": {
		rules: []sandbox.Rule{{On: "CONNECT", Sequence: []sandbox.Action{{Reply: "421 4.3.2 too busy", Drop: "after"}}}},
		untried: []string{
			"has a certificate that clients can verify", "has a certificate that is valid for two more weeks",
			"is 1.2 or newer", "is offered", "is offered once only",
			"offers PLAIN and LOGIN only inside TLS",
			"continues after an unknown command", "answers QUIT with 221 and closes the connection",
			"sends its greeting first, even if the client sends early",
		},
	},
	"closes at once": {rules: []sandbox.Rule{{On: "CONNECT", Sequence: []sandbox.Action{{Drop: "before"}}}}, untried: []string{
		"is offered", "offers PLAIN and LOGIN only inside TLS", "answers QUIT with 221 and closes the connection", "sends its " +
			"greeting first, even if the client sends early",
	}},
	"no sender": {rules: []sandbox.Rule{always("MAIL", "451 4.3.2 try later")}, untried: []string{
		"does not relay for strangers", "requires a login before it accepts a message",
		"rejects a too large SIZE at MAIL", "enforces its announced SIZE limit",
		"a sender that is not a mailbox: two at signs", "a sender that is not a mailbox: an open bracket", "a sender that is not " +
			"a mailbox: no brackets",
		"accepts bounces", "rejects unknown parameters", "supports 8BITMIME if it offers it", "supports SMTPUTF8 if it offers it", "supports DSN",
	}},
	"no sender for good": {rules: []sandbox.Rule{always("MAIL", "550 5.7.1 not you")}, untried: []string{
		"accepts bounces", "supports 8BITMIME if it offers it", "supports SMTPUTF8 if it offers it", "supports DSN", "rejects unknown parameters",
		"a sender that is not a mailbox: two at signs", "does not relay for strangers",
	}},
	"no recipient": {rules: []sandbox.Rule{always("RCPT", "450 4.2.0 greylisted")}, untried: []string{
		"a recipient that is not a mailbox: an empty address",
		"a recipient that is not a mailbox: two at signs",
		"a recipient that is not a mailbox: an open bracket",
		"a recipient that is not a mailbox: no brackets", "accepts 100 recipients",
		"answers pipelined commands in order",
		"ends a transaction at RSET", "changes nothing at NOOP", "supports CHUNKING if it offers it",
		"can have lines of 998 bytes",
		"does not end at LF dot LF", "does not end at LF dot CRLF",
		"does not end at CR dot CR", "does not end at CRLF dot LF", "supports DSN",
	}},
	"no login": {rules: []sandbox.Rule{always("AUTH", "454 4.7.0 no database")}, untried: []string{
		"rejects a wrong password", "rejects a second login in a session", "can be canceled with *", "accepts no password before " +
			"TLS", "accepts bounces",
	}},
	"every password is wrong": {rules: []sandbox.Rule{always("AUTH", "535 5.7.8 no")}, untried: []string{
		"rejects a wrong password", "rejects a second login in a session",
	}},
	"no TLS today": {rules: []sandbox.Rule{always("STARTTLS", "454 4.7.0 no TLS now")}, untried: []string{
		"is 1.2 or newer", "has a certificate that clients can verify", "has a certificate that is valid for two more weeks", "is " +
			"offered once only",
		"ignores plaintext injected before STARTTLS", "does not relay for strangers", "requires a login before it accepts a message",
		"offers no weak mechanism",
	}},
	"no content": {rules: []sandbox.Rule{always("DATA", "451 4.3.0 disk"), always("BDAT", "451 4.3.0 disk")}, untried: []string{
		"can have lines of 998 bytes", "does not end at LF dot LF", "supports CHUNKING if it offers it",
	}},
	"takes it for spam": {rules: []sandbox.Rule{always("MESSAGE", "554 5.7.1 spam")}, untried: []string{
		"can have lines of 998 bytes",
	}},
	"an unknown domain": {
		profile: "strict+mail-without-auth",
		rules:   []sandbox.Rule{{On: "RCPT", Match: ".invalid", Sequence: []sandbox.Action{{Reply: "550 5.1.2 domain not found"}}}},
		untried: []string{
			"does not relay for strangers",
		},
	},
	"asks nothing": {rules: []sandbox.Rule{always("VRFY", "450 4.3.2 later"), always("EXPN", "450 4.3.2 later")}, untried: []string{
		"does not confirm who has a mailbox", "does not show the members of a list (EXPN)",
	}},
	"leaves in the middle": {
		rules: []sandbox.Rule{{On: "NOOP", Sequence: []sandbox.Action{{Reply: "421 4.3.2 shutting down", Drop: "after"}}}},
		untried: []string{
			"continues after an unknown command", "changes nothing at NOOP",
		},
	},
	"a login with the wrong code": {rules: []sandbox.Rule{always("AUTH", "250 2.0.0 come in")}, untried: []string{
		"rejects a wrong password", "rejects a second login in a session", "accepts bounces", "accepts 100 recipients",
	}},
	"no mechanism with a password": {
		rules: []sandbox.Rule{
			{On: "EHLO", Sequence: []sandbox.Action{{With: []string{"AUTH XOAUTH2 GSSAPI EXTERNAL"}, Without: []string{"AUTH"}}}},
		},
		untried: []string{
			"rejects a wrong password",
		},
	},
	"users have their own addresses": {
		rules: []sandbox.Rule{
			{On: "MAIL", Match: "<>", Sequence: []sandbox.Action{{Reply: "553 5.7.1 Sender address rejected: not owned by user"}}},
		},
		untried: []string{
			"accepts bounces",
		},
	},
	"no mailbox to look at": {untried: []string{"keeps its dots", "keeps its line endings"}},
	"silent at the greeting": {
		rules: []sandbox.Rule{{On: "CONNECT", Sequence: []sandbox.Action{{Raw: []byte("\x00")[:0], Drop: "after"}}}},
		untried: []string{
			"is offered",
		},
	},
}

// TestUnrelatedRefusalsAreNoVerdict: a server that rejects for another reason than that of
// a test neither fails nor passes it.
func TestUnrelatedRefusalsAreNoVerdict(t *testing.T) {
	covered := map[string]bool{}
	names := map[string]bool{}
	results := map[string]judged{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for name, c := range unrelated { // they usually wait, so that all can run at once
		profile := c.profile
		if profile == "" {
			profile = "strict"
		}
		srv, ca := careful(t, profile, c.rules...)
		report := filepath.Join(t.TempDir(), "report.json")
		all.Add(1)
		go func() {
			defer all.Done()
			got, err := judgement(report, ca, srv.Addr("submission"))
			mu.Lock()
			defer mu.Unlock()
			if results[name] = got; err != nil {
				t.Errorf("%s: %v\n%s", name, err, got.out)
			}
		}()
	}
	all.Wait()
	for name, c := range unrelated {
		got := results[name]
		for full, status := range got.ended {
			names[full] = true
			flaw := c.profile != "" && strings.Contains(full, "requires a login")
			if status == "fail" || status == "warn" || status == "error" {
				if !flaw {
					t.Errorf("%s: %s ended with %s", name, full, status)
				}
			}
		}
		for _, part := range c.untried {
			found := false
			for full, status := range got.ended {
				if strings.Contains(full, part) {
					found = true
					if status != "untried" {
						t.Errorf("%s: %s ended with %s, want untried", name, full, status)
					}
					covered[full] = true
				}
			}
			if !found {
				t.Errorf("%s: there is no test %q", name, part)
			}
		}
	}
	for full := range names {
		if !covered[full] && !strings.Contains(full, "waits for a slow client") {
			t.Errorf("no row rejects %q for an unrelated reason", full)
		}
	}
	if b := results["busy"]; b.code == 0 || !strings.Contains(b.out, "no test could be tried") {
		t.Errorf("no test could be tried, but the status is %d\n%s", b.code, b.out)
	}
}

// allowed are replies that the standards allow, or unusual rejections: tests must pass, or
// warn if only advice is not followed.
var allowed = map[string]struct {
	profile string
	rules   []sandbox.Rule
	test    string
	want    string
}{
	"530 to an unknown command": {
		rules: []sandbox.Rule{always("XYZZY", "530 5.7.0 Must issue a STARTTLS command first")},
		test:  "continues after an unknown command", want: "pass",
	},
	"535 to an unknown command": {
		rules: []sandbox.Rule{always("XYZZY", "535 5.7.1 log in first")},
		test:  "continues after an unknown command", want: "pass",
	},
	"hangs up on injected plaintext": {
		rules: []sandbox.Rule{{On: "STARTTLS", Nth: 2, Sequence: []sandbox.Action{{Drop: "before"}}}},
		test:  "ignores plaintext injected before STARTTLS", want: "pass",
	},
	"hangs up on AUTH before TLS": {
		rules: []sandbox.Rule{{On: "AUTH", Sequence: []sandbox.Action{{Drop: "before"}}}},
		test:  "accepts no password before TLS", want: "pass",
	},
	"535 to every password before TLS": {
		rules: []sandbox.Rule{
			{
				On:       "AUTH",
				Sequence: []sandbox.Action{{Reply: "535 5.7.8 no"}, {Reply: "535 5.7.8 no"}, {Reply: "535 5.7.8 no"}, {Reply: "535 5.7.8 no"}, {}},
			},
		},
		test: "accepts no password before TLS", want: "pass",
	},
	"503 to an unknown parameter": {
		rules: []sandbox.Rule{{On: "MAIL", Match: "XSMTPSH", Sequence: []sandbox.Action{{Reply: "503 5.5.1 unsupported option"}}}},
		test:  "rejects unknown parameters", want: "pass",
	},
	"550 to an unknown parameter": {
		rules: []sandbox.Rule{{On: "MAIL", Match: "XSMTPSH", Sequence: []sandbox.Action{{Reply: "550 5.5.4 no"}}}},
		test:  "rejects unknown parameters", want: "pass",
	},
	"503 to a large SIZE": {
		rules: []sandbox.Rule{{On: "MAIL", Match: "SIZE=", Sequence: []sandbox.Action{{Reply: "503 5.5.1 unsupported option"}}}},
		test:  "rejects a too large SIZE", want: "pass",
	},
	"550 to a large SIZE": {
		rules: []sandbox.Rule{{On: "MAIL", Match: "SIZE=", Sequence: []sandbox.Action{{Reply: "550 5.3.4 too large"}}}},
		test:  "rejects a too large SIZE", want: "pass",
	},
	"452 to a large SIZE": {
		rules: []sandbox.Rule{{On: "MAIL", Match: "SIZE=", Sequence: []sandbox.Action{{Reply: "452 4.3.1 too large"}}}},
		test:  "rejects a too large SIZE", want: "warn",
	},
	"SIZE ignored, DATA refused": {rules: []sandbox.Rule{always("MAIL", "250 2.1.0 fine")}, test: "enforces its announced SIZE " +
		"limit", want: "pass"},
	"SIZE ignored at MAIL": {rules: []sandbox.Rule{always("MAIL", "250 2.1.0 fine")}, test: "rejects a too large SIZE", want: "warn"},
	"502 after RSET": {
		rules: []sandbox.Rule{{On: "RCPT", Sequence: []sandbox.Action{{}, {Reply: "502 5.5.1 not now"}}}},
		test:  "ends a transaction at RSET", want: "pass",
	},
	"challenges before TLS": {
		rules: []sandbox.Rule{{On: "EHLO", Sequence: []sandbox.Action{{With: []string{"AUTH CRAM-MD5 SCRAM-SHA-256"}}}}},
		test:  "offers PLAIN and LOGIN only inside TLS", want: "pass",
	},
	"SCRAM-SHA-1": {
		rules: []sandbox.Rule{{On: "EHLO", Sequence: []sandbox.Action{{With: []string{"AUTH PLAIN SCRAM-SHA-1"}, Without: []string{"AUTH"}}}}},
		test:  "offers no weak mechanism", want: "pass",
	},
	"EXPN repeats the name": {rules: []sandbox.Rule{{On: "EXPN", Decide: func(c sandbox.Command) *sandbox.Action {
		return &sandbox.Action{Reply: "250 2.1.5 <" + c.Arg + "@sandbox.test>"}
	}}}, test: "members of a list", want: "pass"},
	"EXPN repeats a full name": {rules: []sandbox.Rule{{On: "EXPN", Decide: func(c sandbox.Command) *sandbox.Action {
		return &sandbox.Action{Reply: "250 2.1.5 Some Body <" + c.Arg + "@sandbox.test>"}
	}}}, test: "members of a list", want: "pass"},
	"EXPN consents": {rules: []sandbox.Rule{always("EXPN", "250 OK")}, test: "members of a list", want: "pass"},
	"EXPN names somebody": {
		rules: []sandbox.Rule{always("EXPN", "250 2.1.5 Ann <ann@sandbox.test>")},
		test:  "members of a list", want: "warn",
	},
	"EXPN names a local user": {rules: []sandbox.Rule{always("EXPN", "250 ann")}, test: "members of a list", want: "warn"},
	"a slow server is injected": {
		profile: "strict+injection",
		rules:   []sandbox.Rule{{On: "NOOP", Sequence: []sandbox.Action{{Delay: 1200 * time.Millisecond}}}},
		test:    "ignores plaintext injected before STARTTLS", want: "fail",
	},
	"a slow server is smuggled": {
		profile: "strict+lf-dot",
		rules:   []sandbox.Rule{{On: "MAIL", Nth: 2, Sequence: []sandbox.Action{{Delay: 1200 * time.Millisecond}}}},
		test:    "does not end at LF dot LF", want: "fail",
	},
	"only LOGIN before TLS": {
		profile: "strict+auth-in-clear",
		rules:   []sandbox.Rule{{On: "AUTH", Match: "PLAIN", Sequence: []sandbox.Action{{Reply: "538 5.7.11 encryption required"}}}},
		test:    "accepts no password before TLS", want: "warn",
	},
	"hangs up at QUIT": {
		rules: []sandbox.Rule{{On: "QUIT", Sequence: []sandbox.Action{{Drop: "before"}}}},
		test:  "answers QUIT", want: "fail",
	},
	"hangs up at NOOP": {
		rules: []sandbox.Rule{{On: "NOOP", Sequence: []sandbox.Action{{Drop: "before"}}}},
		test:  "changes nothing at NOOP", want: "fail",
	},
	"hangs up at RSET": {
		rules: []sandbox.Rule{{On: "RSET", Sequence: []sandbox.Action{{Drop: "before"}}}},
		test:  "ends a transaction at RSET", want: "fail",
	},
	"hangs up at a bounce": {
		rules: []sandbox.Rule{{On: "MAIL", Match: "<>", Sequence: []sandbox.Action{{Drop: "before"}}}},
		test:  "accepts bounces", want: "fail",
	},
	"hangs up at SMTPUTF8": {
		rules: []sandbox.Rule{{On: "MAIL", Match: "SMTPUTF8", Sequence: []sandbox.Action{{Drop: "before"}}}},
		test:  "supports SMTPUTF8 if it offers it", want: "fail",
	},
	"VRFY answers 252": {
		rules: []sandbox.Rule{always("VRFY", "252 2.5.2 send some mail")},
		test:  "who has a mailbox", want: "pass",
	},
	"VRFY confirms":                {profile: "strict+vrfy-open", test: "who has a mailbox", want: "warn"},
	"no STARTTLS, and mail anyway": {profile: "plain+no-starttls", test: "accepts bounces", want: "pass"},
	"a certificate of nobody":      {profile: "strict+cert-unknown-ca", test: "accepts 100 recipients", want: "pass"},
	"421 at NOOP is no answer":     {rules: []sandbox.Rule{always("EHLO", "502 5.5.1 what")}, test: "answers QUIT", want: "pass"},
	"an early EHLO gets no success": {rules: []sandbox.Rule{always("EHLO", "550 5.7.1 too early")}, test: "sends its " +
		"greeting first", want: "pass"},
	"hangs up when a login is given up": {
		rules: []sandbox.Rule{{On: "RESPONSE", Sequence: []sandbox.Action{{Drop: "before"}}}},
		test:  "can be canceled with *", want: "fail",
	},
}

// TestAllowedRepliesAreNoFailures: replies that the standards allow are no failures.
func TestAllowedRepliesAreNoFailures(t *testing.T) {
	for name, c := range allowed {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			profile := c.profile
			if profile == "" {
				profile = "strict"
			}
			srv, ca := careful(t, profile, c.rules...)
			got := judge(t, ca, srv.Addr("submission"), "--filter", c.test)
			if len(got.ended) != 1 {
				t.Fatalf("%d tests match %q", len(got.ended), c.test)
			}
			for full, status := range got.ended {
				if status != c.want {
					t.Errorf("%s ended with %s, want %s\n%s", full, status, c.want, got.out)
				}
			}
			if want := map[string]int{"pass": 0, "warn": 0, "fail": 1}[c.want]; got.code != want {
				t.Errorf("status %d, want %d", got.code, want)
			}
		})
	}
}

// TestLevelsThatFail: --fail-on makes a violated should or advice a failure.
func TestLevelsThatFail(t *testing.T) {
	srv, ca := careful(t, "strict+vrfy-open")
	for level, want := range map[string]string{"must": "warn", "should": "warn", "advice": "fail"} {
		got := judge(t, ca, srv.Addr("submission"), "--filter", "VRFY", "--fail-on", level)
		for full, status := range got.ended {
			if status != want || (got.code != 0) != (want == "fail") {
				t.Errorf("--fail-on %s: %s ended with %s, status %d", level, full, status, got.code)
			}
		}
		if !strings.Contains(got.out, "[ADVICE, RFC 5321 section 7.3]") || want == "warn" && !strings.Contains(got.out, "1 warning") {
			t.Errorf("the report with --fail-on %s lacks the verdict:\n%s", level, got.out)
		}
	}
}

// limited is a server that limits the number of sessions of one client.
func limited(t *testing.T, addr string, most int) (at string, refused *atomic.Int64) {
	t.Helper()
	refused = new(atomic.Int64)
	var open atomic.Int64
	return fakeserver.Loop(t, func(c net.Conn) {
		defer open.Add(-1)
		if open.Add(1) > int64(most) {
			refused.Add(1)
			// the client can have closed the connection
			io.WriteString(c, "421 4.7.0 too many connections from you\r\n") //nolint:errcheck
			return
		}
		relay(c, addr)
	}).String(), refused
}

// relay passes data between a client and a server until one of them ends the connection.
func relay(c net.Conn, addr string) {
	s, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer s.Close()
	go func() {
		io.Copy(c, s) //nolint:errcheck // an error is the end
		c.Close()
	}()
	io.Copy(s, c) //nolint:errcheck // an error is the end
}

// TestLimitOfSessionsIsFound: a limit on the sessions of one client causes no failures, and
// each test is tried; the run reports that it continued with one file at a time.
func TestLimitOfSessionsIsFound(t *testing.T) {
	for _, most := range []int{1, 3} {
		t.Run(strconv.Itoa(most), func(t *testing.T) { limitIsFound(t, most) })
	}
}

func limitIsFound(t *testing.T, most int) {
	srv, ca := careful(t, "strict")
	at, refused := limited(t, srv.Addr("submission"), most)
	got := judge(t, ca, at, "--jobs", "6")
	for name, status := range got.ended {
		if status != "pass" && status != "skip" && !strings.HasPrefix(name, "the message › keeps its") {
			t.Errorf("%s ended with %s\n%s", name, status, got.out)
		}
	}
	if refused.Load() == 0 {
		t.Fatal("six files at once did not reach the session limit")
	}
	if got.code != 0 || len(got.notes) != 1 || !strings.Contains(got.notes[0], "the server limits the number of sessions") ||
		!strings.Contains(got.out, "note: the server limits the number of sessions") {
		t.Errorf("status %d, notes %q\n%s", got.code, got.notes, got.out)
	}
}

// TestFindingsNameATrustedClient: servers often trust clients on their own machine;
// findings about relaying or logins mention this.
func TestFindingsNameATrustedClient(t *testing.T) {
	for profile, test := range map[string]string{
		"strict+open-relay": "does not relay for strangers", "strict+mail-without-auth": "requires a login",
		"strict+auth-in-clear": "offers PLAIN and LOGIN", "strict+any-password": "rejects a wrong password",
	} {
		srv, ca := careful(t, profile)
		got := judge(t, ca, srv.Addr("submission"), "--filter", test)
		if !strings.Contains(got.out, "this client runs on the server's machine") {
			t.Errorf("%s: %s", profile, got.out)
		}
		for name, status := range got.ended {
			if status != "fail" && status != "warn" {
				t.Errorf("%s: %s ended with %s", profile, name, status)
			}
		}
	}
}
