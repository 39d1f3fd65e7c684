package tlsinfo

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"time"
)

// Info describes a TLS connection.
type Info struct {
	Version     string // "TLS 1.3"
	Cipher      string // "TLS_AES_128_GCM_SHA256"
	KeyExchange string // "X25519MLKEM768"; "" if the TLS version does not define it
	ServerName  string // the name sent as SNI and verified
	ALPN        string // the application protocol that the server chose; "" for none
	Resumed     bool
	Verified    bool   // the chain leads to a trusted CA and the name matches
	VerifyError string // why the verification failed; "" if Verified
	Chain       []Cert // the server's certificates, leaf first
}

// Cert describes one certificate.
type Cert struct {
	Subject   string
	Issuer    string
	Names     []string // DNS names and IP addresses
	Key       string   // "ECDSA P-256", "RSA 2048 bits"
	Signature string   // "ECDSA-SHA256"
	Serial    string   // hexadecimal
	NotBefore time.Time
	NotAfter  time.Time
	SHA256    string // fingerprint of the DER form, hexadecimal
	KeySHA256 string // fingerprint of the public key with its algorithm (SubjectPublicKeyInfo), hexadecimal
	CA        bool
	SelfSign  bool
}

// DaysLeft returns the number of whole days until the certificate expires; it is
// negative after that.
func (c Cert) DaysLeft(now time.Time) int {
	d := c.NotAfter.Sub(now).Hours() / 24
	if d < 0 {
		return min(int(d), -1) // on the day after its end, too
	}
	return int(d)
}

// Describe returns the description of a connection. verifyErr is the result of the
// verification, nil if the peer was verified.
func Describe(cs *tls.ConnectionState, verifyErr error) Info {
	info := Info{
		Version:    tls.VersionName(cs.Version),
		Cipher:     tls.CipherSuiteName(cs.CipherSuite),
		ServerName: cs.ServerName,
		ALPN:       cs.NegotiatedProtocol,
		Resumed:    cs.DidResume,
		Verified:   verifyErr == nil && len(cs.VerifiedChains) > 0,
	}
	if cs.CurveID != 0 {
		info.KeyExchange = cs.CurveID.String()
	}
	if verifyErr != nil {
		info.VerifyError = Explain(verifyErr)
	} else if !info.Verified {
		info.VerifyError = "the certificate was not checked"
	}
	for _, c := range cs.PeerCertificates {
		info.Chain = append(info.Chain, DescribeCert(c))
	}
	return info
}

// DescribeCert returns the description of one certificate.
func DescribeCert(c *x509.Certificate) Cert {
	sum, key := sha256.Sum256(c.Raw), sha256.Sum256(c.RawSubjectPublicKeyInfo)
	names := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	return Cert{
		Subject:   c.Subject.String(),
		Issuer:    c.Issuer.String(),
		Names:     names,
		Key:       keyName(c.PublicKey),
		Signature: c.SignatureAlgorithm.String(),
		Serial:    c.SerialNumber.Text(16),
		NotBefore: c.NotBefore,
		NotAfter:  c.NotAfter,
		SHA256:    hex.EncodeToString(sum[:]),
		KeySHA256: hex.EncodeToString(key[:]),
		CA:        c.IsCA,
		SelfSign:  c.Subject.String() == c.Issuer.String(),
	}
}

func keyName(key any) string {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d bits", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + k.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return "unknown kind of key"
}

// Summary returns one line: "TLS 1.3, TLS_AES_128_GCM_SHA256, X25519, verified as
// smtp.example.org".
func (i Info) Summary() string {
	s := i.Protocol()
	if i.Verified {
		return s + ", verified as " + i.ServerName
	}
	return s + ", NOT VERIFIED: " + i.VerifyError
}

// Protocol returns the part of Summary that client and server negotiated: "TLS 1.3,
// TLS_AES_128_GCM_SHA256, X25519".
func (i Info) Protocol() string {
	s := i.Version + ", " + i.Cipher
	if i.KeyExchange != "" {
		s += ", " + i.KeyExchange
	}
	if i.ALPN != "" {
		s += ", ALPN " + i.ALPN
	}
	if i.Resumed {
		s += ", resumed"
	}
	return s
}
