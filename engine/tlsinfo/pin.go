package tlsinfo

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strings"
)

// Pin is the SHA-256 of a public key with its algorithm (SubjectPublicKeyInfo), as in RFC
// 7469 section 2.4.
type Pin [sha256.Size]byte

// String returns the pin as sha256/BASE64.
func (p Pin) String() string { return "sha256/" + base64.StdEncoding.EncodeToString(p[:]) }

// ParsePin reads sha256/BASE64, or sha256//BASE64 as in curl.
func ParsePin(text string) (Pin, error) {
	var p Pin
	sum, ok := strings.CutPrefix(text, "sha256/")
	b, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(sum, "/"))
	if !ok || err != nil || len(b) != len(p) {
		return p, errors.New("it is not sha256/ and 44 characters of Base64")
	}
	copy(p[:], b)
	return p, nil
}

// PinOf returns the pin of the public key of a certificate.
func PinOf(c *x509.Certificate) Pin { return sha256.Sum256(c.RawSubjectPublicKeyInfo) }

// PinError is a server whose public key is not one of those expected.
type PinError struct{ Got Pin }

// Error names the key of the server.
func (e *PinError) Error() string {
	return "the public key of the server is " + e.Got.String() + ", and not one that was pinned"
}
