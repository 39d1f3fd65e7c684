package cli_test

import (
	"bytes"
	"net"
	"os"
	"strings"
	"testing"

	"smtpsh/internal/cli"
	"smtpsh/internal/sandbox"
)

// shell runs the program in this process with the given input.
func shell(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = cli.Main(cli.World{
		Args: args, Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs,
		Getenv: func(string) string { return "" }, Terminal: func(any) bool { return false }, Context: t.Context(),
	})
	return code, out.String(), errs.String()
}

// A wrong or incomplete command line gets the right form in the hint.
func TestWrongInvocationsHintTheRightForm(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for name, text := range map[string]string{
		"mine.lua": "return 1", "a_test.lua": "it('x', function() end)",
		"d.smtp": ":open sandbox:plain\nS: 220",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ line, want string }{
		{"tset x", "did you mean smtpsh test?"},
		{"tset", "did you mean smtpsh test?"},
		{"help tset", "did you mean smtpsh help test?"},
		{"rn gmail-send", "did you mean smtpsh run?"},
		{"localhost 99999", `"99999" is not a port`},
		{"localhost abc", `"abc" is not a port`},
		{"mx.example.org 0", "a number from 1 to 65535"},
		{"mx.example.org EHLO", "type SMTP commands at the prompt"},
		{"EHLO me", "smtpsh TARGET, then EHLO me"},
		{"helo", "commands of SMTP are typed at the prompt"},
		{"mx.example.org:25 25", `unexpected argument "25"`},
		{"25", "localhost:25 connects to this port of your machine"},
		{"gmail-send", "smtpsh run gmail-send"},
		{"keep-alive", "smtpsh load keep-alive"},
		{"submission", "smtpsh test submission"},
		{"first-hello", "smtpsh learn first-hello"},
		{"mine.lua", "smtpsh run mine.lua"},
		{"a_test.lua", "smtpsh test a_test.lua"},
		{"none.lua", "there is no file none.lua"},
		{"run submission", "submission is a test suite: smtpsh test submission"},
		{"run first-hello", "smtpsh learn first-hello"},
		{"run mx.example.org:25", "smtpsh run SCRIPT --server mx.example.org:25"},
		{"run sandbox:plain", "smtpsh run SCRIPT --server sandbox:plain"},
		{"run capabilites", "did you mean capabilities?"},
		{"run .", "smtpsh test . runs the tests in it"},
		{"test capabilities", "smtpsh run capabilities"},
		{"test keep-alive", "smtpsh load keep-alive"},
		{"test submision", "did you mean submission?"},
		{"test mx.example.org", "smtpsh test PATH --server mx.example.org"},
		{"load submission", "smtpsh test submission"},
		{"check submission", "smtpsh test submission"},
		{"scripts submission", "smtpsh test submission"},
		{"scripts gmail-sned", "did you mean gmail-send?"},
		{"learn submission", "smtpsh test submission"},
		{"learn frist-hello", "did you mean first-hello?"},
		{"explain gmail-send", "smtpsh run gmail-send"},
		{"sandbox plain", "smtpsh sandbox --profile plain"},
		{"sandbox 2700", "smtpsh sandbox --listen 2700"},
		{"sandbox 127.0.0.1:2700", "smtpsh sandbox --listen 127.0.0.1:2700"},
		{"sandbox --listen 99999", `"99999" is not a port`},
		{"--server 25 capabilities", "25 is a port without a host; write localhost:25"},
		{"--timeout 5x sandbox:plain", "write a number of seconds"},
		{"load keep-alive --duration soon", "write a number of seconds"},
		{"run gmail-send to=x@example.org", "did you mean --var to=x@example.org?"},
		{"run gmail-send pass=hunter2", "did you mean --secret pass=@prompt?"},
		{"run capabilities mx.example.org", "did you mean --server mx.example.org?"},
		{"load keep-alive size=9", "did you mean --var size=9?"},
		{"run d.smtp user=ann", "did you mean --var user=ann?"},
	} {
		code, stdout, stderr := shell(t, "", strings.Fields(c.line)...)
		if code != 2 || !strings.Contains(stderr, c.want) || !strings.Contains(stderr, "hint: ") || strings.Contains(stdout, "220 ") {
			t.Errorf("smtpsh %s: status %d, want 2 and %q\n%s%s", c.line, code, c.want, stdout, stderr)
		}
		if strings.Contains(stderr, "hunter2") {
			t.Errorf("smtpsh %s repeats a password", c.line)
		}
	}
}

// Short forms without ambiguity are accepted.
func TestShortInvocationsAreAccepted(t *testing.T) {
	srv, err := sandbox.Start(sandbox.Options{Profile: "plain"})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	host, port, err := net.SplitHostPort(srv.Addr("mx"))
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{host, port}, {"smtp://" + host, port}, {"--timeout", "5", host, port}, {"--deadline", "60.5", host + ":" + port},
		{"run", "capabilities", "--server", host + ":" + port, "--insecure", "--timeout", "20"},
	} {
		if code, stdout, stderr := shell(t, "NOOP\n", args...); code != 0 || !strings.Contains(stdout, "S: 250 ") {
			t.Errorf("smtpsh %s: status %d\n%s%s", strings.Join(args, " "), code, stdout, stderr)
		}
	}
	// a port alone is on this machine; with 0 the system chooses a port
	for _, listen := range []string{"0", "127.0.0.1:0"} {
		s, err := sandbox.Start(sandbox.Options{Profile: "plain", Listen: listen})
		if err != nil {
			t.Errorf("%s: %v", listen, err)
			continue
		}
		if !strings.HasPrefix(s.Addr("mx"), "127.0.0.1:") {
			t.Errorf("%s listens on %s", listen, s.Addr("mx"))
		}
		s.Close()
	}
	l, err := sandbox.Listen("0", sandbox.ListenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if !strings.HasPrefix(l.Addr().String(), "127.0.0.1:") {
		t.Errorf("it listens on %s", l.Addr())
	}
}

// An unused argument gets a warning, like an unused variable.
func TestUnusedArgumentsWarn(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("one.lua", []byte(`local a = ... print("got " .. a)`), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := shell(t, "", "run", "one.lua", "x", "y", "to=z")
	if code != 0 || !strings.Contains(stdout, "got x") || strings.Contains(stderr, "argument x") ||
		!strings.Contains(stderr, "the argument y was never used\n") || !strings.Contains(stderr,
		"the argument to=z was never used; did you mean --var to=z?") {
		t.Errorf("status %d\n%s%s", code, stdout, stderr)
	}
	code, stdout, stderr = shell(t, ":run one.lua x y\n", "sandbox:plain")
	if code != 0 || !strings.Contains(stdout, "the argument y was never used") {
		t.Errorf("status %d\n%s%s", code, stdout, stderr)
	}
}

// A report file that cannot be written is an error before the first test runs.
func TestReportsThatCannotBeWrittenAreRefusedBeforeTheRun(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	test := `describe("d", function() it("x", function() print("it ran") expect(1):equals(1) end) end)`
	if err := os.WriteFile("a_test.lua", []byte(test), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	none := "none/x"
	for _, args := range [][]string{
		{"test", "a_test.lua", "--report-junit", none},
		{"test", "a_test.lua", "--report-tap", none},
		{"test", "a_test.lua", "--report-json", none},
		{"test", "a_test.lua", "--report-junit", "."},
		{"test", "a_test.lua", "--out", "file"},
		{"test", "a_test.lua", "--out", "file/below"},
		{"test", "a_test.lua", "--log", none},
		{"test", "a_test.lua", "--keylog", none},
		{"test", "a_test.lua", "--cpuprofile", none},
		{"test", "a_test.lua", "--memprofile", none},
		{"load", "keep-alive", "--report-json", none},
		{"load", "keep-alive", "--report-html", none},
		{"load", "keep-alive", "--log", none},
		{"load", "keep-alive", "--memprofile", none},
		{"run", "capabilities", "--log", none},
		{"run", "capabilities", "--keylog", none},
		{"run", "capabilities", "--cpuprofile", none},
		{"run", "capabilities", "--memprofile", none},
		{"sandbox:plain", "--log", none}, {"sandbox:plain", "--keylog", none},
		{"sandbox:plain", "--memprofile", none},
	} {
		code, stdout, stderr := shell(t, "NOOP\n", args...)
		if code != 2 || stdout != "" || !strings.Contains(stderr, args[len(args)-2]+": ") || !strings.Contains(stderr, "hint: ") {
			t.Errorf("smtpsh %s: status %d\n%s%s", strings.Join(args, " "), code, stdout, stderr)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("looking has left something behind: %v, %v", entries, err)
	}
	// files that can be written are written, also over existing ones
	for _, path := range []string{"new.xml", "file"} {
		if code, stdout, stderr := shell(t, "", "test", "a_test.lua", "--report-junit", path); code != 0 {
			t.Errorf("%s: status %d\n%s%s", path, code, stdout, stderr)
		}
		if b, err := os.ReadFile(path); err != nil || !bytes.Contains(b, []byte("<testsuite")) {
			t.Errorf("%s: %q, %v", path, b, err)
		}
	}
}
