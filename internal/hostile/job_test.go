package hostile_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"smtpsh/internal/hostile"
)

const password = "s3cr3t-Passw0rd"

// usual has the default values of a job.
var usual = map[string]string{
	"helo": "client.test", "from": "a@example.org", "to": "b@example.org", "user": "user@example.org",
	"message": "Subject: x\r\n\r\nhello\r\n.dot\r\n",
}

// said returns the values of the job of a case.
func said(c hostile.Case, name string) string {
	if v, ok := c.With[name]; ok {
		return string(v)
	}
	return usual[name]
}

// jobs are the tasks of the client; each service expresses them in its own way.
var jobs = map[string]struct{ tls, auth, big, stay bool }{
	"send": {}, "send-stay": {stay: true}, "send-big": {big: true}, "send-tls": {tls: true}, "send-auth": {tls: true, auth: true},
}

// lua returns the job as a script; the test file uses the same.
func lua(c hostile.Case) string {
	j := jobs[c.Job]
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	switch {
	case j.auth:
		say(`local s = smtp.open(nil, {starttls = "require", helo = %s, auth = {user = %s, pass = vars.secret("pass")}})`,
			quote(said(c, "helo")), quote(said(c, "user")))
	case j.tls:
		say(`local s = smtp.open(nil, {starttls = "require", helo = %s})`, quote(said(c, "helo")))
	default:
		say(`local s = smtp.connect()`)
		say(`s.greeting:expect("2xx")`)
		say(`s:ehlo(%s):expect("2xx")`, quote(said(c, "helo")))
	}
	say(`s:mail(%s):expect("2xx")`, quote(said(c, "from")))
	say(`s:rcpt(%s):expect("2xx")`, quote(said(c, "to")))
	message := quote(said(c, "message"))
	if j.big {
		message = `string.rep(string.rep("x", 70) .. "\r\n", 200000)`
	}
	say(`s:data(%s):expect("2xx")`, message)
	if !j.stay {
		say(`s:quit()`)
	}
	return b.String()
}

// quote returns any bytes as a Lua string.
func quote(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, "\\%03d", c)
	}
	return `"` + b.String() + `"`
}

// lines returns what a user types for the job.
func lines(c hostile.Case) []string {
	j := jobs[c.Job]
	hello := "EHLO " + said(c, "helo")
	out := []string{hello}
	if j.tls {
		out = append(out, "STARTTLS", hello)
	}
	if j.auth {
		out = append(out, ":login - "+said(c, "user")+" pass")
	}
	out = append(out, "MAIL FROM:<"+said(c, "from")+">", "RCPT TO:<"+said(c, "to")+">", "DATA", "Subject: x", "", "hello", ".")
	if !j.stay {
		out = append(out, "QUIT")
	}
	return out
}

// dialogue returns the job as a dialogue, with unusual values in variables.
func dialogue(c hostile.Case) string {
	j := jobs[c.Job]
	out := []string{"# the job", "S: 220", "C: EHLO {var:helo}", "S: 250"}
	if j.tls {
		out = append(out, "C: STARTTLS", "S: 220", "C: EHLO {var:helo}", "S: 250")
	}
	if j.auth {
		out = append(out, ":login user={var:user} pass={secret:pass}", "S: 235")
	}
	out = append(out, "C: MAIL FROM:<{var:from}>", "S: 250", "C: RCPT TO:<{var:to}>", "S: 250", "C: DATA", "S: 354",
		"C: Subject: x", "C: ", "C: hello", "C: .", "S: 250")
	if !j.stay {
		out = append(out, "C: QUIT", "S: 221")
	}
	return strings.Join(out, "\n") + "\n"
}

// services are the ways to run the program.
var services = []string{"run", "test", "prompt", "dialogue", "send", "swaks"}

// open reports whether a job can be expressed for a service.
func open(c hostile.Case, service string) bool {
	line, nul := true, true
	for name, v := range c.With {
		if name != "message" {
			line = line && !bytes.ContainsAny(v, "\r\n")
			nul = nul && bytes.IndexByte(v, 0) < 0
		}
	}
	_, message := c.With["message"]
	switch service {
	case "prompt": // a line is one command, and a message is typed
		return line && !message && !jobs[c.Job].big
	case "dialogue": // arguments of programs cannot contain NUL
		return nul && !message && !jobs[c.Job].big
	case "send": // it always ends the session with QUIT
		return nul && !jobs[c.Job].stay
	case "swaks": // its message has a limit, and it sends any address
		return nul && line && !jobs[c.Job].stay && !jobs[c.Job].big
	}
	return true
}

// bigFile writes the message of send-big in small pieces, once: a large string in this process
// would count as memory of the clients that it starts.
func bigFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(os.TempDir(), fmt.Sprintf("battery-big-%d.eml", os.Getpid()))
	bigOnce.Do(func() {
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		fmt.Fprint(f, "Subject: x\r\n\r\n")
		for range 2000 {
			fmt.Fprint(f, strings.Repeat(strings.Repeat("x", 70)+"\r\n", 100))
		}
	})
	return path
}

var bigOnce sync.Once

// outcome is the result of a run.
type outcome struct {
	exit   int
	out    []byte
	err    []byte
	took   time.Duration
	memory int64 // resident set in bytes; 0 if not known
	flood  bool  // more was printed than stored
}

// limited stores the first bytes that are written to it.
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

// run starts the client for a case with one of its services; limit is that of each wait.
func run(t *testing.T, c hostile.Case, service string, srv *hostile.Server, limit time.Duration) outcome {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	wait := "--timeout"
	if service == "test" {
		wait = "--wait" // --timeout of tests limits a whole test
	}
	flags := []string{
		"--ca", write("ca.pem", string(srv.CA())), wait, limit.String(), "--color",
		"always", "--secret", "pass=@env:BATTERY_PASS",
	}
	var args []string
	stdin := ""
	kind := "smtpsh"
	switch service {
	case "run":
		args = append([]string{"run", write("job.lua", lua(c)), "--server", srv.Addr()}, flags...)
	case "test":
		text := "it(\"sends\", {timeout = \"10s\"}, function()\n" + lua(c) + "end)\n"
		args = append([]string{"test", write("job_test.lua", text), "--out", filepath.Join(dir, "out"), "--server", srv.Addr()}, flags...)
	case "dialogue":
		args = append([]string{"run", write("job.smtp", dialogue(c)), "--server", srv.Addr()}, flags...)
		for _, name := range []string{"helo", "from", "to", "user"} {
			args = append(args, "--var", name+"="+said(c, name))
		}
	case "send":
		text := said(c, "message")
		if _, given := c.With["message"]; given { // send requires a header
			text = "Subject: x\r\n\r\n" + text
		}
		file, how := "", "none"
		if jobs[c.Job].big {
			file = bigFile(t)
		} else {
			file = write("m.eml", text)
		}
		if jobs[c.Job].tls {
			how = "require"
		}
		args = append([]string{
			"send", file, "--server", srv.Addr(), "--helo", said(c, "helo"),
			"--envelope-from", said(c, "from"), "--to", said(c, "to"), "--tls", how,
		}, flags...)
		if jobs[c.Job].auth {
			args = append(args, "--user", said(c, "user"))
		}
	case "swaks":
		args = []string{
			"swaks", "--server", srv.Addr(), "--helo", said(c, "helo"), "--from", said(c, "from"), "--to", said(c, "to"),
			"--timeout", strconv.Itoa(int(limit.Seconds())), "--data", "@" + write("m.eml", "Subject: x\r\n\r\n"+said(c, "message")),
		}
		if jobs[c.Job].tls {
			args = append(args, "--tls", "--tls-verify", "--tls-ca-path", write("ca.pem", string(srv.CA())))
		}
		if jobs[c.Job].auth {
			args = append(args, "--auth-user", said(c, "user"), "--auth-password", password)
		}
	case "prompt":
		args = append([]string{srv.Addr()}, flags...)
		stdin = strings.Join(lines(c), "\n") + "\n"
	case "naive":
		kind, args = "naive", []string{srv.Addr()}
		for _, name := range []string{"helo", "from", "to", "message"} {
			args = append(args, strings.ReplaceAll(said(c, name), "\x00", "\x01")) // arguments cannot contain NUL
		}
	}
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(slices.Clone(os.Environ()), "BATTERY_RUNS="+kind, "BATTERY_PASS="+password, "HOME="+dir)
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs limited
	cmd.Stdout, cmd.Stderr = &out, &errs
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	over := time.AfterFunc(40*time.Second, func() { cmd.Process.Kill() }) //nolint:errcheck // it has ended
	defer over.Stop()
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return outcome{exit: cmd.ProcessState.ExitCode(), out: out.b.Bytes(), err: errs.b.Bytes(), took: time.Since(begun),
		memory: resident(cmd.ProcessState), flood: out.over || errs.over}
}
