package cli_test

import (
	"strings"
	"testing"

	"smtpsh/internal/concepts"
)

// The command lines of each concept run as written, and show what they promise.
func TestLinesOfConceptsShowThem(t *testing.T) {
	for _, c := range concepts.All() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			prompt, commands := c.Lines()
			printed := ""
			if len(prompt) > 0 {
				_, out, errs := shell(t, strings.Join(prompt, "\n")+"\n", "sandbox:plain", "--keep-going")
				if strings.Contains(errs, "smtpsh:") && !strings.Contains(errs, c.Shows) {
					t.Errorf("%q: %s", c.Here, errs)
				}
				printed += out + errs
			}
			for _, line := range commands {
				code, out, errs := shell(t, "", strings.Fields(line)[1:]...)
				if code == 2 {
					t.Errorf("%s: exit status 2: %s", line, errs)
				}
				printed += out
			}
			if !strings.Contains(printed, c.Shows) {
				t.Errorf("%q is not in what these lines print:\n%s\n\n%s", c.Shows, c.Here, printed)
			}
		})
	}
}
