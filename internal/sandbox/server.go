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

// Options are the options of [Start]. The zero value listens on free ports of 127.0.0.1.
type Options struct {
	Profile string // default "gmail"
	// Listen is a host, a port, or host:port. The first listener uses the port, the others
	// the ports after it. Without a port, or with port 0, each listener uses a free port.
	Listen string
	// Observe, if not nil, returns an observer for each new connection. Lines from the
	// client are events of kind LineReceived, replies of kind LineSent.
	Observe func(conn ConnInfo) event.Observer
	// Idle is the time limit for the next command (default: 5 minutes, RFC 5321 section
	// 4.5.3.2.7).
	Idle time.Duration
	// Memory is the memory limit in bytes (default: 512 MiB). It covers kept messages,
	// messages being received, envelopes, connections and recorded commands. At the limit
	// the server drops the oldest messages. If that is not enough, it rejects commands with
	// 452 and connections with 421.
	Memory int64
	// Spill is the size in bytes above which a message is stored in a temporary file. The
	// Data of such a message is nil. 0 stores all messages in memory.
	Spill int64
	// Disk is the limit of all temporary files in bytes (default: 1 GiB). Each file counts
	// as at least 2 MiB.
	Disk int64
	// TempDir is the folder for temporary files (default: the system's).
	TempDir string
	// Forget turns off the record that Server.Commands returns.
	Forget bool
	// Limits limits the clients. The zero value sets no limits.
	Limits Limits
	// Notice, if not nil, is called with a line of text when a limit is reached, and later
	// with counts. Several goroutines may call it at the same time.
	Notice func(text string)
	// Received, if not nil, is called with each message before the positive reply, in the
	// connection's goroutine. If it returns an error, the message is not kept and the
	// client gets 452.
	Received func(m Message) error
	// Now returns the time (default: time.Now). Tests replace it.
	Now func() time.Time
	// Cert is the kind of certificate, one of [CertKinds] (default: the one of the profile).
	Cert string
	// Host, if not empty, is an additional name in the certificate.
	Host string
	// Names are the host names or IP addresses at which other machines reach the server.
	// The certificate contains them. Except with a gmail profile, the server uses the first
	// one in its greeting.
	Names []string
}

// ConnInfo describes a connection to its observer.
type ConnInfo struct {
	Number  int
	Service string
	Peer    string
}

// maxConns is the limit of open connections. Further connections are rejected with 421.
const maxConns = 20000

// Server is a running sandbox. The caller must close it.
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
	done     chan struct{} // closed when the server stops

	mu     sync.Mutex
	conns  map[*conn]struct{}
	serial int
	closed bool
	wg     sync.WaitGroup

	rules  atomic.Pointer[[]*ruleState] // nil for none; ruleMu guards changes and counts
	ruleMu sync.Mutex
}

// Start starts a server with a listener for each service of its profile. It returns an
// error if the profile is unknown, an option is invalid, or a port cannot be used.
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
	if err := s.makeTLS(); err != nil { // The certificate contains the addresses of the listeners.
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

// listenAddress splits host and port. A number alone is a port of 127.0.0.1.
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
			if errors.As(err, &ne) && !errors.Is(err, net.ErrClosed) { // It may be temporary, such as a lack of file descriptors.
				time.Sleep(10 * time.Millisecond)
				continue
			}
			return
		}
		s.admit(d, nc)
	}
}

// Close stops listening, closes all connections and waits for their end.
func (s *Server) Close() error {
	s.Stop()
	s.wg.Wait()
	s.store.arrived.Broadcast()
	s.store.closeFiles()
	s.notices.close()
	return nil
}

// Stop is like Close but does not wait. The function of a rule may call it; its connection
// ends after the function returns.
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

// Profile returns the profile of the server.
func (s *Server) Profile() *Profile { return s.profile }

// Addr returns the address to which a program on this machine connects for a service. The
// empty name is the first service. Addr returns "" if the service does not exist.
func (s *Server) Addr(service string) string {
	d, ok := s.profile.service(service)
	if !ok {
		return ""
	}
	return dialable(s.lns[d.Name].Addr()).String()
}

// Listens returns the addresses of the listeners, in the order of the profile's services.
func (s *Server) Listens() []net.Addr {
	var out []net.Addr
	for _, d := range s.profile.Services {
		out = append(out, s.lns[d.Name].Addr())
	}
	return out
}

// ServiceInfo returns a service by name. The empty name is the first service.
func (s *Server) ServiceInfo(name string) (Service, bool) { return s.profile.service(name) }

// TLSConfig returns a configuration with a good certificate for a further listener.
func (s *Server) TLSConfig() (*tls.Config, error) {
	cfg, err := s.id.config("good")
	if err != nil {
		return nil, err
	}
	cfg = cfg.Clone()
	cfg.MinVersion, cfg.ClientAuth = tls.VersionTLS12, tls.NoClientCert
	return cfg, nil
}

// Roots returns a pool with only the server's CA.
func (s *Server) Roots() *x509.CertPool { return s.id.ca.Pool() }

// CA returns the certificate of the server's CA in PEM format.
func (s *Server) CA() []byte { return s.id.ca.PEM() }

// Authority returns the server's CA, which can sign certificates for clients.
func (s *Server) Authority() *authority.CA { return s.id.ca }

// Messages returns all kept messages, oldest first.
func (s *Server) Messages() []Message { return s.store.all() }

// Latest returns the last n messages, oldest first, and the number of other kept messages.
// It copies only these n, because there may be hundreds of thousands.
func (s *Server) Latest(n int) (msgs []Message, left int) { return s.store.latest(n) }

// Message returns the message with a number, or false if it is not kept.
func (s *Server) Message(id int) (Message, bool) { return s.store.find(id) }

// WaitMessages waits until at least n messages have been accepted since the start. It
// returns the kept messages, or the error of the context.
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
