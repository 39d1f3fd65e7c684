package testscripts

import (
	"context"
	"os"
	"strings"
	"testing"

	"smtpsh/internal/cli"
	"smtpsh/internal/sandbox"
)

// TestCommandsOfTheREADME runs each command line in the table of other tools as it is written,
// with a sandbox in place of the servers.
func TestCommandsOfTheREADME(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	srv := commandFolder(t, map[string]string{
		"commands.txt": "EHLO me\nNOOP\nQUIT\n",
		"message.eml":  "From: ann@sandbox.test\nTo: bob@sandbox.test\nSubject: hi\n\nhello\n",
		"session.smtp": "S: 220\nC: EHLO me\nS: 250\nC: QUIT\nS: 221\n",
	})
	t.Setenv("PASS", "ann-secret")
	host, port, _ := strings.Cut(srv.Addr("mx"), ":")
	fill := strings.NewReplacer("smtp.example.org:587", srv.Addr("submission"), "mx.example.org:25", srv.Addr("mx"),
		"mx.example.org 25", host+" "+port, "mx.example.org", srv.Addr("mx"), "@example.org", "@sandbox.test", "127.0.0.1:2525", "127.0.0.1:0")
	_, table, _ := strings.Cut(string(text), "## Instead of other tools")
	table, _, _ = strings.Cut(table, "\n## ")
	ran := 0
	for row := range strings.Lines(table) {
		cells := strings.Split(row, "|")
		if len(cells) < 4 || !strings.HasPrefix(strings.TrimSpace(cells[2]), "`smtpsh ") {
			continue
		}
		ran++
		written := strings.Trim(strings.TrimSpace(cells[2]), "`")
		command, file, _ := strings.Cut(fill.Replace(written), " < ")
		args := strings.Fields(command)[1:]
		if args[0] != "swaks" && args[0] != "sandbox" {
			args = append(args, "--ca", "ca.pem", "--sni", "sandbox.test")
		}
		stdin := ""
		if file != "" {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			stdin = string(content)
		}
		ctx, cancel := context.WithCancel(t.Context())
		out := &until{stop: cancel}
		if args[0] == "sandbox" {
			out.word = "^C stops" // it serves until it is stopped
		}
		var errs strings.Builder
		status := cli.Main(cli.World{
			Args: args, Stdin: strings.NewReader(stdin), Stdout: out, Stderr: &errs, Getenv: os.Getenv, Context: ctx,
			Terminal: func(any) bool { return false },
		})
		cancel()
		if status != 0 && !(args[0] == "sandbox" && status == 130) || out.String() == "" {
			t.Errorf("%s: status %d\n%s%s", written, status, out.String(), errs.String())
		}
	}
	if ran != 12 {
		t.Errorf("%d commands, want 12", ran)
	}
}

// commandFolder starts a sandbox and makes a temporary folder the working folder: it contains
// the files, and the sandbox's CA certificate as ca.pem.
func commandFolder(t *testing.T, files map[string]string) *sandbox.Server {
	t.Helper()
	srv, err := sandbox.Start(sandbox.Options{Profile: "plain"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	t.Chdir(t.TempDir())
	files["ca.pem"] = string(srv.CA())
	for name, content := range files {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return srv
}
