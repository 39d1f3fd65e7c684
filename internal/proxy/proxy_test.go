package proxy_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"smtpsh/internal/fakeserver"
	"smtpsh/internal/proxy"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct{ text, want, user string }{
		{"socks5://127.0.0.1:1080", "socks5://127.0.0.1:1080", ""},
		{"socks5h://proxy.example", "socks5://proxy.example:1080", ""},
		{"socks5://ann:s3cret@proxy.example:99", "socks5://proxy.example:99", "ann"},
		{"http://proxy.example", "http://proxy.example:8080", ""},
		{"https://[2001:db8::1]:3128/", "https://[2001:db8::1]:3128", ""},
		{"ftp://proxy.example", "!the scheme must be socks5", ""},
		{"proxy.example:1080", "!", ""},
		{"socks5://", "!not a proxy address", ""},
		{"socks5://ann:s3cret@:99", "!not a proxy address", ""},
		{"http://proxy.example/path", "!nothing may follow", ""},
		{"", "!not a proxy address", ""},
	} {
		p, err := proxy.Parse(tt.text)
		if want, fails := strings.CutPrefix(tt.want, "!"); fails {
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%q: %v", tt.text, err)
			}
			continue
		}
		if err != nil || p.String() != tt.want || p.User() != tt.user {
			t.Errorf("%q: %v, %v", tt.text, p, err)
		}
	}
}

// target greets as an SMTP server does, and ends.
func target(t *testing.T) string {
	t.Helper()
	return fakeserver.Loop(t, func(c net.Conn) { io.WriteString(c, "220 hello\r\n") }).String() //nolint:errcheck // the client may be gone
}

// web is an HTTP proxy that answers each CONNECT with a reply, and for 200 makes a tunnel to
// a server. early sends the server's greeting together with the reply.
func web(t *testing.T, reply, to string, seen chan<- string) string {
	t.Helper()
	return fakeserver.Loop(t, func(c net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil {
			return
		}
		seen <- r.Method + " " + r.Host + " " + r.Header.Get("Proxy-Authorization")
		if !strings.Contains(reply, " 200 ") {
			io.WriteString(c, reply) //nolint:errcheck // the client may be gone
			return
		}
		s, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		defer s.Close()
		greeting, err := bufio.NewReader(s).ReadString('\n')
		if err != nil {
			return
		}
		io.WriteString(c, reply+greeting) //nolint:errcheck // the client may be gone
		io.Copy(io.Discard, c)            //nolint:errcheck // until the client ends
	}).String()
}

func TestConnect(t *testing.T) {
	to := target(t)
	for _, tt := range []struct{ login, reply, seen, want string }{
		{"", "HTTP/1.1 200 OK\r\n\r\n", "CONNECT mx.example:25 ", "220 hello"},
		{"ann:pw@", "HTTP/1.0 200 Connection established\r\nX: y\r\n\r\n", "CONNECT mx.example:25 Basic YW5uOnB3", "220 hello"},
		{"", "HTTP/1.1 407 x\r\n\r\n", "", "!requires a user name"},
		{"ann:pw@", "HTTP/1.1 407 x\r\n\r\n", "", "!rejected the user name"},
		{"", "HTTP/1.1 403 \x1b[2J\r\n\r\n", "", "!rejected the connection with 403"},
		{"", "220 mx.example ESMTP\r\n", "", "!does not answer as an HTTP proxy"},
		{"", "", "", "!without a complete reply"},
		{"", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("y", 100_000), "", "!"},
	} {
		seen := make(chan string, 1)
		p, err := proxy.Parse("http://" + tt.login + web(t, tt.reply, to, seen))
		if err != nil {
			t.Fatal(err)
		}
		ctx, over := context.WithTimeout(t.Context(), 20*time.Second)
		conn, err := p.DialContext(ctx, "tcp", "mx.example:25")
		over()
		if got := <-seen; tt.seen != "" && got != tt.seen {
			t.Errorf("the proxy got %q, want %q", got, tt.seen)
		}
		if want, fails := strings.CutPrefix(tt.want, "!"); fails {
			var perr *proxy.Error
			if !errors.As(err, &perr) || !strings.Contains(err.Error(), want) {
				t.Errorf("%.40q: %v, want %q", tt.reply, err, want)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(conn).ReadString('\n')
		conn.Close()
		if err != nil || strings.TrimSpace(line) != tt.want {
			t.Errorf("%q, %v", line, err)
		}
	}
}

// socks is a SOCKS5 proxy that connects to a server whatever the client names, or answers
// with a code other than 0.
func socks(t *testing.T, login string, code byte, to string, seen chan<- string) string {
	t.Helper()
	return fakeserver.Loop(t, func(c net.Conn) {
		in := bufio.NewReader(c)
		read := func(n int) []byte {
			b := make([]byte, n)
			if _, err := io.ReadFull(in, b); err != nil {
				return make([]byte, n)
			}
			return b
		}
		methods := read(int(read(2)[1]))
		if login == "" {
			c.Write([]byte{5, 0}) //nolint:errcheck // the client may be gone
		} else {
			c.Write([]byte{5, 2}) //nolint:errcheck // as above
			read(1)
			user := string(read(int(read(1)[0])))
			pass := string(read(int(read(1)[0])))
			if user+":"+pass != login {
				c.Write([]byte{1, 1}) //nolint:errcheck // as above
				return
			}
			c.Write([]byte{1, 0}) //nolint:errcheck // as above
		}
		head := read(4)
		host := ""
		if head[3] == 3 {
			host = string(read(int(read(1)[0])))
		} else {
			host = net.IP(read(4)).String()
		}
		port := read(2)
		seen <- fmt.Sprintf("%d %s:%d", len(methods), host, int(port[0])<<8|int(port[1]))
		c.Write([]byte{5, code, 0, 1, 0, 0, 0, 0, 0, 0}) //nolint:errcheck // as above
		if code != 0 {
			return
		}
		s, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		defer s.Close()
		io.Copy(c, s) //nolint:errcheck // until the server ends
	}).String()
}

func TestSOCKS(t *testing.T) {
	to := target(t)
	for _, tt := range []struct {
		login string // of the proxy
		url   string
		code  byte
		seen  string
		want  string
	}{
		{"", "socks5://", 0, "1 mx.example:25", "220 hello"},
		{"ann:pw", "socks5://ann:pw@", 0, "2 mx.example:25", "220 hello"},
		{"ann:pw", "socks5://ann:wrong@", 0, "", "!"},
		{"", "socks5://", 4, "1 mx.example:25", "!host unreachable"},
		{"", "socks5://", 5, "1 mx.example:25", "!connection refused"},
	} {
		seen := make(chan string, 1)
		p, err := proxy.Parse(tt.url + socks(t, tt.login, tt.code, to, seen))
		if err != nil {
			t.Fatal(err)
		}
		ctx, over := context.WithTimeout(t.Context(), 20*time.Second)
		conn, err := p.DialContext(ctx, "tcp", "mx.example:25")
		over()
		if tt.seen != "" {
			if got := <-seen; got != tt.seen {
				t.Errorf("the proxy got %q, want %q", got, tt.seen)
			}
		}
		if want, fails := strings.CutPrefix(tt.want, "!"); fails {
			var perr *proxy.Error
			if !errors.As(err, &perr) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "wrong") {
				t.Errorf("%s %d: %v, want %q", tt.url, tt.code, err, want)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(conn).ReadString('\n')
		conn.Close()
		if err != nil || strings.TrimSpace(line) != tt.want {
			t.Errorf("%q, %v", line, err)
		}
	}
}

// A proxy that says nothing ends with the context.
func TestSilentProxy(t *testing.T) {
	at := fakeserver.Loop(t, func(c net.Conn) { io.Copy(io.Discard, c) }).String() //nolint:errcheck // until the client ends
	for _, scheme := range []string{"http", "socks5", "https"} {
		p, err := proxy.Parse(scheme + "://" + at)
		if err != nil {
			t.Fatal(err)
		}
		ctx, over := context.WithTimeout(t.Context(), 50*time.Millisecond)
		_, err = p.DialContext(ctx, "tcp", "mx.example:25")
		over()
		var timeout net.Error
		if !errors.Is(err, context.DeadlineExceeded) && !(errors.As(err, &timeout) && timeout.Timeout()) {
			t.Errorf("%s: %v", scheme, err)
		}
	}
}
