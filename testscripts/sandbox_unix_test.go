//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package testscripts

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// sandboxed is a sandbox in its own process.
type sandboxed struct {
	t    *testing.T
	cmd  *exec.Cmd
	env  []string
	said []string // the announcement
	rest chan string
	errs bytes.Buffer // standard error; can be read after the end of the process
}

// runSandbox starts a sandbox and waits for its announcement.
func runSandbox(t *testing.T, home string, args ...string) *sandboxed {
	t.Helper()
	s := &sandboxed{
		t:    t,
		env:  append(os.Environ(), "HOME="+home, "XDG_STATE_HOME=", "SMTPSH_SERVER=", "SMTPSH_INSPECT="),
		rest: make(chan string, 1),
	}
	s.cmd = exec.Command("smtpsh", append([]string{"sandbox"}, args...)...)
	s.cmd.Env, s.cmd.Stderr = s.env, &s.errs
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.cmd.Process.Kill() //nolint:errcheck // it has ended in most tests
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "^C stops the server" {
		s.said = append(s.said, lines.Text())
	}
	go func() {
		var b strings.Builder
		for lines.Scan() {
			b.WriteString(lines.Text() + "\n")
		}
		s.rest <- b.String()
	}()
	return s
}

// line returns the rest of a line of the announcement.
func (s *sandboxed) line(word string) string {
	for _, l := range s.said {
		if f := strings.Fields(l); len(f) > 1 && f[0] == word {
			return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(l), word))
		}
	}
	return ""
}

// shell runs a pasted line.
func (s *sandboxed) shell(line, stdin string) (string, error) {
	cmd := exec.Command("sh", "-c", line)
	cmd.Env, cmd.Stdin = s.env, strings.NewReader(stdin)
	b, err := cmd.CombinedOutput()
	return string(b), err
}

// stop ends it and returns its output since the announcement.
func (s *sandboxed) stop() string {
	s.t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		s.t.Fatal(err)
	}
	text := <-s.rest
	s.cmd.Wait() //nolint:errcheck // an interrupt is its usual end
	return text
}

// TestLinesOfTheSandboxWork runs every command line that the sandbox prints, with the real
// swaks and curl if they are installed.
func TestLinesOfTheSandboxWork(t *testing.T) {
	for profile, words := range map[string]string{
		"plain":  "prompt script load swaks curl",
		"strict": "prompt script load swaks curl",
		"gmail":  "prompt script load swaks curl", "lmtp": "prompt script load swaks",
	} {
		t.Run(profile, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			s := runSandbox(t, home, "--profile", profile, "--quiet")
			received := 0
			for word := range strings.FieldsSeq(words) {
				line := s.line(word)
				if line == "" {
					t.Errorf("the sandbox printed no line for %s:\n%s", word, strings.Join(s.said, "\n"))
					continue
				}
				switch word {
				case "swaks", "curl":
					if _, err := exec.LookPath(word); err != nil {
						missing(t, word+" is not installed")
						continue
					}
					received++
				case "load":
					line += " --messages 20" // 10 seconds would be long for a test
					received += 20
				}
				out, err := s.shell(line, "EHLO me\nQUIT\n")
				if word == "swaks" && strings.Contains(out, "Net::SSLeay") { // a swaks that lacks TLS
					if profile != "plain" && profile != "lmtp" {
						missing(t, "swaks has no TLS here, and the profile needs it")
						received--
						continue
					}
					missing(t, "swaks has no TLS here")
					line = strings.Join(strings.Split(line, " --tls")[:1], "")
					out, err = s.shell(line, "")
				}
				if profile == "lmtp" && word == "prompt" { // the server rejects EHLO
					err = nil
				}
				if err != nil {
					t.Errorf("%s\n%v\n%s", line, err, out)
				}
			}
			if profile != "lmtp" {
				out, err := s.shell(s.line("prompt"), "EHLO me\nSTARTTLS\nEHLO me\nQUIT\n")
				if err != nil || !strings.Contains(out, "verified as 127.0.0.1") {
					t.Errorf("the prompt does not find the CA: %v\n%s", err, out)
				}
			}
			out := s.stop()
			if !strings.Contains("\n"+out, fmt.Sprintf("\n%d message", received)) {
				t.Errorf("%d messages were not received:\n%s", received, out)
			}
			if left, _ := filepath.Glob(filepath.Join(home, ".local/state/smtpsh/sandboxes/*")); len(left) != 0 {
				t.Errorf("files of the sandbox remain: %v", left)
			}
		})
	}
}

// TestSandboxForAClass starts a sandbox as a teacher does, and reads it as a student with
// the CA and the token.
func TestSandboxForAClass(t *testing.T) {
	home, other := t.TempDir(), t.TempDir()
	ca := filepath.Join(home, "class ca.pem")
	s := runSandbox(t, home, "--profile", "plain", "--listen", "0.0.0.0", "--host", "localhost", "--host", "127.0.0.1", "--inspect",
		"127.0.0.1:0", "--ca-file", ca)
	text := strings.Join(s.said, "\n")
	if strings.Contains(text, "[::]") || strings.Contains(text, "0.0.0.0") {
		t.Errorf("addresses that nobody can connect to:\n%s", text)
	}
	var line string
	for _, l := range s.said {
		if strings.Contains(l, "--inspect") {
			line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(l), "prompt"))
		}
	}
	s.env = append(s.env, "HOME="+other) // the student has no record of it
	out, err := s.shell(line,
		"EHLO me\nSTARTTLS\nEHLO me\nMAIL FROM:<ann@sandbox.test>\nRCPT TO:<bob@sandbox.test>\nDATA\nSubject: from a student\n\nhello\n.\n"+
			":accounts\n:mailbox\n:mailbox 1\nQUIT\n")
	for _, want := range []string{
		"S: 220 localhost ESMTP", "verified as localhost", "ann-secret",
		": from a student", "*  RCPT TO:<bob@sandbox.test>", "   hello",
	} {
		if err != nil || !strings.Contains(out, want) {
			t.Fatalf("%s\nlacks %q: %v\n%s", line, want, err, out)
		}
	}
	token, _, _ := strings.Cut(s.line("mailboxes"), "@")
	if len(token) < 20 || strings.Contains(out, token) {
		t.Errorf("token %q in\n%s", token, out)
	}
	if out, err := s.shell(strings.ReplaceAll(line, token, "NOTTHETOKEN"), ":mailbox\n"); err == nil ||
		!strings.Contains(out, "wrong token") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := s.shell("SMTPSH_INSPECT=nonsense "+
		line[:strings.Index(line, " --inspect")], ""); err == nil || !strings.Contains(out, "SMTPSH_INSPECT: must be TOKEN@HOST:PORT") {
		t.Errorf("%v\n%s", err, out)
	}
	if b, err := os.ReadFile(ca); err != nil || !bytes.Contains(b, []byte("CERTIFICATE")) {
		t.Error(err)
	}
	s.stop()
}

// missing reports a client that is not installed; if real peers are required, as in CI, it
// is a failure.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("SMTPSH_PEERS") == "required" {
		t.Error(what)
		return
	}
	t.Log(what)
}
