package luabind_test

import (
	"errors"
	"strings"
	"testing"

	"smtpsh/luabind"
)

// TestScriptsCannotTakeTheProgramDown: a script that requests too much gets an error that
// names it.
func TestScriptsCannotTakeTheProgramDown(t *testing.T) {
	for name, tt := range map[string]struct{ src, want string }{
		"endless recursion": {"local function f() f() end\nf()", "the script recurses endlessly or uses too many values"},
		"recursion, caught": {"local function f() return f() + 1 end\nf()", "the script recurses endlessly or uses too many values"},
		"huge string":       {"local s = string.rep('x', 2^45)", "string.rep: 35184372088832 times 1 bytes is more than"},
		"huge string again": {"local s = ('x'):rep(2^60)", "string.rep"},
		"huge chunks":       {"smtp.connect():bdat('hi', {size = 1e13})", "size must be from 1 to"},
		"no chunks":         {"smtp.connect():bdat('hi', {size = 0/0})", "size must be from 1 to"},
		"negative chunks":   {"smtp.connect():bdat('hi', {size = -1})", "size must be from 1 to"},
		"date out of range": {"mail.message{from='a@b.example', to='c@d.example', date=0/0}", "date must be seconds"},
		"header that is ours": {
			"mail.message{from='a@b.example', to='c@d.example', headers={['Message-ID']='<x@y>'}}",
			"Message-ID is set with id",
		},
		"header that is a table": {
			"mail.message{from='a@b.example', to='c@d.example', headers={['X-A']={}}}",
			"header X-A must be a string, got table",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := run(t, tt.src)
			var se *luabind.ScriptError
			if !errors.As(err, &se) || !strings.Contains(err.Error(), tt.want) || se.Bug {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestTypedSecretsAreMasked(t *testing.T) {
	out, err := run(t, `
		local p = vars.secret("example")
		local s = smtp.connect()
		s:ehlo("me")
		s:cmd(p)
		s:write(p) s:write("\r\n") s:read_reply()
		s:write("AUTH PLAIN ") s:write("c2VjcmV0LXdvcmQ=\r\n") s:read_reply()
		s:write("AUTH LOGIN\r\nYW5uLXdvcmQ=\r\n") s:read_reply() s:read_reply()
		s:cmd("AUTH\tPLAIN\tdGFiYmVkLXdvcmQ=")
		print(s.transcript:text())`)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"s3cret-word", "c2VjcmV0LXdvcmQ", "YW5uLXdvcmQ", "dGFiYmVkLXdvcmQ"} {
		if strings.Contains(out, secret) {
			t.Errorf("%s is in the transcript:\n%s", secret, out)
		}
	}
}

// An argument above its limit is an error that names the argument and the limit.
func TestArgumentsThatAreTooLarge(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		{`smtp.connect(("x"):rep(2^20 + 1))`, "smtp.connect: argument 1 (target) has 1048577 bytes, and at most 1048576 are allowed"},
		{`smtp.connect(nil, {server_name = ("x"):rep(2^20 + 1)})`, "smtp.connect: option server_name has 1048577 bytes"},
		{
			`smtp.connect():pipeline({("x"):rep(9 * 2^20), ("x"):rep(9 * 2^20)})`,
			"session:pipeline: argument 1 (cmds) has 2 elements with 18874368 bytes, and at most 100000 with 16777216 are allowed",
		},
		{
			`mail.message{from = "a@example.org", to = "b@example.org", subject = ("x"):rep(2^20 + 1)}`,
			"mail.message: option subject has 1048577 bytes",
		},
		{
			`mail.message{from = "a@example.org", to = "b@example.org", text = ("x"):rep(2^25 + 1)}`,
			"its texts and files have 33554433 bytes together, and at most 33554432 are allowed",
		},
		{`mail.parse(("x"):rep(2^25 + 1))`, "mail.parse: the message has 33554433 bytes, and at most 33554432 can be read"},
		{`smtp.parallel(10, print, {limit = 10001})`, "a limit of 1 to 10000, got 10 and 10001"},
		{`text.match("x", ("x"):rep(5000))`, "text.match: the expression has 5000 bytes, and 4096 are allowed"},
		{
			`text.match("x", ("x{1000}"):rep(30))`,
			"text.match: the expression needs 30002 steps for each character, and at most 20000 are allowed",
		},
		{`json.decode(("1"):rep(2^24 + 1))`, "json.decode: the text has 16777217 bytes, and 16777216 can be read"},
		{`json.decode("[" .. ("1,"):rep(2^20) .. "1]")`, "json.decode: there are more than 1048576 values"},
		{`loadstring(("-"):rep(2^18 + 1))`, "loadstring: the text has 262145 bytes, and 262144 can be compiled"},
		{`print(("x"):rep(2^24), "x")`, "print: more than 16777216 bytes in one call"},
		{`unpack({}, 1, 1e6)`, "unpack: 1000000 values are too many: a call returns at most 100000"},
		{`table.insert({}, 1e6, 1)`, "table.insert: position 1e+06 is far after the end: the table has 0 elements"},
		{`("a" .. ("x"):rep(2^26 - 1)):gsub("a", "bb")`, "string.gsub: the result is more than 67108864 bytes"},
		{`string.rep("x", 2^26 + 1)`, "string.rep: 67108865 times 1 bytes is more than 67108864"},
		{`error(("x"):rep(2^21))`, "x... (2097152 bytes)"},
	} {
		_, err := run(t, tt.src)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s\n\t%.300v\n\twant %s", tt.src, err, tt.want)
		}
	}
}
