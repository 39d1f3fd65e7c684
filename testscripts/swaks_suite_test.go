//go:build unix

package testscripts

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// unlike are the cases of swaks that end differently here, with the reason.
var unlike = map[string]string{
	"00605": "NTLM has version 2 of the responses, which are random; the case has version 1",
	"00615": "NTLM has version 2 of the responses, which are random; the case has version 1",
	"00802": "the server of the case answers EHLO before it is sent; smtpsh ends such a session",
	"00803": "the server of the case answers EHLO before it is sent; smtpsh ends such a session",
	"00804": "the server of the case sometimes loses the beginning of TLS, which arrives together with the PROXY header",
	"06233": "the case removes a Perl module",
}

// TestSwaksSuite runs the transaction cases of a checkout of swaks (SMTPSH_SWAKS_SUITE=DIR)
// with smtpsh swaks and the test server of swaks, which is a Perl program. It compares the
// lines that the client sends, the output, and the exit status with those that the checkout
// expects.
func TestSwaksSuite(t *testing.T) {
	dir := os.Getenv("SMTPSH_SWAKS_SUITE")
	if dir == "" {
		t.Skip("SMTPSH_SWAKS_SUITE does not name a checkout of swaks")
	}
	program := builtProgram(t)
	suite := filepath.Join(dir, "testing/regressions/_exec-transactions")
	cases, err := filepath.Glob(suite + "/*.test")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases in %s: %v", suite, err)
	}
	work := t.TempDir()
	var alike, whole int
	for _, file := range cases {
		id := strings.TrimSuffix(filepath.Base(file), ".test")
		got, want := runSwaksCase(t, program, dir, suite, file, id, work), wantedSwaks(t, suite, id)
		if got.output == want.output {
			whole++
		}
		if slices.Equal(got.sent, want.sent) && got.status == want.status {
			alike++
			continue
		}
		if strings.Contains(got.output, "no suitable address") {
			t.Logf("%s: localhost has no IPv6 address on this machine", id)
			continue
		}
		if why := unlike[id]; why != "" {
			t.Logf("%s: %s", id, why)
			continue
		}
		t.Errorf("%s: status %d, want %d\nsent %q\nwant %q\n%s", id, got.status, want.status, got.sent, want.sent, got.output)
	}
	t.Logf("%d of %d cases send the same lines and end with the same status; %d have the same output", alike, len(cases), whole)
	if alike*10 < len(cases)*9 {
		t.Error("less than 90 percent are alike")
	}
}

// builtProgram builds smtpsh.
func builtProgram(t *testing.T) string {
	program := filepath.Join(t.TempDir(), "smtpsh")
	if out, err := exec.Command("go", "build", "-o", program, "smtpsh/cmd/smtpsh").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// swaksEnd is what a case ended with.
type swaksEnd struct {
	status int
	sent   []string // lines of the client
	output string
}

// The values in an output that differ in each run.
var swaksVaries = []struct {
	find *regexp.Regexp
	put  string
}{
	{regexp.MustCompile(`(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d ... \d{4} \d\d:\d\d:\d\d [-+]\d{4}`), "DATE"},
	{regexp.MustCompile(`Message-Id: <.*>`), "Message-Id: <ID>"},
	{regexp.MustCompile(`X-Mailer: .*`), "X-Mailer: X"},
	{regexp.MustCompile(`TLS started with cipher .*`), "TLS started with cipher X"},
	{regexp.MustCompile(`response in \d+\.\d+s`), "response in FLOATs"},
	{regexp.MustCompile(`response in \d+s`), "response in INTs"},
}

func varied(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for _, v := range swaksVaries {
		text = v.find.ReplaceAllString(text, v.put)
	}
	return text
}

// sentLines returns the lines of the client in an output.
func sentLines(output string) []string {
	var out []string
	for l := range strings.Lines(output) {
		l = strings.TrimRight(l, "\n")
		if rest, ok := strings.CutPrefix(l, " -> "); ok {
			out = append(out, rest)
		} else if rest, ok := strings.CutPrefix(l, " ~> "); ok {
			out = append(out, "TLS "+rest)
		}
	}
	return out
}

func wantedSwaks(t *testing.T, suite, id string) swaksEnd {
	read := func(kind string) string {
		text, err := os.ReadFile(filepath.Join(suite, "out-ref", id+"."+kind))
		if err != nil && !os.IsNotExist(err) { // a case need not state everything
			t.Fatal(err)
		}
		return string(text)
	}
	end := swaksEnd{output: varied(read("stdout") + read("stderr"))}
	end.status = -1 // not stated
	fmt.Sscanf(strings.TrimPrefix(read("exits"), "CMD_CAPTURE"), "%d", &end.status)
	end.sent = sentLines(end.output)
	return end
}

// runSwaksCase runs one case: servers are started with FORK, and the client with CMD_CAPTURE.
func runSwaksCase(t *testing.T, program, dir, suite, file, id, work string) (end swaksEnd) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	testing := filepath.Join(dir, "testing")
	server := filepath.Join(testing, "server/smtp-server.pl")
	fill := strings.NewReplacer("%TEST_SERVER%", server, "%TESTID%", id, "%OUTDIR%", work, "%TESTDIR%", suite,
		"%CERTDIR%", filepath.Join(testing, "certs"), "%SWAKS%", "'"+program+"' swaks --swaks-exact",
		"%QUOTE_SINGLE%", "'", "%QUOTE_DOUBLE%", `"`)
	joined := strings.ReplaceAll(string(text), "\\\n", "")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	environ := append(os.Environ(), "HOME="+work)
	for line := range strings.Lines(joined) {
		kind, action, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok || kind != "test action" && kind != "pre action" && !(kind == "auto" && strings.HasPrefix(action, "INTERACT ")) {
			continue
		}
		word, rest, _ := strings.Cut(action, " ")
		shell := fill.Replace(rest)
		switch word {
		case "FORK":
			cmd := exec.CommandContext(ctx, "sh", "-c", "exec "+shell)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { cmd.Process.Kill(); cmd.Wait() }()
			waitForServer(ctx, shell)
		case "SET_ENV":
			name, value, _ := strings.Cut(shell, " ")
			environ = append(environ, name+"="+strings.Trim(value, `"'`))
		case "MERGE":
			mergeFile(t, suite, shell)
		case "INTERACT": // a command, a prompt, and what is typed
			words := shellWords(t, rest)
			answers := ""
			for i := 2; i < len(words); i += 2 {
				answers += words[i] + "\n"
			}
			cmd := exec.CommandContext(ctx, "sh", "-c", fill.Replace(words[0]))
			out, _ := runIn(cmd, suite, environ, answers)
			end.status = cmd.ProcessState.ExitCode()
			end.output += varied(out)
		case "CMD_CAPTURE":
			cmd := exec.CommandContext(ctx, "sh", "-c", shell)
			var out, errs bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &errs
			cmd.Dir = suite
			cmd.Env = environ
			cmd.Run() //nolint:errcheck // the status is compared
			end.status = cmd.ProcessState.ExitCode()
			end.output = varied(strings.NewReplacer(server, "%TEST_SERVER%", work, "%OUTDIR%",
				filepath.Join(testing, "certs"), "%CERTDIR%", suite, "%TESTDIR%").Replace(out.String() + errs.String()))
			end.sent = sentLines(end.output)
		}
	}
	return end
}

// runIn runs a command in a folder, with a text on its standard input.
func runIn(cmd *exec.Cmd, dir string, environ []string, stdin string) (string, error) {
	cmd.Dir, cmd.Env, cmd.Stdin = dir, environ, strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// mergeFile writes a file of a case: NAME, then parts such as string:'...' and file:NAME.
func mergeFile(t *testing.T, suite, line string) {
	words := shellWords(t, line)
	name, mode, content := strings.TrimPrefix(words[0], "./"), os.FileMode(0o644), ""
	for _, w := range words[1:] {
		kind, value, _ := strings.Cut(w, ":")
		switch kind {
		case "string":
			content += strings.ReplaceAll(value, `\n`, "\n")
		case "file":
			if !filepath.IsAbs(value) {
				value = filepath.Join(suite, value)
			}
			text, err := os.ReadFile(value)
			if err != nil {
				t.Fatal(err)
			}
			content += string(text)
		case "mode":
			fmt.Sscanf(value, "%o", &mode)
		}
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(suite, name)
	}
	if err := os.WriteFile(name, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}

// listens matches a socket that listens on port 8125, in /proc/net/tcp.
var listens = regexp.MustCompile(`:1FBD [0-9A-F]+:0000 0A `)

// waitForServer waits until the server of a FORK listens: its socket exists, or /proc lists its
// port. A connection would be the only one that the server accepts.
func waitForServer(ctx context.Context, shell string) {
	socket := regexp.MustCompile(`(?:-i|--interface) (\S+\.sock)`).FindStringSubmatch(shell)
	for ctx.Err() == nil {
		if socket != nil {
			if _, err := os.Stat(socket[1]); err == nil {
				return
			}
		} else {
			for _, f := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
				if text, err := os.ReadFile(f); err == nil && listens.Match(text) {
					return
				}
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
}
