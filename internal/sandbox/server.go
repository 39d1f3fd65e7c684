package sandbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"smtpsh/engine/event"
	"smtpsh/internal/authority"
)

// Options is how a server is started. The zero value listens on free ports of
// 127.0.0.1.
type Options struct {
	Profile string // default "gmail"
	// Listen is a host, a port, or host:port for the first service; the other services take
	// the ports that follow. Port 0, or none, means free ports.
	Listen string
	// Observe, if not nil, returns an observer for each new connection; client
	// lines are LineReceived, server lines LineSent.
	Observe func(conn ConnInfo) event.Observer
	// Idle is how long the server waits for a command, 5 minutes by default
	// (RFC 5321 section 4.5.3.2.7).
	Idle time.Duration
	// Memory is how many octets of memory the server may use, 512 MiB by default: for
	// messages that are kept and those under way, with their envelopes, for connections,
	// and for the commands that are remembered. When it runs out, the oldest messages
	// are dropped; when that is not enough, new work is refused with 452 or 421.
	Memory int64
	// Spill is how many octets of a message are kept in memory; larger messages go to
	// temporary files, and their Data is nil. 0 keeps everything in memory.
	Spill int64
	// Disk is how many octets of temporary files there may be, 1 GiB by default. A file
	// counts as 2 MiB at least.
	Disk int64
	// TempDir is the folder for temporary files; "" is the system's.
	TempDir string
	// Forget says that nobody will ask for Commands: none are remembered.
	Forget bool
	// Limits are those of clients; the zero value has none.
	Limits Limits
	// Notice, if not nil, is called with a line of text when a limit is reached, and
	// later with counts. It may be called from several goroutines at once.
	Notice func(text string)
	// Received, if not nil, is called with each message that is to be accepted, from
	// the connection's goroutine, before the client hears of it. If it returns an
	// error, the message is not kept, and the client gets 452.
	Received func(m Message) error
	// Now is the clock, for tests.
	Now func() time.Time
	// Cert is the kind of certificate shown, of [CertKinds]; "" is a good one.
	Cert string
	// Host, if not empty, is the name in the certificate next to the services' own.
	Host string
	// Names, if not empty, are names or addresses at which other machines reach the
	// server: they stand in its certificate, and a server that is no likeness of a
	// real one calls itself by the first.
	Names []string
}

// ConnInfo describes a connection to its observer.
type ConnInfo struct {
	Number  int
	Service string
	Peer    string
}

// maxConns bounds the connections that are served at once; more get a 421.
const maxConns = 20000

// Server is a running sandbox. Close it.
type Server struct {
	profile  *Profile
	opts     Options
	id       *identity
	tls      *tls.Config
	lns      map[string]net.Listener
	store    *store
	memory   budget
	disk     budget // temporary files
	peers    peers
	notices  notices
	commands commandLog
	begun    time.Time
	done     chan struct{} // closed with the server

	mu     sync.Mutex
	conns  map[*conn]struct{}
	serial int
	closed bool
	wg     sync.WaitGroup

	rules  atomic.Pointer[[]*ruleState] // nil for none; changed and counted under ruleMu
	ruleMu sync.Mutex
}

// Start makes a server and listens on all services of its profile.
func Start(opts Options) (*Server, error) {
	if opts.Profile == "" {
		opts.Profile = "gmail"
	}
	p, err := LookupProfile(opts.Profile)
	if err != nil {
		return nil, err
	}
	if opts.Idle <= 0 {
		opts.Idle = 5 * time.Minute
	}
	if opts.Memory <= 0 {
		opts.Memory = 512 << 20
	}
	if opts.Disk <= 0 {
		opts.Disk = 1 << 30
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	s := &Server{profile: p, opts: opts, lns: map[string]net.Listener{}, store: newStore(), conns: map[*conn]struct{}{},
		begun: time.Now(), done: make(chan struct{})}
	s.memory.limit, s.memory.spare = opts.Memory, func(n int64) { s.makeRoom(&s.memory, "memory", n) }
	s.disk.limit, s.disk.spare = opts.Disk, func(n int64) { s.makeRoom(&s.disk, "temporary files", n) }
	s.peers.limits = opts.Limits
	s.notices.say, s.notices.first = opts.Notice, noticeFirst
	if !opts.Forget { //mutant:commands-that-nobody-asks-for-are-forgotten always
		s.commands.memory = &s.memory
	}
	if p.has("hasty") {
		s.opts.Idle = 2 * time.Second
	}
	if err := s.listen(); err != nil {
		s.Close()
		return nil, err
	}
	if err := s.makeTLS(); err != nil { // its addresses are in the certificate
		s.Close()
		return nil, err
	}
	if len(opts.Names) > 0 && !p.google {
		for i := range p.Services {
			p.Services[i].Host = helloName(opts.Names[0])
		}
	}
	for _, d := range p.Services {
		s.wg.Add(1)
		go s.accept(d, s.lns[d.Name])
	}
	return s, nil
}

func (s *Server) makeTLS() error {
	var names []string
	for _, d := range s.profile.Services {
		if !slices.Contains(names, d.Host) {
			names = append(names, d.Host)
		}
	}
	names = append(names, "localhost", "127.0.0.1", "::1")
	if s.opts.Host != "" {
		names = append(names, s.opts.Host)
	}
	for _, n := range s.opts.Names {
		if err := checkName(n); err != nil {
			return err
		}
		names = append(names, n)
	}
	for _, ln := range s.lns {
		if ip := ln.Addr().(*net.TCPAddr).IP; !ip.IsUnspecified() && !ip.IsLoopback() {
			names = append(names, ip.String())
		}
	}
	var err error
	if s.id, err = newIdentity(names, versions(s.profile.has("tls-old"))); err != nil {
		return err
	}
	kind := s.opts.Cert
	if kind == "" {
		kind = s.profile.certFlaw()
	}
	s.tls, err = s.id.config(kind)
	return err
}

func (s *Server) listen() error {
	host, port := s.opts.Listen, 0
	if host == "" {
		host = "127.0.0.1"
	} else if h, ok := strings.CutPrefix(host, "["); ok && strings.HasSuffix(h, "]") {
		host = strings.TrimSuffix(h, "]")
	} else if h, p, ok := listenAddress(host); ok {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 || n > 65535-len(s.profile.Services) {
			return fmt.Errorf("cannot listen on %s: %q is not a port", s.opts.Listen, p)
		}
		host, port = h, n
	}
	for i, d := range s.profile.Services {
		p := 0
		if port != 0 {
			p = port + i
		}
		ln, err := listenTCP(net.JoinHostPort(host, strconv.Itoa(p)))
		if err != nil {
			var op *net.OpError
			if errors.As(err, &op) {
				return fmt.Errorf("cannot listen on %s for service %s: %w", net.JoinHostPort(host, strconv.Itoa(p)), d.Name, op.Err)
			}
			return fmt.Errorf("cannot listen for service %s: %w", d.Name, err)
		}
		s.lns[d.Name] = ln
	}
	return nil
}

// listenAddress parts host and port. A bare number is a port of this machine.
func listenAddress(s string) (host, port string, ok bool) {
	if strings.Trim(s, "0123456789") == "" {
		return "127.0.0.1", s, true
	}
	h, p, err := net.SplitHostPort(s)
	return h, p, err == nil
}

func (s *Server) accept(d Service, ln net.Listener) {
	defer s.wg.Done()
	for {
		nc, err := ln.Accept()
		if err != nil {
			var ne net.Error
			if errors.As(err, &ne) && !errors.Is(err, net.ErrClosed) { // out of descriptors, perhaps
				time.Sleep(10 * time.Millisecond)
				continue
			}
			return
		}
		s.admit(d, nc)
	}
}

// Close stops listening, ends all connections and waits for them.
func (s *Server) Close() error {
	s.Stop()
	s.wg.Wait()
	s.store.arrived.Broadcast()
	s.store.closeFiles()
	s.notices.close()
	return nil
}

// Stop is Close without the wait. The function of a rule may call it: the connection that
// asked it ends when it returns.
func (s *Server) Stop() {
	s.mu.Lock()
	if !s.closed {
		close(s.done)
	}
	s.closed = true
	for _, ln := range s.lns {
		ln.Close()
	}
	for c := range s.conns {
		c.kill()
	}
	s.mu.Unlock()
	s.store.arrived.Broadcast()
}

// Profile returns what the server plays.
func (s *Server) Profile() *Profile { return s.profile }

// Addr is the address at which a program on this machine reaches a service, "" for the
// first; "" when there is no such service.
func (s *Server) Addr(service string) string {
	d, ok := s.profile.service(service)
	if !ok {
		return ""
	}
	return dialable(s.lns[d.Name].Addr()).String()
}

// Listens are the addresses that are listened on, in the order of the profile's services.
func (s *Server) Listens() []net.Addr {
	var out []net.Addr
	for _, d := range s.profile.Services {
		out = append(out, s.lns[d.Name].Addr())
	}
	return out
}

// ServiceInfo returns a service by name, "" for the first.
func (s *Server) ServiceInfo(name string) (Service, bool) { return s.profile.service(name) }

// TLSConfig is for a further listener of the same server, with a good certificate.
func (s *Server) TLSConfig() (*tls.Config, error) {
	cfg, err := s.id.config("good")
	if err != nil {
		return nil, err
	}
	cfg = cfg.Clone()
	cfg.MinVersion, cfg.ClientAuth = tls.VersionTLS12, tls.NoClientCert
	return cfg, nil
}

// Roots trusts the server's authority and nothing else.
func (s *Server) Roots() *x509.CertPool { return s.id.ca.Pool() }

// CA is the authority's certificate in PEM form.
func (s *Server) CA() []byte { return s.id.ca.PEM() }

// Authority signs further certificates, for clients that log in with one.
func (s *Server) Authority() *authority.CA { return s.id.ca }

// Messages returns all messages that are remembered, oldest first.
func (s *Server) Messages() []Message { return s.store.all() }

// Latest returns the n messages that came last, oldest first, and how many are remembered
// besides. It copies no others: there may be hundreds of thousands.
func (s *Server) Latest(n int) (msgs []Message, left int) { return s.store.latest(n) }

// Message returns the message with a number; false when it is not remembered.
func (s *Server) Message(id int) (Message, bool) { return s.store.find(id) }

// WaitMessages waits until at least n messages have been received since the
// start, and returns those that are remembered. The error is the context's.
func (s *Server) WaitMessages(ctx context.Context, n int) ([]Message, error) {
	stop := context.AfterFunc(ctx, func() {
		s.store.mu.Lock()
		defer s.store.mu.Unlock()
		s.store.arrived.Broadcast()
	})
	defer stop()
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	for s.store.came < n {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("%d of %d messages have arrived: %w", s.store.came, n, err)
		}
		s.store.arrived.Wait()
	}
	return append([]Message(nil), s.store.msgs...), nil
}
