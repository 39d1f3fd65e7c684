package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"

	"smtpsh/engine"
	"smtpsh/engine/tlsinfo"
)

// Kinds of errors, in addition to those of the context.
var (
	ErrTarget = errors.New("not an IMAP target") // the target has a wrong form
	ErrDial   = errors.New("cannot connect")
	ErrTLS    = errors.New("TLS failed")
)

// RefusedError is a NO or BAD reply to a command.
type RefusedError struct{ Text string }

// Error returns the reply.
func (e *RefusedError) Error() string { return e.Text }

// Options are the server and the credentials.
type Options struct {
	Target   string // imaps://host[:port], or imap://host[:port] with STARTTLS
	User     string
	Password string
	Token    string // OAuth 2.0 token, used without a password
	TLS      engine.TLSOptions
	Timeout  time.Duration // time limit of each step; 0 means 30 seconds
	// Dial opens the connection; nil uses net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Box is a session that is logged in. The caller must close it.
type Box struct {
	client  *imapclient.Client
	meter   *meter
	timeout time.Duration
	once    sync.Once
}

// parseTarget parses imaps://host:port and imap://host:port.
func parseTarget(s string) (host, port string, implicit bool, err error) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || scheme != "imap" && scheme != "imaps" {
		return "", "", false, fmt.Errorf("%q is %w: write imaps://host or imap://host", s, ErrTarget)
	}
	port = map[string]string{"imap": "143", "imaps": "993"}[scheme]
	host = strings.TrimSuffix(rest, "/")
	if h, p, err := net.SplitHostPort(host); err == nil {
		host, port = h, p
	}
	host = strings.Trim(host, "[]")
	if host == "" || strings.ContainsAny(host, "/@ ") {
		return "", "", false, fmt.Errorf("%q is %w: write imaps://host or imap://host", s, ErrTarget)
	}
	if host, err = engine.ASCIIHost(host); err != nil {
		return "", "", false, fmt.Errorf("%q is %w: %w", s, ErrTarget, err)
	}
	return host, port, scheme == "imaps", nil
}

// Open connects and logs in. It sends the password only over verified TLS. Errors:
// ErrTarget, ErrDial, ErrTLS, a RefusedError, a FloodError or an error of the context.
func Open(ctx context.Context, o Options) (*Box, error) {
	host, port, implicit, err := parseTarget(o.Target)
	if err != nil {
		return nil, err
	}
	if o.Timeout <= 0 || o.Timeout > time.Minute {
		o.Timeout = 30 * time.Second
	}
	b := &Box{timeout: o.Timeout}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	dial := o.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	conn, err := dial(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("%w to %s: %w", ErrDial, net.JoinHostPort(host, port), err)
	}
	b.meter = &meter{Conn: conn}
	b.meter.allow(spare)
	conn = b.meter
	// the library does not stop at the end of ctx, so close the connection
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	cfg := &tls.Config{
		ServerName: strings.TrimSuffix(host, "."), RootCAs: o.TLS.RootCAs,
		MinVersion: max(o.TLS.MinVersion, tls.VersionTLS12),
		MaxVersion: o.TLS.MaxVersion,
	}
	if o.TLS.ServerName != "" {
		cfg.ServerName = o.TLS.ServerName
	}
	if implicit {
		tc := tls.Client(conn, cfg)
		if err := tc.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, fmt.Errorf("%w: %s", ErrTLS, tlsinfo.Explain(err))
		}
		b.client = imapclient.New(tc, nil)
	} else if b.client, err = imapclient.NewStartTLS(conn, &imapclient.Options{TLSConfig: cfg}); err != nil {
		conn.Close()
		if b.meter.flooded.Load() {
			return nil, b.failure(ctx, err)
		}
		return nil, fmt.Errorf("%w: %s", ErrTLS, tlsinfo.Explain(err))
	}
	if err := b.login(o); err != nil {
		b.client.Close()
		return nil, b.failure(ctx, err)
	}
	return b, nil
}

func (b *Box) login(o Options) error {
	if err := b.client.WaitGreeting(); err != nil {
		return err
	}
	if o.Password == "" && o.Token != "" {
		return b.client.Authenticate(sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: o.User, Token: o.Token}))
	}
	return b.client.Login(o.User, o.Password).Wait()
}

// failure returns the cause of a failed command. Errors of the library contain no secret.
func (b *Box) failure(ctx context.Context, err error) error {
	if b.meter.flooded.Load() {
		return &FloodError{b.meter.limit.Load()}
	}
	if cerr := ctx.Err(); cerr != nil {
		if errors.Is(cerr, context.DeadlineExceeded) {
			return fmt.Errorf("no reply from the server within %v: %w", b.timeout, os.ErrDeadlineExceeded)
		}
		return cerr
	}
	var ie *goimap.Error
	if errors.As(err, &ie) {
		return &RefusedError{Text: fmt.Sprintf("the server replied %s %s", ie.Type, ie.Text)}
	}
	return err
}

// Query selects a message. A message must match all fields that are set.
type Query struct {
	ID, Subject, From, To string
	Mailbox               string // default INBOX
	Max                   int64  // size limit of the message in bytes; 0 means DefaultMax
}

// DefaultMax is the default size limit of a message, in bytes. A message is kept in memory.
const DefaultMax = 16 << 20

// Fetch returns the newest message that matches q, nil if none does. It returns an error if
// the message is larger than q.Max.
func (b *Box) Fetch(ctx context.Context, q Query) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { b.client.Close() })
	defer stop()
	msg, err := b.fetch(q)
	if err != nil {
		return nil, b.failure(ctx, err)
	}
	return msg, nil
}

func (b *Box) fetch(q Query) ([]byte, error) {
	if q.Mailbox == "" {
		q.Mailbox = "INBOX"
	}
	if q.Max <= 0 {
		q.Max = DefaultMax
	}
	b.meter.allow(spare)
	// after another SELECT the server also reports new messages
	if _, err := b.client.Select(q.Mailbox, &goimap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
		return nil, err
	}
	var c goimap.SearchCriteria
	for _, f := range [][2]string{{"Message-Id", q.ID}, {"Subject", q.Subject}, {"From", q.From}, {"To", q.To}} {
		if f[1] != "" {
			c.Header = append(c.Header, goimap.SearchCriteriaHeaderField{Key: f[0], Value: f[1]})
		}
	}
	found, err := b.client.UIDSearch(&c, nil).Wait()
	if err != nil {
		return nil, err
	}
	uids := found.AllUIDs()
	if len(uids) == 0 {
		return nil, nil
	}
	newest := goimap.UIDSetNum(uids[len(uids)-1])
	sizes, err := b.client.Fetch(newest, &goimap.FetchOptions{RFC822Size: true}).Collect()
	if err != nil {
		return nil, err
	}
	if len(sizes) != 1 {
		return nil, fmt.Errorf("the server returned the sizes of %d messages instead of one", len(sizes))
	}
	size := sizes[0].RFC822Size
	if size < 0 || size > q.Max {
		return nil, fmt.Errorf("the message has %d bytes, more than the limit of %d", size, q.Max)
	}
	b.meter.allow(spare + size + size/8) // TLS adds some bytes
	section := &goimap.FetchItemBodySection{Peek: true}
	got, err := b.client.Fetch(newest, &goimap.FetchOptions{BodySection: []*goimap.FetchItemBodySection{section}}).Collect()
	if err != nil || len(got) == 0 {
		return nil, err
	}
	return got[0].FindBodySection(section), nil
}

// Close closes the connection.
func (b *Box) Close() {
	b.once.Do(func() { b.client.Close() })
}
