package luabind_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A secret that a server repeats is never shown by a script, for any service.
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

// A server that sends more replies than commands ends the run, also if no further command
// follows.
func TestUnsolicitedReplyFailsScript(t *testing.T) {
	const rule = `local srv = smtp.listen(nil, {profile = "plain"}); srv:on("NOOP", {raw = "250 ok\r\n550 5.7.1 no\r\n"})
local s = smtp.connect(srv); s:noop():expect(250)
`
	for name, end := range map[string]string{"end of the script": "", "close": "s:close()", "QUIT": "s:quit()"} {
		for _, before := range []string{"", "smtp.spawn(function() end):wait() ", "smtp.parallel(2, function() end) "} {
			name, end := before+name, before+end
			if _, err := run(t, before+rule+end); err == nil || !strings.Contains(err.Error(), "550 that answers no command") {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// Scripts can read CA files of their own folder, and no other file.
func TestCAsOfScripts(t *testing.T) {
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
		"ca.pem": "no certificate", "-----BEGIN CERTIFICATE-----": "no certificate", ".": "is a directory",
	} {
		_, err := runWith(t, h, `smtp.connect("sandbox:plain", {ca = `+"[["+ca+"]]"+`})`)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", ca, err, want)
		}
	}
}

// Scripts open regular files of their own folder, and no other file, unless they are unsafe.
// An open file can be sent until it is closed.
func TestFilesOfScripts(t *testing.T) {
	h := newHost(t)
	outside := filepath.Join(t.TempDir(), "m.eml")
	const text = "From: ann@x.org\nTo: bob@sandbox.test\nBcc: eve@sandbox.test\nSubject: gr\xc3\xbcn\n\n.dot\nx"
	for _, path := range []string{outside, filepath.Join(h.dir, "m.eml")} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(h.dir, "link.eml")); err != nil {
		t.Skip("no links here: ", err)
	}
	for path, want := range map[string]string{
		outside: "folder", "../m.eml": "folder", "/etc/passwd": "folder", "link.eml": "folder", "missing.eml": "missing.eml",
		".": "is a directory", "": "folder",
	} {
		if _, err := runWith(t, h, "file.open[["+path+"]]"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	const open = `local srv = smtp.listen(nil, {profile = "plain"})
		local function opened(opts) local s = smtp.open(srv, opts) s:mail("a@example.org") s:rcpt("bob@sandbox.test") return s end
		local f = file.open("m.eml")
		local function last() return srv:messages()[#srv:messages()].data end
	`
	for src, want := range map[string]string{
		`expect(f.size):equals(81); expect(f.path):equals("m.eml")`: "",
		`smtp.open(srv):send(mail.raw(f)); ` +
			`expect(last()):equals("From: ann@x.org\r\nTo: bob@sandbox.test\r\nSubject: gr\xc3\xbcn\r\n\r\n.dot\r\nx\r\n")`: "",
		`srv:on("EHLO", {without = {"SMTPUTF8"}}); smtp.open(srv):send(mail.raw(f)); expect(last()):contains("=?utf-8?")`:            "",
		`opened():data(f):expect(250); expect(last()):contains(".dot\r\nx\r\n"); opened():data(f):expect(250)`:                       "",
		`opened():bdat(f, {size = 10, text = true}):expect(250); expect(last()):contains("\r\n.dot\r\n")`:                            "",
		`expect(mail.raw(f):bytes()):equals("From: ann@x.org\r\nTo: bob@sandbox.test\r\nSubject: gr\xc3\xbcn\r\n\r\n.dot\r\nx\r\n")`: "",
		`f:close(); f:close(); opened():data(f)`:                   "the file m.eml is closed",
		`f:close(); mail.raw(f)`:                                   "the file m.eml is closed",
		`local m = mail.raw(f); f:close(); smtp.open(srv):send(m)`: "file already closed",
		`mail.raw(file.open("m.eml"), {to = "x"})`:                 "",
		`for i = 1, 200 do file.open("m.eml") end`:                 "100 files are open",
		`for i = 1, 300 do file.open("m.eml"):close() end`:         "",
	} {
		_, err := runWith(t, h, open+src)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", src, err, want)
		}
	}
}

// A function can produce a message piece by piece.
func TestMessagesInPieces(t *testing.T) {
	const open = `local srv = smtp.listen(nil, {profile = "plain"}); local s = smtp.open(srv); s:mail("a@example.org");
	s:rcpt("bob@sandbox.test")
local n = 0
local function pieces() n = n + 1; if n <= 3 then return n == 2 and "" or "line\n." end end
`
	for _, tt := range []struct{ src, want string }{
		{`print(s:data(pieces).code); print((srv:messages(1, "5s")[1].data:gsub("\r\n", "|")))`, "250\nline|.line|.|\n"},
		{`print(s:bdat(pieces, {text = true}).code); print((srv:messages(1, "5s")[1].data:gsub("\r\n", "|")))`, "250\nline|.line|.|\n"},
		{`print(pcall(s.data, s, function() return 5 end))`, "must return a string"},
		{`print(pcall(s.data, s, function() error("no more of it") end))`, "no more of it"},
		{`print(pcall(s.data, s, pieces, {raw = true}))`, "data: raw content must be a string"},
		{
			`smtp.spawn(function() smtp.sleep("10ms"); n = 99 end); print(s:data(function() n = n + 1; smtp.sleep("1ms"); if n < 90 then ` +
				`return "x\n" end end).code)`,
			"250\n",
		},
	} {
		out, err := run(t, open+tt.src)
		if err != nil || !strings.Contains(out, tt.want) {
			t.Errorf("%s: %q, %v", tt.src, out, err)
		}
	}
}
