package hostile

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"smtpsh/internal/authority"
)

// Server is a server of one case. It serves one connection after the other, and stores the
// received bytes and the messages that it has accepted.
type Server struct {
	script Script
	ln     net.Listener
	ca     *authority.CA

	mu     sync.Mutex
	wire   bytes.Buffer // what clients sent unencrypted
	inside bytes.Buffer // what they sent inside TLS
	taken  int          // messages answered with 250 after their dot
	conns  []net.Conn
}

// maxWire limits the stored bytes of a client.
const maxWire = 4 << 20

// Start begins to listen on loopback.
func Start(script Script) (*Server, error) {
	ca, err := authority.New("hostile battery")
	if err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{script: script, ln: ln, ca: ca}
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns = append(s.conns, c)
			s.mu.Unlock()
			go s.serve(c)
		}
	}()
	return s, nil
}

// Addr returns its address.
func (s *Server) Addr() string { return s.ln.Addr().String() }

// CA returns the CA of its certificate in PEM form.
func (s *Server) CA() []byte { return s.ca.PEM() }

// Close ends it.
func (s *Server) Close() {
	s.ln.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		c.Close()
	}
}

// Taken returns the number of messages that it has accepted.
func (s *Server) Taken() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}

// Wire returns what clients have sent: unencrypted, and inside TLS.
func (s *Server) Wire() (clear, inside string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wire.String(), s.inside.String()
}

// talk is one connection.
type talk struct {
	s   *Server
	nc  net.Conn
	r   *bufio.Reader
	tls bool
}

var errOver = errors.New("the server has done what it does")

func (s *Server) serve(nc net.Conn) {
	defer nc.Close()
	t := &talk{s: s, nc: nc, r: bufio.NewReader(nc)}
	if err := t.at("connect", ""); err != nil {
		return
	}
	if err := t.at("greeting", "220 hostile.test ESMTP\r\n"); err != nil {
		return
	}
	for {
		line, err := t.line()
		if err != nil {
			return
		}
		if err := t.command(line); err != nil {
			return
		}
	}
}

// line reads a line and stores it.
func (t *talk) line() (string, error) {
	t.nc.SetReadDeadline(time.Now().Add(time.Minute)) //nolint:errcheck // the next read returns the error
	line, err := t.r.ReadString('\n')
	t.saw(line)
	return strings.TrimRight(line, "\r\n"), err
}

func (t *talk) saw(b string) {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	w := &t.s.wire
	if t.tls {
		w = &t.s.inside
	}
	if w.Len() < maxWire {
		w.WriteString(b)
	}
}

// at does what the case defines for a point, or else what a correct server does.
func (t *talk) at(point, honest string) error {
	acts, ok := t.s.script[point]
	if !ok {
		_, err := io.WriteString(t.nc, honest)
		return err
	}
	for _, a := range acts {
		if err := t.do(a, honest); err != nil {
			return err
		}
	}
	return nil
}

func (t *talk) do(a Act, honest string) error {
	switch a.Do {
	case "honest":
		_, err := io.WriteString(t.nc, honest)
		return err
	case "say":
		_, err := t.nc.Write(a.Bytes)
		return err
	case "drip":
		for _, b := range a.Bytes {
			if _, err := t.nc.Write([]byte{b}); err != nil {
				return err
			}
			time.Sleep(400 * time.Millisecond)
		}
		return nil
	case "flood":
		chunk := bytes.Repeat(a.Bytes, 1+(64<<10)/len(a.Bytes))
		for sent := 0; sent < 2<<30; sent += len(chunk) {
			if _, err := t.nc.Write(chunk); err != nil {
				return err
			}
		}
		return errOver
	case "close":
		return errOver
	case "reset":
		if tc, ok := t.nc.(*net.TCPConn); ok {
			tc.SetLinger(0) //nolint:errcheck // the connection is closed in any case
		}
		return errOver
	case "hang":
		io.Copy(io.Discard, t.nc) //nolint:errcheck // until the client gives up
		return errOver
	case "deaf": // neither reads nor writes
		time.Sleep(40 * time.Second)
		return errOver
	case "tls":
		return t.shake(string(a.Bytes))
	}
	return fmt.Errorf("act %s", a.Do)
}

// shake does the server's side of the handshake.
func (t *talk) shake(kind string) error {
	leaf := authority.Leaf{Names: []string{"127.0.0.1", "localhost"}}
	ca := t.s.ca
	now := time.Now()
	var err error
	switch kind {
	case "expired":
		leaf.NotBefore, leaf.NotAfter = now.AddDate(0, -3, 0), now.AddDate(0, 0, -5)
	case "wrong-host":
		leaf.Names = []string{"another.example"}
	case "unknown-ca":
		if ca, err = authority.New("nobody"); err != nil {
			return err
		}
	case "escape":
		leaf.Names = []string{"\x1b]0;owned\x07.example"}
	case "no-intermediate", "expired-intermediate", "escape-intermediate":
		name, ends := "middle", time.Time{}
		switch kind {
		case "expired-intermediate":
			ends = now.AddDate(0, 0, -5)
		case "escape-intermediate":
			name = "\x1b]0;owned\x07"
		}
		if ca, err = ca.Intermediate(name, now.AddDate(0, -3, 0), ends); err != nil {
			return err
		}
	}
	cert, err := ca.Issue(leaf)
	if err != nil {
		return err
	}
	if kind == "no-intermediate" || kind == "escape-intermediate" {
		cert.Certificate = cert.Certificate[:1]
	}
	cfg := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS10}
	switch kind {
	case "tls10":
		cfg.MaxVersion = tls.VersionTLS10
	case "weak-ciphers":
		cfg.MaxVersion, cfg.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}
	case "client-cert":
		cfg.ClientAuth = tls.RequireAnyClientCert
	case "client-cert-tls12":
		cfg.ClientAuth, cfg.MaxVersion = tls.RequireAnyClientCert, tls.VersionTLS12
	}
	conn := tls.Server(t.nc, cfg)
	conn.SetDeadline(time.Now().Add(20 * time.Second)) //nolint:errcheck // the handshake returns the error
	if err := conn.Handshake(); err != nil {
		return err
	}
	t.nc, t.r, t.tls = conn, bufio.NewReader(conn), true
	return nil
}

const caps = "250-hostile.test\r\n250-PIPELINING\r\n250-SIZE 1000000\r\n250-8BITMIME\r\n250-CHUNKING\r\n"

func (t *talk) command(line string) error {
	verb, arg, _ := strings.Cut(line, " ")
	verb = strings.ToUpper(verb)
	switch verb {
	case "EHLO", "LHLO":
		reply := caps
		if !t.tls {
			reply += "250-STARTTLS\r\n"
		}
		return t.at("EHLO", reply+"250 AUTH PLAIN\r\n")
	case "HELO":
		return t.at("HELO", "250 hostile.test\r\n")
	case "STARTTLS":
		if err := t.at("STARTTLS", "220 go\r\n"); err != nil {
			return err
		}
		if acts, ok := t.s.script["handshake"]; ok {
			for _, a := range acts {
				if err := t.do(a, ""); err != nil {
					return err
				}
			}
			return nil
		}
		if acts, ok := t.s.script["STARTTLS"]; ok && !agrees(acts) {
			return nil
		}
		return t.shake("")
	case "AUTH":
		if err := t.at("AUTH", honestAuth(arg)); err != nil {
			return err
		}
		if strings.HasPrefix(honestAuth(arg), "334") || t.s.script["AUTH"] != nil {
			return t.challenges()
		}
		return nil
	case "MAIL":
		return t.at("MAIL", "250 2.1.0 ok\r\n")
	case "RCPT":
		return t.at("RCPT", "250 2.1.5 ok\r\n")
	case "DATA":
		if err := t.at("DATA", "354 go on\r\n"); err != nil {
			return err
		}
		return t.message()
	case "BDAT":
		return t.at("BDAT", "250 2.0.0 ok\r\n")
	case "RSET":
		return t.at("RSET", "250 2.0.0 ok\r\n")
	case "NOOP":
		return t.at("NOOP", "250 2.0.0 ok\r\n")
	case "QUIT":
		if err := t.at("QUIT", "221 2.0.0 bye\r\n"); err != nil {
			return err
		}
		return errOver
	}
	_, err := io.WriteString(t.nc, "500 5.5.1 what?\r\n")
	return err
}

// agrees reports whether the reply to STARTTLS begins TLS.
func agrees(acts []Act) bool {
	return says(acts, "220")
}

func honestAuth(arg string) string {
	f := strings.Fields(arg)
	if len(f) > 1 {
		return "235 2.7.0 welcome\r\n"
	}
	return "334 VXNlcm5hbWU6\r\n"
}

// challenges reads the responses of a login; the case defines the replies.
func (t *talk) challenges() error {
	if t.s.script["auth"] == nil {
		return nil
	}
	for range 6000 {
		if _, err := t.line(); err != nil {
			return err
		}
		if err := t.at("auth", "235 2.7.0 welcome\r\n"); err != nil {
			return err
		}
	}
	return errOver
}

// message reads the lines of a message up to the dot.
func (t *talk) message() error {
	if t.s.script["message"] != nil {
		if err := t.at("message", ""); err != nil {
			return err
		}
	}
	for {
		line, err := t.line()
		if err != nil {
			return err
		}
		if line == "." {
			break
		}
	}
	const ok = "250 2.0.0 taken\r\n"
	acts, told := t.s.script["DOT"]
	if !told || accepts(acts) {
		t.s.mu.Lock()
		t.s.taken++
		t.s.mu.Unlock()
	}
	return t.at("DOT", ok)
}

// accepts reports whether the reply after the dot accepts the message.
func accepts(acts []Act) bool {
	return says(acts, "250")
}

// says reports whether the first reply has a code, or is the correct one.
func says(acts []Act, code string) bool {
	var said []byte
	for _, a := range acts {
		switch a.Do {
		case "honest":
			return len(said) == 0
		case "say", "flood":
			if said = append(said, a.Bytes...); len(said) >= len(code) {
				return bytes.HasPrefix(said, []byte(code))
			}
		}
	}
	return false
}
