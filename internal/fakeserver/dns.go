package fakeserver

import (
	"net"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// Zone is what a name server knows: the MX records of each name, as "10 mx1.example.". The
// record "!" makes the server fail, "-" means a name without MX records.
type Zone map[string][]string

// DNS runs a name server until the test ends and returns its address, a UDP port of
// 127.0.0.1.
func DNS(t testing.TB, z Zone) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		buf := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if reply := z.answer(buf[:n]); reply != nil {
				conn.WriteTo(reply, from) //nolint:errcheck // the client asks again
			}
		}
	}()
	return conn.LocalAddr().String()
}

// answer returns the reply to a query, or nil.
func (z Zone) answer(query []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(query) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	records, known := z[strings.ToLower(strings.TrimSuffix(q.Name.String(), "."))]
	switch {
	case !known:
		m.RCode = dnsmessage.RCodeNameError
	case records[0] == "!":
		m.RCode = dnsmessage.RCodeServerFailure
	case q.Type == dnsmessage.TypeMX:
		for _, r := range records {
			pref, host, ok := strings.Cut(r, " ")
			n, err := strconv.ParseUint(pref, 10, 16)
			if !ok || err != nil {
				continue
			}
			m.Answers = append(m.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60},
				Body:   &dnsmessage.MXResource{Pref: uint16(n), MX: dnsmessage.MustNewName(host)},
			})
		}
	}
	out, err := m.Pack()
	if err != nil {
		return nil
	}
	return out
}
