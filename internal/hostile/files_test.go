//go:build unix

package hostile_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// program runs smtpsh in a folder with a limit on the size of files, which acts like a full
// disk: blocks of 512 bytes, 0 for none.
func program(t *testing.T, dir string, blocks, stdin string, args ...string) (status int, out string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	if blocks != "" {
		cmd = exec.Command("sh", append([]string{"-c", `ulimit -f ` + blocks + `; exec "$0" "$@"`, os.Args[0]}, args...)...)
	}
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "BATTERY_RUNS=smtpsh", "HOME="+dir, "XDG_STATE_HOME="+dir)
	cmd.Stdin = strings.NewReader(stdin)
	b, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(b)
}

// If the disk is full, a new file is complete or does not exist, and an old file is
// unchanged.
func TestFullDiskKeepsOldFiles(t *testing.T) {
	many := strings.Repeat("NOOP "+strings.Repeat("x", 60)+"\n", 60)
	suite := "for i = 1, 40 do it(\"test \" .. i, function() expect.eq(1, i) end) end\n"
	for _, tt := range []struct {
		name, stdin string
		args        []string
		keeps       string // the file with the content "old\n"
		never       string // a file that must not exist afterwards
	}{
		{"JUnit report", "", []string{"test", "x_test.lua", "--server", "sandbox:plain", "--report-junit", "kept"}, "kept", ""},
		{"TAP report", "", []string{"test", "x_test.lua", "--server", "sandbox:plain", "--report-tap", "kept"}, "kept", ""},
		{"JSON report", "", []string{"test", "x_test.lua", "--server", "sandbox:plain", "--report-json", "kept"}, "kept", ""},
		{"new report", "", []string{"test", "x_test.lua", "--server", "sandbox:plain", "--report-junit", "new.xml"}, "", "new.xml"},
		{"saved session", many + ":save new.smtp\nQUIT\n", []string{"sandbox:plain"}, "", "new.smtp"},
		{"saved over", many + ":save kept.smtp !\nQUIT\n", []string{"sandbox:plain"}, "kept.smtp", ""},
		{"saved page", many + ":save new.html\nQUIT\n", []string{"sandbox:plain"}, "", "new.html"},
		{"folder of tests", "", []string{"init", "."}, "", ".smtpsh/smtpsh.lua"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string]string{"x_test.lua": suite, tt.keeps: "old\n"} {
				if name != "" {
					if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			status, out := program(t, dir, "1", tt.stdin, tt.args...)
			if status <= 0 || !strings.Contains(out, "smtpsh: ") || strings.Contains(out, "goroutine ") {
				t.Errorf("status %d\n%s", status, out)
			}
			if tt.keeps != "" {
				if b, err := os.ReadFile(filepath.Join(dir, tt.keeps)); err != nil || string(b) != "old\n" {
					t.Errorf("%s has %d bytes now, %v", tt.keeps, len(b), err)
				}
			}
			if tt.never != "" {
				if info, err := os.Stat(filepath.Join(dir, tt.never)); err == nil {
					t.Errorf("%s exists with %d bytes", tt.never, info.Size())
				}
			}
			if left, _ := filepath.Glob(filepath.Join(dir, ".new-*")); len(left) > 0 {
				t.Errorf("temporary files remain: %v", left)
			}
		})
	}
}

// Output that cannot be written is an error.
func TestFullOutputIsAnError(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		if runtime.GOOS == "linux" {
			t.Fatal(err)
		}
		t.Skip("only Linux has /dev/full")
	}
	defer full.Close()
	for _, args := range [][]string{{"version"}, {"scripts"}, {"explain", "550"}, {"run", "gmail-send"}, {"sandbox:plain"}, {"--help"}} {
		cmd := exec.Command(os.Args[0], args...)
		cmd.Env = append(os.Environ(), "BATTERY_RUNS=smtpsh", "HOME="+t.TempDir())
		var errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = full, &errs
		cmd.Run() //nolint:errcheck // the exit status shows it
		if cmd.ProcessState.ExitCode() <= 0 || !strings.Contains(errs.String(), "no space left") {
			t.Errorf("%s: status %d, %s", args, cmd.ProcessState.ExitCode(), &errs)
		}
	}
}

// Names of files, and mail received by a server of smtpsh, bring no control characters to a
// terminal or into a report.
func TestNamesOfFilesAndCapturedMail(t *testing.T) {
	const bad = "x\x1b]0;owned\x07\u202e"
	dir := t.TempDir()
	for name, text := range map[string]string{
		bad + ".lua": "error(\"wrong\")\n", bad + "_test.lua": "it(\"a\", function() error(\"b\") end)\n", bad + ".smtp": "# x\nS: 550\n",
		"mail.lua": `local srv = smtp.sandbox("sandbox:plain")
local s = smtp.connect("sandbox:plain")
s:ehlo("x") s:mail("a@b.c") s:rcpt("b@sandbox.test") s:data("Subject: \27]0;owned\7\226\128\174\r\n\r\n\27[2J hello\r\n")
error(srv:messages()[1].subject .. srv:messages()[1].data)
`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"run", bad + ".lua"}, {"run", "no" + bad + ".lua"},
		{"run", bad + ".smtp", "--server", "sandbox:plain"}, {"check", bad + ".lua"},
		{"test", bad + "_test.lua", "--server", "sandbox:plain", "--report-junit", "-"},
		{"test", bad + "_test.lua", "--server", "sandbox:plain", "--report-tap", "tap"},
		{"test", bad + "_test.lua", "--server", "sandbox:plain", "--report-json", "json"},
		{"run", "mail.lua"}, {"run", "mail.lua", "--format", "jsonl"},
		{"sandbox", "--script", "no" + bad}, {"--ca", bad, "sandbox:plain"},
		{"explain", bad}, {"--server", bad, "run", "gmail-send"},
		{bad}, {"--log", bad + "/x", "sandbox:plain"}, {"learn", bad}, {"init", bad},
	} {
		_, out := program(t, dir, "", "", args...)
		if got := unclean([]byte(out)); got != "" {
			t.Errorf("%q: %q in %q", args, got, out)
		}
	}
	_, out := program(t, dir, "", ":save "+bad+".smtp\n:run "+bad+".lua\n:lua error(\""+bad+"\")\n:open "+bad+"\n"+bad+"\n", "--keep-going",
		"sandbox:plain")
	if got := unclean([]byte(out)); got != "" {
		t.Errorf("the prompt: %q in %q", got, out)
	}
	for _, report := range []string{"tap", "json"} {
		b, err := os.ReadFile(filepath.Join(dir, report))
		if got := unclean(b); got != "" || err != nil {
			t.Errorf("%s: %q, %v", report, got, err)
		}
	}
}
