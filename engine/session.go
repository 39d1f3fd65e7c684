package engine

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/engine/secret"
	"smtpsh/engine/tlsinfo"
	"smtpsh/engine/wire"
)

// Session is one conversation with a server. Make one with [Dial] or [New].
type Session struct {
	target Target
	opts   Options
	conn   net.Conn // what is spoken on: TCP, or TLS over it
	peek   *peeker
	socket net.Conn // the connection below TLS; set once, so that Close may come from anywhere
	rd     *wire.Reader
	line   []byte // scratch for a line that is being made
	out    []byte // scratch for lines as they leave
	end    time.Time

	greeting   *reply.Reply
	caps       Capabilities
	hello      string // the verb that was accepted: EHLO, HELO or LHLO
	helloAs    string // the name that went with it
	state      State
	beforeAuth State
	from       string
	rcpts      []string
	binary     bool        // MAIL said BODY=BINARYMIME
	chunkLines lineLengths // of the chunks of the transaction
	prdr       bool        // the transaction was begun with PRDR
	deliveries []Delivery
	user       string
	delivered  bool       // the last reply accepted a message
	conversing bool       // Auth is running the exchange, not the caller
	own        secret.Set // the secrets of this session; opts.Secrets has those of all
	tls        *tls.ConnectionState
	tlsErr     error // why the peer is not verified
	tlsChains  [][]*x509.Certificate
	certAsked  bool // the server asked for a client certificate, and has not replied since
	certSent   bool // and got one

	queue []sent // commands whose replies were not read yet
	raw   rawState
	// halfClosed reports that our side is closed for writing.
	halfClosed bool
	broken     error
	byHand     handLogin
	idle       bool // a wait for something that nobody asked for
	told       int  // lines of an unfinished reply that the observer knows
	skip       int  // how many of them come again when reading goes on
	onLine     func([]byte)
	closed     atomic.Bool

	watch   watch
	guarded bool        // a wait is under way
	awaited string      // what it is for
	telling bool        // an observer is being told of an event
	current event.Event // the one, used again: observers do not keep events
}

// sent is a command on its way.
type sent struct {
	verb, arg string
	line      string // masked
	out       []byte // in place of line: nothing in it is secret
	at        time.Time
	op        string // the step, where no command is answered
	rcpt      string // the recipient whose reply it is: LMTP sends one for each
	nth, of   int    // which of how many replies to one message it is
}

// step names what is waited for, in errors.
func (q *sent) step() string {
	switch {
	case q.op != "":
		return q.op
	case q.of > 1:
		return fmt.Sprintf("reply to the end of the message for %s (%d of %d replies had come)", q.rcpt, q.nth-1, q.of)
	case q.rcpt != "":
		return "reply to the end of the message for " + q.rcpt
	case q.verb == endOfData:
		return "reply to the end of the message"
	}
	return "reply to " + q.verb
}

// text is the line, masked.
func (q *sent) text() string {
	if q.out != nil {
		return string(q.out)
	}
	return q.line
}

// Dial connects to the target, starts TLS when the target asks for it from the
// start, and reads the greeting, which may have any code. Errors: ErrDial,
// ErrTLS, ErrTimeout, ErrClosed, ErrProtocol, ErrCanceled, ErrUsage.
func Dial(ctx context.Context, target Target, opts Options) (*Session, error) {
	s := newSession(target, opts)
	if !s.end.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, s.end)
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

// New begins a session on a connection that already exists, as Dial does after
// connecting. It closes the connection when it returns an error.
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
		s.end = time.Now().Add(opts.Deadline)
	}
	return s
}

func (s *Session) begin(ctx context.Context, conn net.Conn) error {
	s.conn, s.socket = conn, conn
	s.rd = wire.NewReader(conn, s.opts.Limits)
	if s.opts.Observer != nil {
		s.onLine = s.lineReceived
	}
	greeting := sent{op: "greeting", at: time.Now()}
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

// Target returns where the session was opened to.
func (s *Session) Target() Target { return s.target }

// Capabilities returns what the server offered in its last EHLO or LHLO reply;
// nothing after HELO and after STARTTLS (RFC 3207 section 4.2).
func (s *Session) Capabilities() Capabilities { return s.caps }

// Has reports whether the server offers an extension.
func (s *Session) Has(keyword string) bool { return s.caps.Has(keyword) }

// State tells where the conversation stands.
func (s *Session) State() State { return s.state }

// Envelope returns the sender and the recipients that the server has accepted
// in the transaction under way.
func (s *Session) Envelope() (from string, rcpts []string) { return s.from, s.rcpts }

// User is the name that the session authenticated with, "" before AUTH.
func (s *Session) User() string { return s.user }

// LMTP reports whether the session speaks LMTP (RFC 2033).
func (s *Session) LMTP() bool { return s.target.LMTP || s.hello == "LHLO" }

// TLS describes the encryption, nil when there is none.
func (s *Session) TLS() *tlsinfo.Info {
	if s.tls == nil {
		return nil
	}
	info := tlsinfo.Describe(s.tls, s.tlsErr)
	return &info
}

// ConnectionState gives the raw TLS state, nil without TLS.
func (s *Session) ConnectionState() *tls.ConnectionState { return s.tls }

// Peer is the server's address, "192.0.2.1:25" or a socket path.
func (s *Session) Peer() string {
	if a := s.conn.RemoteAddr(); a != nil && a.String() != "" && a.String() != "@" {
		return a.String()
	}
	return s.target.Address()
}

// Err tells why the session cannot be used any more, nil while it can.
func (s *Session) Err() error {
	if s.closed.Load() {
		return &OpError{Op: "session", Kind: ErrClosed}
	}
	return s.broken
}

// Closed reports whether the connection is closed on our side.
func (s *Session) Closed() bool { return s.closed.Load() }

// Introduced returns the verb and the name by which the client introduced itself, EHLO,
// HELO or LHLO; "" before.
func (s *Session) Introduced() (verb, name string) { return s.hello, s.helloAs }

// Unread is the number of commands whose replies were not read yet.
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

// Loopback reports whether the server is on this machine.
func (s *Session) Loopback() bool {
	switch a := s.conn.RemoteAddr().(type) {
	case *net.TCPAddr:
		return a.IP.IsLoopback()
	case *net.UnixAddr:
		return true
	}
	return s.conn.RemoteAddr() != nil && s.conn.RemoteAddr().Network() == "pipe"
}

// Close ends the connection at once, without QUIT; every wait ends with
// ErrClosed. It may be called more than once and from any goroutine.
func (s *Session) Close() error {
	if s.closed.Swap(true) || s.socket == nil {
		return nil
	}
	s.watch.mu.Lock()
	s.watch.forget()
	s.watch.mu.Unlock()
	// a TLS connection is closed below the record layer: its own Close waits
	// for a peer that does not read
	return s.socket.Close()
}

// netConn is the connection without TLS.
func (s *Session) netConn() net.Conn { return s.socket }

// closeWith closes after the server's farewell, telling the observer.
func (s *Session) closeWith(text string) {
	if t, ok := s.conn.(*tls.Conn); ok && !s.closed.Load() {
		t.SetDeadline(time.Now().Add(time.Second))
		t.CloseWrite() //nolint:errcheck // close_notify is a courtesy
	}
	s.Close()
	s.setState(Gone)
	s.emit(event.Event{Kind: event.Closed, Text: text})
}

// emit hands an event to the observer.
func (s *Session) emit(e event.Event) {
	if s.opts.Observer == nil {
		return
	}
	if e.Time.IsZero() { // reading the clock is a good part of what an event costs
		e.Time = time.Now()
	}
	e.Session = s.opts.Label
	if s.telling { // an observer makes the session say something
		again := e
		s.opts.Observer.Observe(&again)
		return
	}
	s.telling = true
	s.current = e
	s.opts.Observer.Observe(&s.current)
	s.current = event.Event{}
	s.telling = false
}

func (s *Session) lineReceived(line []byte) {
	if s.skip > 0 {
		s.skip--
		return
	}
	s.told++
	s.emit(event.Event{Kind: event.LineReceived, Data: line, Secrets: s.secretsIn(line)})
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
