package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"

	"smtpsh/internal/cli"
)

// run runs the program in this process.
func run(ctx context.Context, stdout io.Writer, args ...string) (int, string) {
	var errs bytes.Buffer
	code := cli.Main(cli.World{
		Args:   args,
		Stdin:  strings.NewReader("EHLO me\nMAIL FROM:<a@example.org>\nRCPT TO:<bob@sandbox.test>\nDATA\nSubject: x\n.\nQUIT\n"),
		Stdout: stdout, Stderr: &errs,
		Getenv:   func(string) string { return "" },
		Terminal: func(any) bool { return false }, Context: ctx,
	})
	return code, errs.String()
}

// The announcement of the server is enough for another program to reach it. The other
// program is smtpsh too.
func TestSandboxCommand(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ca := t.TempDir() + "/ca.pem"
	saved := t.TempDir()
	pr, pw := io.Pipe()
	done := make(chan int)
	go func() {
		code, errs := run(ctx, pw, "sandbox", "--profile", "plain", "--ca-file", ca, "--save", saved)
		if code != 0 {
			t.Errorf("status %d: %s", code, errs)
		}
		pw.Close()
		done <- code
	}()
	r := bufio.NewScanner(pr)
	var head strings.Builder
	for r.Scan() && r.Text() != "^C stops the server" {
		head.WriteString(r.Text() + "\n")
	}
	addr := regexp.MustCompile(`(?m)^  (mx|submissions) +(\S+)`).FindAllStringSubmatch(head.String(), -1)
	if len(addr) != 2 || !strings.Contains(head.String(), "ann@sandbox.test") || !strings.Contains(head.String(), ca) {
		t.Fatalf("announced:\n%s", head.String())
	}
	if pem, err := os.ReadFile(ca); err != nil || !bytes.HasPrefix(pem, []byte("-----BEGIN CERTIFICATE-----")) {
		t.Fatalf("authority: %v", err)
	}
	shown := make(chan string)
	go func() {
		var b strings.Builder
		for r.Scan() {
			b.WriteString(r.Text() + "\n")
		}
		shown <- b.String()
	}()
	for _, listener := range addr[:2] {
		target := listener[2] // as printed
		var out bytes.Buffer
		if code, errs := run(t.Context(), &out, target, "--ca", ca); code != 0 || !strings.Contains(out.String(), "S: 250 2.0.0 message") {
			t.Fatalf("%s: status %d, %s\n%s", target, code, errs, out.String())
		}
	}
	stop()
	<-done
	text := <-shown
	for _, want := range []string{
		"submissions] *  TLS 1.3", "mx] C: MAIL FROM:<a@example.org>",
		"mx] S: 250 2.1.0 sender ok", "mx] C: Subject: x", "mx] C: .",
		"2 messages received",
		"  2  <a@example.org> to <bob@sandbox.test>, 12 bytes: x",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("not shown: %q", want)
		}
	}
	if eml, err := os.ReadFile(saved + "/1.eml"); err != nil || string(eml) != "Subject: x\r\n" {
		t.Errorf("saved %q, %v", eml, err)
	}
	if env, err := os.ReadFile(saved + "/2.envelope"); err != nil ||
		!strings.HasPrefix(string(env), "MAIL FROM:<a@example.org>\nRCPT TO:<bob@sandbox.test>\nby DATA with") {
		t.Errorf("saved %q, %v", env, err)
	}
	if t.Failed() {
		t.Log(text)
	}
}

func TestReferenceNamesEveryCommand(t *testing.T) {
	ref := string(cli.Reference())
	for _, want := range []string{
		"## smtpsh run", "## smtpsh sandbox", "## smtpsh explain", "## smtpsh scripts",
		"## smtpsh lua-meta", "## smtpsh version", "`--server TARGET`", "| 130 |",
	} {
		if !strings.Contains(ref, want) {
			t.Errorf("the reference lacks %q", want)
		}
	}
}

// Each error of listening has a hint.
func TestListenErrorsHaveHints(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for listen, want := range map[string]string{
		taken.Addr().String():  "or choose another one",
		"192.0.2.1":            "an address of this machine",
		"no-such-host.invalid": "an address of this machine",
	} {
		var out, errs bytes.Buffer
		code := cli.Main(cli.World{Args: []string{"sandbox", "--profile", "plain", "--listen", listen}, Stdin: strings.NewReader(""),
			Stdout: &out, Stderr: &errs,
			Getenv: func(string) string { return "" }, Terminal: func(any) bool { return false }})
		if code != 2 || !strings.Contains(errs.String(), want) {
			t.Errorf("%s: status %d, %s", listen, code, errs.String())
		}
	}
}
