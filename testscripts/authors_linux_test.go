package testscripts

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// nasty is what a malicious author can put into any text: it sets the title of a terminal,
// clears the screen, hides and reverses text, also as C1 controls and their UTF-8.
const nasty = "N\x1b]0;owned\x07\x1b[2J\x1b[8m\x9b2J\u009b2J\u009d0;x\u009c\u202e\u2066\u200b\u00ad\u2028\x7f\x0e\ufeffY"

// parts of it that must never be written.
var pieces = []string{
	"\x1b]", "\x1b[2J", "\x1b[8m", "\x9b2J", "\u009b", "\u009d", "\u009c",
	"\u202e", "\u2066", "\u200b", "\u00ad", "\u2028", "\x7f", "\x0e", "\ufeff",
}

// luaNasty is nasty as a Lua string.
var luaNasty = func() string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(nasty) {
		b.WriteString(`\` + string([]byte{'0' + c/100, '0' + c/10%10, '0' + c%10}))
	}
	return b.String() + `"`
}()

// authored returns a folder of files by a malicious author. In their texts N is the Lua
// string and R the bytes.
func authored(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	lesson := func(more string) string {
		return `lesson{title = "T" .. N, about = "About " .. N .. "\n\nmore " .. N, server = "sandbox:plain", meaning = "Meaning " .. N,` +
			more + `}`
	}
	step := `{goal = "Goal " .. N, hints = {"Hint " .. N, "More " .. N}, well = "Well " .. N, play = "NOOP", wrong = "RSET", remark = ` +
		`function() return "Remark " .. N end, done = function(l) return l.line == "NOOP" end}`
	for name, text := range map[string]string{
		"lesson.lua":     lesson("steps = {" + step + ", " + step + "}"),
		"lesson" + nasty: lesson("steps = {" + step + "}"),
		"raising.lua":    lesson(`steps = {{goal = "g", hints = "h", play = "NOOP " .. N, wrong = "RSET", done = function() error(N) end}}`),
		"unreached.lua": lesson(`steps = {{goal = "g" .. N, hints = "h", play = "NOOP " .. N, wrong = "RSET " .. N, done = function() ` +
			`return false end}}`),
		"wrongturn.lua": lesson(`steps = {{goal = "g" .. N, hints = "h", play = "NOOP", wrong = "RSET " .. N, done = function() ` +
			`return true end}}`),
		"question.lua":   lesson(`steps = {{goal = "g" .. N, hints = "h", play = ":answer x", wrong = ":answer " .. N, answer = {"x", N}}}`),
		"unknownkey.lua": lesson(`steps = {{goal = "g", hints = "h", [N] = 1, done = function() return false end}}`),
		"server.lua":     `lesson{title = "t", about = "a", server = "sandbox:" .. N, meaning = "m", steps = {` + step + `}}`,
		"setup.lua":      lesson(`setup = function() error("setup " .. N) end, steps = {` + step + `}`),
		"twokinds.lua":   lesson(`steps = {N, 3}`),
		"script.lua": "-- R\n--\n-- Usage: R\nprint(\"P\" .. N .. \"\\ttab\")\nlocal s = smtp.open{name = \"x\"}\ns:cmd(\"NOOP \" " +
			".. N)\nprint(s:noop())\nerror(\"E\" .. N)\n",
		"fails.lua":      `fail("F" .. N)`,
		"untried.lua":    `untried("U" .. N)`,
		"value.lua":      `error({a = N, [N] = 1})`,
		"level.lua":      `error(setmetatable({}, {__tostring = function() return "S" .. N end}))`,
		"expect.lua":     `expect.eq("a" .. N, "b" .. N, "M" .. N)`,
		"match.lua":      `smtp.open():noop():expect(250, "2.0.0", N)`,
		"contains.lua":   `expect.contains("a" .. N, "b" .. N)`,
		"missing.lua":    `vars.get("V" .. N)`,
		"nosecret.lua":   `vars.secret("V" .. N)`,
		"needs.lua":      `require("lib" .. N)`,
		"target.lua":     `smtp.open("host" .. N)`,
		"option.lua":     `smtp.open{["o" .. N] = 1}`,
		"address.lua":    `smtp.open():mail("a" .. N .. "@b.c")`,
		"pattern.lua":    `string.match("x", "[" .. N)`,
		"regexp.lua":     `re.match("x", "(" .. N)`,
		"json.lua":       `json.decode("{" .. N)`,
		"field.lua":      `local s = smtp.open() local x = s["f" .. N] x()`,
		"nocall.lua":     `local t = {} t["f" .. N]()`,
		"spawn.lua":      `smtp.spawn(function() error("T" .. N) end):wait()`,
		"parallel.lua":   `smtp.parallel({function() error("T" .. N) end})`,
		"deferred.lua":   `defer(function() error("D" .. N) end) error("x")`,
		"save.lua":       `smtp.open().transcript:save("f" .. N)`,
		"file.lua":       `message.attach("f" .. N)`,
		"coroutine.lua":  `local ok, e = coroutine.resume(coroutine.create(function() error("C" .. N) end)) print(e) error(e)`,
		"chunk.lua":      `local f, e = loadstring("x = = R", "chunk" .. N) error(e)`,
		"named.lua":      `loadstring("error('x')", "chunk" .. N)()`,
		"syntax.lua":     "local x = = \"R\" R\n",
		"unfinished.lua": "local x = \"R\n",
		"names.lua":      "smtp.open():nooR()\nsmtp.opR()\nundefined()\n",
		"checked.lua":    "smtp.open{tls = \"R\"}\nsmtp.opne(\"R\")\nlocal s = smtp.open()\ns:noop():expect(\"R\")\nundefined(\"R\")\n",
		"load.lua":       "local s = smtp.open()\ns:noop()\nfail(\"L\" .. N)\n",
		"rules.lua": `server:on("RCPT", {}, function() error("rule " .. N) end) print("P" .. N) server:on("NOOP", {}, {250, ` +
			`"2.0.0 " .. N}) error("E" .. N)`,
		"inner.lua": `local srv = smtp.sandbox("sandbox:plain") srv:on("NOOP", {}, function() error("rule " .. N) end) ` +
			`srv:on("RSET", {}, {250, "2.0.0 " .. N}) local s = smtp.open("sandbox:plain") s:rset() s:noop()`,
		"rulenames.lua":       `server:on("V" .. N, {}, {450, "4.7.1 later"})`,
		"ruleopts.lua":        `server:on("RCPT", {["o" .. N] = 1}, {450, "4.7.1 later"})`,
		"f" + nasty:           "error(\"x\")\n",
		"t" + nasty + ".smtp": "# R\nS: 220\nC: EHLO R\nS: 550 R\n",
		"words.smtp":          ":R\nC: EHLO me\nS: 250\n",
		"open.smtp":           ":open sandbox:R\nC: EHLO me\nS: 250\n",
		"var.smtp":            "S: 220\nC: EHLO {var:vR}\nS: 250\n",
		"want.smtp":           "S: 220\nC: EHLO me\nS: 250 R\n",
		"lines.smtp":          "S: 220\nR\nC: EHLO me\nX: R\n",
		"set.smtp":            ":match R\n:timeout R\nS: 220\n",
		"all_test.lua": `describe("D" .. N, {tags = {"t" .. N}}, function()
  before_each(function() print("before " .. N) end)
  it("fails" .. N, {clause = "C" .. N}, function() fail("F" .. N) end)
  it("eq" .. N, function() local s = smtp.open{server = "sandbox:plain"} expect.eq("a" .. N, "b" .. N, "M" .. N) end)
  it("reply" .. N, function() local s = smtp.open() s:cmd("NOOP x"):expect(250, "2.0.0", N) end)
  it("note" .. N, function() check.eq(N, "x") check.match("x" .. N, "^y" .. N) error({x = N}) end)
  it("skip" .. N, {skip = "S" .. N}, function() end)
  it("request" .. N, {on_request = "O" .. N}, function() end)
  it("untried" .. N, function() untried("U" .. N) end)
  it("advice" .. N, {level = "advice", clause = N}, function() fail("A" .. N) end)
  it("slow" .. N, {timeout = "50ms"}, function() smtp.sleep(20) end)
  it("passes" .. N, function() print(N) end)
  pending("later" .. N)
end)
describe("hooks" .. N, function()
  before_all(function() error("H" .. N) end)
  it("never" .. N, function() end)
end)
after_all(function() error("after " .. N) end)
`,
		"tag_test.lua":            `it("x", {tags = 3, ["k" .. N] = 1}, function() end)`,
		"lev_test.lua":            `it("x", {level = "l" .. N}, function() end)`,
		"time_test.lua":           `it("x", {timeout = "t" .. N}, function() end)`,
		"bad_test.lua":            "describe(\"R\", function() error(\"load R\") end)\n",
		"f" + nasty + "_test.lua": "it(\"x\", function() error(\"y\") end)\n",
	} {
		text = regexp.MustCompile(`\bN\b`).ReplaceAllLiteralString(text, luaNasty)
		text = regexp.MustCompile(`R\b`).ReplaceAllStringFunc(text, func(string) string { return nasty })
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// unclean returns the part of nasty that an output contains.
func unclean(out string) string {
	for _, p := range pieces {
		if i := strings.Index(out, p); i >= 0 {
			return out[max(0, i-60):min(len(out), i+20)]
		}
	}
	return ""
}

// shown runs the program with a terminal as output, or without one.
func shown(t *testing.T, dir string, screen bool, env []string, stdin string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), ttyWait)
	defer cancel()
	cmd := exec.CommandContext(ctx, "smtpsh", args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = append([]string{"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "TERM=xterm", "LANG=C.UTF-8", "GORACE=atexit_sleep_ms=0"}, env...)
	var out bytes.Buffer
	if !screen {
		cmd.Stdout, cmd.Stderr = &out, &out
		cmd.Run() //nolint:errcheck // most of them fail
		return out.String()
	}
	p, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := pty.Setsize(p, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = tty, tty
	done := make(chan struct{})
	go func() { io.Copy(&out, p); close(done) }() //nolint:errcheck // it ends with the terminal
	cmd.Run()                                     //nolint:errcheck // most of them fail
	tty.Close()
	<-done
	return out.String()
}

// No text of an author controls a terminal, or is written unescaped to a file or pipe that
// is not for programs: every kind of file with every command that reads it.
func TestTextsOfAuthorsAreEscaped(t *testing.T) {
	dir := authored(t)
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 55 {
		t.Fatalf("only %d files, %v", len(files), err)
	}
	prints := map[string]bool{"script.lua": true, "coroutine.lua": true} // without a terminal they print for programs
	name := func(lines string) string {
		_, s, _ := strings.Cut(lines, ":run ")
		s, _, _ = strings.Cut(s, "\n")
		return s
	}
	try := func(stdin string, args ...string) {
		t.Helper()
		for _, screen := range []bool{true, false} {
			if !screen && (slices.ContainsFunc(args, func(a string) bool { return prints[a] }) || prints[name(stdin)]) {
				continue
			}
			out := shown(t, dir, screen, nil, stdin, args...)
			if got := unclean(out); got != "" {
				t.Errorf("screen %v, %q: %q", screen, args, got)
			}
		}
	}
	for _, f := range files {
		name := f.Name()
		try("", "check", name)
		if strings.HasSuffix(name, "_test.lua") || strings.HasSuffix(name, ".smtp") {
			for _, more := range [][]string{
				nil, {"--list"}, {"--dry-run"}, {"--shuffle", "--repeat", "2"},
				{"--filter", nasty}, {"--tags", nasty},
				{"--color", "always", "--format", "jsonl"},
			} {
				try("", append([]string{"test", name, "--server", "sandbox:plain", "--retry", "1"}, more...)...)
			}
		}
		if strings.HasSuffix(name, "_test.lua") {
			continue
		}
		try("RSET\n:hint\n:hint\n:hint\n:lesson\n:answer q\nNOOP\n:skip\nNOOP\n:lesson next\n", "learn", name)
		try("", "learn", name, "--check")
		try("", "learn", name, "--reset")
		try("", "run", name, "--server", "sandbox:plain")
		try("", "run", name, "--server", "sandbox:plain", "--format", "jsonl")
		try("", "run", name, "--quiet")
		try("", "load", name, "--server", "sandbox:plain", "--sessions", "1", "--messages", "1")
		try("NOOP\n:run "+name+"\n:lua dofile('"+name+"')\n:show\n:diagram\n:lesson "+name+"\n:hint\nNOOP\n", "sandbox:plain", "--keep-going")
	}
	for _, args := range [][]string{
		{"__complete", "run", ""}, {"__complete", "test", ""},
		{"__complete", "learn", ""}, {"__complete", "sandbox", "--profile", nasty},
		{nasty}, {"run", nasty}, {"test", nasty}, {"learn", nasty}, {"check", nasty},
		{"help", nasty}, {"explain", nasty}, {"scripts", nasty}, {"load", nasty},
		{"init", nasty + "/f"}, {"record2test", nasty}, {"record2test", "f" + nasty},
		{"--" + nasty}, {"--color", nasty}, {"--server", nasty, "run", "fails.lua"},
		{"test", "all_test.lua", "--out", nasty, "--server", "sandbox:plain"},
		{"sandbox", "--save", "fails.lua/" + nasty},
		{"sandbox", "--ca-file", "no/" + nasty}, {"sandbox", "--host", nasty},
		{"sandbox", "--inspect", nasty},
		{"learn", "--export", nasty},
		{"learn", "--export", nasty + ".csv", "--learner", nasty},
		{"--log", nasty + "/x"}, {"run", "fails.lua", "--var", nasty},
		{"run", "fails.lua", "--secret", nasty}, {"run", "fails.lua", nasty},
		{"test", "all_test.lua", "--report-json", "no/" + nasty},
	} {
		try("", args...)
	}
}

// Reports are clean whatever the names of tests and the messages of failures contain.
func TestReportsOfAuthorsAreClean(t *testing.T) {
	dir := authored(t)
	for _, env := range [][]string{nil, {"GITHUB_ACTIONS=true"}, {"CI=1"}, {"FORCE_COLOR=1"}} {
		out := shown(t, dir, false, env, "", "test", "all_test.lua", "bad_test.lua", "want.smtp", "--server", "sandbox:plain", "--report-junit",
			"r.xml", "--report-tap", "r.tap", "--report-json", "r.json", "--log", "log.txt", "--fail-on", "advice")
		if got := unclean(out); got != "" || !strings.Contains(out, "failed") {
			t.Errorf("%v: %q\n%s", env, got, out)
		}
	}
	shown(t, dir, false, nil, "", "load", "load.lua", "--server", "sandbox:plain", "--sessions", "1", "--messages", "1", "--report-json",
		"l.json", "--report-html", "l.html")
	shown(t, dir, false, nil, "", "run", "expect.lua", "--log", "log.jsonl")
	for _, f := range []string{"r.xml", "r.tap", "r.json", "log.txt", "l.json", "l.html"} {
		b, err := os.ReadFile(filepath.Join(dir, f))
		if got := unclean(string(b)); got != "" || err != nil || len(b) == 0 {
			t.Errorf("%s: %q, %v", f, got, err)
		}
	}
	kept := 0
	err := filepath.WalkDir(filepath.Join(dir, "smtpsh-out"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		kept++
		b, err := os.ReadFile(path)
		if got := unclean(path + string(b)); got != "" {
			t.Errorf("%q: %q", path, got)
		}
		return err
	})
	if err != nil || kept == 0 {
		t.Errorf("%d transcripts are kept, %v", kept, err)
	}
}

// The prompt on a terminal escapes texts of authors too, and a lesson still has its bold
// lines.
func TestTextsOfAuthorsAtThePrompt(t *testing.T) {
	dir := authored(t)
	x := start(t, nil, "smtpsh", "learn", filepath.Join(dir, "lesson.lua"))
	x.atPrompt()
	x.sees("(step 1 of 2")
	x.keys("RSET\r")
	x.sees("?  Remark")
	x.atPrompt()
	x.keys(":hint\r")
	x.sees("?  Hint")
	x.atPrompt()
	x.keys("NOOP\r")
	x.sees("+  Well")
	for _, l := range []string{
		":lua print(" + luaNasty + ")", ":lua error(" + luaNasty + ")", "=" + luaNasty,
		":lua fail(" + luaNasty + ")", ":lua expect.eq(1, " + luaNasty + ")",
		"={" + luaNasty + "}",
		":run " + filepath.Join(dir, "script.lua"),
		":run " + filepath.Join(dir, "fails.lua"),
		":run " + filepath.Join(dir, "syntax.lua"),
		":lesson " + filepath.Join(dir, "setup.lua"),
		":lesson " + filepath.Join(dir, "raising.lua"), "NOOP",
		":lesson list", ":why", ":show", ":diagram",
		":save " + filepath.Join(dir, "s.smtp"),
	} {
		x.atPrompt()
		x.keys(l + "\r")
	}
	x.sees("saved")
	x.atPrompt()
	x.keys(":run " + dir + "/f\t\t") // with file names to choose from
	x.sees("field.lua")
	x.mu.Lock()
	raw := x.raw.String()
	x.mu.Unlock()
	if got := unclean(raw); got != "" {
		t.Errorf("%q", got)
	}
	for _, want := range []string{"\x1b[1mTN\\x1b]0;owned\\x07", "\x1b[1m-> Goal"} {
		if !strings.Contains(raw, want) {
			t.Errorf("the screen never showed %q", want)
		}
	}
}

// Without a terminal the output of a script is for programs and unchanged; on a terminal it
// is escaped.
func TestScriptOutputOnTerminal(t *testing.T) {
	dir := authored(t)
	if out := shown(t, dir, false, nil, "", "run", "script.lua"); !strings.Contains(out, "P"+nasty+"\ttab\n") {
		t.Errorf("%q", out)
	}
	if out := shown(t, dir, true, nil, "", "run", "script.lua"); !strings.Contains(out, `PN\x1b]0;owned\x07`) ||
		!strings.Contains(out, "\ttab") {
		t.Errorf("%q", out)
	}
}

// The rules of a sandbox, and their errors, can come from a malicious author too.
func TestRulesOfAuthors(t *testing.T) {
	dir := authored(t)
	for _, screen := range []bool{true, false} {
		for _, script := range []string{"rules.lua", "rulenames.lua", "ruleopts.lua", "syntax.lua", "fails.lua", "f" + nasty, nasty} {
			out := shown(t, dir, screen, nil, "", "sandbox", "--profile", "plain", "--script", script)
			if got := unclean(out); got != "" && !(script == "rules.lua" && !screen) {
				t.Errorf("screen %v, %q: %q", screen, script, got)
			}
			if !strings.Contains(out, "smtpsh: ") {
				t.Errorf("%q is accepted:\n%s", script, out)
			}
		}
	}
}
