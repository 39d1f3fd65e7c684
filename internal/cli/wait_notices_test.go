package cli

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/internal/fakeserver"
)

// silent is a server that greets on request and then sends nothing.
func silent(t *testing.T, says string) string {
	t.Helper()
	return fakeserver.Loop(t, func(c net.Conn) {
		io.WriteString(c, says) //nolint:errcheck // the client reports it
		io.Copy(io.Discard, c)  //nolint:errcheck // until the client closes the connection
	}).String()
}

// A wait is reported once, after the time limit, with its purpose and its end.
func TestReportsLongWaitOnce(t *testing.T) {
	var out bytes.Buffer
	w := &waitNotices{out: &out, after: time.Hour} // its own goroutine never checks in time
	defer w.end()
	target, err := engine.ParseTarget(silent(t, "220 hello\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	w.after = quietWait
	w.ended = make(chan struct{}) // the test checks itself
	s, err := engine.Dial(t.Context(), target, engine.Options{Opening: w.add})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w.report(time.Now().Add(time.Hour))
	if out.Len() > 0 {
		t.Errorf("nothing is waited for, and told: %s", out.String())
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { s.Mail(ctx, "a@example.org"); close(done) }() //nolint:errcheck // it is canceled
	var wait engine.Wait
	for ok := false; !ok; wait, ok = s.Waiting() {
		time.Sleep(time.Millisecond)
	}
	w.report(wait.Since.Add(quietWait - 1))
	if out.Len() > 0 {
		t.Errorf("told too early: %s", out.String())
	}
	w.report(wait.Since.Add(quietWait))
	w.report(wait.Since.Add(2 * quietWait))
	want := "smtpsh: waiting for the reply to MAIL, " + target.String() + ", until " + wait.Until.Format(time.TimeOnly) + " (4m50s more)\n"
	if out.String() != want {
		t.Errorf("told %q, want once %q", out.String(), want)
	}
	cancel()
	<-done
	if _, ok := s.Waiting(); ok {
		t.Error("it still waits")
	}
}

func TestNoticeNamesWhatIsAwaited(t *testing.T) {
	for what, want := range map[string]string{
		"greeting": "the greeting", "connection": "the connection",
		"TLS handshake": "the TLS handshake",
		".":             "the reply to the end of the message",
		"message":       "the server to read the message", "read": "a reply",
		"RCPT": "the reply to RCPT", "hunter2": "the reply to a command",
		"AUTH": "the reply to AUTH",
	} {
		if got := awaited(what); got != want {
			t.Errorf("%s: %s", what, got)
		}
	}
}

// Each command that runs without a terminal reports what it is waiting for when the
// server is silent.
func TestSilentServersAreReported(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	mute, greets := silent(t, ""), silent(t, "220 hello\r\n")
	script := file("x.lua", "smtp.open()")
	test := file("x_test.lua", `it("x", function() smtp.connect() end)`)
	dialogue := file("x.smtp", "C: EHLO me\nS: 250\n")
	for _, tt := range []struct {
		args  []string
		stdin string
		want  string
	}{
		{[]string{"run", script, "--server", mute}, "", "waiting for the greeting"},
		{[]string{"run", script, "--server", mute, "--quiet"}, "", "waiting for the greeting"},
		{[]string{"run", script, "--server", greets, "--quiet"}, "", "waiting for the reply to EHLO"},
		{[]string{"run", "capabilities", "--server", greets}, "", "waiting for the reply to EHLO"},
		{[]string{"run", dialogue, "--server", greets}, "", "waiting for the reply to EHLO"},
		{[]string{"test", test, "--server", mute, "--wait", "0.4", "--out", ""}, "", "waiting for the greeting"},
		{[]string{mute}, "NOOP\n", "waiting for the greeting"},
		{[]string{greets, "--quiet"}, "NOOP\n", "waiting for the reply to NOOP"},
		{[]string{"smtps://" + mute}, "NOOP\n", "waiting for the TLS handshake"},
	} {
		var errs bytes.Buffer
		args := tt.args
		if args[0] != "test" {
			args = append(args, "--timeout", "0.4")
		}
		code := Main(World{
			Args: args, Stdin: strings.NewReader(tt.stdin), Stdout: io.Discard, Stderr: &errs, Patience: 10 * time.Millisecond,
			Getenv: func(string) string { return "" }, Terminal: func(any) bool { return false }, Context: t.Context(),
		})
		if code == 0 || strings.Count(errs.String(), tt.want) != 1 || !strings.Contains(errs.String(), ", until ") {
			t.Errorf("smtpsh %s: status %d, want once %q\n%s", strings.Join(args, " "), code, tt.want, errs.String())
		}
	}
}
