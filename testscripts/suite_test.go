package testscripts

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"smtpsh/internal/cli"
	"smtpsh/internal/sandbox"
)

// caughtBy lists the tests of the submission suite that must find a flaw, with a failure
// or, if the rule is not binding, a warning. Every other test must find nothing.
var caughtBy = map[string][]string{
	"open-relay":        {"does not relay for strangers", "requires a login before it accepts a message"},
	"no-starttls":       {"TLS #security › is offered"},
	"auth-in-clear":     {"offers PLAIN and LOGIN only inside TLS", "accepts no password before TLS"},
	"mail-without-auth": {"requires a login before it accepts a message"},
	"tls-old":           {"is 1.2 or newer"},
	"cert-expired":      {"has a certificate that clients can verify", "two more weeks"},
	"cert-expiring":     {"two more weeks"},
	"cert-wrong-host":   {"has a certificate that clients can verify"},
	"cert-unknown-ca":   {"has a certificate that clients can verify"},
	"weak-mechanisms":   {"offers no weak mechanism"},
	"any-password":      {"rejects a wrong password"},
	"auth-twice":        {"rejects a second login in a session"},
	"size-ignored":      {"rejects a too large SIZE at MAIL", "enforces its announced SIZE limit"},
	"any-recipient": {
		"a recipient that is not a mailbox: an empty address",
		"a recipient that is not a mailbox: two at signs",
		"a recipient that is not a mailbox: an open bracket",
		"a recipient that is not a mailbox: no brackets",
	},
	"any-sender": {
		"a sender that is not a mailbox: two at signs",
		"a sender that is not a mailbox: an open bracket",
		"a sender that is not a mailbox: no brackets",
	},
	"no-bounces":         {"accepts bounces"},
	"dots-kept":          {"keeps its dots"},
	"lines-changed":      {"keeps its line endings"},
	"short-lines":        {"can have lines of 998 bytes"},
	"lf-dot":             {"does not end at LF dot LF", "does not end at CRLF dot LF"},
	"lf-dot-crlf":        {"does not end at LF dot CRLF"},
	"injection":          {"ignores plaintext injected before STARTTLS"},
	"starttls-again":     {"is offered once only"},
	"pipelining-lost":    {"answers pipelined commands in order"},
	"early-answer":       {"sends its greeting first, even if the client sends early"},
	"vrfy-open":          {"does not confirm who has a mailbox"},
	"expn-open":          {"does not show the members of a list (EXPN)"},
	"rset-ignored":       {"ends a transaction at RSET"},
	"noop-resets":        {"changes nothing at NOOP"},
	"8bit-lie":           {"supports 8BITMIME if it offers it"},
	"utf8-lie":           {"supports SMTPUTF8 if it offers it"},
	"dsn-lie":            {"supports DSN"},
	"bdat-lie":           {"supports CHUNKING if it offers it"},
	"unknown-parameters": {"rejects unknown parameters"},
	"few-recipients":     {"accepts 100 recipients"},
	"crash-on-noise":     {"continues after an unknown command"},
	"hasty":              {"waits for a slow client"},
}

// atOnce is the number of suites that run in parallel; they usually wait for the network.
var atOnce = make(chan struct{}, 16)

// begin runs a suite in the background; the function it returns waits for it.
func begin(t *testing.T, args ...string) func(t *testing.T) map[string]string {
	done := make(chan struct{})
	var got map[string]string
	var problem string
	go func() {
		defer close(done)
		atOnce <- struct{}{}
		defer func() { <-atOnce }()
		got, problem = suite(t.TempDir(), args...)
	}()
	return func(t *testing.T) map[string]string {
		t.Helper()
		<-done
		if problem != "" {
			t.Fatal(problem)
		}
		return got
	}
}

// suite runs the submission suite and returns the result of each test.
func suite(dir string, args ...string) (ended map[string]string, problem string) {
	report := filepath.Join(dir, "report.json")
	var out bytes.Buffer
	cli.Main(cli.World{
		Args:   append([]string{"test", "submission", "--out", "", "--wait", "3s", "--report-json", report}, args...),
		Stdin:  strings.NewReader(""),
		Stdout: &out, Stderr: &out,
		Getenv:   func(string) string { return "" },
		Terminal: func(any) bool { return false },
	})
	text, err := os.ReadFile(report)
	if err != nil {
		return nil, err.Error() + "\n" + out.String()
	}
	var got struct {
		Tests []struct{ Name, Status string }
	}
	if err := json.Unmarshal(text, &got); err != nil {
		return nil, err.Error()
	}
	ended = map[string]string{}
	for _, x := range got.Tests {
		ended[x.Name] = x.Status
	}
	if len(ended) < 40 {
		return nil, "too few tests\n" + out.String()
	}
	return ended, ""
}

func TestSuiteIsGreenOnTheSandbox(t *testing.T) {
	ends := map[string]func(*testing.T) map[string]string{}
	for _, profile := range []string{"sandbox:gmail", "sandbox:gmail/465", "sandbox:strict", "sandbox:strict/465"} {
		ends[profile] = begin(t, "--server", profile)
	}
	for profile, end := range ends {
		t.Run(profile, func(t *testing.T) {
			for name, status := range end(t) {
				if status != "pass" && status != "skip" { // the sandbox can be tried
					t.Errorf("%s: %s", name, status)
				}
			}
		})
	}
}

// TestSuiteFindsEachFlaw: exactly the intended tests find each fault of a server.
func TestSuiteFindsEachFlaw(t *testing.T) {
	for _, f := range sandbox.Flaws() {
		if caughtBy[f.Name] == nil {
			t.Errorf("the table has no test for the flaw %s", f.Name)
		}
	}
	ends := map[string]func(*testing.T) map[string]string{}
	for flaw := range caughtBy {
		args := []string{"--server", "sandbox:strict+" + flaw}
		if flaw == "hasty" {
			args = append(args, "--var", "slow=1", "--var", "idle=3s")
		}
		ends[flaw] = begin(t, args...)
	}
	for flaw, meant := range caughtBy {
		t.Run(flaw, func(t *testing.T) {
			found := map[string]bool{}
			for name, status := range ends[flaw](t) {
				if status == "pass" || status == "skip" || status == "untried" {
					continue
				}
				i := slices.IndexFunc(meant, func(m string) bool { return strings.Contains(name, m) })
				if i < 0 {
					t.Errorf("%s does not test this flaw, but ended with %s", name, status)
				} else {
					found[meant[i]] = true
				}
			}
			for _, m := range meant {
				if !found[m] {
					t.Errorf("%q did not find the flaw", m)
				}
			}
		})
	}
}
