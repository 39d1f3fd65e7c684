package hostile_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"smtpsh/internal/cli"
	"smtpsh/internal/hostile"
)

// TestMain makes the test binary the program, or the naive client, for the runs that
// the battery starts.
func TestMain(m *testing.M) {
	switch os.Getenv("BATTERY_RUNS") {
	case "smtpsh":
		os.Exit(cli.Main(cli.System()))
	case "naive":
		os.Exit(naive(os.Args[1]))
	}
	os.Exit(m.Run())
}

const (
	user     = "user@example.org"
	password = "s3cr3t-Passw0rd"

	maxTime   = 12 * time.Second // a silent or dripping server, with a limit of 1 s for each wait
	maxMemory = 64 << 20
	maxOutput = 512 << 10
)

// jobs are what the client is asked to do, as a script; the prompt and the test file
// are made of the same.
var jobs = map[string]struct {
	open, message string
	lines         []string
}{
	"send":      {`smtp.connect()`, `"Subject: x\r\n\r\nhello\r\n.dot\r\n"`, []string{"EHLO client.test"}},
	"send-big":  {`smtp.connect()`, `string.rep(string.rep("x", 70) .. "\r\n", 200000)`, nil},
	"send-tls":  {`smtp.open(nil, {starttls = "require", helo = "client.test"})`, `"Subject: x\r\n\r\nhello\r\n"`, []string{"EHLO client.test", "STARTTLS", "EHLO client.test"}},
	"send-auth": {`smtp.open(nil, {starttls = "require", helo = "client.test", auth = {user = "` + user + `", pass = vars.secret("pass")}})`, `"Subject: x\r\n\r\nhello\r\n"`, []string{"EHLO client.test", "STARTTLS", "EHLO client.test", ":login - " + user + " pass"}},
}

func script(job string) string {
	j := jobs[job]
	s := "local s = " + j.open + "\n"
	if strings.Contains(j.open, "connect") {
		s += "s.greeting:expect(\"2xx\")\ns:ehlo(\"client.test\"):expect(\"2xx\")\n"
	}
	return s + "s:mail(\"a@example.org\"):expect(\"2xx\")\ns:rcpt(\"b@example.org\"):expect(\"2xx\")\ns:data(" + j.message + "):expect(\"2xx\")\ns:quit()\n"
}

// outcome is how a run ended.
type outcome struct {
	exit   int
	out    []byte
	err    []byte
	took   time.Duration
	memory int64 // resident, in octets; 0 when it is not known
	flood  bool  // more was printed than was kept
}

// limited keeps the first octets that are written to it.
type limited struct {
	mu   sync.Mutex
	b    bytes.Buffer
	over bool
}

func (l *limited) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if room := maxOutput + 1 - l.b.Len(); room < len(p) {
		l.over = true
		l.b.Write(p[:max(0, room)])
	} else {
		l.b.Write(p)
	}
	return len(p), nil
}

// run starts the client for a case by one of its doors.
func run(t *testing.T, c hostile.Case, door string, srv *hostile.Server) outcome {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ca := write("ca.pem", string(srv.CA()))
	limit := "--timeout"
	if door == "test" {
		limit = "--wait" // there --timeout is a whole test's
	}
	flags := []string{"--ca", ca, limit, "1s", "--color", "always", "--secret", "pass=@env:BATTERY_PASS"}
	var args []string
	stdin := ""
	kind := "smtpsh"
	switch door {
	case "run":
		args = append([]string{"run", write("job.lua", script(c.Job)), "--server", srv.Addr()}, flags...)
	case "test":
		args = append([]string{"test", write("job_test.lua", "it(\"sends\", {timeout = \"10s\"}, function()\n"+script(c.Job)+"end)\n"), "--out", filepath.Join(dir, "out"), "--server", srv.Addr()}, flags...)
	case "prompt":
		args = append([]string{srv.Addr()}, flags...)
		stdin = strings.Join(append(append([]string(nil), jobs[c.Job].lines...), "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>", "DATA", "Subject: x", "", "hello", ".", "QUIT"), "\n") + "\n"
	case "naive":
		kind, args = "naive", []string{srv.Addr()}
	}
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "BATTERY_RUNS="+kind, "BATTERY_PASS="+password, "HOME="+dir)
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs limited
	cmd.Stdout, cmd.Stderr = &out, &errs
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	over := time.AfterFunc(30*time.Second, func() { cmd.Process.Kill() }) //nolint:errcheck // it has ended then
	defer over.Stop()
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	o := outcome{exit: cmd.ProcessState.ExitCode(), out: out.b.Bytes(), err: errs.b.Bytes(), took: time.Since(begun), memory: resident(cmd.ProcessState), flood: out.over || errs.over}
	return o
}

// faults lists what does not hold.
func faults(c hostile.Case, door string, o outcome, srv *hostile.Server) []string {
	var out []string
	fault := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if o.took > maxTime {
		fault("it took %v", o.took)
	}
	if o.memory > maxMemory {
		fault("%d MiB were resident", o.memory>>20)
	}
	if o.flood {
		fault("more than %d octets were printed", maxOutput)
	}
	if o.exit == 0 && srv.Taken() == 0 {
		fault("success was claimed, but no message was taken")
	}
	if srv.Taken() > 1 {
		fault("the message was sent %d times", srv.Taken())
	}
	if o.exit < 0 || o.exit == 2 && bytes.Contains(o.err, []byte("goroutine ")) {
		fault("it crashed")
	}
	if o.exit != 0 && len(bytes.TrimSpace(o.err))+len(bytes.TrimSpace(o.out)) == 0 {
		fault("it failed without a word")
	}
	if o.exit != 0 && !step.Match(o.err) && !step.Match(o.out) {
		fault("no line says at which step it failed")
	}
	both := append(append([]byte(nil), o.out...), o.err...)
	if bad := unclean(both); bad != "" {
		fault("a control character reached the terminal: %q", bad)
	}
	clear, inside := srv.Wire()
	for _, secret := range secrets() {
		if bytes.Contains(both, []byte(secret)) {
			fault("the secret %q was printed", secret)
		}
		if strings.Contains(clear, secret) {
			fault("the secret %q went out in the clear", secret)
		}
	}
	if n := strings.Count(inside, "\n"); c.Group() == "auth" && n > 20 {
		fault("%d lines were answered in a login", n)
	}
	if n := strings.Count(inside, "AUTH "); n > 1 {
		fault("%d logins were tried", n)
	}
	for _, w := range c.Wants {
		var ok bool
		switch w.Kind {
		case "exit":
			n, _ := strconv.Atoi(w.Value)
			if ok = o.exit == n; door == "test" && n != 0 && !w.Not {
				ok = o.exit == 1 // a failed test, whatever it failed of
			}
		case "err":
			ok = w.Match(string(both))
		case "out":
			ok = w.Match(string(o.out))
		case "wire":
			ok = w.Match(clear)
		}
		if ok == w.Not {
			fault("want %s, exit status %d", w, o.exit)
		}
	}
	return out
}

func secrets() []string {
	plain := base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + password))
	return []string{password, plain, base64.StdEncoding.EncodeToString([]byte(password))}
}

// step finds a line of ours that names the step which failed.
var step = regexp.MustCompile(`(?m)^(smtpsh: |  .*_test\.lua:\d+: ).*(?i:connect|greeting|EHLO|STARTTLS|TLS|certificate|AUTH|login|MAIL|RCPT|DATA|message|QUIT|NOOP)`)

// sgr are the colours that the program itself uses.
var sgr = regexp.MustCompile("\x1b\\[[0-9;]*m")

// unclean finds a character that a terminal would obey, or that hides others.
func unclean(b []byte) string {
	b = sgr.ReplaceAll(b, nil)
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1, r < 0x20 && r != '\n' && r != '\t', r >= 0x7f && r < 0xa0, unicode.Is(unicode.Cf, r):
			return string(b[:n])
		}
		b = b[n:]
	}
	return ""
}

// doors are the ways into the program.
var doors = []string{"run", "test", "prompt"}

// battery runs every case by every door and returns what did not hold.
func battery(t *testing.T, doors []string, every int) (runs int, failed map[string][]string) {
	t.Helper()
	cases, err := hostile.Cases()
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) < 250 {
		t.Fatalf("only %d cases", len(cases))
	}
	var mu sync.Mutex
	var peak int64
	defer func() { t.Logf("at most %d MiB were resident", peak>>20) }()
	failed = map[string][]string{}
	todo := make(chan func())
	var workers sync.WaitGroup
	for range 6 {
		workers.Go(func() {
			for f := range todo {
				f()
			}
		})
	}
	for i, c := range cases {
		if i%every != 0 {
			continue
		}
		for _, door := range doors {
			if door == "prompt" && c.Job == "send-big" {
				continue
			}
			runs++
			todo <- func() {
				srv, err := hostile.Start(c.Server)
				if err != nil {
					t.Error(err)
					return
				}
				defer srv.Close()
				o := run(t, c, door, srv)
				mu.Lock()
				peak = max(peak, o.memory)
				mu.Unlock()
				if f := faults(c, door, o, srv); len(f) > 0 {
					mu.Lock()
					failed[c.Name+" by "+door] = append(f, "it printed "+shorten(string(o.err)+string(o.out)))
					mu.Unlock()
				}
			}
		}
	}
	close(todo)
	workers.Wait()
	return runs, failed
}

func shorten(s string) string {
	if len(s) > 600 {
		s = s[:300] + " ... " + s[len(s)-300:]
	}
	return strconv.Quote(s)
}

func TestNoServerCanHurtUs(t *testing.T) {
	every := 4 // a sample; BATTERY_FULL=1 runs them all
	if os.Getenv("BATTERY_FULL") != "" {
		every = 1
	}
	if raceEnabled { // slower, and what memory it takes says nothing
		every = 7
	}
	runs, failed := battery(t, doors, every)
	for name, f := range failed {
		t.Errorf("%s:\n  %s", name, strings.Join(f, "\n  "))
	}
	t.Logf("%d runs, %d failed", runs, len(failed))
}

// The cases can fail: most of them hurt a client of the kind that is written in an
// afternoon.
func TestANaiveClientIsHurt(t *testing.T) {
	if raceEnabled {
		t.Skip("it is the same without the race detector")
	}
	runs, failed := battery(t, []string{"naive"}, 12) // a part of them tells as much as all
	if len(failed)*2 < runs {
		t.Errorf("only %d of %d cases hurt it", len(failed), runs)
	}
	t.Logf("%d runs, %d failed", runs, len(failed))
}
