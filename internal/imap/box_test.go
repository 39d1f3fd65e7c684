package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"smtpsh/engine"
	"smtpsh/internal/authority"
)

// literal is a message that can be appended.
type literal struct{ *strings.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// start runs an IMAP server with one user and three messages.
func start(t *testing.T) (addr string, ca *authority.CA) {
	t.Helper()
	user := imapmemserver.NewUser("ann", "secret-word")
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"one", "two", "three"} {
		text := "Message-Id: <" + s + "@example.org>\r\nSubject: number " + s + "\r\nFrom: bob@example.org\r\n\r\nbody " + s + "\r\n"
		if _, err := user.Append("INBOX", literal{strings.NewReader(text)}, &goimap.AppendOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	mem := imapmemserver.New()
	mem.AddUser(user)
	ca, err := authority.New("mailbox test")
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue(authority.Leaf{Names: []string{"localhost", "127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	cfg := &tls.Config{Certificates: []tls.Certificate{cert}}
	srv := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return mem.NewSession(), nil, nil
		},
		Caps: goimap.CapSet{goimap.CapIMAP4rev1: {}}, TLSConfig: cfg,
	})
	ln, err := tls.Listen("tcp", "127.0.0.1:0", cfg)
	if err != nil {
		t.Fatal(err)
	}
	go srv.Serve(ln) //nolint:errcheck // ends with the test
	t.Cleanup(func() { srv.Close() })
	return ln.Addr().String(), ca
}

func TestFetch(t *testing.T) {
	addr, ca := start(t)
	o := Options{Target: "imaps://" + addr, User: "ann", Password: "secret-word", TLS: engine.TLSOptions{RootCAs: ca.Pool()}, Timeout: 20 * time.Second}
	b, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for _, tt := range []struct {
		q    Query
		want string // part of the body; "" for no message
	}{
		{Query{ID: "<two@example.org>"}, "body two\r\n"},
		{Query{Subject: "number"}, "body three\r\n"},
		{Query{From: "bob", Subject: "one"}, "body one\r\n"},
		{Query{ID: "<nine@example.org>"}, ""},
	} {
		msg, err := b.Fetch(t.Context(), tt.q)
		if err != nil || tt.want == "" && msg != nil || !strings.HasSuffix(string(msg), tt.want) {
			t.Errorf("%+v: %q %v", tt.q, msg, err)
		}
	}
	var refused *RefusedError
	if _, err := b.Fetch(t.Context(), Query{Mailbox: "Nowhere"}); !errors.As(err, &refused) {
		t.Errorf("no such mailbox: %v", err)
	}
}

func TestOpenFails(t *testing.T) {
	addr, ca := start(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	good := engine.TLSOptions{RootCAs: ca.Pool()}
	var refused *RefusedError
	for name, tt := range map[string]struct {
		o    Options
		fits func(error) bool
	}{
		"wrong password": {Options{Target: "imaps://" + addr, User: "ann", Password: "wrong-word", TLS: good}, func(err error) bool { return errors.As(err, &refused) }},
		"unknown CA":     {Options{Target: "imaps://" + addr, User: "ann", Password: "x"}, func(err error) bool { return errors.Is(err, ErrTLS) }},
		"no scheme":      {Options{Target: addr}, func(err error) bool { return errors.Is(err, ErrTarget) }},
		"no listener":    {Options{Target: "imaps://127.0.0.1:1"}, func(err error) bool { return errors.Is(err, ErrDial) }},
		"no greeting":    {Options{Target: "imap://" + silent.Addr().String(), Timeout: 50 * time.Millisecond}, func(err error) bool { return err != nil }},
		"no handshake":   {Options{Target: "imaps://" + silent.Addr().String(), Timeout: 50 * time.Millisecond}, func(err error) bool { return err != nil }},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := Open(context.Background(), tt.o)
			if err == nil {
				b.Close()
			}
			if err == nil || !tt.fits(err) || strings.Contains(err.Error(), "wrong-word") {
				t.Fatalf("got %v", err)
			}
		})
	}
}
