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
	"smtpsh/engine/tlsinfo"
	"smtpsh/engine/wire"
)

// Options configures a session. The zero value is safe: certificates are verified,
// credentials are sent unencrypted or to an unverified server only on this machine, and every
// wait has a time limit.
type Options struct {
	// HELO is the name in EHLO, HELO and LHLO if a call gives none. The default is the
	// address literal of the local address, "[192.0.2.1]" (RFC 5321 section 4.1.4).
	HELO string
	// Timeouts limits single waits; zero fields mean DefaultTimeouts.
	Timeouts Timeouts
	// Deadline limits the whole session, from the first dial to the last byte; 0 means no
	// limit.
	Deadline time.Duration
	// Network restricts the address family: "tcp4" or "tcp6"; "" for both.
	Network string
	// LocalAddr is the source address, "192.0.2.1" or "192.0.2.1:2000".
	LocalAddr string
	// TLS holds the options for encryption.
	TLS TLSOptions
	// Limits limits the memory for replies of the server.
	Limits wire.Limits
	// Preface, if not nil, returns bytes that are sent first on the connection, before TLS and
	// the greeting, such as a PROXY protocol header. They are no command.
	Preface func(local, remote net.Addr) ([]byte, error)
	// Early is sent as soon as the connection exists, before the greeting is read. RFC
	// 5321 section 3.1 forbids this; it tests the reaction of a server. Complete lines
	// count as commands, except for a PROXY protocol header at the beginning.
	Early []byte
	// Observer receives every event; nil means none.
	Observer event.Observer
	// Opening, if not nil, is called with each session before it connects, so that
	// another goroutine can watch it: [Session.Waiting], [Session.Closed] and
	// [Session.Close] may be called there.
	Opening func(*Session)
	// Label marks the session's events, for logs of several sessions.
	Label string
	// Secrets holds the credentials to mask. Sessions that share it also mask each other's
	// credentials. With nil, each session masks only its own.
	Secrets *secret.Set
	// AllowInsecureAuth allows sending credentials over a connection that is not
	// encrypted, or to a server that was not verified, on other machines.
	AllowInsecureAuth bool
	// Proxy, if not nil, connects instead of the client and resolves the target's name. The
	// server then counts as one on another machine. It is not used for unix sockets.
	Proxy Proxy
	// Start starts the program of a pipe target and returns a connection to its standard input
	// and output. The program counts as a server on this machine. Without Start, a pipe target
	// is an error.
	Start func(ctx context.Context, command string) (net.Conn, error)
	// DialContext replaces the network, for tests.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
	// Control is called with the address before each connection, as in net.Dialer; an
	// error prevents the connection. It is not called if DialContext is set.
	Control func(network, address string, c syscall.RawConn) error
	// Resolver replaces the system's name resolution, for tests.
	Resolver Resolver
}

// Proxy connects to servers for the client.
type Proxy interface {
	// DialContext connects to an address host:port, whose host can be a name.
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
	// String returns the address of the proxy for texts, without credentials.
	String() string
}

// Resolver turns a host name into addresses; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// TLSOptions sets how a connection is encrypted and how certificates are verified.
type TLSOptions struct {
	ServerName   string            // sent as SNI and verified; default: the target's host
	RootCAs      *x509.CertPool    // nil means the system's
	Certificates []tls.Certificate // for servers that request a client certificate
	MinVersion   uint16            // default: tls.VersionTLS12
	MaxVersion   uint16            // default: the newest supported version
	// CipherSuites are the suites to offer for TLS 1.2 and older; nil means the secure ones.
	// Those of TLS 1.3 cannot be chosen.
	CipherSuites []uint16
	// Pins, if not empty, are the public keys that the server may have. They are checked in
	// addition to the certificate. With Insecure they replace this check: a server with such a
	// key counts as verified.
	Pins   []tlsinfo.Pin
	Curves []tls.CurveID // the key exchanges to offer; nil means those of crypto/tls
	ALPN   []string      // the application protocols to offer (RFC 7301); nil means none
	// Insecure continues although the server's certificate cannot be verified. The result
	// of the verification is still reported, and credentials are not sent unless
	// AllowInsecureAuth is set too.
	Insecure bool
	// KeyLog receives the session keys in NSS format (SSLKEYLOGFILE).
	KeyLog io.Writer
	// SessionCache enables resumption across sessions that share it.
	SessionCache tls.ClientSessionCache
	// TolerateInjection reports plaintext after the 220 to STARTTLS as a finding instead
	// of an error. The bytes are dropped in both cases (RFC 3207 section 4.2).
	TolerateInjection bool
}

// Timeouts sets the time limit for each single wait. RFC 5321 section 4.5.3.2 has
// the minimum values for clients; DefaultTimeouts has those values.
type Timeouts struct {
	Connect  time.Duration // TCP connection to one address
	TLS      time.Duration // handshake
	Greeting time.Duration
	Command  time.Duration // reply to any command but DATA
	Data     time.Duration // reply to DATA itself
	Block    time.Duration // writing one block of the message
	Final    time.Duration // reply to the end of the message
}

// DefaultTimeouts are those of RFC 5321 section 4.5.3.2, and 30 seconds for Connect and
// TLS, for which it has no values.
var DefaultTimeouts = Timeouts{
	Connect:  30 * time.Second,
	TLS:      30 * time.Second,
	Greeting: 5 * time.Minute,
	Command:  5 * time.Minute,
	Data:     2 * time.Minute,
	Block:    3 * time.Minute,
	Final:    10 * time.Minute,
}

// UniformTimeouts returns d for every wait.
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
