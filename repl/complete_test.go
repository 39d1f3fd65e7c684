package repl_test

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// Completes the flags of :open, and the values of flags with a list of values.
func TestCompletesFlagsAndTheirValues(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("authority.pem", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p := &person{terminal: true, typed: lines("EHLO me")}
	if _, err := play(t, p, "sandbox:plain"); err != nil {
		t.Fatal(err)
	}
	const all = "--insecure --verify --ca --cert --key --sni --tls-min --tls-max --tls-ciphers --tls-curves --tls-legacy --alpn --pin " +
		"--helo --timeout --proxy"
	for before, want := range map[string]string{
		":open sandbox:plain ":                  all,
		":o sandbox:plain --i":                  "--insecure",
		":open sandbox:plain --insecure --t":    "--tls-min --tls-max --tls-ciphers --tls-curves --tls-legacy --timeout",
		":open sandbox:plain --ca ":             "authority.pem",
		":open sandbox:plain --ca a.pem --cert": "--cert",
		":open sandbox:plain --tls-min 1":       "1.0 1.1 1.2 1.3",
		":open sandbox:plain --helo ":           "",
		":reconnect ":                           all + " --bare",
		":reconnect --verify --b":               "--bare",
		":connections add sandbox:plain --v":    "--verify",
		":connections 1 --v":                    "",
		":connections close 1 ":                 "",
	} {
		got := p.complete(before).Candidates
		for i := range got {
			got[i] = strings.TrimSuffix(got[i], " ")
		}
		if !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%q: %q, want %q", before, got, want)
		}
	}
}
