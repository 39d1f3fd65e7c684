package testscripts

import (
	"bytes"
	"strings"
	"testing"

	"smtpsh/internal/cli"
	"smtpsh/internal/sandbox"
)

// scenarios are servers for the dialogues of RFC 5321, with the expected result of a file.
var scenarios = map[string]struct {
	rules []sandbox.Rule
	file  string
	says  string
}{
	"a busy greeting": {rules: []sandbox.Rule{always("CONNECT", "421 4.3.2 too busy")}, file: "D.1", says: "1 could not be tried"},
	"closes at once": {
		rules: []sandbox.Rule{{On: "CONNECT", Sequence: []sandbox.Action{{Drop: "before"}}}},
		file:  "D.2", says: "1 could not be tried",
	},
	"a login is required":   {rules: []sandbox.Rule{always("MAIL", "530 5.7.0 log in")}, file: "D.2", says: "1 could not be tried"},
	"greylisting":           {rules: []sandbox.Rule{always("RCPT", "450 4.2.0 later")}, file: "D.4", says: "1 could not be tried"},
	"EHLO is refused":       {rules: []sandbox.Rule{always("EHLO", "550 5.7.1 no")}, file: "D.4", says: "1 could not be tried"},
	"RSET is refused":       {rules: []sandbox.Rule{always("RSET", "550 5.7.1 no")}, file: "D.2", says: "1 failed"},
	"VRFY fails":            {rules: []sandbox.Rule{always("VRFY", "450 4.3.0 later")}, file: "D.4", says: "1 failed"},
	"MAIL gets a 354":       {rules: []sandbox.Rule{always("MAIL", "354 go on")}, file: "D.1", says: "1 failed"},
	"nothing is the matter": {file: "D.1", says: "1 passed"},
}

// TestScenariosJudgeWhatTheyTest: a rejection before the point of a scenario is no failure
// of the server.
func TestScenariosJudgeWhatTheyTest(t *testing.T) {
	for name, c := range scenarios {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, ca := careful(t, "plain", c.rules...)
			var out bytes.Buffer
			code := cli.Main(cli.World{
				Args:  []string{"test", "rfc5321", "--server", srv.Addr("mx"), "--ca", ca, "--out", "", "--wait", "3s", "--filter", c.file},
				Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
				Getenv: func(string) string { return "" }, Terminal: func(any) bool { return false },
			})
			if !strings.Contains(out.String(), c.says) || (code == 0) != (c.says == "1 passed") {
				t.Errorf("status %d, want %q\n%s", code, c.says, out.String())
			}
		})
	}
}
