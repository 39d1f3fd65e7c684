package engine

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/netip"
	"syscall"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/secret"
	"smtpsh/engine/wire"
)

// Options is how a session behaves. The zero value is safe: certificates are
// verified, nothing secret goes out unencrypted, every wait ends.
type Options struct {
	// HELO is the name given in EHLO, HELO and LHLO when a call names none. The
	// default is the address literal of the local end, "[192.0.2.1]" (RFC 5321
	// section 4.1.4).
	HELO string
	// Timeouts bounds single waits; zero fields take DefaultTimeouts.
	Timeouts Timeouts
	// Deadline bounds the whole session, from the first dial to the last
	// byte; 0 means no such bound.
	Deadline time.Duration
	// Network restricts the address family: "tcp4" or "tcp6"; "" for both.
	Network string
	// LocalAddr is the source address, "192.0.2.1" or "192.0.2.1:2000".
	LocalAddr string
	// TLS holds all that concerns encryption.
	TLS TLSOptions
	// Limits bounds what the server can make us remember.
	Limits wire.Limits
	// Early is said as soon as there is a connection, before the greeting is
	// read: what RFC 5321 section 3.1 forbids, to see what the server makes of
	// it. Complete lines count as commands, except for a header of the PROXY protocol
	// at the beginning.
	Early []byte
	// Observer is told everything that happens; nil costs nothing.
	Observer event.Observer
	// Opening, if not nil, is given each session before it connects, for those who watch
	// it from another goroutine: [Session.Waiting], [Session.Closed] and [Session.Close]
	// may be called there.
	Opening func(*Session)
	// Label marks the session's events, for logs of several sessions.
	Label string
	// Secrets is where credentials are remembered, to be masked; sessions that share
	// it mask each other's. Nil keeps them to the session.
	Secrets *secret.Set
	// AllowInsecureAuth lets credentials leave over a connection that is not
	// encrypted, or whose certificate was not verified, to hosts other than
	// this machine.
	AllowInsecureAuth bool
	// DialContext replaces the network, for tests.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
	// Control is called with the address of each connection before it is made, as
	// net.Dialer's; an error refuses it. It is not called when DialContext is set.
	Control func(network, address string, c syscall.RawConn) error
	// Resolver replaces the system's name resolution, for tests.
	Resolver Resolver
}

// Resolver turns a host name into addresses; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// TLSOptions is how a connection is encrypted and whom it trusts.
type TLSOptions struct {
	ServerName   string            // sent as SNI and checked; default: the target's host
	RootCAs      *x509.CertPool    // nil means the system's
	Certificates []tls.Certificate // for servers that ask the client for one
	MinVersion   uint16            // default tls.VersionTLS12
	MaxVersion   uint16            // default: the newest known
	// Insecure goes on with a peer that cannot be verified. The outcome of the
	// check is still reported, loudly, and credentials stay home unless
	// AllowInsecureAuth is set too.
	Insecure bool
	// KeyLog receives the session keys in NSS format (SSLKEYLOGFILE).
	KeyLog io.Writer
	// SessionCache enables resumption across sessions that share it.
	SessionCache tls.ClientSessionCache
	// TolerateInjection turns plaintext behind the 220 to STARTTLS from an error
	// into a finding; the bytes are dropped either way (RFC 3207 section 4.2).
	TolerateInjection bool
}

// Timeouts bounds single waits. RFC 5321 section 4.5.3.2 gives the least that a
// patient client should allow; DefaultTimeouts has those values.
type Timeouts struct {
	Connect  time.Duration // one address, TCP
	TLS      time.Duration // handshake
	Greeting time.Duration
	Command  time.Duration // reply to any command but DATA
	Data     time.Duration // reply to DATA itself
	Block    time.Duration // a block of message bytes to be taken
	Final    time.Duration // reply to the end of the message
}

// DefaultTimeouts are those of RFC 5321 section 4.5.3.2, with 30 seconds for
// the two things it does not name.
var DefaultTimeouts = Timeouts{
	Connect:  30 * time.Second,
	TLS:      30 * time.Second,
	Greeting: 5 * time.Minute,
	Command:  5 * time.Minute,
	Data:     2 * time.Minute,
	Block:    3 * time.Minute,
	Final:    10 * time.Minute,
}

// UniformTimeouts uses d for every wait.
func UniformTimeouts(d time.Duration) Timeouts {
	return Timeouts{d, d, d, d, d, d, d}
}

func (t Timeouts) orDefault() Timeouts {
	set := func(v *time.Duration, def time.Duration) {
		if *v <= 0 {
			*v = def
		}
	}
	set(&t.Connect, DefaultTimeouts.Connect)
	set(&t.TLS, DefaultTimeouts.TLS)
	set(&t.Greeting, DefaultTimeouts.Greeting)
	set(&t.Command, DefaultTimeouts.Command)
	set(&t.Data, DefaultTimeouts.Data)
	set(&t.Block, DefaultTimeouts.Block)
	set(&t.Final, DefaultTimeouts.Final)
	return t
}
