package smtpmod

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"smtpsh/internal/readfile"
)

var errNoCert = errors.New("it has no certificate in PEM format")

// maxPEM limits a file of certificates or keys, in bytes; the CAs of a whole system need
// less.
const maxPEM = 16 << 20

// Streams tells whether a pipe is allowed instead of a file.
type Streams bool

const (
	AllowStreams Streams = true  // named on the command line
	FilesOnly    Streams = false // named by a script or at the prompt
)

// LoadCA reads a PEM file of at most 16 MiB and returns its certificates in addition to the
// CAs of the system. With streams it can be a pipe, which is read until ctx ends.
func LoadCA(ctx context.Context, path string, streams Streams) (*x509.CertPool, error) {
	pem, err := readfile.Read(ctx, path, readfile.Rule{Limit: maxPEM, Streams: streams == AllowStreams})
	if err != nil {
		return nil, err
	}
	return trust(path, pem)
}

func trust(path string, pem []byte) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, &os.PathError{Op: "read", Path: path, Err: errNoCert}
	}
	return pool, nil
}

// LoadCertificate reads the PEM files of a client certificate and its key, which can be one
// file, like [LoadCA].
func LoadCertificate(ctx context.Context, cert, key string, streams Streams) (tls.Certificate, error) {
	rule := readfile.Rule{Limit: maxPEM, Streams: streams == AllowStreams}
	c, err := readfile.Read(ctx, cert, rule)
	if err != nil {
		return tls.Certificate{}, err
	}
	k := c // a pipe cannot be read twice
	if key != cert {
		if k, err = readfile.Read(ctx, key, rule); err != nil {
			return tls.Certificate{}, err
		}
	}
	pair, err := tls.X509KeyPair(c, k)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("%s: %w", cert, err)
	}
	return pair, nil
}
