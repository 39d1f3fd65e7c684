//go:build unix

package peers

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"smtpsh/engine"
	"smtpsh/engine/saslmech"
	"smtpsh/internal/sandbox"
)

// cyrus logs in with the old mechanisms of Cyrus SASL, which checks the responses with code of
// its own.
func cyrus(t *testing.T, p *Peers) {
	ctx := t.Context()
	for _, name := range []string{"NTLM", "DIGEST-MD5", "CRAM-MD5", "PLAIN", "LOGIN"} {
		for _, initial := range []engine.Initial{engine.InitialAuto, engine.InitialNever} {
			for password, want := range map[string]string{AnnPassword: "235", "wrong": "535"} {
				s := p.open(t, p.Cyrus)
				s.want("250")(s.Ehlo(ctx, ""))
				s.want("220")(s.StartTLS(ctx))
				s.want("250")(s.Ehlo(ctx, ""))
				if !s.Capabilities().HasParam("AUTH", name) {
					t.Fatalf("%s is not offered: %v", name, s.Capabilities().Mechanisms())
				}
				s.want(want)(s.Auth(ctx, engine.AuthOptions{Mechanism: name, Initial: initial,
					Credentials: saslmech.Credentials{Username: Ann, Password: password, Host: "example.test"}}))
				if want == "235" {
					s.want("250")(s.Mail(ctx, Ann))
					s.want("250")(s.Rcpt(ctx, Ann))
				}
				s.want("221")(s.Quit(ctx))
			}
		}
	}
}

// curlMechanisms lets curl log in to the sandbox with mechanisms of which it has code of its
// own.
func curlMechanisms(t *testing.T, _ *Peers) {
	program, err := exec.LookPath("curl")
	if err != nil {
		if os.Getenv("SMTPSH_PEERS") == "required" {
			t.Fatal("curl is required")
		}
		t.Skip("curl is not installed")
	}
	srv, err := sandbox.Start(sandbox.Options{Profile: "plain+weak-mechanisms"})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, srv.CA(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"NTLM", "DIGEST-MD5", "CRAM-MD5", "PLAIN", "LOGIN"} {
		for password, want := range map[string]bool{"ann-secret": true, "wrong": false} {
			cmd := exec.CommandContext(t.Context(), program, "-sS", "-v", "smtp://"+srv.Addr("submission"), "--ssl-reqd", "--cacert", ca,
				"--login-options", "AUTH="+name, "--user", "ann@sandbox.test:"+password, "--mail-from", "ann@sandbox.test",
				"--mail-rcpt", "bob@sandbox.test", "-T", "-")
			cmd.Stdin = strings.NewReader("Subject: " + name + "\r\n\r\nhello\r\n")
			before := len(srv.Messages())
			out, err := cmd.CombinedOutput()
			if arrived := len(srv.Messages()) > before; (err == nil) != want || arrived != want || !strings.Contains(string(out), "AUTH "+name) {
				t.Errorf("%s with the password %s: %v, arrived: %v\n%s", name, password, err, arrived, out)
			}
		}
	}
}
