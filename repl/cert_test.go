package repl_test

import (
	"encoding/pem"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// After a failed verification :cert shows and saves the certificates, and a session that
// trusts the saved CA is verified.
func TestCertShowsCertificatesAfterFailedVerification(t *testing.T) {
	file := filepath.Join(t.TempDir(), "chain.pem")
	for target, begin := range map[string][]string{
		"sandbox:plain+cert-unknown-ca/submission":  {"EHLO me", "STARTTLS"},
		"sandbox:plain+cert-unknown-ca/submissions": {},
	} {
		os.Remove(file)
		p := &person{terminal: true, typed: append(begin,
			":tls", ":cert", ":cert pem", ":cert pem "+file, ":cert pem "+file, ":cert der",
			":reconnect --ca "+file, "EHLO me", "STARTTLS", ":cert", ":q")}
		out, err := play(t, p, target)
		if err != nil {
			t.Errorf("%s: %v\n%s", target, err, out)
		}
		before, after, _ := strings.Cut(out, "> :reconnect")
		for _, want := range []string{
			"hint: :cert shows the certificates", ":reconnect --insecure",
			"not connected> :cert", "the connection was closed because the certificate could not be verified", "issuer CN=",
			"serial ",
			"NOT VERIFIED: ", "-----BEGIN CERTIFICATE-----", "*  saved", "exists",
			"unexpected argument der",
		} {
			if !strings.Contains(before, want) {
				t.Errorf("%s: lacks %q\n%s", target, want, before)
			}
		}
		if n := len(regexp.MustCompile(`(?m)^ +[0-9a-f]{64}$`).FindAllString(before, -1)); n < 2 {
			t.Errorf("%s: %d fingerprints", target, n)
		}
		b, err := os.ReadFile(file)
		if block, _ := pem.Decode(b); err != nil || block == nil {
			t.Errorf("%s: the file has no certificate: %v", target, err)
		}
		if !strings.Contains(after, "TLS") || strings.Contains(after, "NOT VERIFIED") || !strings.Contains(after, "verified as ") {
			t.Errorf("%s: not verified with the saved CA:\n%s", target, after)
		}
	}
}

// Flags apply to one session, and :set verify applies to all later sessions.
func TestFlagsApplyToOneSession(t *testing.T) {
	const bad = "sandbox:plain+cert-expired/submissions"
	for _, tt := range []struct{ lines, want, not string }{
		{":open " + bad + " --insecure", "TLS unverified> :q", ""},
		{":open " + bad + " --insecure\n:reconnect", "TLS unverified> :q", ""},
		{":open " + bad + " --insecure\n:reconnect --verify", "not connected> :q", ""},
		{":open " + bad, "not connected> :q", ""},
		{":open " + bad + "\n:set verify off\n:reconnect", "TLS unverified> :q", ""},
		{":set verify off\n:set verify on\n:open " + bad, "not connected> :q", ""},
		{":connections add " + bad + " --insecure", "[2] ", "no flag"},
		{":open sandbox:plain --helo me.example\n:up", "C: EHLO me.example", ""},
		{":open sandbox:plain/submissions --tls-max 1.2", "TLS 1.2, ", ""},
		{":open sandbox:plain/submissions --tls-max=1.2", "TLS 1.2, ", ""},
		{":open sandbox:plain --insecur", "did you mean --insecure?", "connection closed"},
		{":open sandbox:plain --ca none.pem", "none.pem: no such file", "connection closed"},
		{":open sandbox:plain --ca", "--ca requires a value", "connection closed"},
		{":open sandbox:plain --tls-min 9", "9 is not a TLS version", "connection closed"},
		{":open sandbox:plain --tls-ciphers NONSENSE", "unknown cipher suite", "connection closed"},
		{":open sandbox:plain --tls-curves X", "the names are X25519MLKEM768", "connection closed"},
		{":open sandbox:plain --pin x", "--pin: ", "connection closed"},
		{":open sandbox:plain --alpn a,,b", "--alpn: a name is empty", "connection closed"},
		{":open sandbox:plain/submissions --tls-max 1.2 --tls-ciphers TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
			"TLS 1.2, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", ""},
		{":open sandbox:plain/submissions --tls-curves P-256", "P-256", ""},
		{":open sandbox:plain/submissions --tls-legacy --tls-ciphers x", "cannot be combined", "connection closed"},
		{":open sandbox:plain/submissions --pin sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "not connected> :q", "no flag"},
		{":open sandbox:plain --timeout soon", "soon is not a duration", "connection closed"},
		{":open sandbox:plain --key x", "--key requires --cert", "connection closed"},
		{":open sandbox:plain me", "me is not a flag", "connection closed"},
		{":open pipe:sh server.sh", "a command with spaces must be in quotation marks", "connection closed"},
		{":open sandbox:plain 25", "cannot be combined with the port 25", "connection closed"},
		{":open --insecure", "the target must come before the flags", "connection closed"},
		{":open 127.0.0.1 1", "connection refused", ""},
		{":reconnect --nonsense", "unknown flag --nonsense", "connection closed"},
	} {
		p := &person{terminal: true, typed: append(strings.Split(tt.lines, "\n"), ":q")}
		out, err := play(t, p, "sandbox:plain")
		before, _, _ := strings.Cut(out, "> :q")
		if err != nil || !strings.Contains(out, tt.want) || tt.not != "" && strings.Contains(before, tt.not) {
			t.Errorf("%s: want %q, not %q (%v)\n%s", tt.lines, tt.want, tt.not, err, out)
		}
	}
}
