package luabind_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What a server repeats of a secret does not come out of a script, by whatever door.
func TestSecretsThatScriptsShow(t *testing.T) {
	const open = `local srv = smtp.listen(nil, {profile = "plain"})
srv:on("NOOP", {250, "you said s3cret-word, czNjcmV0LXdvcmQ= or S3CRET-WORD"})
local s = smtp.connect(srv); s:ehlo("me")
local pass = vars.secret("example")
local r = s:noop()
`
	for _, tt := range []struct{ name, src string }{
		{"print", "print(r.text, r.raw)"},
		{"error", "error(r.text)"},
		{"error table", "error({message = r.text})"},
		{"fail", "fail(r.text)"},
		{"assert", "assert(false, r.text)"},
		{"expect", `expect(r.text):equals("x")`},
		{"contains", `expect(r.text):contains("nothing of it")`},
		{"lines", `expect(r.lines):equals({})`},
		{"reply", `r:expect("550")`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := run(t, open+tt.src)
			if err != nil {
				out += err.Error()
			}
			if strings.Contains(strings.ToLower(out), "s3cret") || strings.Contains(out, "czNjcmV0") || !strings.Contains(out, "you said ********") {
				t.Errorf("shown: %s", out)
			}
		})
	}
}

// A server that says more than it was asked ends the run, also when nothing more is
// said to it.
func TestNothingIsLeftOver(t *testing.T) {
	const rule = `local srv = smtp.listen(nil, {profile = "plain"}); srv:on("NOOP", {raw = "250 ok\r\n550 5.7.1 no\r\n"})
local s = smtp.connect(srv); s:noop():expect(250)
`
	for name, end := range map[string]string{"end of the script": "", "close": "s:close()", "QUIT": "s:quit()"} {
		if _, err := run(t, rule+end); err == nil || !strings.Contains(err.Error(), "nothing had asked for") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Scripts read the authorities of their own folder, and no other file.
func TestAuthoritiesOfScripts(t *testing.T) {
	h := newHost(t)
	outside := filepath.Join(t.TempDir(), "ca.pem")
	for _, path := range []string{outside, filepath.Join(h.dir, "ca.pem")} {
		if err := os.WriteFile(path, []byte("no authority"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(h.dir, "link.pem")); err != nil {
		t.Skip("no links here: ", err)
	}
	for ca, want := range map[string]string{
		outside: "folder", "../ca.pem": "folder", "/etc/passwd": "folder", "link.pem": "folder",
		"ca.pem": "no certificate", "-----BEGIN CERTIFICATE-----": "no certificate", ".": "no regular file",
	} {
		_, err := runWith(t, h, `smtp.connect("sandbox:plain", {ca = `+"[["+ca+"]]"+`})`)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", ca, err, want)
		}
	}
}
