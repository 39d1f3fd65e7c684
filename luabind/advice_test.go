package luabind_test

import (
	"strings"
	"testing"
)

// TestHintsGoByTheSession: the hint about a 530 names the steps that this server offers and
// that are not done yet.
func TestHintsGoByTheSession(t *testing.T) {
	const said = `local ok, e = pcall(function() s:mail("a@example.org"):accept() end); print(e.hint)
ok, e = pcall(function() s:mail("a@example.org"):expect(250) end); print(e.hint)`
	for _, tt := range []struct{ name, src, want, not string }{
		{"STARTTLS is offered", `local s = smtp.connect("sandbox:strict"); s:ehlo("me")`, "STARTTLS, then EHLO again", "465"},
		{"TLS is active", `local s = smtp.connect("sandbox:strict"); s:ehlo("me"); s:starttls(); s:ehlo("me")`, "Log in with AUTH", "STARTTLS"},
		{"nothing is offered", `local srv = smtp.listen(nil, {profile = "plain"})
srv:on("EHLO", {250, "hello"})
srv:on("MAIL", {530, "5.7.0 log in"})
local s = smtp.connect(srv); s:ehlo("me")`, "neither STARTTLS nor AUTH", "then EHLO"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := run(t, tt.src+"\n"+said)
			if err != nil || strings.Count(out, tt.want) != 2 || strings.Contains(out, tt.not) {
				t.Errorf("want %q twice and not %q: %s (%v)", tt.want, tt.not, out, err)
			}
		})
	}
}
