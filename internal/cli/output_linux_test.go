package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"smtpsh/internal/exit"
)

// TestMain makes the test binary act as the program in runs that tests start.
func TestMain(m *testing.M) {
	if os.Getenv("CLI_TEST_RUNS") != "" {
		os.Exit(Main(System()))
	}
	os.Exit(m.Run())
}

// noRaceSleep prevents the race detector from waiting a second at the end of each run.
const noRaceSleep = "GORACE=atexit_sleep_ms=0"

// start starts the program. With redirect it starts a shell that starts the program.
func start(ctx context.Context, dir, redirect string, w way) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], w.args...)
	if redirect != "" {
		cmd = exec.CommandContext(ctx, "sh", append([]string{"-c", `"$0" "$@" ` + redirect + `; exit $?`, os.Args[0]}, w.args...)...)
	}
	cmd.WaitDelay = time.Second
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(w.stdin)
	cmd.Env = append(os.Environ(), "CLI_TEST_RUNS=1", noRaceSleep, "HOME="+dir, "XDG_STATE_HOME="+dir)
	return cmd
}

// nobody returns a pipe without a reader.
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

// full returns a device without free space.
func full(t *testing.T) *os.File {
	t.Helper()
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// If standard output is closed, full or without a reader, every command fails and reports
// it once on standard error.
func TestUnwritableOutputIsAnError(t *testing.T) {
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
					cmd.Stdout = io.Discard // the reader of the shell
				}
				cmd.Run() //nolint:errcheck // the exit status shows it
				if code := cmd.ProcessState.ExitCode(); code <= 0 || strings.Count(errs.String(), kind.words) != 1 || strings.Contains(errs.String(),
					"goroutine ") {
					t.Errorf("smtpsh %s: status %d\n%s", strings.Join(w.args, " "), code, &errs)
				}
			}
		})
	}
}

// Output that is discarded on purpose is not an error, whichever program opened /dev/null
// and in whichever mode.
func TestDiscardedOutputIsNoError(t *testing.T) {
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

// If standard error is closed, full or without a reader, the exit status is the same, and
// nothing hangs or panics.
func TestUnwritableErrorsChangeNoStatus(t *testing.T) {
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
		usual.Run() //nolint:errcheck // the exit status shows it
		for _, kind := range []struct {
			name, redirect string
			errs           io.Writer
		}{{"closed", "2>&-", io.Discard}, {"full", "", full(t)}, {"nobody", "", nobody(t)}} {
			cmd := start(ctx, dir, kind.redirect, w)
			cmd.Stderr = kind.errs
			cmd.Run() //nolint:errcheck // the exit status shows it
			if got, want := cmd.ProcessState.ExitCode(), usual.ProcessState.ExitCode(); got != want || want < 0 {
				t.Errorf("smtpsh %s, standard error %s: status %d, without that %d", strings.Join(w.args, " "), kind.name, got, want)
			}
		}
	}
}

// A sandbox whose output has no reader any more reports it at once and continues to serve.
func TestSandboxContinuesWithoutReader(t *testing.T) {
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
	defer cmd.Process.Kill() //nolint:errcheck // the reader has ended
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
	greeted(t, at) // its output cannot be shown
	told := make([]byte, 0, 1024)
	for buf := make([]byte, 1024); !bytes.Contains(told, []byte("until it is interrupted\n")); {
		n, err := errs.Read(buf)
		if err != nil {
			t.Fatalf("%v\n%s", err, told)
		}
		told = append(told, buf[:n]...)
	}
	greeted(t, at) // it still serves
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	if e := new(exec.ExitError); !errors.As(err, &e) || e.ExitCode() != exit.Usage || !bytes.Contains(told, []byte("broken pipe")) {
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
	c.SetDeadline(time.Now().Add(time.Minute)) //nolint:errcheck // a new connection shows it
	line := make([]byte, 4)
	if _, err := io.ReadFull(c, line); err != nil || string(line) != "220 " {
		t.Fatalf("%q, %v", line, err)
	}
}
