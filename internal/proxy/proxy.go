package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	xproxy "golang.org/x/net/proxy"
)

// maxReply limits the reply of an HTTP proxy in bytes.
const maxReply = 64 << 10

// Proxy is a proxy server. It is safe for concurrent use.
type Proxy struct {
	scheme   string // socks5, http or https
	address  string // host:port
	host     string
	user     string
	password string
}

// ports are the default ports.
var ports = map[string]string{"socks5": "1080", "http": "8080", "https": "443"}

// Parse reads an address such as socks5://host:1080, socks5://user:password@host or
// http://host:3128. The schemes are socks5 (also written socks5h), http and https.
func Parse(text string) (*Proxy, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Hostname() == "" {
		return nil, errors.New("it is not a proxy address") // the text can contain a password
	}
	scheme := u.Scheme
	if scheme == "socks5h" || scheme == "socks" {
		scheme = "socks5"
	}
	port, ok := ports[scheme]
	switch {
	case !ok:
		return nil, fmt.Errorf("the scheme must be socks5, http or https, not %.20q", u.Scheme)
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("nothing may follow the port of the proxy")
	}
	if u.Port() != "" {
		port = u.Port()
	}
	p := &Proxy{scheme: scheme, host: u.Hostname(), address: net.JoinHostPort(u.Hostname(), port)}
	if u.User != nil {
		p.user = u.User.Username()
		p.password, _ = u.User.Password()
	}
	return p, nil
}

// User returns the user name of the login, or "".
func (p *Proxy) User() string { return p.user }

// Password returns the password of the login, or "".
func (p *Proxy) Password() string { return p.password }

// WithPassword returns the proxy with another password.
func (p *Proxy) WithPassword(password string) *Proxy {
	out := *p
	out.password = password
	return &out
}

// String returns the address without user name and password.
func (p *Proxy) String() string { return p.scheme + "://" + p.address }

// Error is a connection that the proxy did not make.
type Error struct {
	Proxy string
	Err   error
}

// Error names the proxy and the cause.
func (e *Error) Error() string { return fmt.Sprintf("the proxy %s: %v", e.Proxy, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// DialContext connects to host:port through the proxy. Errors are [*Error].
func (p *Proxy) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if network != "tcp" && network != "tcp4" && network != "tcp6" {
		return nil, &Error{p.String(), fmt.Errorf("network %q is not supported", network)}
	}
	var conn net.Conn
	var err error
	if p.scheme == "socks5" {
		conn, err = p.socks(ctx, address)
	} else {
		conn, err = p.connect(ctx, address)
	}
	if err != nil {
		return nil, &Error{p.String(), cause(err)}
	}
	return conn, nil
}

// cause removes the addresses, which the error has already.
func cause(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		return op.Err
	}
	return err
}

func (p *Proxy) socks(ctx context.Context, address string) (net.Conn, error) {
	var auth *xproxy.Auth
	if p.user != "" {
		auth = &xproxy.Auth{User: p.user, Password: p.password}
	}
	d, err := xproxy.SOCKS5("tcp", p.address, auth, &net.Dialer{})
	if err != nil {
		return nil, err
	}
	return d.(xproxy.ContextDialer).DialContext(ctx, "tcp", address)
}

// connect asks an HTTP proxy for a tunnel.
func (p *Proxy) connect(ctx context.Context, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.address)
	if err != nil {
		return nil, err
	}
	if p.scheme == "https" {
		conn = tls.Client(conn, &tls.Config{ServerName: p.host, MinVersion: tls.VersionTLS12})
	}
	over := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) }) //nolint:errcheck // the tunnel is closed then
	tunnel, err := p.tunnel(conn, address)
	if !over() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		conn.Close()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, err
	}
	return tunnel, nil
}

// tunnel sends CONNECT and reads the reply.
func (p *Proxy) tunnel(conn net.Conn, address string) (net.Conn, error) {
	request := "CONNECT " + address + " HTTP/1.1\r\nHost: " + address + "\r\n"
	if p.user != "" {
		login := base64.StdEncoding.EncodeToString([]byte(p.user + ":" + p.password))
		request += "Proxy-Authorization: Basic " + login + "\r\n"
	}
	if _, err := io.WriteString(conn, request+"\r\n"); err != nil {
		return nil, err
	}
	in := bufio.NewReader(io.LimitReader(conn, maxReply))
	code, err := readReply(in)
	switch {
	case err != nil:
		return nil, err
	case code == 407 && p.user == "":
		return nil, errors.New("it requires a user name and a password (407)")
	case code == 407:
		return nil, errors.New("it rejected the user name and the password (407)")
	case code/100 != 2:
		return nil, fmt.Errorf("it rejected the connection with %d", code)
	}
	early, err := in.Peek(in.Buffered()) // the server's greeting may have come with the reply
	if err != nil {
		return nil, err
	}
	if len(early) == 0 {
		return conn, nil
	}
	return &begun{conn, append([]byte(nil), early...)}, nil
}

// readReply reads a reply without a body and returns its status code. Package net/http would
// make the program half as large again.
func readReply(in *bufio.Reader) (int, error) {
	text := textproto.NewReader(in)
	line, err := text.ReadLine()
	if err == nil || line != "" {
		version, rest, ok := strings.Cut(line, " ")
		digits, _, _ := strings.Cut(rest, " ")
		code, cerr := strconv.Atoi(digits)
		if !ok || !strings.HasPrefix(version, "HTTP/1.") || cerr != nil || code < 100 || code > 599 {
			return 0, errors.New("it does not answer as an HTTP proxy does")
		}
		if _, err = text.ReadMIMEHeader(); err == nil {
			return code, nil
		}
		if code/100 != 2 { // the end of the reply does not matter
			return code, nil
		}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, errors.New("it closed the connection without a complete reply")
	}
	return 0, err
}

// begun is a connection whose first bytes have been read.
type begun struct {
	net.Conn
	early []byte
}

// Read returns the first bytes, and then those of the connection.
func (b *begun) Read(p []byte) (int, error) {
	if len(b.early) > 0 {
		n := copy(p, b.early)
		b.early = b.early[n:]
		return n, nil
	}
	return b.Conn.Read(p)
}
