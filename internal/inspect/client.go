package inspect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"
)

// Client reads what a sandbox elsewhere has received.
type Client struct {
	Address Address
	// Roots are the authorities that are trusted, nil for the system's.
	Roots *x509.CertPool
	// Insecure goes on with a server that cannot be verified; the token then goes
	// out only to this machine, or with AllowUnverified.
	Insecure        bool
	AllowUnverified bool
}

// ErrUnverified is wrapped by the error that keeps the token here.
var ErrUnverified = errors.New("the token is not sent to a server that is not verified")

// Accounts asks who can log in.
func (c Client) Accounts(ctx context.Context) (*Answer, error) { return c.ask(ctx, "accounts") }

// Messages asks for the list of messages.
func (c Client) Messages(ctx context.Context) (*Answer, error) { return c.ask(ctx, "messages") }

// Message asks for one message; the answer has none when there is none.
func (c Client) Message(ctx context.Context, id int) (*Answer, error) {
	return c.ask(ctx, fmt.Sprintf("message %d", id))
}

// ask makes one exchange. The error says at which server; its texts are the server's,
// so whoever shows them escapes control bytes.
func (c Client) ask(ctx context.Context, what string) (*Answer, error) {
	a, err := c.exchange(ctx, what)
	if err != nil {
		return nil, fmt.Errorf("the mailboxes at %s: %w", c.Address.Host, err)
	}
	return a, nil
}

func (c Client) exchange(ctx context.Context, what string) (*Answer, error) {
	host, _, err := net.SplitHostPort(c.Address.Host)
	if err != nil {
		return nil, err
	}
	if c.Insecure && !c.AllowUnverified && !onThisMachine(host) {
		return nil, ErrUnverified
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	nc, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.Address.Host)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) && ctx.Err() == nil {
			err = op.Err
		}
		return nil, err
	}
	defer nc.Close()
	defer context.AfterFunc(ctx, func() { nc.SetDeadline(time.Now()) })()
	//mutant:a-token-stays-from-unverified-servers is "c.Insecure" "true"
	conn := tls.Client(nc, &tls.Config{ServerName: host, RootCAs: c.Roots, InsecureSkipVerify: c.Insecure, MinVersion: tls.VersionTLS12})
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	if _, err := io.WriteString(conn, hello+" "+c.Address.Token+" "+what+"\n"); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(conn, maxAnswer+1))
	switch {
	case err != nil:
		return nil, err
	case len(b) > maxAnswer:
		return nil, fmt.Errorf("the answer is longer than %d octets", maxAnswer)
	}
	a := &Answer{}
	if err := json.Unmarshal(b, a); err != nil {
		return nil, errors.New("the answer is not that of a sandbox")
	}
	if a.Error != "" {
		return nil, errors.New(a.Error)
	}
	return a, nil
}

func onThisMachine(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback() || strings.EqualFold(host, "localhost")
}
