package swaks

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"smtpsh/engine"
)

// versions are the names of --tls-protocol.
var versions = map[string]uint16{
	"tlsv1": tls.VersionTLS10, "tlsv1_1": tls.VersionTLS11, "tlsv1_2": tls.VersionTLS12, "tlsv1_3": tls.VersionTLS13, "sslv2": 0, "sslv3": 0,
}

// suites are the OpenSSL names of cipher suites.
var suites = map[string]uint16{
	"AES128-SHA": tls.TLS_RSA_WITH_AES_128_CBC_SHA, "AES256-SHA": tls.TLS_RSA_WITH_AES_256_CBC_SHA,
	"AES128-SHA256": tls.TLS_RSA_WITH_AES_128_CBC_SHA256, "AES128-GCM-SHA256": tls.TLS_RSA_WITH_AES_128_GCM_SHA256,
	"AES256-GCM-SHA384": tls.TLS_RSA_WITH_AES_256_GCM_SHA384, "DES-CBC3-SHA": tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA,
	"ECDHE-RSA-AES128-SHA": tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, "ECDHE-RSA-AES256-SHA": tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
	"ECDHE-ECDSA-AES128-SHA": tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, "ECDHE-ECDSA-AES256-SHA": tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
	"ECDHE-RSA-AES128-SHA256":       tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
	"ECDHE-ECDSA-AES128-SHA256":     tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
	"ECDHE-RSA-AES128-GCM-SHA256":   tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	"ECDHE-RSA-AES256-GCM-SHA384":   tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	"ECDHE-ECDSA-AES128-GCM-SHA256": tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	"ECDHE-ECDSA-AES256-GCM-SHA384": tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	"ECDHE-RSA-CHACHA20-POLY1305":   tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	"ECDHE-ECDSA-CHACHA20-POLY1305": tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
}

// errNoCipher is the error for a list without a known cipher suite.
var errNoCipher = errors.New("no ciphers available")

// tlsOptions sets the options of TLS. What cannot be set is kept for the handshake.
func (t *transaction) tlsOptions(o *engine.Options) {
	c := &o.TLS
	c.Insecure, c.TolerateInjection = true, false
	c.RootCAs, c.Pins = nil, nil
	t.tlsProblem = t.setTLS(c)
	if sni, err := t.text("tls-sni"); err == nil && sni != "" {
		c.ServerName = sni
	}
}

// readTLS checks the options about TLS.
func (s *settings) readTLS() error {
	if s.startTLS == never && !s.tlsOnConnect {
		return nil
	}
	if err := s.readVersions(); err != nil {
		return err
	}
	if path := s.value("tls-ca-path"); path != "" {
		if _, err := s.env.ReadFile(path); errors.Is(err, os.ErrNotExist) {
			return textf("--tls-ca-path: %s is not a valid file or directory.  Exiting.", path)
		}
	}
	if s.on("tls-cert") != s.on("tls-key") {
		return errors.New("--tls-cert and --tls-key require each other.  Exiting")
	}
	return nil
}

// readVersions reads --tls-protocol: versions to use, or versions not to use.
func (s *settings) readVersions() error {
	list := s.value("tls-protocol")
	if list == "" {
		return nil
	}
	named := map[uint16]bool{}
	yes, no := false, false
	for name := range strings.SplitSeq(list, ",") {
		base, isNo := strings.CutPrefix(strings.ToLower(name), "no_")
		v, ok := versions[base]
		if !ok {
			s.env.complain(name + " in --tls-protocol is not a known/supported protocol")
			continue
		}
		named[v] = true
		yes, no = yes || !isNo, no || isNo
	}
	switch {
	case !yes && !no:
		return errors.New("no valid arguments provided to --tls-protocol, exiting")
	case yes && no:
		return errors.New("cannot mix X and no_X forms in --tls-protocol option")
	}
	s.versions = map[uint16]bool{}
	for _, v := range versions {
		s.versions[v] = named[v] == yes
	}
	return nil
}

func (t *transaction) setTLS(c *engine.TLSOptions) error {
	if err := t.setVersions(c); err != nil {
		return err
	}
	list, err := t.text("tls-cipher")
	if err != nil {
		return err
	}
	if list != "" {
		if c.CipherSuites = cipherList(list); len(c.CipherSuites) == 0 {
			return errNoCipher
		}
	}
	return t.setClientCert(c)
}

// setVersions sets the lowest and the highest version of --tls-protocol. Go has no holes between
// them: reportTLS checks that the server has not chosen one that is excluded.
func (t *transaction) setVersions(c *engine.TLSOptions) error {
	c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS13
	if t.versions == nil {
		return nil
	}
	c.MinVersion, c.MaxVersion = 0, 0
	for v := uint16(tls.VersionTLS10); v <= tls.VersionTLS13; v++ {
		if !t.versions[v] {
			continue
		}
		if c.MinVersion == 0 {
			c.MinVersion = v
		}
		c.MaxVersion = v
	}
	if c.MaxVersion == 0 {
		return errors.New("no TLS version is left that this program supports")
	}
	return nil
}

// setClientCert reads --tls-cert, --tls-key and --tls-chain.
func (t *transaction) setClientCert(c *engine.TLSOptions) error {
	var text [3][]byte
	for i, name := range []string{"tls-cert", "tls-chain", "tls-key"} {
		file, err := t.text(name)
		if err != nil || file == "" {
			if err != nil {
				return err
			}
			continue
		}
		if text[i], err = t.env.ReadFile(file); err != nil {
			return err
		}
	}
	if text[0] == nil && text[2] == nil {
		return nil
	}
	if text[0] == nil || text[2] == nil {
		return errors.New("--tls-cert and --tls-key are both required")
	}
	cert, err := tls.X509KeyPair(append(append(text[0], '\n'), text[1]...), text[2])
	if err != nil {
		return err
	}
	c.Certificates, t.client = []tls.Certificate{cert}, cert.Certificate
	return nil
}

// secure sends STARTTLS and EHLO again, if that is requested.
func (t *transaction) secure(ctx context.Context) error {
	again, err := t.tryTLS(ctx)
	if err != nil {
		return err
	}
	if err := t.dropSent("TLS"); err != nil {
		return err
	}
	if err := t.stop("TLS"); err != nil {
		return err
	}
	if !again {
		return nil
	}
	return t.greet(ctx, exitHeloTLS)
}

// tryTLS starts TLS. It reports whether TLS is active now.
func (t *transaction) tryTLS(ctx context.Context) (bool, error) {
	if t.startTLS == never {
		return false, nil
	}
	if !t.session.Has("STARTTLS") {
		if t.startTLS == always {
			return false, fail(exitTLS, "Host did not advertise STARTTLS")
		}
		t.info("STARTTLS not supported")
		return false, nil
	}
	if t.settings.sent == "TLS" {
		return false, t.sayOnly(ctx, "STARTTLS")
	}
	r, err := t.say(ctx, "STARTTLS")
	if err != nil {
		return false, err
	}
	ok := r.Code == 220
	t.got(r, t.shown(r), ok)
	if !ok {
		return false, t.tlsFailed()
	}
	if err = t.tlsProblem; err == nil {
		if err = t.session.Handshake(ctx); err != nil {
			var op *engine.OpError
			if errors.As(err, &op) {
				err = op.Err
			}
			err = fmt.Errorf("connect(): %w", err)
		}
	} else {
		err = fmt.Errorf("connect(): %w", err)
	}
	if err != nil {
		t.problem("TLS startup failed (" + err.Error() + ")")
		return false, t.tlsFailed()
	}
	t.encrypted = true
	if err := t.reportTLS(); err != nil {
		t.problem(err.Error())
		return false, t.tlsFailed()
	}
	return true, nil
}

// tlsFailed ends the session after a STARTTLS that failed, unless TLS is optional.
func (t *transaction) tlsFailed() error {
	t.problem("STARTTLS attempted but failed")
	if t.startTLS == tryIt {
		return nil
	}
	return &failure{status: exitTLS}
}

// reportTLS shows the encryption and the certificate. It returns an error if the certificate
// fails a check that is requested.
func (t *transaction) reportTLS() error {
	cs := t.state
	t.info("TLS started with cipher " + cipher(cs))
	if t.versions != nil && !t.versions[cs.Version] {
		return fmt.Errorf("TLS startup failed (the server chose %s, which --tls-protocol excludes)", tls.VersionName(cs.Version))
	}
	if len(cs.PeerCertificates) == 0 {
		return nil
	}
	t.reportClient()
	for i, c := range cs.PeerCertificates {
		t.showCertificate(fmt.Sprintf("peer[%d]  ", i), c)
	}
	leaf := cs.PeerCertificates[0]
	for _, x := range []struct {
		name  string
		certs []*x509.Certificate
	}{{"tls-get-peer-cert", cs.PeerCertificates[:1]}, {"tls-get-peer-chain", cs.PeerCertificates}} {
		if g, ok := t.last[x.name]; ok {
			var b strings.Builder
			for _, c := range x.certs {
				pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}) //nolint:errcheck // a strings.Builder does not fail
			}
			if err := t.write(g.value, b.String()); err != nil {
				return err
			}
		}
	}
	caErr, hostErr := t.verifyCA(cs), t.verifyHost(leaf)
	hostText := result("host", hostErr)
	if host := t.verifiedHost(); host != "" {
		hostText, _, _ = strings.Cut(hostText, " (")
		hostText += " (using host " + host + " to verify)"
	} else if hostErr != nil {
		hostText = "failed host verification (no host string available to verify)"
	}
	t.info("TLS peer certificate " + result("CA", caErr) + ", " + hostText)
	var failed []string
	if caErr != nil && (t.on("tls-verify") || t.on("tls-verify-ca")) {
		failed = append(failed, "certificate verification failed ("+caErr.Error()+")")
	}
	if hostErr != nil && (t.on("tls-verify") || t.on("tls-verify-host")) {
		failed = append(failed, hostErr.Error())
	}
	if len(failed) > 0 {
		return errors.New("TLS startup failed (connect(): " + strings.Join(failed, ", ") + ")")
	}
	if !t.on("tls-verify") && !t.on("tls-verify-ca") && !t.on("tls-verify-host") && (caErr != nil || hostErr != nil) && !t.exact {
		t.info("the session continues although the server is NOT VERIFIED; --tls-verify stops it")
	}
	return nil
}

// reportClient shows whether the server requested a certificate, and that of the client.
func (t *transaction) reportClient() {
	requested, sent := t.session.ClientCertificate()
	text := map[[2]bool]string{
		{false, false}: "not requested and not sent", {true, false}: "requested and not sent", {true, true}: "requested and sent",
	}[[2]bool{requested, sent}]
	t.info("TLS client certificate " + text)
	if len(t.client) == 0 {
		t.info("TLS no client certificate set")
	}
	for i, der := range t.client {
		if c, err := x509.ParseCertificate(der); err == nil {
			t.showCertificate(fmt.Sprintf("client[%d]", i), c)
		}
	}
}

// showCertificate shows a certificate in two lines.
func (t *transaction) showCertificate(which string, c *x509.Certificate) {
	t.info("TLS " + which + " subject=[" + subject(c) + "]")
	t.info(fmt.Sprintf("              commonName=[%s], subjectAltName=[%s] notAfter=[%s]", c.Subject.CommonName, names(c),
		c.NotAfter.UTC().Format(time.RFC3339)))
}
