package proxy

import (
	"bufio"
	"bytes"
	"net"
	"strings"
	"testing"

	proxyproto "github.com/pires/go-proxyproto"
)

// TestHeader: headers of the PROXY protocol as text, and as another implementation reads them.
func TestHeader(t *testing.T) {
	server := &net.TCPAddr{IP: net.ParseIP("127.0.0.1"), Port: 25}
	for text, want := range map[string]string{
		"v1 192.0.2.1:1234":                      "PROXY TCP4 192.0.2.1 127.0.0.1 1234 25\r\n",
		"1 192.0.2.1":                            "PROXY TCP4 192.0.2.1 127.0.0.1 40000 25\r\n",
		"v1 192.0.2.1:1 198.51.100.2:587":        "PROXY TCP4 192.0.2.1 198.51.100.2 1 587\r\n",
		"v1 [2001:db8::1]:1234":                  "PROXY TCP6 2001:db8::1 :: 1234 25\r\n",
		"V2 192.0.2.1:1234 198.51.100.2:25":      "192.0.2.1:1234 to 198.51.100.2:25",
		"v2 [2001:db8::1]:1234 [2001:db8::2]:25": "[2001:db8::1]:1234 to [2001:db8::2]:25",
		"v2 local":                               "LOCAL",
		"":                                       "error: the version is missing",
		"v3 192.0.2.1:1":                         "error: version \"v3\" is not v1 or v2",
		"v1 local":                               "error: v1 has no LOCAL",
		"v1":                                     "error: the source is missing",
		"v1 mx.example.org:25":                   "error: source: \"mx.example.org:25\" is not an IP address",
		"v1 192.0.2.1:1 [2001:db8::1]:2":         "error: source and destination must both be IPv4 or both IPv6",
		"v1 192.0.2.1:1 198.51.100.2:2 192.0.2.3:3": "error: unexpected \"192.0.2.3:3\"",
	} {
		h, err := ParseHeader(text)
		if wrong, ok := strings.CutPrefix(want, "error: "); ok {
			if err == nil || !strings.Contains(err.Error(), wrong) {
				t.Errorf("%q: %v, want %q", text, err, wrong)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		b, err := h.Bytes(nil, server)
		got := string(b)
		if err == nil && h.Version == 2 {
			read, rerr := proxyproto.Read(bufio.NewReader(bytes.NewReader(b)))
			switch {
			case rerr != nil:
				err = rerr
			case read.Command.IsLocal():
				got = "LOCAL"
			default:
				got = read.SourceAddr.String() + " to " + read.DestinationAddr.String()
			}
		}
		if got != want || err != nil {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
	}
	raw := &Header{Raw: []byte("PROXY nonsense")}
	if b, err := raw.Bytes(nil, nil); string(b) != "PROXY nonsense" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
}
