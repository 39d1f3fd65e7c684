package redteam_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"smtpsh/internal/cli"
)

func TestMain(m *testing.M) {
	if os.Getenv("REDTEAM_RUNS") == "smtpsh" {
		os.Exit(cli.Main(cli.System()))
	}
	os.Exit(m.Run())
}

// server is a smtpsh sandbox in its own process.
type server struct {
	t    testing.TB
	cmd  *exec.Cmd
	pipe io.Closer // its standard output
	home string
	said []string // the announcement

	mu   sync.Mutex
	out  bytes.Buffer // the output after it
	done chan struct{}
}

// program returns a command that runs smtpsh with its own home folder.
func program(home, before string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	if before != "" {
		cmd = exec.Command("sh", append([]string{"-c", before + `; exec "$0" "$@"`, os.Args[0]}, args...)...)
	}
	cmd.Env = append(os.Environ(), "REDTEAM_RUNS=smtpsh", "HOME="+home, "XDG_STATE_HOME=", "TMPDIR="+filepath.Join(home, "tmp"),
		"GOMEMLIMIT=", "GOGC=", "SMTPSH_SERVER=")
	return cmd
}

// run starts a sandbox of the profile plain and waits for its announcement. A shell runs
// before and then becomes the sandbox.
func run(t testing.TB, before string, args ...string) *server {
	t.Helper()
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, "tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	return runAt(t, home, before, args...)
}

func runAt(t testing.TB, home, before string, args ...string) *server {
	t.Helper()
	s := &server{t: t, home: home, done: make(chan struct{})}
	s.cmd = program(home, before, append([]string{"sandbox", "--profile", "plain"}, args...)...)
	pipe, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.pipe = pipe
	s.cmd.Stderr = &lockedBuffer{s: s}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.cmd.Process.Kill() //nolint:errcheck // it has ended in most tests
		<-s.done
		s.cmd.Wait() //nolint:errcheck // the exit status is checked elsewhere
	})
	lines := bufio.NewScanner(pipe)
	for lines.Scan() && lines.Text() != "^C stops the server" {
		s.said = append(s.said, lines.Text())
	}
	go func() {
		defer close(s.done)
		for lines.Scan() {
			fmt.Fprintln(&lockedBuffer{s: s}, lines.Text())
		}
	}()
	if len(s.said) == 0 {
		t.Fatalf("the sandbox did not start:\n%s", s.console())
	}
	return s
}

// lockedBuffer collects the output of the program.
type lockedBuffer struct{ s *server }

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	return b.s.out.Write(p)
}

// console returns the output since the announcement.
func (s *server) console() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.String()
}

// word returns the second word of a line of the announcement.
func (s *server) word(first string) string {
	s.t.Helper()
	for _, l := range s.said {
		if f := strings.Fields(l); len(f) > 1 && f[0] == first {
			return f[1]
		}
	}
	s.t.Fatalf("the sandbox does not mention %s:\n%s", first, strings.Join(s.said, "\n"))
	return ""
}

// stop interrupts it and returns its exit status.
func (s *server) stop() int {
	s.t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		s.t.Fatal(err)
	}
	s.wait()
	return s.cmd.ProcessState.ExitCode()
}

// wait waits for its end.
func (s *server) wait() {
	s.t.Helper()
	guard := time.AfterFunc(60*time.Second, func() {
		s.t.Error("the sandbox does not stop")
		s.cmd.Process.Kill() //nolint:errcheck // the caller gets the error
	})
	defer guard.Stop()
	<-s.done
	s.cmd.Wait() //nolint:errcheck // the exit status shows it
}

// resident returns the resident set of the process in MiB; ok is false if the system does
// not report it.
func (s *server) resident() (mib int, ok bool) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmRSS:" {
			kib, err := strconv.Atoi(f[1])
			return kib >> 10, err == nil
		}
	}
	return 0, false
}

// peak watches the resident set until it is stopped, and returns the maximum.
func (s *server) peak() (stop func() int) {
	s.t.Helper()
	if _, ok := s.resident(); !ok {
		s.t.Skip("this system does not tell the memory of a process in /proc")
	}
	end, most := make(chan struct{}), make(chan int)
	go func() {
		top := 0
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			if mib, ok := s.resident(); ok {
				top = max(top, mib)
			}
			select {
			case <-end:
				most <- top
				return
			case <-tick.C:
			}
		}
	}()
	return func() int {
		close(end)
		return <-most
	}
}

// allowed returns the memory of a sandbox with a limit, as documented in docs/security.md.
func allowed(mib int) int { return mib + mib/4 + 64 }
