package secret_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"smtpsh/engine/secret"
)

var lines = secret.Lines{Mechanism: func(word string) bool {
	return strings.EqualFold(word, "PLAIN") || strings.EqualFold(word, "LOGIN")
}}

const plain = "AGFubgBzZWNyZXQ=" // NUL ann NUL secret

// Each pattern has lines that match it and lines that match no pattern of their place.
func TestPatterns(t *testing.T) {
	tests := map[string]struct {
		at        secret.Place
		yes, none []string
	}{
		"AUTH with a response": {secret.Wire,
			[]string{"AUTH PLAIN x", "auth plain x", "AUTH\tPLAIN\tx", " AUTH  XOTHER  x",
				"ATUH PLAIN x", "AUT PLAIN x", "AUTHH PLAIN x", "AUTH c2VjcmV0cw"},
			[]string{"AUTH", "AUTH PLAIN", "auth plain", "AUTH PLAIN =", "AUTH XOTHER", "MAIL FROM:<a@b> AUTH=<>", "PATH a b", "NOOP"}},
		"AUTH with more than a known mechanism": {secret.Command,
			[]string{"AUTH PLAIN =", "AUTH XOTHER", "AUT LOGIN ="},
			[]string{"AUTH", "AUTH PLAIN", "auth login", "EHLO me"}},
		"login in Base64": {secret.Wire | secret.Typed,
			[]string{plain, "NOOP " + plain, "x=" + plain + ".", base64.StdEncoding.EncodeToString([]byte("user=a\x01auth=Bearer t\x01\x01"))},
			[]string{"EHLO client.example.org", "VRFY administrator", "AGFubgBzZWNyZXQ", "c2VjcmV0", "AAAAAAAA"}},
		"URL with a password": {secret.Typed,
			[]string{"smtp://u:p@host", ":open smtps://u:@host:465", "x ://:@"},
			[]string{"smtp://host:25", "smtp://u@host", "://a/b:c@d", "://a b:c@d", "a:b@c", "://u:p"}},
		"bearer token": {secret.Typed,
			[]string{"Authorization: Bearer ya29.a0AfH6SMBx-_~+/", "bearer  0123456789abcdef"},
			[]string{"the bearer of this letter", "Bearer 0123456789abcde", "bearer0123456789abcdef"}},
		"secret with its value on a command line": {secret.Typed,
			[]string{"--secret pass=x", "--secret=pass=x", "run a --secret pass=hunter2 b", "--secret a=@x=y"},
			[]string{"--secret pass=@prompt", "--secret", "--secret pass", "--secret =x", "--secret pass=", "--secrets pass=x"}},
		"line of a SASL exchange": {secret.Exchange,
			[]string{"c2VjcmV0", "hunter2"},
			[]string{"", "*", "QUIT", "noop", "MAIL FROM:<>", "a\tb"}},
		"word for a login": {secret.Script,
			[]string{"s:auth(x)", "PASSWORD = 1", "my_token", "pw=1", "base64.encode(x)"},
			[]string{"s:noop()", "print(1)"}},
	}
	for _, p := range secret.Patterns() {
		tt, ok := tests[p.Name]
		if !ok {
			t.Errorf("%q has no row in this test", p.Name)
		}
		if p.Places&tt.at == 0 {
			t.Errorf("%q does not count at place %d", p.Name, tt.at)
		}
		for _, line := range tt.yes {
			if got, _ := lines.Match(line, tt.at); got.Name != p.Name {
				t.Errorf("%q matches %q, want %q", line, got.Name, p.Name)
			}
		}
		for _, line := range tt.none {
			if got, found := lines.Match(line, tt.at); found {
				t.Errorf("%q matches %q, want none", line, got.Name)
			}
		}
	}
	if len(tests) != len(secret.Patterns()) {
		t.Errorf("%d rows for %d patterns", len(tests), len(secret.Patterns()))
	}
}

func TestLinesMask(t *testing.T) {
	for line, want := range map[string]string{
		"AUTH PLAIN " + plain:                 "AUTH PLAIN " + secret.Mask,
		"AUTH PLAIN x y":                      "AUTH PLAIN " + secret.Mask,
		"AUTH " + plain:                       "AUTH " + secret.Mask,
		"NOOP " + plain + " and " + plain:     "NOOP " + secret.Mask + " and " + secret.Mask,
		"AUTH " + plain + " " + plain:         "AUTH " + secret.Mask,
		"AUTH PLAIN =":                        "AUTH PLAIN =",
		"MAIL FROM:<ann@example.org> AUTH=<>": "MAIL FROM:<ann@example.org> AUTH=<>",
		"":                                    "",
	} {
		if got := lines.Mask(line); got != want {
			t.Errorf("%q is shown as %q, want %q", line, got, want)
		}
	}
}

func TestBase64(t *testing.T) {
	for line, want := range map[string]bool{"QQ==": true, "QUI=": true, "QUJD": true, plain: true,
		"": false, "====": false, "Q===": false, "QQ=": false, "QU D": false, "QUJ!": false} {
		if secret.IsBase64(line) != want {
			t.Errorf("IsBase64(%q) is not %v", line, want)
		}
	}
	for s, want := range map[string]string{"YW5uQHNhbmRib3gudGVzdA==": "ann@sandbox.test",
		"YW5u": "", "YW4=": "an", "/////w==": "", "YUBi": "a@b", "password": ""} {
		if got, ok := secret.TextInBase64(s); got != want || ok != (want != "") {
			t.Errorf("TextInBase64(%q) is %q, %v, want %q", s, got, ok, want)
		}
	}
}

func TestInResponse(t *testing.T) {
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	tests := []struct {
		line     string
		password bool
		want     string
	}{
		{plain, false, "secret"},
		{" " + plain + "\r\n", true, "secret"},
		{encode("user=a\x01auth=Bearer tok\x01\x01"), false, "tok"},
		{encode("hunter2"), true, "hunter2"},
		{encode("ann"), false, ""},
		{"not Base64", true, ""},
	}
	for _, tt := range tests {
		if got := secret.InResponse(tt.line, tt.password); got != tt.want {
			t.Errorf("%q, %v: got %q, want %q", tt.line, tt.password, got, tt.want)
		}
	}
}

func TestIsName(t *testing.T) {
	for name, want := range map[string]bool{
		"pass": true, "IMAP_PASSWORD": true, "pw": true, "token": true, "api_key": true, "user": false, "to": false, "": false,
	} {
		if secret.IsName(name) != want {
			t.Errorf("IsName(%q) is not %v", name, want)
		}
	}
}
