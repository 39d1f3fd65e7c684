package sandbox

import (
	"crypto/tls"
	"sync"
	"time"

	"smtpsh/internal/authority"
)

// CertKinds are the kinds of certificates that a server can show.
var CertKinds = []string{"good", "expired", "expiring", "not-yet", "wrong-host", "unknown-ca", "self-signed"}

// identity makes the certificates of a server, of every kind, for its names. Its own
// certificate authority (CA) signs them.
type identity struct {
	ca    *authority.CA
	names []string
	old   bool // TLS 1.0 and 1.1 are accepted too

	mu   sync.Mutex
	made map[string]*tls.Config
}

// versions selects the TLS versions that a server accepts.
type versions bool

const (
	oldVersions versions = true
	newVersions versions = false
)

func newIdentity(names []string, speaks versions) (*identity, error) {
	ca, err := authority.New("smtpsh sandbox CA")
	if err != nil {
		return nil, err
	}
	return &identity{ca: ca, names: names, old: speaks == oldVersions, made: map[string]*tls.Config{}}, nil
}

// config returns the TLS configuration with a certificate of a kind. The kind "" means good.
func (id *identity) config(kind string) (*tls.Config, error) {
	id.mu.Lock()
	defer id.mu.Unlock()
	if cfg := id.made[kind]; cfg != nil {
		return cfg, nil
	}
	leaf := authority.Leaf{Names: id.names}
	ca := id.ca
	now := time.Now()
	switch kind {
	case "expired":
		leaf.NotBefore, leaf.NotAfter = now.AddDate(0, -3, 0), now.AddDate(0, 0, -5)
	case "expiring":
		leaf.NotBefore, leaf.NotAfter = now.AddDate(0, -3, 0), now.AddDate(0, 0, 3).Add(time.Hour)
	case "not-yet":
		leaf.NotBefore, leaf.NotAfter = now.AddDate(0, 0, 5), now.AddDate(0, 1, 0)
	case "wrong-host":
		leaf.Names = []string{"another-host.example"}
	case "unknown-ca":
		other, err := authority.New("nobody's authority")
		if err != nil {
			return nil, err
		}
		ca = other
	}
	issue := ca.Issue
	if kind == "self-signed" {
		issue = authority.SelfSigned
	}
	cert, err := issue(leaf)
	if err != nil {
		return nil, err
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, ClientAuth: tls.RequestClientCert, Certificates: []tls.Certificate{cert}}
	if id.old {
		cfg.MinVersion = tls.VersionTLS10
	}
	id.made[kind] = cfg
	return cfg, nil
}
