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

// Client reads the messages and accounts of a sandbox in another process.
type Client struct {
	Address Address
	// Roots are the trusted CAs, nil for those of the system.
	Roots *x509.CertPool
	// Insecure continues although the certificate cannot be verified. The token is
	// then sent only to this machine, or with AllowUnverified.
	Insecure        bool
	AllowUnverified bool
}

// ErrUnverified is returned instead of sending the token to an unverified server.
var ErrUnverified = errors.New("the token is not sent, because the certificate is not verified")

// Accounts reads the accounts.
func (c Client) Accounts(ctx context.Context) (*Answer, error) { return c.ask(ctx, "accounts") }

// Messages reads the list of messages.
func (c Client) Messages(ctx context.Context) (*Answer, error) { return c.ask(ctx, "messages") }

// Message reads one message. Answer.Message is nil if it does not exist.
func (c Client) Message(ctx context.Context, id int) (*Answer, error) {
	return c.ask(ctx, fmt.Sprintf("message %d", id))
}

// ask makes one request. Its error names the server. The error can contain text of the
// server, so the caller must escape control bytes.
func (c Client) ask(ctx context.Context, what string) (*Answer, error) {
	a, err := c.exchange(ctx, what)
	if err != nil {
		return nil, fmt.Errorf("cannot read the mailboxes at %s: %w", c.Address.Host, err)
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
		return nil, fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	a := &Answer{}
	if err := json.Unmarshal(b, a); err != nil {
		return nil, errors.New("the answer is not from a sandbox")
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
