//go:build unix

package peers

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smtpsh/internal/cli"
)

// findings are the tests of the submission suite that this Postfix fails, with the reason;
// each is intended.
var findings = map[string]string{

	"AUTH #security › offers no weak mechanism [ADVICE, RFC 6331 and " +
		"the IANA registry of SASL mechanisms]": "Dovecot is set up with every mechanism that it has",

	"TLS #security › is 1.2 or newer [MUST, RFC 8996 sections 4 and 5]": "Debian's Postfix 3.7 still speaks TLS 1.0 and 1.1 unless told " +
		"otherwise",

	"the envelope › rejects a sender that is not a mailbox: two at signs " +
		"[SHOULD, RFC 5321 section 4.1.2]": "Postfix takes what it can quote; only recipients are looked up",
}

// smtpsh runs the program with the CA of the servers.
func (p *Peers) smtpsh(args ...string) (int, string) {
	var out bytes.Buffer
	code := cli.Main(cli.World{
		Args: append(args, "--ca", p.Dir+"/tls/client-ca.pem"), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
		Getenv: func(name string) string {
			return map[string]string{"PASS": AnnPassword, "CATPASS": "secret-cat"}[name]
		},
		Terminal: func(any) bool { return false },
	})
	return code, out.String()
}

// submissionSuite runs the bundled suite against Postfix and reads the delivered messages
// from Dovecot.
func submissionSuite(t *testing.T, p *Peers) {
	report := filepath.Join(t.TempDir(), "report.json")
	_, out := p.smtpsh("test", "submission", "--server", p.Submission, "--sni", MX, "--out", "", "--report-json", report,
		"--var", "user="+Ann, "--secret", "pass=@env:PASS", "--var", "rcpt="+Cat,
		"--var", "imap=imaps://"+p.IMAPS, "--var", "imap_user="+Cat, "--secret", "imap_pass=@env:CATPASS")
	text, err := os.ReadFile(report)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var got struct {
		Tests []struct{ Name, Status, Reason string }
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	passed, bad := 0, false
	for _, x := range got.Tests {
		_, known := findings[x.Name]
		switch {
		case x.Status == "pass" && known:
			t.Errorf("%s passes now: remove it from the list", x.Name)
		case x.Status == "pass":
			passed++
		case x.Status == "skip":
			t.Logf("skipped: %s: %s", x.Name, x.Reason)
		case !known:
			bad = true
			t.Errorf("%s: %s", x.Name, x.Status)
		}
	}
	if passed < 42 || bad {
		t.Errorf("%d tests passed\n%s", passed, out)
	}
}
