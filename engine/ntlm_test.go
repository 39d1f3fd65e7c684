package engine_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"smtpsh/engine"
	"smtpsh/engine/saslmech"
)

// The text of the 334 after a bare AUTH NTLM is not Base64 with servers that follow MS-SMTPNTLM.
// For another mechanism such a text cancels the login.
func TestFirstChallengeOfNTLM(t *testing.T) {
	check := saslmech.Verifier{Host: "mx.example.org", Password: func(string) (string, error) { return "pw", nil }}
	server, err := saslmech.NewServer("NTLM", check)
	if err != nil {
		t.Fatal(err)
	}
	client, _ := saslmech.Lookup("NTLM")
	c, err := client.Client(saslmech.Credentials{Username: "ann", Password: "pw"})
	if err != nil {
		t.Fatal(err)
	}
	_, first, err := c.Start()
	if err != nil {
		t.Fatal(err)
	}
	challenge, _, err := server.Next(first)
	if err != nil {
		t.Fatal(err)
	}
	begin := "S: 220 hi\nC: EHLO\nS: 250-x\nS: 250 AUTH NTLM PLAIN\n"
	for _, tt := range []struct{ name, mechanism, script, want string }{
		{"NTLM", "NTLM", "C: AUTH NTLM\nS: 334 NTLM supported\nC: TlRMTVNTUAAB\nS: 334 " + base64.StdEncoding.EncodeToString(challenge) +
			"\nC: TlRMTVNTUAAD\nS: 235 ok\n", ""},
		{"another mechanism", "PLAIN", "C: AUTH PLAIN\nS: 334 PLAIN supported\nC: *\nS: 501 no\n", "is not base64"},
	} {
		s := open(t, fake(t, begin+tt.script+"HANG"), engine.Options{})
		must(t, 250)(s.Ehlo(t.Context(), "me"))
		_, err := s.Auth(t.Context(), engine.AuthOptions{Mechanism: tt.mechanism, Initial: engine.InitialNever,
			Credentials: saslmech.Credentials{Username: "ann", Password: "pw"}})
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}
