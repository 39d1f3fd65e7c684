//go:build unix

package testscripts

import (
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSwaksOptions runs the cases of a checkout of swaks (SMTPSH_SWAKS_SUITE=DIR) that show with
// --dump what command lines, environments and configuration files mean. It compares the output
// and the exit status.
func TestSwaksOptions(t *testing.T) {
	dir := os.Getenv("SMTPSH_SWAKS_SUITE")
	if dir == "" {
		t.Skip("SMTPSH_SWAKS_SUITE does not name a checkout of swaks")
	}
	program := builtProgram(t)
	var alike, all int
	for _, group := range []string{"auth", "data", "output", "processing", "protocol", "proxy", "tls", "transport", "xclient"} {
		suite := filepath.Join(dir, "testing/regressions/_options-"+group)
		cases, err := filepath.Glob(suite + "/*.test")
		if err != nil || len(cases) == 0 {
			t.Fatalf("no cases in %s: %v", suite, err)
		}
		same := 0
		for _, file := range cases {
			id := strings.TrimSuffix(filepath.Base(file), ".test")
			work := t.TempDir()
			got, want := runSwaksCase(t, program, dir, suite, file, id, work), wantedSwaks(t, suite, id)
			g, w := dumped(got.output), dumped(want.output)
			if g == w && (got.status == want.status || want.status < 0) {
				same++
				continue
			}
			if os.Getenv("SMTPSH_SWAKS_SHOW") != "" {
				t.Logf("%s/%s: status %d, want %d\n%s--- want\n%s", group, id, got.status, want.status, g, w)
			}
		}
		t.Logf("%s: %d of %d", group, same, len(cases))
		alike, all = alike+same, all+len(cases)
	}
	t.Logf("%d of %d cases have the same output and status", alike, all)
	if alike*10 < all*9 {
		t.Error("less than 90 percent are alike")
	}
}

// The values in a dump that differ in each run or program.
var dumpVaries = []struct {
	find *regexp.Regexp
	put  string
}{
	{regexp.MustCompile(`(?m)^  Cmd Line = .*`), "  Cmd Line = X"},
	{regexp.MustCompile(`(?m)^  (trans_fh_..        = \S+).*`), "  $1"},
	{regexp.MustCompile(`available protocols = .*`), "available protocols = X"},
	{regexp.MustCompile(`<\S+@\S+>`), "<ID>"},
	{regexp.MustCompile(`MIME_BOUNDARY_(\d\d\d)_\w+`), "MIME_BOUNDARY_${1}_X"},
	{regexp.MustCompile(`X-Mailer = .*`), "X-Mailer = X"},
	{regexp.MustCompile(`(?m)^=== (.*) supported$`), "=== $1 supported"},
}

func dumped(text string) string {
	host, _ := os.Hostname()
	if u, err := user.Current(); err == nil {
		text = strings.ReplaceAll(text, u.Username+"@", "LOCAL_USER_NAME@")
	}
	if host != "" {
		text = strings.ReplaceAll(text, host, "LOCAL_HOST_NAME")
	}
	for _, v := range dumpVaries {
		text = v.find.ReplaceAllString(text, v.put)
	}
	return text
}
