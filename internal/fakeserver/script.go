package fakeserver

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// patience limits the time of a script; it is never reached in tests that pass.
const patience = 20 * time.Second

// Script is a server that follows a script with the first client that connects:
//
//	S: 220 hi      send a line with CRLF
//	S> 250 x\n     send exactly these bytes
//	C: EHLO        expect a line that begins so
//	C> 5           expect this number of bytes
//	C* .           read lines until this one
//	TLS            do the TLS handshake
//	EOF            wait until the client closes
//	FOREVER line   answer every line with this one
//	HANG           send nothing until the client closes
//	CLOSE          close (also at the end)
//
// The test fails if the client sends something else. TLS requires a configuration.
func Script(t testing.TB, script string, cfg ...*tls.Config) *net.TCPAddr {
	t.Helper()
	return Once(t, func(nc net.Conn) {
		nc.SetDeadline(time.Now().Add(patience)) //nolint:errcheck // a connection that is closed shows it
		play(t, nc, script, cfg)
	})
}

// play follows the lines of a script.
func play(t testing.TB, nc net.Conn, script string, cfg []*tls.Config) {
	r := bufio.NewReader(nc)
	unescape := strings.NewReplacer(`\r`, "\r", `\n`, "\n", `\0`, "\x00", `\e`, "\x1b")
	for l := range strings.SplitSeq(strings.TrimSpace(script), "\n") {
		l = strings.TrimSpace(l)
		switch {
		case strings.HasPrefix(l, "S: "):
			io.WriteString(nc, strings.TrimPrefix(l, "S: ")+"\r\n")
		case strings.HasPrefix(l, "S> "):
			io.WriteString(nc, unescape.Replace(strings.TrimPrefix(l, "S> ")))
		case strings.HasPrefix(l, "C: "), l == "C:":
			got, err := r.ReadString('\n')
			if want := strings.TrimPrefix(strings.TrimPrefix(l, "C:"), " "); err != nil || !strings.HasPrefix(got, want) {
				t.Errorf("the fake server expected %q, got %q, %v", want, got, err)
				return
			}
		case strings.HasPrefix(l, "C> "):
			n, _ := strconv.ParseInt(strings.TrimPrefix(l, "C> "), 10, 64)
			if _, err := io.CopyN(io.Discard, r, n); err != nil {
				t.Errorf("the fake server expected %d bytes: %v", n, err)
				return
			}
		case strings.HasPrefix(l, "C* "):
			for {
				got, err := r.ReadString('\n')
				if err != nil {
					t.Errorf("the fake server waits for %q: %v", l, err)
					return
				}
				if strings.TrimRight(got, "\r\n") == strings.TrimPrefix(l, "C* ") {
					break
				}
			}
		case l == "TLS", l == "TLS RESET": // a reset can arrive before the alert
			conn := tls.Server(nc, cfg[0])
			if err := conn.Handshake(); err != nil {
				if tcp, ok := nc.(*net.TCPConn); ok && l == "TLS RESET" {
					tcp.SetLinger(0)
				}
				return
			}
			nc, r = conn, bufio.NewReader(conn)
		case strings.HasPrefix(l, "FOREVER "): // answer every line with the same
			for range 1 << 20 {
				if _, err := r.ReadString('\n'); err != nil {
					return
				}
				io.WriteString(nc, strings.TrimPrefix(l, "FOREVER ")+"\r\n")
			}
		case l == "EOF", l == "HANG":
			io.Copy(io.Discard, r)
		case l == "CLOSE":
			return
		case l == "":
		default:
			t.Errorf("invalid line %q in the fake server's script", l)
		}
	}
}
