//go:build unix

package testscripts

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"smtpsh/internal/cli"
	"smtpsh/internal/sandbox"
)

// TestBesideSwaks runs command lines with the installed swaks and with smtpsh swaks, on the same
// server. Output and exit status must be the same, except for what differs in each run.
func TestBesideSwaks(t *testing.T) {
	program, err := exec.LookPath("swaks")
	if err != nil {
		if os.Getenv("SMTPSH_PEERS") == "required" {
			t.Fatal("swaks is required")
		}
		t.Skip("swaks is not installed")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "body.txt"), []byte("first line\n.dot\nlast line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	start := func(profile string) string {
		srv, err := sandbox.Start(sandbox.Options{Profile: profile})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { srv.Close() })
		return srv.Addr("")
	}
	plain, strict := start("plain"), start("strict")
	const usual = "--from ann@x.org --to bob@sandbox.test --helo me.example "
	for _, tt := range []struct{ name, server, args string }{
		{"a message", plain, usual},
		{"two recipients, one rejected", plain, "--from ann@x.org --to bob@sandbox.test,unknown-user@sandbox.test --helo me.example"},
		{"no recipient accepted", plain, "--from ann@x.org --to unknown-user@sandbox.test --helo me.example"},
		{"sender rejected", strict, usual},
		{"quit after RCPT", plain, usual + "--quit-after RCPT"},
		{"quit after EHLO", plain, usual + "-q EHLO"},
		{"drop after MAIL", plain, usual + "--drop-after MAIL"},
		{"pipelining", plain, usual + "--pipeline"},
		{"AUTH PLAIN", plain, usual + "--auth PLAIN --auth-user ann@sandbox.test --auth-password ann-secret --quit-after AUTH --tls"},
		{"AUTH LOGIN rejected", plain, usual + "--auth LOGIN --au ann@sandbox.test --ap wrong --tls"},
		{"AUTH not offered", plain, usual + "-a -au x -ap y"},
		{"AUTH shown as text", plain, usual + "--auth LOGIN --au ann@sandbox.test --ap ann-secret -apt -ahp --tls"},
		{"a body of a file", plain, usual + "--body @body.txt"},
		{"header fields", plain, usual + "--header 'X-A: 1' --add-header 'X-B: 2' --h-Subject hello"},
		{"data", plain, usual + `--data 'Subject: x\n\nbody of %TO_ADDRESS%'`},
		{"data with a final dot", plain, usual + `--data 'Subject: x\n\nbody\n.'`},
		{"data without a body", plain, usual + `--data 'Subject: x\nX-A: b'`},
		{"suppressed data", plain, usual + "--suppress-data"},
		{"no hints", plain, usual + "--no-send-hints --no-receive-hints"},
		{"hidden lines", plain, usual + "--hide-send --hide-informational"},
		{"silent", plain, usual + "--silent"},
		{"silent with an error", plain, "--silent --from ann@x.org --to unknown-user@sandbox.test --helo me.example"},
		{"SMTP", plain, usual + "--protocol SMTP"},
		{"a message that is rejected", plain, "--from ann@x.org --to spam@sandbox.test --helo me.example"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			line := "--server " + tt.server + " " + tt.args
			cmd := exec.CommandContext(t.Context(), "sh", "-c", "exec '"+program+"' "+line)
			var want, wantErr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &want, &wantErr
			cmd.Env = append(os.Environ(), "HOME="+dir)
			cmd.Run() //nolint:errcheck // the status is compared
			var got, gotErr bytes.Buffer
			status := cli.Main(cli.World{
				Args: append([]string{"swaks", "--swaks-exact"}, shellWords(t, line)...), Stdin: strings.NewReader(""), Stdout: &got, Stderr: &gotErr,
				Getenv: func(string) string { return "" }, Terminal: func(any) bool { return false },
			})
			if status != cmd.ProcessState.ExitCode() {
				t.Errorf("status %d, swaks has %d", status, cmd.ProcessState.ExitCode())
			}
			if g, w := usualOutput(got.String()), usualOutput(want.String()); g != w {
				t.Errorf("smtpsh:\n%s\nswaks:\n%s", g, w)
			}
			if g, w := usualOutput(gotErr.String()), usualOutput(wantErr.String()); g != w {
				t.Errorf("errors of smtpsh:\n%s\nof swaks:\n%s", g, w)
			}
		})
	}
}

// tlsLines matches the remarks about TLS, which differ between the versions of swaks.
var tlsLines = regexp.MustCompile(`(?m)^===( TLS|       ).*\n`)

// usualOutput replaces what differs in each run: times, identifiers, numbers of messages.
func usualOutput(text string) string {
	text = varied(tlsLines.ReplaceAllString(text, ""))
	return regexp.MustCompile(`message \d+ accepted`).ReplaceAllString(text, "message N accepted")
}

// shellWords returns the words of a command line, as the shell splits it.
func shellWords(t *testing.T, line string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "sh", "-c", `printf '%s\0' `+line).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}
