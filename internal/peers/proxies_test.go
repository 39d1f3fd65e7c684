//go:build unix

package peers

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// proxies sends messages through real proxies: microsocks with and without a login, and
// tinyproxy.
func proxies(t *testing.T, p *Peers) {
	for _, program := range []string{"microsocks", "tinyproxy"} {
		if _, err := os.Stat("/usr/bin/" + program); err != nil {
			if os.Getenv("SMTPSH_PEERS") == "required" {
				t.Fatalf("%s is required", program)
			}
			t.Skipf("%s is not installed", program)
		}
	}
	ports, err := freePorts(3)
	if err != nil {
		t.Fatal(err)
	}
	at := func(i int) string { return "127.0.0.1:" + strconv.Itoa(ports[i]) }
	p.spawn(t, "microsocks", p.Dir+"/socks.log", "/usr/bin/microsocks", "-i", "127.0.0.1", "-p", strconv.Itoa(ports[0]))
	p.spawn(t, "microsocks", p.Dir+"/socks-login.log", "/usr/bin/microsocks", "-i", "127.0.0.1", "-p", strconv.Itoa(ports[1]),
		"-u", "guest", "-P", "proxy-secret")
	conf := p.Dir + "/tinyproxy.conf"
	settings := fmt.Sprintf("Port %d\nListen 127.0.0.1\nTimeout 600\nBasicAuth guest proxy-secret\n", ports[2])
	if err := os.WriteFile(conf, []byte(settings), 0o644); err != nil {
		t.Fatal(err)
	}
	p.spawn(t, "tinyproxy", p.Dir+"/tinyproxy.log", "/usr/bin/tinyproxy", "-d", "-c", conf)
	for i := range ports {
		p.await(t, "tcp", at(i))
	}
	login := []string{
		"--sni", MX, "--user", Ann, "--secret", "pass=@env:PASS", "--from", Ann, "--to", Cat, "--subject", "through a proxy",
	}
	for _, tt := range []struct {
		url    string
		server string
		status int
		want   string
	}{
		{"socks5://" + at(0), p.Submission, 0, "accepted: " + Cat},
		{"socks5://" + at(0), "smtps://" + p.SMTPS, 0, "accepted: " + Cat},
		{"socks5://guest:proxy-secret@" + at(1), p.Submission, 0, "accepted: " + Cat},
		{"socks5://guest:wrong@" + at(1), p.Submission, 4, "the proxy socks5://" + at(1) + ": "},
		{"socks5://" + at(1), p.Submission, 4, "the proxy socks5://" + at(1) + ": "},
		{"http://guest:proxy-secret@" + at(2), p.Submission, 0, "accepted: " + Cat},
		{"http://guest:wrong@" + at(2), p.Submission, 4, "it rejected the"},
		{"http://" + at(2), p.Submission, 4, "it requires a user name and a password (407)"},
		{"socks5://" + at(0), "127.0.0.1:1", 4, "connection refused"},
	} {
		args := append([]string{"send", "--proxy", tt.url, "--server", tt.server}, login...)
		status, out := p.smtpsh(args...)
		if status != tt.status || !strings.Contains(out, tt.want) || strings.Contains(out, "proxy-secret") || strings.Contains(out, "wrong") {
			t.Errorf("%s to %s: status %d, want %d and %q\n%s", tt.url, tt.server, status, tt.status, tt.want, out)
		}
	}
}
