package testscripts

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"smtpsh/internal/cli"
	"smtpsh/internal/suggest"
)

// longWord matches a word with a meaning.
var longWord = regexp.MustCompile(`[a-z]{4,}`)

// TestHintsNeverRepeatTheError: most words of a hint are not in the error.
func TestHintsNeverRepeatTheError(t *testing.T) {
	dir, empty := t.TempDir(), t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, args := range [][]string{
		{"--ca", file("empty.pem", "no"), "run", "capabilities"},
		{"--cert", file("cert.pem", "no"), "run", "capabilities"},
		{"--key", "k.pem", "run", "capabilities"},
		{"-4", "-6", "run", "capabilities"},
		{"--color", "blue", "run", "capabilities"},
		{"--format", "xml", "run", "capabilities"},
		{"--tls-min", "2", "run", "capabilities"},
		{"--connect-to", "x", "run", "capabilities"},
		{"--server", "a b", "run", "capabilities"},
		{"--require-server", "run", "capabilities"},
		{"--var", "x", "run", "capabilities"},
		{"--secret", "x", "run", "capabilities"},
		{"--secret", "x=y", "run", "capabilities"},
		{"--vars-file", filepath.Join(dir, "none"), "run", "capabilities"},
		{"--vars-file", file("bad.txt", "x"), "run", "capabilities"},
		{"--log", dir, "run", "capabilities"},
		{"--keylog", dir, "run", "capabilities"},
		{"run", "nope"}, {"run", dir}, {"test", "nope"}, {"test", empty},
		{"test", "submission", "nope"}, {"test", "rfc5321", "--filter", "nope"},
		{"test", "rfc5321", "--filter", "/(/"}, {"test", "rfc5321", "--jobs", "0"},
		{"test", "scripts/suites/submission/tls_test.lua:9999", "--list"},
		{"test", "rfc5321", "--timeout", "-1s"}, {"load", "nope"},
		{"load", "one-message", "--expect", "x"},
		{"load", file("d.smtp", "C: NOOP\nS: 250\n")},
		{"run", file("d1.smtp", "C: NOOP\nS: 550\n")},
		{"run", file("d2.smtp", "C: {x}\n")}, {"run", file("d3.smtp", "S: 25O\n")},
		{"run", file("d4.smtp", ":opne x\n")},
		{"run", file("d5.smtp", ":eof now\n")},
		{"run", file("d6.smtp", "C: NOOP\nC: NOOP\nS: 250\n")},
		{"run", file("d7.smtp", "S: 250-x\n")}, {"run", file("d8.smtp", "foo\n")},
		{"run", file("d9.smtp", "C: {var:x}\n")},
		{"run", file("d10.smtp", "C: {secret:x}\n")},
		{"run", file("d11.smtp", "C: NOOP\nS: 250\nb C: NOOP\n")},
		{"explain", "nope"}, {"help", "nope"}, {"record2test", file("r.txt", "x")},
		{"record2test", file("r2.txt", "C: NOOP\nS: 250\n"), "-o", "x.doc"},
		{"check", empty}, {"nope", "nope"},
		{"learn", "nope"}, {"sandbox", "--profile", "nope"},
		{"init", file("plain", "x")},
	} {
		checkHint(t, args, strings.Join(args, " "))
	}
	for _, src := range []string{
		`smtp.connect("127.0.0.1:1")`, `smtp.connect("mx.invalid")`, `vars.get("x")`,
		`vars.secret("x")`, `print(io)`, `exec.start("x")`, `require "nope"`,
		`smtp.sandbox():on("NOOP", 451)`,
		`smtp.connect():auth{user = "a", pass = "b"}`,
		`smtp.connect():mail("a>b")`, `local s = smtp.connect() s:close() s:noop()`,
		`smtp.open(nil, {auth = {user = "alice@gmail.com", pass = "x"}})`,
		`it("x", function() end)`,
		`vars.secret("y")`, `smtp.connect(nil, {timeout = "20ms"}):read_reply()`,
		`smtp.send(nil, {}, mail.message{from = "a@example.org", to = "b@example.org"})`,
	} {
		checkHint(t, []string{"--quiet", "run", file("s.lua", src)}, src)
	}
}

// checkHint runs the program and compares its error with its hint.
func checkHint(t *testing.T, args []string, what string) {
	t.Helper()
	var out, errs bytes.Buffer
	status := cli.Main(cli.World{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		Getenv: func(string) string { return "" }, Terminal: func(any) bool { return false }})
	if status == 0 {
		t.Errorf("%s: no failure", what)
	}
	var message string
	for line := range strings.Lines(errs.String()) {
		if text, ok := strings.CutPrefix(line, "smtpsh: "); ok {
			message = strings.ToLower(text)
		}
		hint, ok := strings.CutPrefix(strings.TrimSpace(line), "hint: ")
		if !ok || message == "" {
			continue
		}
		fresh, all := 0, 0
		for _, w := range longWord.FindAllString(strings.ToLower(hint), -1) {
			if all++; !strings.Contains(message, w) {
				fresh++
			}
		}
		if fresh*2 < all || suggest.Fresh(hint, message) == "" {
			t.Errorf("%s: the hint repeats the error:\n%s", what, errs.String())
		}
	}
}

// TestAdvice: a hint that the error contains is omitted.
func TestFreshHint(t *testing.T) {
	for _, c := range []struct{ hint, message, want string }{
		{"open a new session", "the session is closed: Open a new session.", ""},
		{"open a new session", "the session is closed", "open a new session"},
		{"mail", "there is no method email", "mail"},
		{"", "x", ""},
	} {
		if got := suggest.Fresh(c.hint, c.message); got != c.want {
			t.Errorf("%q beside %q: %q", c.hint, c.message, got)
		}
	}
}

// TestBundledScriptsDoNotShowTheirLines: an error of a bundled script is about the server
// or the arguments, so its source is not shown. That of the user's scripts is.
func TestBundledScriptsDoNotShowTheirLines(t *testing.T) {
	dir := t.TempDir()
	own := filepath.Join(dir, "own.lua")
	if err := os.WriteFile(own, []byte(`local s = smtp.connect("127.0.0.1:1")`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args  []string
		shown bool
	}{
		{[]string{"run", "gmail-send", "--server", "127.0.0.1:1", "--var", "user=a@example.org", "--secret", "pass=@env:PASS"}, false},
		{[]string{"run", "gmail-send", "--server", "127.0.0.1:1"}, false},
		{[]string{"run", "one-message", "--server", "127.0.0.1:1"}, false},
		{[]string{"run", "tls-report", "--server", "127.0.0.1:1"}, false},
		{[]string{"test", "submission", "--server", "127.0.0.1:1", "--out", "", "--filter", "greets first"}, false},
		{[]string{"run", own}, true},
	} {
		var out bytes.Buffer
		status := cli.Main(cli.World{Args: c.args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
			Getenv: func(name string) string { return map[string]string{"PASS": "x"}[name] }, Terminal: func(any) bool { return false }})
		if shown := strings.Contains(out.String(), "smtp.") &&
			regexp.MustCompile(`(?m)(local|=|return) .*[(:]`).MatchString(out.String()); status == 0 || shown != c.shown {
			t.Errorf("%v: status %d\n%s", c.args, status, out.String())
		}
	}
}
