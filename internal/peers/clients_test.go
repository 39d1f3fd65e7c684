//go:build unix

package peers

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// statedClients sends messages to Postfix as another client: with XCLIENT, with a PROXY
// protocol header, and through HAProxy, which adds such a header. Postfix rejects the client
// 198.51.100.13, which shows that it believes the stated address.
func statedClients(t *testing.T, p *Peers) {
	const haproxy = "/usr/sbin/haproxy"
	if _, err := os.Stat(haproxy); err != nil {
		if os.Getenv("SMTPSH_PEERS") == "required" {
			t.Fatal("haproxy is required")
		}
		t.Skip("haproxy is not installed")
	}
	ports, err := freePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	balancer := "127.0.0.1:" + strconv.Itoa(ports[0])
	conf := p.Dir + "/haproxy.cfg"
	settings := fmt.Sprintf("defaults\n mode tcp\n timeout connect 5s\n timeout client 60s\n timeout server 60s\n"+
		"listen mail\n bind %s accept-proxy\n server postfix %s send-proxy-v2\n", balancer, p.Proxied)
	if err := os.WriteFile(conf, []byte(settings), 0o644); err != nil {
		t.Fatal(err)
	}
	p.spawn(t, "haproxy", p.Dir+"/haproxy.log", haproxy, "-db", "-f", conf)
	p.await(t, "tcp", balancer)
	for _, tt := range []struct {
		name   string
		server string
		args   []string
		status int
		want   string
	}{
		{"XCLIENT", p.XClient, []string{"--xclient", "ADDR=198.51.100.7", "--xclient", "NAME=one.example"}, 0, "accepted: " + Cat},
		{"XCLIENT with HELO in xtext", p.XClient, []string{"--xclient", "ADDR=198.51.100.7", "--xclient", "HELO=a+b"}, 0, "HELO=a+2Bb"},
		{"XCLIENT of a rejected client", p.XClient, []string{"--xclient", "ADDR=198.51.100.13"}, 9, "554 5.7.1"},
		{"XCLIENT with a wrong address", p.XClient, []string{"--xclient", "ADDR=nowhere"}, 9, "501 5.5.4"},
		{"XCLIENT without permission", p.MX, []string{"--xclient", "ADDR=198.51.100.7"}, 2, "does not offer XCLIENT"},
		{"PROXY v1", p.Proxied, []string{"--proxy-protocol", "v1", "--proxy-source", "198.51.100.7:4000"}, 0, "accepted: " + Cat},
		{"PROXY v2", p.Proxied, []string{"--proxy-protocol", "v2", "--proxy-source", "198.51.100.7:4000"}, 0, "accepted: " + Cat},
		{"PROXY v2 LOCAL", p.Proxied, []string{"--proxy-protocol", "v2", "--proxy-source", "local"}, 0, "accepted: " + Cat},
		{"PROXY v1 of a rejected client", p.Proxied, []string{"--proxy-protocol", "v1", "--proxy-source", "198.51.100.13:4000"}, 9, "554 5.7.1"},
		{"a broken PROXY header", p.Proxied, []string{"--proxy-header", `PROXY TCP4 x y 1 2\r\n`}, 8, "421"},
		{"through HAProxy", balancer, []string{"--proxy-protocol", "v1", "--proxy-source", "198.51.100.7:4000"}, 0, "accepted: " + Cat},
		{
			"a rejected client through HAProxy", balancer, []string{"--proxy-protocol", "v2", "--proxy-source", "198.51.100.13:4000"}, 9,
			"554 5.7.1",
		},
	} {
		args := append([]string{"send", "--server", tt.server, "--sni", MX, "--from", "stranger@example.org", "--to", Cat,
			"--subject", "another client"}, tt.args...)
		status, out := p.smtpsh(args...)
		if status != tt.status || !strings.Contains(out, tt.want) {
			t.Errorf("%s: status %d, want %d and %q\n%s", tt.name, status, tt.status, tt.want, out)
		}
	}
}
