package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// TestMain makes the test binary the program for the runs that tests start.
func TestMain(m *testing.M) {
	if os.Getenv("CLI_TEST_RUNS") != "" {
		os.Exit(Main(System()))
	}
	os.Exit(m.Run())
}

// usual is how each command is run so that it prints something. A command that is not
// listed here fails the tests of output.
var usual = map[string]struct {
	args  string
	stdin string
}{
	"smtpsh":                       {"sandbox:plain", "NOOP\nQUIT\n"},
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

// way is one run of the program.
type way struct {
	args  []string
	stdin string
}

// everyWay is each command of the tree with its usual arguments and with --help.
func everyWay(t *testing.T) []way {
	t.Helper()
	a := &app{World: World{Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" }}}
	root := a.root()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	ways := []way{{[]string{"--version"}, ""}, {[]string{"__complete", "run", ""}, ""}, {[]string{"learn", "first-hello"}, ":q\n"}, {[]string{"scripts", "tls-report"}, ""}}
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

// folder has the files that the usual arguments name.
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

// start makes a run of the program; with redirect a shell starts it, which stays there.
func start(ctx context.Context, dir, redirect string, w way) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], w.args...)
	if redirect != "" {
		cmd = exec.CommandContext(ctx, "sh", append([]string{"-c", `"$0" "$@" ` + redirect + `; exit $?`, os.Args[0]}, w.args...)...)
	}
	cmd.WaitDelay = time.Second
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(w.stdin)
	cmd.Env = append(os.Environ(), "CLI_TEST_RUNS=1", "HOME="+dir, "XDG_STATE_HOME="+dir)
	return cmd
}

// nobody is a pipe without a reader.
func nobody(t *testing.T) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	t.Cleanup(func() { w.Close() })
	return w
}

// full is a device without room.
func full(t *testing.T) *os.File {
	t.Helper()
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// Standard output that is closed, full or without a reader is a failure of every
// command, with words on standard error, said once.
func TestOutputThatIsLost(t *testing.T) {
	dir := folder(t)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	for _, kind := range []struct {
		name, redirect, words string
		out                   io.Writer
	}{
		{"closed", ">&-", "standard output is closed", nil},
		{"full", "", "no space left", full(t)},
		{"nobody", "", "broken pipe", nobody(t)},
	} {
		t.Run(kind.name, func(t *testing.T) {
			for _, w := range everyWay(t) {
				var errs bytes.Buffer
				cmd := start(ctx, dir, kind.redirect, w)
				cmd.Stdout, cmd.Stderr = kind.out, &errs
				if kind.out == nil {
					cmd.Stdout = io.Discard // of the shell
				}
				cmd.Run() //nolint:errcheck // the state tells
				if code := cmd.ProcessState.ExitCode(); code <= 0 || strings.Count(errs.String(), kind.words) != 1 || strings.Contains(errs.String(), "goroutine ") {
					t.Errorf("smtpsh %s: status %d\n%s", strings.Join(w.args, " "), code, &errs)
				}
			}
		})
	}
}

// Output that is discarded on purpose is none that is lost, whoever opened /dev/null, and
// for what.
func TestOutputThatIsDiscarded(t *testing.T) {
	dir := folder(t)
	both, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer both.Close()
	for _, tt := range []struct {
		name, redirect string
		out            io.Writer
	}{
		{"a shell", "> /dev/null", nil},
		{"a shell's own, for reading and writing", "< /dev/null", both},
		{"a program, for reading and writing", "", both},
		{"a program, for writing", "", nil},
	} {
		cmd := start(t.Context(), dir, tt.redirect, way{[]string{"version"}, ""})
		var errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = tt.out, &errs
		if err := cmd.Run(); err != nil || errs.Len() > 0 {
			t.Errorf("%s: %v\n%s", tt.name, err, &errs)
		}
	}
}

// Standard error that is closed, full or without a reader changes no status, and nothing
// hangs or panics.
func TestErrorsThatAreLost(t *testing.T) {
	dir := folder(t)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	ways := everyWay(t)
	ways = slices.DeleteFunc(ways, func(w way) bool { return slices.Contains(w.args, "--help") })
	for _, w := range slices.Clone(ways) {
		ways = append(ways, way{append(slices.Clone(w.args), "--no-such-flag"), w.stdin})
	}
	ways = append(ways, way{[]string{"run", "no-such-script"}, ""}, way{[]string{"sandbox:plain"}, "RSET x\nNOSUCH\n"})
	for _, w := range ways {
		usual := start(ctx, dir, "", w)
		usual.Run() //nolint:errcheck // the state tells
		for _, kind := range []struct {
			name, redirect string
			errs           io.Writer
		}{{"closed", "2>&-", io.Discard}, {"full", "", full(t)}, {"nobody", "", nobody(t)}} {
			cmd := start(ctx, dir, kind.redirect, w)
			cmd.Stderr = kind.errs
			cmd.Run() //nolint:errcheck // the state tells
			if got, want := cmd.ProcessState.ExitCode(), usual.ProcessState.ExitCode(); got != want || want < 0 {
				t.Errorf("smtpsh %s, standard error %s: status %d, without that %d", strings.Join(w.args, " "), kind.name, got, want)
			}
		}
	}
}

// A sandbox whose output nobody reads any more says so at once and goes on serving.
func TestASandboxOutlivesItsReader(t *testing.T) {
	dir := folder(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	errs, says, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := start(ctx, dir, "", way{[]string{"sandbox", "--profile", "plain"}, ""})
	cmd.Stdout, cmd.Stderr = w, says
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	says.Close()
	defer cmd.Process.Kill() //nolint:errcheck // it has ended
	addr := regexp.MustCompile(`127\.0\.0\.1:[0-9]+`)
	var head []byte
	for buf := make([]byte, 4096); !bytes.Contains(head, []byte("^C stops")); {
		n, err := r.Read(buf)
		if err != nil {
			t.Fatalf("%v\n%s", err, head)
		}
		head = append(head, buf[:n]...)
	}
	r.Close()
	at := string(addr.Find(head))
	greeted(t, at) // its conversation cannot be shown
	told := make([]byte, 0, 1024)
	for buf := make([]byte, 1024); !bytes.Contains(told, []byte("until it is interrupted\n")); {
		n, err := errs.Read(buf)
		if err != nil {
			t.Fatalf("%v\n%s", err, told)
		}
		told = append(told, buf[:n]...)
	}
	greeted(t, at) // it serves still
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	if e := new(exec.ExitError); !errors.As(err, &e) || e.ExitCode() != exitUsage || !bytes.Contains(told, []byte("broken pipe")) {
		t.Errorf("%v\n%s", err, told)
	}
}

// greeted connects to a server and reads its greeting.
func greeted(t *testing.T, addr string) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute)) //nolint:errcheck // a new connection takes it
	line := make([]byte, 4)
	if _, err := io.ReadFull(c, line); err != nil || string(line) != "220 " {
		t.Fatalf("%q, %v", line, err)
	}
}
