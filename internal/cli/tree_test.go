package cli

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// usual has the arguments with which each command prints something. A command that is
// missing here fails the tests of output.
var usual = map[string]struct {
	args  string
	stdin string
}{
	"smtpsh":                       {"sandbox:plain", "NOOP\nQUIT\n"},
	"smtpsh send":                  {"send --server sandbox:plain/mx --from a@example.org --to bob@sandbox.test --text x", ""},
	"smtpsh swaks":                 {"swaks --server sandbox:plain/mx --from a@example.org --to bob@sandbox.test", ""},
	"smtpsh run":                   {"run capabilities --server sandbox:plain", ""},
	"smtpsh test":                  {"test x_test.lua --server sandbox:plain", ""},
	"smtpsh load":                  {"load keep-alive --server sandbox:plain --sessions 1 --messages 1", ""},
	"smtpsh check":                 {"check x_test.lua", ""},
	"smtpsh init":                  {"init .", ""},
	"smtpsh record2test":           {"record2test session.txt", ""},
	"smtpsh sandbox":               {"sandbox --flaws", ""},
	"smtpsh explain":               {"explain 550", ""},
	"smtpsh learn":                 {"learn --list", ""},
	"smtpsh scripts":               {"scripts", ""},
	"smtpsh lua-meta":              {"lua-meta", ""},
	"smtpsh version":               {"version", ""},
	"smtpsh help":                  {"help", ""},
	"smtpsh completion bash":       {"completion bash", ""},
	"smtpsh completion zsh":        {"completion zsh", ""},
	"smtpsh completion fish":       {"completion fish", ""},
	"smtpsh completion powershell": {"completion powershell", ""},
}

// way is one way to run the program.
type way struct {
	args  []string
	stdin string
}

// everyWay returns each command with its usual arguments and with --help.
func everyWay(t *testing.T) []way {
	t.Helper()
	a := &app{World: World{Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" }}}
	root := a.root()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	ways := []way{
		{[]string{"--version"}, ""}, {[]string{"__complete", "run", ""}, ""},
		{[]string{"learn", "first-hello"}, ":q\n"},
		{[]string{"scripts", "tls-report"}, ""},
	}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		path := c.CommandPath()
		if u, ok := usual[path]; ok {
			ways = append(ways, way{strings.Fields(u.args), u.stdin})
		} else if c.Runnable() && len(c.Commands()) == 0 {
			t.Errorf("the tests of output do not know how to run %q: add it to usual", path)
		}
		ways = append(ways, way{append(strings.Fields(path)[1:], "--help"), ""})
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
	if len(ways) < 30 {
		t.Fatalf("only %d ways", len(ways))
	}
	return ways
}

// folder returns a folder with the files that the usual arguments name.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"x_test.lua":  "it(\"is one\", function() expect.eq(1, 1) end)\n",
		"session.txt": "S: 220 mx.example.org ESMTP\nC: EHLO me\nS: 250 mx.example.org\nC: QUIT\nS: 221 2.0.0 bye\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
