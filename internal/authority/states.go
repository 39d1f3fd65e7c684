package authority

import (
	"crypto/tls"
	"net"
)

// fataler is the part of testing.TB that this package uses. Importing testing would add it
// to the program.
type fataler interface {
	Helper()
	Fatal(args ...any)
}

// States makes a TLS connection in memory and returns the state of client and server, for
// tests of channel binding.
func States(t fataler) (client, server *tls.ConnectionState) {
	t.Helper()
	ca, err := New("test")
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue(Leaf{Names: []string{"localhost"}})
	if err != nil {
		t.Fatal(err)
	}
	a, b := net.Pipe()
	srv := tls.Server(b, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS13, SessionTicketsDisabled: true})
	cli := tls.Client(a, &tls.Config{RootCAs: ca.Pool(), ServerName: "localhost"})
	done := make(chan error, 1)
	go func() { done <- srv.Handshake() }()
	if err := cli.Handshake(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	cs, ss := cli.ConnectionState(), srv.ConnectionState()
	return &cs, &ss
}
