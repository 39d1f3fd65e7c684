package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// much is about the longest argument of a program on Linux, and mega is used for files.
// With that much data the race detector would take minutes.
var much, mega = func() (int, int) {
	if raceEnabled {
		return 8 << 10, 16 << 10
	}
	return 120 << 10, 1 << 20
}()

// long are values that no error may repeat in full.
var long = map[string]string{
	"one word":    strings.Repeat("x", much),
	"many words":  strings.Repeat("word ", much/5),
	"controls":    strings.Repeat("\x1b", much),
	"digits":      strings.Repeat("9", much),
	"characters":  strings.Repeat("é", much/2),
	"a target":    "smtp://" + strings.Repeat("h.", much/2) + ":25",
	"an address":  strings.Repeat("a", much/2) + "@" + strings.Repeat("b.", much/4),
	"a name":      strings.Repeat("n", much/2) + "=" + strings.Repeat("v", much/2),
	"a source":    "n=@file:/" + strings.Repeat("x", much),
	"a file":      strings.Repeat(strings.Repeat("d", 1000)+"/", much/1001) + "f.json",
	"a test":      strings.Repeat("t", much) + "_test.lua",
	"a condition": strings.Repeat("errors<1%,", much/10),
	"lines":       strings.Repeat("line\n", much/5),
}

// maxError limits the length of an error on standard error, in bytes.
const maxError = 2 << 10

// errorsOf runs the program and returns what it wrote to standard error.
func errorsOf(t *testing.T, dir, stdin string, env map[string]string, args ...string) (string, int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	var out, errs bytes.Buffer
	status := Main(World{Args: args, Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs, Context: ctx,
		Getenv: func(name string) string {
			if name == "HOME" || name == "XDG_STATE_HOME" {
				return dir
			}
			return env[name]
		}, Terminal: func(any) bool { return false }})
	return errs.String(), status
}

// No error repeats a long value: each flag of each command and its arguments are tried with
// values of a megabyte.
func TestErrorsOfLongFlags(t *testing.T) {
	dir := folder(t)
	t.Chdir(dir)
	a := &app{World: World{Getenv: func(string) string { return "" }}}
	root := a.root()
	n := 0
	try := func(kind string, args ...string) {
		n++
		errs, _ := errorsOf(t, dir, "QUIT\n", nil, args...)
		if len(errs) > maxError {
			for i := range args {
				args[i] = args[i][:min(len(args[i]), 40)]
			}
			t.Errorf("%s, %q: %d bytes: %.300q ... %q", kind, args, len(errs), errs, errs[len(errs)-100:])
		}
	}
	for _, c := range append(root.Commands(), root) {
		u, ok := usual[c.CommandPath()]
		if !ok {
			continue
		}
		own := strings.Fields(u.args)
		skip := func(f *pflag.Flag) bool {
			return f.Value.Type() == "bool" || c != root && c.Flags().Lookup(f.Name) == nil
		}
		flags := func(f *pflag.Flag) {
			if skip(f) {
				return
			}
			for _, kind := range []string{"one word", "many words", "controls", "a target", "a file", "a condition"} {
				v := long[kind]
				try("--"+f.Name+" with "+kind, append(append([]string(nil), own...), "--"+f.Name+"="+v)...)
			}
		}
		c.LocalNonPersistentFlags().VisitAll(flags)
		if c == root {
			root.PersistentFlags().VisitAll(flags)
		}
		for kind, v := range long {
			try("an argument, "+kind, append(strings.Fields(c.CommandPath())[1:], v)...)
			try("an argument more, "+kind, append(append([]string(nil), own...), v)...)
			try("a flag, "+kind, append(append([]string(nil), own...), "--"+v)...)
			try("a flag, "+kind, append(append([]string(nil), own...), "-"+v)...)
		}
	}
	if n < 500 {
		t.Errorf("only %d runs", n)
	}
}

// No error repeats a long value: files, standard input and the environment are tried with
// lines, words and texts of a megabyte.
func TestErrorsOfLongInputs(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, value := range []struct{ name, text string }{
		{"one word", strings.Repeat("x", mega)},
		{"many words", strings.Repeat("word ", mega/50)},
		{"controls", strings.Repeat("\x1b[", mega/50)},
		{"characters", strings.Repeat("é", mega/50)},
	} {
		v := value.text
		files := map[string]string{
			"words.lua":      v,
			"string.lua":     `error("` + v + `")`,
			"failed.lua":     `fail("` + v + `")`,
			"untried.lua":    `untried("` + v + `")`,
			"expected.lua":   `expect.eq("` + v + `", "` + v + `y", "` + v + `")`,
			"unfinished.lua": `x = "` + v,
			"missing.lua":    `vars.get("` + v + `")`,
			"target.lua":     `smtp.open("` + v + `")`,
			"address.lua":    `smtp.open():mail("` + v + `")`,
			"command.lua":    `smtp.open():cmd("` + v + `")`,
			"answer.lua":     `smtp.open():noop():expect(550, "` + v + `")`,
			"option.lua":     `smtp.open{["` + v + `"] = 1}`,
			"json.lua":       `json.decode("` + v + `")`,
			"required.lua":   `require("` + v + `")`,
			"chunk.lua":      `assert(loadstring("` + v + `"))`,
			"field.lua":      `local s = smtp.open() s["` + v + `"]()`,
			"table.lua":      `error({kind = "` + v + `", message = "` + v + `", hint = "` + v + `"})`,
			"file.lua":       `smtp.open().transcript:save("` + v + `")`,
			"called.lua":     `local function f() error("` + v + `") end f()`,
			"names.lua":      `smtp.` + strings.ReplaceAll(v, " ", "") + `()`,
			"lesson.lua": `lesson{title = "t", about = "a", server = "` + v + `", meaning = "m", steps = {{goal = "g", hints = "h", done = ` +
				`function() end}}}`,
			"keys.lua": `lesson{["` + v + `"] = 1}`,
			"raises.lua": `lesson{title = "t", about = "a", server = "sandbox:plain", meaning = "m", steps = {{goal = "g", hints = "h", ` +
				`play = "` + v + `", done = function() error("` + v + `") end}}}`,
			"rules.lua":   `server:on("V` + v + `", {}, {450, "4.7.1 later"})`,
			"words.smtp":  ":" + v + "\nC: NOOP\n",
			"lines.smtp":  "S: 220\n" + v + "\nC: NOOP\n",
			"want.smtp":   "S: 220 " + v + "\nC: NOOP\n",
			"code.smtp":   "S: " + v + "\nC: NOOP\n",
			"said.smtp":   "S: 220\nC: " + v + "\nS: 250\n",
			"var.smtp":    "S: 220\nC: EHLO {var:" + strings.ReplaceAll(v, " ", "") + "}\nS: 250\n",
			"opened.smtp": ":open " + v + "\nS: 220\nC: NOOP\n",
			"a_test.lua":  `it("` + v + `", {tags = "` + v + `"}, function() end) error("` + v + `")`,
			"b_test.lua":  `it("x", {level = "` + v + `"}, function() end)`,
			"c_test.lua":  `describe("x", {["` + v + `"] = 1}, function() end)`,
			"ca.pem":      "-----BEGIN CERTIFICATE-----\n" + v + "\n-----END CERTIFICATE-----\n",
			"log.jsonl":   `{"kind": "` + v + `"}` + "\n",
			"log.txt":     v + "\n",
			"session.txt": "S: 220 x\nC: NOOP\n" + v + "\nS: 250\n",
		}
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		try := func(what, stdin string, env map[string]string, args ...string) {
			errs, _ := errorsOf(t, dir, stdin, env, args...)
			if len(errs) > maxError {
				t.Errorf("%s, %s, %.60q: %d bytes: %.300q ... %q", value.name, what, args, len(errs), errs, errs[len(errs)-100:])
			}
			if repeats(errs, v) {
				t.Errorf("%s, %s, %.60q: more than 200 bytes of it are repeated: %.900q", value.name, what, args, errs)
			}
		}
		for name := range files {
			switch {
			case strings.HasSuffix(name, "_test.lua"):
				try(name, "", nil, "test", name, "--list")
			case strings.HasSuffix(name, ".lua"), strings.HasSuffix(name, ".smtp"):
				try(name, "", nil, "run", name, "--server", "sandbox:plain")
				if strings.Contains(files[name], "lesson{") {
					try(name, "", nil, "learn", name)
					try(name, "", nil, "learn", "--check", name)
				}
				if value.name == "many words" {
					try(name, "", nil, "load", name, "--server", "sandbox:plain", "--sessions", "1", "--messages", "1")
					try(name, files[name], nil, "run", "-")
				}
			default:
				try(name, "", nil, "record2test", name)
				try(name, "", nil, "sandbox:plain", "--ca", name)
				try(name, "", nil, "run", "capabilities", "--secret", "x=@file:"+name, "--server", "sandbox:plain")
			}
			try(name, "", nil, "check", name)
		}
		try("sandbox", "", nil, "sandbox", "--script", "rules.lua", "--profile", "plain")
		try("prompt", v+"\n", nil, "sandbox:plain")
		v = v[:min(len(v), 64<<10)]
		for _, w := range []string{
			":", ":open ", ":raw ", ":lua ", ":lua error('x') -- ", "=", ":set ",
			":set verify ", ":run ", ":save ", ":why ", ":explain ", ":help ", ":login ",
			":lesson ", "MAIL FROM:<", "EHLO ", "RCPT TO:", "AUTH ", "DATA", ":expect ",
			":reconnect ", ":send ", ":log ", ":mailbox ", ":decode ", ":connections ",
		} {
			try("prompt", w+strings.ReplaceAll(v, "\x1b", "\\")+"\n", nil, "sandbox:plain")
		}
		for _, name := range []string{"SMTPSH_SERVER", "SMTPSH_INSPECT", "SMTPSH_TIMEOUT", "SMTPSH_CA", "SMTPSH_VAR_x", "SSL_CERT_FILE", "HOME"} {
			try(name, "QUIT\n", map[string]string{name: v})
			try(name, "", map[string]string{name: v}, "run", "capabilities")
		}
	}
}

// repeats reports whether text contains more than 200 bytes of a value in one piece, with a
// space before it.
func repeats(text, value string) bool {
	const piece = 202
	return strings.Contains(text, value[:piece]) || strings.Contains(text, value[len(value)-piece:]) || strings.Contains(text,
		value[4:piece+4])
}

// Failures of tests repeat no long value either, in any report.
func TestReportsOfLongMessages(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	text := `local w = ("word "):rep(200000) local x = ("x"):rep(1000000)
it("a", function() fail(w) end)
it("b", function() error(x) end)
it("c", function() expect.eq(x, w, w) end)
it("d", function() check.match(x, w) fail(("line\n"):rep(100000)) end)
it("e", function() error({message = w, hint = x}) end)
it("f", function() smtp.open():noop():expect(550, w) end) -- ` + strings.Repeat("x", 1<<16) + "\n"
	if err := os.WriteFile("x_test.lua", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	Main(World{Args: []string{"test", "x_test.lua", "--server", "sandbox:plain", "--report-junit", "j.xml", "--report-tap", "t.tap"},
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		Getenv: func(name string) string { return map[string]string{"GITHUB_ACTIONS": "true"}[name] }, Terminal: func(any) bool { return false }})
	if out.Len() > 32<<10 || !strings.Contains(out.String(), "6 failed") || !strings.Contains(out.String(), "... (1 000 000 bytes)") {
		t.Errorf("%d bytes: %.2000s", out.Len(), out.String())
	}
	for _, report := range []string{"j.xml", "t.tap"} { // the JSON report is for programs and has everything
		if info, err := os.Stat(report); err != nil || info.Size() > 64<<10 {
			t.Errorf("%s: %v, %v", report, info, err)
		}
	}
}
