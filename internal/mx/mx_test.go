package mx_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"

	"smtpsh/internal/exit"
	"smtpsh/internal/fakeserver"
	"smtpsh/internal/mx"
)

func TestLookup(t *testing.T) {
	at := fakeserver.DNS(t, fakeserver.Zone{
		"two.example":           {"20 b.two.example.", "10 a.two.example."},
		"none.example":          {"-"},
		"null.example":          {"0 ."},
		"mixed.example":         {"0 .", "5 mx.mixed.example."},
		"broken.example":        {"!"},
		"xn--bcher-kva.example": {"10 mx.xn--bcher-kva.example."},
		"equal.example":         {"10 a.", "10 b.", "10 c."},
	})
	r := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, at)
	}}
	for _, tt := range []struct {
		domain, want string // hosts, or the error after "!"
		status       int
	}{
		{"two.example", "10 a.two.example, 20 b.two.example", 0},
		{"TWO.example.", "10 a.two.example, 20 b.two.example", 0},
		{"none.example", "implicit none.example", 0},
		{"missing.example", "implicit missing.example", 0},
		{"null.example", "!null.example accepts no mail", exit.Permanent},
		{"mixed.example", "5 mx.mixed.example", 0},
		{"broken.example", "!MX records of broken.example: the name server reports", exit.Dial},
		{"bücher.example", "10 mx.xn--bcher-kva.example", 0},
		{"[192.0.2.1]", "implicit 192.0.2.1", 0},
		{"[IPv6:2001:db8::1]", "implicit 2001:db8::1", 0},
		{"[x]", "!not an address literal", exit.Dial},
		{"", "!not a domain name", exit.Dial},
		{"a..b", "!not a domain name", exit.Dial},
	} {
		hosts, err := mx.Lookup(t.Context(), r, tt.domain)
		if want, fails := strings.CutPrefix(tt.want, "!"); fails {
			if err == nil || !strings.Contains(err.Error(), want) || exit.Stated(err, exit.OK) != tt.status {
				t.Errorf("%q: %v, status %d", tt.domain, err, exit.Stated(err, exit.OK))
			}
			continue
		}
		var got []string
		for _, h := range hosts {
			if h.Implicit {
				got = append(got, "implicit "+h.Name)
			} else {
				got = append(got, fmt.Sprintf("%d %s", h.Preference, h.Name))
			}
		}
		if err != nil || strings.Join(got, ", ") != tt.want {
			t.Errorf("%q: %q, %v; want %s", tt.domain, got, err, tt.want)
		}
	}
	first := map[string]bool{}
	for range 100 {
		hosts, err := mx.Lookup(t.Context(), r, "equal.example")
		if err != nil || len(hosts) != 3 {
			t.Fatal(hosts, err)
		}
		first[hosts[0].Name] = true
	}
	if len(first) != 3 {
		t.Errorf("of three equal hosts only %v came first in 100 lookups", first)
	}
}
