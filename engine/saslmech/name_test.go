package saslmech_test

import (
	"testing"

	"smtpsh/engine/saslmech"
)

func TestNameIn(t *testing.T) {
	for _, tt := range []struct{ mech, response, want string }{
		{"plain", "\x00ann\x00pw", "ann"},
		{"PLAIN", "for\x00ann\x00pw", "ann"},
		{"PLAIN", "ann\x00pw", ""},
		{"LOGIN", "ann@b", "ann@b"},
		{"CRAM-MD5", "a nn 0123456789abcdef0123456789abcdef", "a nn"},
		{"CRAM-MD5", "ann password", ""},
		{"PLAIN", "ann\x00password\x00", ""},
		{"XOAUTH2", "user=ann\x01auth=token\x01\x01", ""},
		{"SCRAM-SHA-256", "password", ""},
		{"CRAM-MD5", "x", ""},
		{"XOAUTH2", "user=ann\x01auth=Bearer t\x01\x01", "ann"},
		{"OAUTHBEARER", "n,a=ann=2Cb,\x01auth=Bearer t\x01\x01", "ann,b"},
		{"SCRAM-SHA-256", "n,,n=ann=3D,r=x", "ann="},
		{"EXTERNAL", "ann", ""},
		{"XOAUTH2", "", ""},
	} {
		if got := saslmech.NameIn(tt.mech, []byte(tt.response)); got != tt.want {
			t.Errorf("%s %q: %q, want %q", tt.mech, tt.response, got, tt.want)
		}
	}
}

func TestAsksForName(t *testing.T) {
	for challenge, want := range map[string]bool{
		"Username:": true, "User Name\x00": true, "login": true, "Password:": false,
		"user password:": false, "": false, "hello": false,
	} {
		if saslmech.AsksForName(challenge) != want {
			t.Errorf("%q: %v", challenge, !want)
		}
	}
}
