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

// The kinds of failure beside those of the context.
var (
	ErrTarget = errors.New("not an IMAP server") // the target cannot be read
	ErrDial   = errors.New("cannot connect")
	ErrTLS    = errors.New("TLS failed")
)

// RefusedError is a command that the server answered with NO or BAD.
type RefusedError struct{ Text string }

// Error gives the server's words.
func (e *RefusedError) Error() string { return e.Text }

// Options says where the mailbox is and who looks.
type Options struct {
	Target   string // imaps://host[:port] or imap://host[:port], which means STARTTLS
	User     string
	Password string
	Token    string // OAuth 2.0, used when there is no password
	TLS      engine.TLSOptions
	Timeout  time.Duration // of each step; 0 means 30 seconds
	// Dial replaces the network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Box is a login. Close it.
type Box struct {
	client  *imapclient.Client
	meter   *meter
	timeout time.Duration
	once    sync.Once
}

// parseTarget reads imaps://host:port.
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

// Open connects and logs in. The password leaves over verified TLS only.
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
	// the library has time-outs of its own; ours closes the connection
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

// failure names what ended a command; the library's errors hold no secret.
func (b *Box) failure(ctx context.Context, err error) error {
	if b.meter.flooded.Load() {
		return &FloodError{b.meter.limit.Load()}
	}
	if cerr := ctx.Err(); cerr != nil {
		if errors.Is(cerr, context.DeadlineExceeded) {
			return fmt.Errorf("the server has not answered in %v: %w", b.timeout, os.ErrDeadlineExceeded)
		}
		return cerr
	}
	var ie *goimap.Error
	if errors.As(err, &ie) {
		return &RefusedError{Text: fmt.Sprintf("the server says %s %s", ie.Type, ie.Text)}
	}
	return err
}

// Query says which message is meant; all that is set must hold.
type Query struct {
	ID, Subject, From, To string
	Mailbox               string // default INBOX
	Max                   int64  // the largest message that is fetched, in octets; default DefaultMax
}

// DefaultMax is the largest message that is fetched when nothing else is said: what
// is fetched is held in memory.
const DefaultMax = 16 << 20

// Fetch returns the newest message that fits, nil when there is none.
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
	// selecting again makes the server look for new mail
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
		return nil, fmt.Errorf("the server tells the size of %d messages where one was asked for", len(sizes))
	}
	size := sizes[0].RFC822Size
	if size < 0 || size > q.Max {
		return nil, fmt.Errorf("the message has %d octets, more than %d", size, q.Max)
	}
	b.meter.allow(spare + size + size/8) // and what TLS adds
	section := &goimap.FetchItemBodySection{Peek: true}
	got, err := b.client.Fetch(newest, &goimap.FetchOptions{BodySection: []*goimap.FetchItemBodySection{section}}).Collect()
	if err != nil || len(got) == 0 {
		return nil, err
	}
	return got[0].FindBodySection(section), nil
}

// Close leaves.
func (b *Box) Close() {
	b.once.Do(func() { b.client.Close() })
}
