package dialer_test

import (
	"testing"

	"smtpsh/internal/dialer"
)

// Host names match in any case, with a final dot, and in both forms of IDNA.
func TestRoutesMatchAsNamesDo(t *testing.T) {
	r := dialer.Routes{}
	r.Add("MX.Example.org:25", "127.0.0.1:2525")
	r.Add("bücher.example:587", "127.0.0.1:2526")
	r.Add("[2001:DB8::1]:25", "127.0.0.1:2527")
	for from, want := range map[string]string{
		"mx.example.org:25": "127.0.0.1:2525", "mx.example.org.:25": "127.0.0.1:2525", "MX.EXAMPLE.ORG.:25": "127.0.0.1:2525",
		"xn--bcher-kva.example:587": "127.0.0.1:2526", "BÜCHER.example.:587": "127.0.0.1:2526",
		"[2001:db8:0::1]:25": "127.0.0.1:2527",
		"mx.example.org:587": "", "mx.example.net:25": "", "example.org:25": "", "/run/socket": "",
	} {
		if got, ok := r.Find(from); got != want || ok != (want != "") {
			t.Errorf("%s leads to %q, want %q", from, got, want)
		}
	}
}
