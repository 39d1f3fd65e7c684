package smtpmod

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"slices"

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

// SystemCAs stands for the CAs of the system in the lists of [LoadCA].
const SystemCAs = "system"

// LoadCA reads PEM files of at most 16 MiB and returns a pool with their certificates. The
// CAs of the system belong to it only if [SystemCAs] is in the list, because reading them
// takes more time than a session. With streams a file can be a pipe, which is read until ctx
// ends.
func LoadCA(ctx context.Context, paths []string, streams Streams) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if slices.Contains(paths, SystemCAs) {
		var err error
		if pool, err = x509.SystemCertPool(); err != nil {
			return nil, fmt.Errorf("the CAs of the system: %w", err)
		}
	}
	for _, path := range paths {
		if path == SystemCAs {
			continue
		}
		pem, err := readfile.Read(ctx, path, readfile.Rule{Limit: maxPEM, Streams: streams == AllowStreams})
		if err != nil {
			return nil, err
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, &os.PathError{Op: "read", Path: path, Err: errNoCert}
		}
	}
	return pool, nil
}

// trust returns a pool with the certificates of one text only.
func trust(path string, pem []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
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
