package sandbox_test

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"smtpsh/internal/sandbox"
)

// rawClient is a client that writes bytes and reads lines, without any checks.
type rawClient struct {
	t  testing.TB
	nc net.Conn
	r  *bufio.Reader
}

func start(t testing.TB, profile string) *sandbox.Server {
	t.Helper()
	s, err := sandbox.Start(sandbox.Options{Profile: profile})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func dial(t testing.TB, s *sandbox.Server, service string) *rawClient {
	t.Helper()
	nc, err := net.Dial("tcp", s.Addr(service))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	nc.SetDeadline(time.Now().Add(30 * time.Second))
	c := &rawClient{t, nc, bufio.NewReader(nc)}
	if d, _ := s.ServiceInfo(service); d.Implicit {
		c.tls(s)
	}
	return c
}

func (c *rawClient) tls(s *sandbox.Server) {
	conn := tls.Client(c.nc, &tls.Config{RootCAs: s.Roots(), ServerName: "localhost"})
	if err := conn.Handshake(); err != nil {
		c.t.Fatal(err)
	}
	c.nc, c.r = conn, bufio.NewReader(conn)
}

func (c *rawClient) write(s string) {
	c.t.Helper()
	if _, err := io.WriteString(c.nc, s); err != nil {
		c.t.Fatal(err)
	}
}

// line reads one line without its CRLF; "" at the end of the connection.
func (c *rawClient) line() string {
	l, err := c.r.ReadString('\n')
	if err != nil {
		return ""
	}
	if !strings.HasSuffix(l, "\r\n") {
		c.t.Fatalf("the server ended a line with %q", l)
	}
	return strings.TrimSuffix(l, "\r\n")
}

// reply reads a whole reply, lines joined by "\n".
func (c *rawClient) reply() string {
	var lines []string
	for {
		l := c.line()
		lines = append(lines, l)
		if len(l) < 4 || l[3] != '-' {
			return strings.Join(lines, "\n")
		}
	}
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// dialogue plays C: and S: lines. A reply must begin with the text of its S: line, so
// "S: 250" accepts any success. "S: closed" expects the end of the connection. The C: line
// "STARTTLS!" does the TLS handshake after the 220.
func (c *rawClient) dialogue(s *sandbox.Server, text string) {
	c.t.Helper()
	for l := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		l = strings.TrimSpace(l)
		switch {
		case l == "" || strings.HasPrefix(l, "#"):
		case l == "C: STARTTLS!":
			c.write("STARTTLS\r\n")
			if r := c.reply(); !strings.HasPrefix(r, "220") {
				c.t.Fatalf("STARTTLS: %s", r)
			}
			c.tls(s)
		case l == "C:":
			c.write("\r\n")
		case strings.HasPrefix(l, "C: "):
			c.write(unescape(strings.TrimPrefix(l, "C: ")) + "\r\n")
		case strings.HasPrefix(l, "C> "): // exact bytes
			c.write(unescape(strings.TrimPrefix(l, "C> ")))
		case l == "S: closed":
			if got := c.line(); got != "" {
				c.t.Fatalf("want the end of the connection, got %q", got)
			}
		case strings.HasPrefix(l, "S: "):
			want := strings.TrimPrefix(l, "S: ")
			if got := c.reply(); !strings.HasPrefix(got, want) {
				c.t.Fatalf("want %q, got %q\nin\n%s", want, got, text)
			}
		default:
			c.t.Fatalf("line %q of a dialogue", l)
		}
	}
}

func unescape(s string) string {
	return strings.NewReplacer(`\r`, "\r", `\n`, "\n", `\0`, "\x00", `\"`, `"`).Replace(s)
}
