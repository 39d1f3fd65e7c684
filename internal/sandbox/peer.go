package sandbox

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/secret"
)

// Listener is a server without any protocol of its own: the caller accepts connections and
// sends every reply. It makes its own certificate authority (CA) for TLS.
type Listener struct {
	ln   net.Listener
	opts ListenOptions
	id   *identity

	mu     sync.Mutex
	peers  map[*Peer]struct{}
	count  int
	closed bool
}

// ListenOptions are the options of a Listener.
type ListenOptions struct {
	Implicit bool   // implicit TLS
	Cert     string // kind of certificate, one of [CertKinds]
	Host     string // additional name in the certificate
	// Observe, if not nil, returns an observer for each connection. Lines from the client
	// are events of kind LineReceived.
	Observe func(conn ConnInfo) event.Observer
}

// Listen listens on host:port, on a port of 127.0.0.1, or on "unix:PATH".
func Listen(addr string, o ListenOptions) (*Listener, error) {
	network := "tcp"
	if path, ok := strings.CutPrefix(addr, "unix:"); ok {
		network, addr = "unix", path
	} else if host, port, ok := listenAddress(addr); ok {
		addr = net.JoinHostPort(host, port)
	}
	names := []string{"localhost", "127.0.0.1", "::1"}
	if o.Host != "" {
		names = append(names, o.Host)
	}
	id, err := newIdentity(names, oldVersions)
	if err != nil {
		return nil, err
	}
	listen := listenTCP
	if network == "unix" {
		listen = func(path string) (net.Listener, error) { return net.Listen("unix", path) }
	}
	ln, err := listen(addr)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err
		}
		return nil, fmt.Errorf("cannot listen on %s: %w", addr, err)
	}
	return &Listener{ln: ln, opts: o, id: id, peers: map[*Peer]struct{}{}}, nil
}

// Addr returns the address to which a program on this machine connects: host:port, or the
// path of a socket.
func (l *Listener) Addr() net.Addr { return dialable(l.ln.Addr()) }

// Roots returns a pool with the CA of the listener.
func (l *Listener) Roots() *x509.CertPool { return l.id.ca.Pool() }

// CA returns the certificate of the CA in PEM format.
func (l *Listener) CA() []byte { return l.id.ca.PEM() }

// Close stops listening and closes all connections.
func (l *Listener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for p := range l.peers {
		p.raw.Close()
	}
	return l.ln.Close()
}

// Accept waits for a client. It returns the error of the context, or net.ErrClosed.
func (l *Listener) Accept(ctx context.Context) (*Peer, error) {
	d, _ := ctx.Deadline()
	if t, ok := l.ln.(interface{ SetDeadline(time.Time) error }); ok {
		t.SetDeadline(d) //nolint:errcheck // Accept reports a closed listener.
		stop := context.AfterFunc(ctx, func() { t.SetDeadline(time.Now()) })
		defer stop()
	}
	nc, err := l.ln.Accept()
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		var ne net.Error
		if errors.As(err, &ne) && ne.Timeout() {
			return nil, context.DeadlineExceeded
		}
		return nil, err
	}
	l.mu.Lock()
	l.count++
	p := &Peer{l: l, raw: nc, nc: nc, r: bufio.NewReaderSize(nc, maxCommand), number: l.count}
	if l.closed {
		nc.Close()
	}
	l.peers[p] = struct{}{}
	l.mu.Unlock()
	if l.opts.Observe != nil {
		p.obs = l.opts.Observe(ConnInfo{Number: p.number, Peer: nc.RemoteAddr().String()})
	}
	p.emit(event.Event{Kind: event.Connected, Addr: nc.RemoteAddr().String()})
	return p, nil
}

// Begin does the TLS handshake if the listener has implicit TLS. Call it before any other
// method. It waits for the client until the context ends.
func (p *Peer) Begin(ctx context.Context) error {
	if !p.l.opts.Implicit || p.tls != nil {
		return nil
	}
	return p.StartTLS(ctx, "")
}

// Peer is a client's connection to a Listener.
type Peer struct {
	l      *Listener
	raw    net.Conn
	nc     net.Conn
	r      *bufio.Reader
	obs    event.Observer
	number int
	auth   bool // the next line is the response to a challenge
	tls    *tls.ConnectionState
}

func (p *Peer) emit(e event.Event) {
	if p.obs != nil {
		e.Time = time.Now()
		p.obs.Observe(&e)
	}
}

// Number returns the number of the connection, from 1.
func (p *Peer) Number() int { return p.number }

// Remote returns the address of the client.
func (p *Peer) Remote() string { return p.raw.RemoteAddr().String() }

// TLS returns the state of TLS, or nil without TLS.
func (p *Peer) TLS() *tls.ConnectionState { return p.tls }

// watch stops reads and writes when the context ends. The returned function undoes that.
func (p *Peer) watch(ctx context.Context) func() bool {
	d, _ := ctx.Deadline()
	p.raw.SetDeadline(d) //nolint:errcheck // The next read or write reports a closed connection.
	return context.AfterFunc(ctx, func() { p.raw.SetDeadline(time.Unix(1, 0)) })
}

// failed returns the cause of an error: of the context, of TLS, or of the network.
func failed(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	var ne net.Error
	if ctx.Err() != nil || errors.As(err, &ne) && ne.Timeout() {
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		return context.DeadlineExceeded
	}
	return ofTLS(err, afterHandshake)
}

// ReadCommand reads one line. It returns io.EOF if the client has closed the connection,
// the error of the context, or an error if the line has more than 12288 bytes.
func (p *Peer) ReadCommand(ctx context.Context) (Command, error) {
	defer p.watch(ctx)()
	line, _, err := readCommand(p.r)
	if err != nil {
		return Command{}, failed(ctx, err)
	}
	text := string(line)
	verb, arg, _ := strings.Cut(text, " ")
	var secrets []secret.Span
	switch {
	case p.auth && text != "*":
		secrets = []secret.Span{{From: 0, To: len(text)}}
	default:
		secrets = secretLines.Response(text)
	}
	p.auth = false
	p.emit(event.Event{Kind: event.LineReceived, Data: []byte(text + "\r\n"), Secrets: secrets})
	return Command{
		Session: p.number, Verb: strings.ToUpper(verb),
		Arg: strings.TrimRight(arg, " "), Line: text,
		Shown: string(secret.MaskSpans([]byte(text), secrets)),
	}, nil
}

// Reply sends a reply of a code and lines.
func (p *Peer) Reply(ctx context.Context, code int, lines ...string) error {
	var b strings.Builder
	if len(lines) == 0 {
		lines = []string{""}
	}
	for i, l := range lines {
		sep := "-"
		if i == len(lines)-1 {
			sep = " "
			if l == "" {
				sep = ""
			}
		}
		line := fmt.Sprintf("%03d%s%s\r\n", code, sep, l)
		p.emit(event.Event{Kind: event.LineSent, Data: []byte(line)})
		b.WriteString(line)
	}
	p.auth = code == 334
	return p.send(ctx, []byte(b.String()))
}

// Write sends exactly the given bytes.
func (p *Peer) Write(ctx context.Context, data []byte) error {
	p.emit(event.Event{Kind: event.ChunkSent, Data: data})
	return p.send(ctx, data)
}

func (p *Peer) send(ctx context.Context, data []byte) error {
	defer p.watch(ctx)()
	_, err := p.nc.Write(data)
	return failed(ctx, err)
}

// maxPeerData is the size limit of a message that a Peer reads: 256 MiB.
const maxPeerData = 256 << 20

// ReadData reads up to CRLF dot CRLF and returns the bytes before the dot unchanged, with
// stuffed dots. Only CRLF is a line ending. A message over 256 MiB is an error.
func (p *Peer) ReadData(ctx context.Context) ([]byte, error) {
	defer p.watch(ctx)()
	var data []byte
	for {
		line, err := p.r.ReadSlice('\n')
		data = append(data, line...)
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return data, failed(ctx, err)
		}
		if len(data) > maxPeerData {
			return nil, fmt.Errorf("message exceeds %d bytes", maxPeerData)
		}
		if strings.HasSuffix(string(data[max(0, len(data)-5):]), "\r\n.\r\n") || string(data) == ".\r\n" {
			data = data[:len(data)-3]
			p.emit(event.Event{Kind: event.ChunkReceived, Data: data, Content: true})
			p.emit(event.Event{Kind: event.LineReceived, Data: []byte(".\r\n")})
			return data, nil
		}
	}
}

// Read reads exactly n bytes, at most 256 MiB.
func (p *Peer) Read(ctx context.Context, n int) ([]byte, error) {
	if n < 0 || n > maxPeerData {
		return nil, fmt.Errorf("cannot read %d bytes: the number must be from 0 to %d", n, maxPeerData)
	}
	defer p.watch(ctx)()
	data := make([]byte, n)
	got, err := io.ReadFull(p.r, data)
	p.emit(event.Event{Kind: event.ChunkReceived, Data: data[:got], Content: true})
	return data[:got], failed(ctx, err)
}

// EOF waits for the client. It returns true if the client closes the connection, and
// false if it sends data.
func (p *Peer) EOF(ctx context.Context) (bool, error) {
	defer p.watch(ctx)()
	_, err := p.r.Peek(1)
	switch {
	case err == nil:
		return false, nil
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed), errors.Is(err, syscall.ECONNRESET), errors.Is(err, winConnReset):
		return true, nil
	}
	return false, failed(ctx, err)
}

// winConnReset is WSAECONNRESET, the error of Windows for a reset connection. On Windows,
// syscall.ECONNRESET is another number.
const winConnReset = syscall.Errno(10054)

// StartTLS does the TLS handshake with a certificate of a kind; "" is the kind in the
// options. A failure of TLS is a [*TLSError]; a closed connection is not.
func (p *Peer) StartTLS(ctx context.Context, kind string) error {
	if kind == "" {
		kind = p.l.opts.Cert
	}
	cfg, err := p.l.id.config(kind)
	if err != nil {
		return err
	}
	defer p.watch(ctx)()
	conn := tls.Server(p.raw, cfg)
	begun := time.Now()
	err = conn.HandshakeContext(ctx)
	cs := conn.ConnectionState()
	p.emit(event.Event{Kind: event.TLSDone, TLS: &cs, Took: time.Since(begun), Err: err})
	if err != nil {
		return failed(ctx, ofTLS(err, inHandshake))
	}
	p.nc, p.tls = conn, &cs
	p.r.Reset(conn)
	return nil
}

// Close closes the connection.
func (p *Peer) Close() error {
	p.l.mu.Lock()
	_, open := p.l.peers[p]
	delete(p.l.peers, p)
	p.l.mu.Unlock()
	if open {
		p.emit(event.Event{Kind: event.Closed})
	}
	return p.nc.Close()
}

// Reset closes the connection with a TCP reset.
func (p *Peer) Reset() error {
	if tcp, ok := p.raw.(*net.TCPConn); ok {
		tcp.SetLinger(0) //nolint:errcheck // After an error the close is an ordinary one.
	}
	p.l.mu.Lock()
	delete(p.l.peers, p)
	p.l.mu.Unlock()
	p.emit(event.Event{Kind: event.Closed, Text: "reset"})
	return p.raw.Close()
}
