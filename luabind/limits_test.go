package luabind_test

import (
	"errors"
	"strings"
	"testing"

	"smtpsh/luabind"
)

// TestScriptsCannotTakeTheProgramDown: what a script asks too much of is its own
// error, named as such.
func TestScriptsCannotTakeTheProgramDown(t *testing.T) {
	for name, tt := range map[string]struct{ src, want string }{
		"endless recursion":      {"local function f() f() end\nf()", "calls itself without end"},
		"recursion, caught":      {"local function f() return f() + 1 end\nf()", "calls itself without end"},
		"huge string":            {"local s = string.rep('x', 2^45)", "string.rep: 35184372088832 times 1 octets is more than"},
		"huge string again":      {"local s = ('x'):rep(2^60)", "string.rep"},
		"huge chunks":            {"smtp.connect():bdat('hi', {size = 1e13})", "size must be from 1 to"},
		"no chunks":              {"smtp.connect():bdat('hi', {size = 0/0})", "size must be from 1 to"},
		"negative chunks":        {"smtp.connect():bdat('hi', {size = -1})", "size must be from 1 to"},
		"date out of range":      {"mail.message{from='a@b.example', to='c@d.example', date=0/0}", "date must be seconds"},
		"header that is ours":    {"mail.message{from='a@b.example', to='c@d.example', headers={['Message-ID']='<x@y>'}}", "Message-ID is set with id"},
		"header that is a table": {"mail.message{from='a@b.example', to='c@d.example', headers={['X-A']={}}}", "header X-A must be a string, got table"},
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

func TestSecretsThatAreSaidByHandAreMasked(t *testing.T) {
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
