package engine

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/engine/tlsinfo"
	"smtpsh/engine/wire"
)

// Session is one SMTP or LMTP session with a server. Begin one with [Open], [Dial]
// or [New].
type Session struct {
	target Target
	opts   Options

	connection
	encryption
	dialogue
	transaction
	login
	dueReplies
	deadline
	observation
}

// Dial connects to the target, begins TLS if the target has implicit TLS, and reads the
// greeting, which can have any code. Errors: ErrDial, ErrTLS, ErrTimeout, ErrClosed,
// ErrProtocol, ErrCanceled, ErrUsage.
func Dial(ctx context.Context, target Target, opts Options) (*Session, error) {
	s := newSession(target, opts)
	if !s.sessionEnd.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, s.sessionEnd)
		defer cancel()
	}
	conn, err := s.dial(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.begin(ctx, conn); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// New begins a session on an existing connection, as Dial does after connecting. It closes
// the connection if it returns an error.
func New(ctx context.Context, conn net.Conn, target Target, opts Options) (*Session, error) {
	s := newSession(target, opts)
	if a := conn.RemoteAddr(); a != nil {
		s.emit(event.Event{Kind: event.Connected, Addr: a.String(), Target: target.String()})
	}
	if err := s.begin(ctx, conn); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func newSession(target Target, opts Options) *Session {
	opts.Timeouts = opts.Timeouts.orDefault()
	s := &Session{target: target, opts: opts}
	if opts.Opening != nil {
		opts.Opening(s)
	}
	if opts.Deadline > 0 {
		s.sessionEnd = time.Now().Add(opts.Deadline)
	}
	return s
}

func (s *Session) begin(ctx context.Context, conn net.Conn) error {
	s.conn, s.socket = conn, conn
	s.reader = wire.NewReader(conn, s.opts.Limits)
	if s.opts.Observer != nil {
		s.onLine = s.lineReceived
	}
	greeting := sent{op: "greeting", sentAt: time.Now()}
	if s.opts.Preface != nil {
		if err := s.sayPreface(ctx); err != nil {
			return err
		}
	}
	if s.target.Implicit {
		if err := s.handshake(ctx); err != nil {
			return err
		}
	}
	if len(s.opts.Early) > 0 {
		if err := s.sayEarly(ctx, s.opts.Early); err != nil {
			return err
		}
	}
	r, err := s.readReply(ctx, &greeting, s.opts.Timeouts.Greeting)
	if err != nil {
		var op *OpError
		switch {
		case !errors.As(err, &op) || s.target.Implicit:
		case op.Kind == ErrTimeout:
			op.Advice = advise(AdviceTimeout, AdviceSilentPort)
		case op.Kind == ErrClosed && len(op.Advice) == 0:
			op.Advice = advise(AdviceClosedPort)
		}
		return err
	}
	s.greeting = r
	s.accept(&greeting, r)
	if r.Code != 421 && !r.Completed() {
		s.setState(Refused)
	}
	return nil
}

// Greeting returns the server's first reply.
func (s *Session) Greeting() *reply.Reply { return s.greeting }

// Target returns the target of the session.
func (s *Session) Target() Target { return s.target }

// Capabilities returns what the server offered in its last EHLO or LHLO reply;
// nothing after HELO and after STARTTLS (RFC 3207 section 4.2).
func (s *Session) Capabilities() Capabilities { return s.caps }

// Has reports whether the server offers an extension.
func (s *Session) Has(keyword string) bool { return s.caps.Has(keyword) }

// State returns the state of the session.
func (s *Session) State() State { return s.state }

// Envelope returns the sender and the recipients that the server has accepted in the
// current transaction.
func (s *Session) Envelope() (from string, rcpts []string) { return s.from, s.rcpts }

// User returns the user name that the session logged in with, "" before AUTH.
func (s *Session) User() string { return s.user }

// LMTP reports whether the session uses LMTP (RFC 2033).
func (s *Session) LMTP() bool { return s.target.LMTP || s.hello == "LHLO" }

// TLS describes the encryption; it returns nil without TLS.
func (s *Session) TLS() *tlsinfo.Info {
	if s.tls == nil {
		return nil
	}
	info := tlsinfo.Describe(s.tls, s.tlsErr)
	return &info
}

// ConnectionState returns the TLS state of crypto/tls, or nil without TLS.
func (s *Session) ConnectionState() *tls.ConnectionState { return s.tls }

// Peer returns the server's address, "192.0.2.1:25" or a socket path.
func (s *Session) Peer() string {
	if a := s.conn.RemoteAddr(); a != nil && a.String() != "" && a.String() != "@" {
		return a.String()
	}
	return s.target.Address()
}

// Err returns the reason why the session can no longer be used, or nil while it
// can.
func (s *Session) Err() error {
	if s.closed.Load() {
		return &OpError{Op: "session", Kind: ErrClosed}
	}
	return s.broken
}

// Closed reports whether the client has closed the connection.
func (s *Session) Closed() bool { return s.closed.Load() }

// Introduced returns the verb and the name by which the client introduced itself, EHLO,
// HELO or LHLO; "" before.
func (s *Session) Introduced() (verb, name string) { return s.hello, s.helloName }

// Unread returns the number of commands whose replies have not been read yet.
func (s *Session) Unread() int { return len(s.queue) }

// ClientName returns the name that EHLO, HELO and LHLO send when a call gives none.
func (s *Session) ClientName() string {
	if s.opts.HELO != "" {
		return s.opts.HELO
	}
	if s.conn != nil {
		if a, ok := s.conn.LocalAddr().(*net.TCPAddr); ok {
			if v4 := a.IP.To4(); v4 != nil {
				return "[" + v4.String() + "]"
			}
			return "[IPv6:" + a.IP.String() + "]"
		}
	}
	return "localhost"
}

// Loopback reports whether the server is on this machine. A server behind a proxy is not,
// although the connection may go to this machine.
func (s *Session) Loopback() bool {
	if s.proxied() { //mutant:a-server-behind-a-proxy-is-not-on-this-machine never
		return false
	}
	switch a := s.conn.RemoteAddr().(type) {
	case *net.TCPAddr:
		return a.IP.IsLoopback()
	case *net.UnixAddr:
		return true
	}
	return s.conn.RemoteAddr() != nil && s.conn.RemoteAddr().Network() == "pipe"
}

// Where describes the session in a few words, for prompts and reports:
// "smtp.example.org:587 TLS ann".
func (s *Session) Where() string {
	parts := []string{s.target.String()}
	if s.target.Network == "tcp" && s.target.Port == PortSubmission {
		parts[0] = net.JoinHostPort(s.target.Host, strconv.Itoa(s.target.Port))
	}
	if s.tls != nil {
		parts = append(parts, "TLS")
	}
	if s.user != "" {
		parts = append(parts, s.user)
	}
	return strings.Join(parts, " ")
}
