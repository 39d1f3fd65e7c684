package cli

import (
	"net/netip"
	"testing"
)

// Only public addresses need the confirmation of the user.
func TestPublic(t *testing.T) {
	for text, want := range map[string]bool{
		"127.0.0.1": false, "127.9.9.9": false, "::1": false, "10.1.2.3": false,
		"172.31.0.1": false, "192.168.1.1": false, "169.254.3.4": false,
		"fe80::1": false, "fd00::1": false,
		"100.64.0.1": false, "198.18.0.1": false, "0.0.0.0": false,
		"::ffff:10.0.0.1": false, "224.0.0.1": false,
		"8.8.8.8": true, "142.250.27.108": true, "172.32.0.1": true,
		"100.128.0.1": true, "2a00:1450:4025::6c": true, "::ffff:8.8.8.8": true,
	} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: public %v, want %v", text, got, want)
		}
	}
}

// A name that now resolves to another address is refused when it is dialed.
func TestControl(t *testing.T) {
	c := &consent{hosts: []string{"mx.test"}}
	control := c.control("mx.test")
	if err := control("tcp4", "127.0.0.1:25", nil); err != nil {
		t.Errorf("loopback: %v", err)
	}
	if err := control("unix", "/run/lmtp", nil); err != nil {
		t.Errorf("a socket: %v", err)
	}
	if control("tcp4", "8.8.8.8:25", nil) == nil {
		t.Error("a public address is let through")
	}
	c.agreed = []string{"mx.test"}
	if err := control("tcp4", "8.8.8.8:25", nil); err != nil {
		t.Errorf("with the user's word: %v", err)
	}
	for target, want := range map[string]bool{
		"mx.test:25": true, "MX.test:465": true, "other.test:25": false,
		"sandbox:plain": true, "unix:/run/x": false, "127.0.0.1:25": false,
	} {
		if err := c.named(target); (err == nil) != want {
			t.Errorf("%s: %v", target, err)
		}
	}
}
