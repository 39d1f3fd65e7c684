package luabind_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smtpsh/luabind/all"
	"smtpsh/luabind/lint"
	"smtpsh/scripts"
)

// TestCheckFinds: mistakes that can be found without running a script, each with its line.
// Lines without a mistake are correct.
func TestCheckFinds(t *testing.T) {
	for src, want := range map[string]string{
		// a dot instead of a colon
		`local s = smtp.connect() s.ehlo("me")`:                             "1: ehlo is called with a colon: s:ehlo(...)",
		"local s\nbefore_each(function() s = smtp.open() end)\ns.quit()":    "3: quit is called with a colon: s:quit(...)",
		`local s = smtp.connect() s:noop().expect(250)`:                     "1: expect is called with a colon: s:expect(...)",
		`smtp.listen():serve(function(c) c.reply(220) end)`:                 "1: reply is called with a colon: c:reply(...)",
		`local s = smtp.connect() s.ehlo(s, "me")`:                          "",
		`local s = smtp.connect() pcall(s.ehlo, s, "me")`:                   "",
		`local s = require "probe" s.open()`:                                "",
		`local function f(s) s.ehlo("me") end f({})`:                        "",
		`local s = smtp.connect() for _, s in ipairs{} do s.ehlo("me") end`: "",
		// options, also nested ones
		`smtp.open(nil, {auth = {username = "a"}})`: "1: smtp.open, option auth: unknown option username; did you mean user?",
		`smtp.open(nil, {auth = {password = "a"}})`: "1: smtp.open, option auth: unknown option password; did you mean pass?",
		`smtp.open():auth{username = "a"}`:          "1: session:auth: unknown option username; did you mean user?",
		`smtp.open(nil, {starttls = "required"})`: `1: smtp.open: option starttls: "required" is not one of require try ` +
			`never; did you mean require?`,
		`smtp.open(nil, {auth = {user = "a"}, starttls = "try"})`: "",
		// arguments of a wrong type, also in code that a check does not run

		`it("x", function() local s = smtp.open{server = "x", pasword = "x"} end)`: "1: smtp.open: argument 1 (target) must be string or " +
			"smtp.Server or nil, got table; the table of options is argument 2",

		`local function f() smtp.connect{tsl = true} end`: "1: smtp.connect: argument 1 (target) must be string or smtp.Server or nil, got " +
			"table; the table",

		`local function f() smtp.send{from = "a@b.example"} end`: "1: smtp.send: argument 1 (target) must be",

		`local function f() imap.open{user = "ann"} end`: "1: imap.open: argument 1 (target) must be string, got table",

		`local function f() smtp.listen{profile = "plain"} end`: "1: smtp.listen: argument 1 (addr) must be string, got table",

		`local function f() smtp.open("x", "y") end`: "1: smtp.open: argument 2 (opts) must be smtp.OpenOpts, got string",

		`local function f() smtp.open(true) end`: "1: smtp.open: argument 1 (target) must be",

		`local function f() smtp.open():rcpt({}) end`: "1: session:rcpt: argument 1 (to) must be string, got table",

		`local function f(s) s:rcpt({}) end f({})`:                                                     "",
		`local function f() smtp.open(nil) smtp.open(25) smtp.open(server_name) end server_name = "x"`: "",
		// conditions on replies
		`smtp.open():noop():expect("25O")`:                      `1: cannot expect "25O"`,
		`local r = smtp.open():noop() r:is("2x")`:               `1: cannot expect "2x"`,
		`smtp.open():noop():expect{250, "25l"}`:                 `1: cannot expect "25l"`,
		`smtp.open():noop():expect{code = {250, "2z0"}}`:        `1: cannot expect "2z0"`,
		`smtp.open():noop():expect{codes = 250}`:                "1: a condition on a reply has no codes; did you mean code?",
		`check(smtp.open():noop()):is("25O")`:                   `1: cannot expect "25O"`,
		`smtp.open():noop():expect("250|251")`:                  "",
		`smtp.open():noop():expect("550 5.7.*", "why")`:         "",
		`smtp.listen():serve(function(c) c:expect("EHLO") end)`: "",
		`exec.start("x"):expect("login:")`:                      "",
		// verbs of rules
		`smtp.listen(nil, {profile = "plain"}):on("RCTP", 451)`: "1: on: there is no verb RCTP; did you mean RCPT?",
		`local function f(srv) srv:on("RCTP", 451) end f()`:     "1: on: there is no verb RCTP; did you mean RCPT?",
		`server:on("MIAL", 451)`:                                "1: on: there is no verb MIAL; did you mean MAIL?",

		`smtp.listen(nil, {profile = "plain"}):commands("RCTP")`: "1: commands: there is no verb RCTP; did you mean RCPT?",

		`server:on("MAIL", "45l no")`:       `1: on: "45l no" is not a reply`,
		`server:on("MAIL", {nht = 2}, 451)`: "1: on: unknown option nht; did you mean nth?",
		`server:on("MAIL", {dely = 2})`:     "1: on: unknown option dely; did you mean delay?",
		`server:on("XCLIENT", 451) server:on("message", 552) server:on("*", {delay = 1})`: "",
		`smtp.open():on("replyy", print)`:                                                 `1: session:on: "replyy" is not one of`,
		`smtp.open():on("reply", print)`:                                                  "",
		// fields
		`local s = smtp.connect() print(s.username)`:                    "1: smtp.Session has no field username; did you mean user?",
		`local s = smtp.connect() print(s:noop().cod, s.greeting.code)`: "1: smtp.Reply has no field cod; did you mean code?",
		`local m = require "probe" print(m.hello, m.name)`:              "",
		// scripts with rules know server, in any form
		`server:on("MAIL", 451)`:                    "",
		"local srv = server\nsrv:on(\"RCTP\", 451)": "2: on: there is no verb RCTP",
		`server:of()`:                               "1: no object has a method of; did you mean off?",
		`smtp.connect(server)`:                      "1: undefined variable: server",
		`local server = {} server.on("RCTP")`:       "",
		// dialogues in scripts
		`smtp.open():play("C: NOOP\nS: 25O\n:opne x")`:                   `1: dialogue, line 2: "S: 25O"`,
		`smtp.open():play("C: NOOP\nS: 250 {id}\nC: VRFY {id}\nS: ...")`: "",
	} {
		found, err := lint.Check(all.Library(), "x.lua", []byte(src))
		if err != nil {
			t.Errorf("%s\n  %v", src, err)
			continue
		}
		got := ""
		if len(found) > 0 {
			got = fmt.Sprintf("%d: %s", found[0].Line, found[0].Message)
		}
		if want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%s\n  got  %s\n  want %s", src, got, want)
		}
	}
}

// TestCheckFindsNothingInWhatIsRight: the examples of the reference, the bundled scripts
// and the suites have no findings.
func TestCheckFindsNothingInWhatIsRight(t *testing.T) {
	check := func(name, src string) {
		found, err := lint.Check(all.Library(), name, []byte(src))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, f := range found {
			t.Errorf("%s:%d: %s\n%s", name, f.Line, f.Message, f.Source)
		}
	}
	n := 0
	for _, f := range all.Library().Funcs() {
		if f.Example != "" {
			n++
			check(f.Full(), "local s, step, e, r, t = smtp.connect()\n"+f.Example)
		}
	}
	for _, s := range scripts.All() {
		n++
		check(s.Name, string(s.Source))
	}
	for _, name := range scripts.SuiteNames() {
		for _, f := range scripts.Suite(name) {
			if strings.HasSuffix(f.Name, ".lua") {
				n++
				check(f.Name, string(f.Source))
			}
		}
	}
	err := filepath.WalkDir("../internal/lessons/course", func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".lua") {
			n++
			src, rerr := os.ReadFile(path)
			check(path, string(src))
			return rerr
		}
		return err
	})
	if err != nil || n < 100 {
		t.Errorf("%d files: %v", n, err)
	}
}

// The number of findings is limited.
func TestCheckStops(t *testing.T) {
	found, err := lint.Check(all.Library(), "t.lua", []byte(strings.Repeat("nowhere()\n", 10_000)))
	if err != nil || len(found) != 201 || found[200].Message != "there may be more mistakes than these" {
		t.Errorf("%d findings, %v", len(found), err)
	}
}
