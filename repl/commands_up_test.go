package repl_test

import (
	"encoding/base64"
	"strings"
	"testing"
)

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// Answers pasted from a recorded login are not encoded again. Names and passwords that
// only look like Base64 are sent as typed.
func TestPastedBase64IsNotEncodedAgain(t *testing.T) {
	const user, pass = "ann@sandbox.test", "ann-secret"
	for _, tt := range []struct{ name, verb, user, secret, code, note string }{
		{"not Base64", "AUTH LOGIN", user, pass, "235", ""},
		{"Base64 for LOGIN", "AUTH LOGIN", b64(user), b64(pass), "235", "the password is Base64, like the user name; it is sent"},
		{"Base64 for PLAIN", "AUTH PLAIN", b64(user), b64(pass), "235", "the user name is Base64 and is sent unchanged; :login"},
		{"complete response", "AUTH PLAIN", b64("\x00" + user + "\x00" + pass), "", "235", "this is a complete response in Base64 with user and"},
		{"complete response with authzid", "AUTH PLAIN", b64(user + "\x00" + user + "\x00" + pass), "", "235", "this is a " +
			"complete response in Base64 with user and"},
		{"Base64 user only", "AUTH LOGIN", b64(user), pass, "235", "the password is not Base64; it is encoded"},
		{"Base64 password only", "AUTH LOGIN", user, b64(pass), "535", "the password looks like Base64, but the user name was plain text"},
		{"words that decode as Base64", "AUTH LOGIN", "annabell", "hunter22", "535", ""},
		{
			"named, and so literal", ":login LOGIN " + b64(user), "", b64(pass), "535",
			"the password looks like Base64, but the user name was plain text",
		},
		{"CRAM-MD5 is not decoded", "AUTH CRAM-MD5", b64(user), b64(pass), "535", ""},
	} {
		p := &person{terminal: true, typed: []string{"EHLO me", tt.verb}, secrets: []string{tt.secret}}
		if tt.user != "" {
			p.typed = append(p.typed, tt.user)
		}
		out, err := play(t, p, "sandbox:plain/submissions")
		flat := strings.Join(strings.Fields(out), " ")
		if err != nil || !strings.Contains(out, "S: "+tt.code) || !strings.Contains(flat, tt.note) || tt.note == "" && strings.Contains(flat,
			"Base64") {
			t.Errorf("%s: want %s and %q: %v\n%s", tt.name, tt.code, tt.note, err, out)
		}
		if strings.Contains(out, pass) {
			t.Errorf("%s: the password is on the screen", tt.name)
		}
	}
	// a complete response with a token
	p := &person{
		terminal: true,
		typed:    []string{"EHLO me", "AUTH XOAUTH2", b64("user=" + "dave@gmail.com" + "\x01auth=Bearer ya29.sandbox\x01\x01")},
	}
	out, _ := play(t, p, "sandbox:gmail/submissions")
	if !strings.Contains(out, "this is a complete response in Base64 with user and") || strings.Contains(out, "access token (not shown)") {
		t.Errorf("the response of XOAUTH2 was not recognized:\n%s", out)
	}
}

// :up does EHLO, STARTTLS, EHLO and the login, and :reconnect repeats it.
func TestUp(t *testing.T) {
	for _, tt := range []struct{ target, lines, want, not string }{
		{"sandbox:plain", ":up", "C: STARTTLS", "C: AUTH"},
		{"sandbox:plain", ":up ann@sandbox.test example", "S: 235", ""},
		{"sandbox:plain", ":up ann@sandbox.test example\nMAIL FROM:<ann@sandbox.test>", "S: 250 2.1.0", ""},
		{"sandbox:plain/submissions", ":up ann@sandbox.test example", "S: 235", "C: STARTTLS"},
		{"sandbox:plain/mx", ":up", "*  ready: TLS\n", ""},
		{"sandbox:plain", "EHLO me\nSTARTTLS\n:up", "*  ready: TLS\n", "rejected by the server"},
		{"sandbox:plain", ":up ann@sandbox.test example\nQUIT\n:reconnect\nMAIL FROM:<ann@sandbox.test>", "S: 250 2.1.0", ""},
		{"sandbox:plain", ":up ann@sandbox.test example\nQUIT\n:up ann@sandbox.test example\nMAIL FROM:<ann@sandbox.test>", "S: 250 2.1.0", ""},
		{"sandbox:plain", "QUIT\n:up", "*  ready: TLS\n", ""},
		{"sandbox:plain", ":up\n:open sandbox:plain\n:reconnect\n:connections", "no TLS, greeted", ""},
		{"sandbox:plain", ":up\n:reconnect --bare\n:connections", "no TLS, greeted", ""},
		{"sandbox:plain", "", "C: QUIT", "C: EHLO"},
	} {
		p := &person{typed: strings.Split(tt.lines, "\n")}
		out, err := play(t, p, tt.target)
		if err != nil || !strings.Contains(out, tt.want) || tt.not != "" && strings.Contains(out, tt.not) {
			t.Errorf("%s, %q: want %q, not %q: %v\n%s", tt.target, tt.lines, tt.want, tt.not, err, out)
		}
	}
	// an error or a rejected step ends :up with the reason
	for _, tt := range []struct{ target, lines, want string }{
		{"sandbox:plain", ":up nobody@sandbox.test example", "535"},
		{"sandbox:plain+cert-expired", ":up", "the certificate expired"},
		{"sandbox:plain/submissions", "EHLO me\n:raw AUTH LOGIN\\r\\n\n:up", "another command has not finished"},
		{"sandbox:plain", ":up ann@sandbox.test nothing", "there is no secret nothing"},
		{"sandbox:plain/mx", ":up ann@sandbox.test example", "AUTH"},
	} {
		out, err := play(t, &person{typed: strings.Split(tt.lines, "\n")}, tt.target)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s, %q: want %q: %v\n%s", tt.target, tt.lines, tt.want, err, out)
		}
	}
}
