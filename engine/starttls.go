package engine

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/engine/tlsinfo"
)

// StartTLS sends STARTTLS and, after a 220, does the TLS handshake (RFC 3207). It returns a
// 4yz or 5yz reply, and the session then stays unencrypted. TLS discards the server's
// capabilities: send EHLO again.
//
// Errors: ErrTLS if the handshake or the verification fails. ErrProtocol if the server sent
// plaintext after its 220, with which an attacker can inject replies into the encrypted
// session, or if the code is positive but not 220; the session is then not encrypted.
func (s *Session) StartTLS(ctx context.Context) (*reply.Reply, error) {
	if s.tls != nil {
		s.emit(event.Event{Kind: event.Note, Text: "TLS is active already; STARTTLS is sent anyway"})
	}
	r, err := s.say(ctx, "STARTTLS", "")
	switch {
	case err != nil || !r.Positive():
		return r, err
	case r.Code != 220: //mutant:STARTTLS-wants-its-220 is "!= 220" "== 299"
		return r, misplaced("STARTTLS", r, "220", "RFC 3207 section 4", AdviceNotEncrypted)
	}
	return r, s.Handshake(ctx)
}

// Handshake does the TLS handshake of StartTLS. Use it after another method, such as Do,
// has read the 220.
func (s *Session) Handshake(ctx context.Context) error {
	if err := s.injected(); err != nil {
		return err
	}
	if err := s.handshake(ctx); err != nil {
		return err
	}
	//mutant:capabilities-from-before-TLS-are-forgotten is "caps, s.hello = nil," "hello ="
	s.caps, s.hello = nil, ""
	s.forgetEnvelope()
	s.setState(Connected)
	return nil
}

// injected handles bytes that arrived in plaintext before the handshake.
func (s *Session) injected() error {
	extra := s.reader.Buffered()
	if len(extra) == 0 { //mutant:plaintext-behind-STARTTLS-is-refused always
		return nil
	}
	s.emit(event.Event{Kind: event.ChunkReceived, Data: extra})
	text := fmt.Sprintf("%d bytes of plaintext arrived after the 220 to STARTTLS", len(extra))
	if s.opts.TLS.TolerateInjection {
		s.emit(event.Event{Kind: event.Finding, Text: text + "; they are dropped"})
		s.reader.Discard(len(extra))
		return nil
	}
	e := &OpError{Op: "STARTTLS", Kind: ErrProtocol, Advice: advise(AdviceInjected),
		Err: &ProtocolError{Defect: text, RFC: "RFC 3207 section 4.2", Raw: firstBytes(extra)}}
	s.broken = e
	return e
}

// serverName returns the name for SNI and verification: A-labels without the final dot (RFC
// 6066 section 3).
func (s *Session) serverName() string {
	name := s.opts.TLS.ServerName
	if name == "" {
		name = s.peerName()
	}
	if ascii, err := ASCIIHost(name); err == nil {
		name = ascii // no certificate contains another form
	}
	return strings.TrimSuffix(name, ".")
}

// peerName returns the name of the server in the target.
func (s *Session) peerName() string {
	if s.target.Network == "unix" || s.target.Network == "pipe" {
		return "localhost"
	}
	return s.target.Host
}

// handshake changes the connection to TLS.
func (s *Session) handshake(ctx context.Context) error {
	if s.closed.Load() || s.broken != nil {
		return s.ready("TLS handshake")
	}
	cfg := s.tlsConfig()
	s.emit(event.Event{Kind: event.TLSStart, Text: cfg.ServerName})
	begun := time.Now()
	conn := tls.Client(s.conn, cfg)
	s.nameWait("TLS handshake")
	outer := s.beginWait(ctx, s.opts.Timeouts.TLS)
	err := conn.HandshakeContext(ctx)
	s.endWait(outer)
	cs := conn.ConnectionState()
	if cs.ServerName == "" {
		cs.ServerName = cfg.ServerName // addresses are verified but not sent as SNI
	}
	if err != nil {
		return s.tlsFailed(ctx, &cs, err, time.Since(begun))
	}
	if s.opts.TLS.Insecure && s.tlsErr == nil {
		cs.VerifiedChains = s.tlsChains
	}
	s.conn = conn
	s.reader.Reset(conn)
	s.tls = &cs
	s.emit(event.Event{Kind: event.TLSDone, TLS: &cs, Took: time.Since(begun), Err: s.tlsErr})
	if s.tlsErr != nil {
		s.emit(event.Event{Kind: event.Note, Text: "the server is NOT VERIFIED: " + tlsinfo.Explain(s.tlsErr)})
	}
	return nil
}

func (s *Session) tlsConfig() *tls.Config {
	o := s.opts.TLS
	cfg := &tls.Config{
		ServerName:           s.serverName(),
		RootCAs:              o.RootCAs,
		GetClientCertificate: s.clientCertificate,
		MinVersion:           o.MinVersion,
		MaxVersion:           o.MaxVersion,
		CipherSuites:         o.CipherSuites,
		CurvePreferences:     o.Curves,
		NextProtos:           o.ALPN,
		KeyLogWriter:         o.KeyLog,
		ClientSessionCache:   o.SessionCache,
		Renegotiation:        tls.RenegotiateNever,
	}
	if cfg.MinVersion == 0 {
		cfg.MinVersion = tls.VersionTLS12 //mutant:TLS-below-12-is-refused is "VersionTLS12" "VersionTLS10"
	}
	if o.Insecure { //mutant:certificates-are-verified always
		// the verification is done anyway, so that its result can be reported
		cfg.InsecureSkipVerify = true
		cfg.VerifyConnection = func(cs tls.ConnectionState) error {
			if cs.ServerName == "" {
				cs.ServerName = cfg.ServerName
			}
			s.tlsChains, s.tlsErr = verifyPeer(&cs, o.RootCAs)
			return s.checkPin(&cs)
		}
	} else if len(o.Pins) > 0 {
		cfg.VerifyConnection = func(cs tls.ConnectionState) error { return s.checkPin(&cs) }
	}
	return cfg
}

// checkPin returns an error if keys are pinned and the server has none of them. If it has
// one, it is verified.
func (s *Session) checkPin(cs *tls.ConnectionState) error {
	if len(s.opts.TLS.Pins) == 0 {
		return nil
	}
	got := tlsinfo.PinOf(cs.PeerCertificates[0])
	if !slices.Contains(s.opts.TLS.Pins, got) { //mutant:a-pinned-key-is-checked never
		return &tlsinfo.PinError{Got: got}
	}
	if s.tlsErr != nil { // the key takes the place of the certificate
		s.tlsErr, s.tlsChains = nil, [][]*x509.Certificate{{cs.PeerCertificates[0]}}
		s.emit(event.Event{Kind: event.Note, Text: "the server has the pinned public key; its certificate is not checked"})
	}
	return nil
}

// clientCertificate returns the first certificate that fits the request of the server, or
// an empty one.
func (s *Session) clientCertificate(req *tls.CertificateRequestInfo) (*tls.Certificate, error) {
	s.certAsked, s.certEver = true, true
	for i := range s.opts.TLS.Certificates {
		if c := &s.opts.TLS.Certificates[i]; req.SupportsCertificate(c) == nil {
			s.certSent = true
			return c, nil
		}
	}
	return &tls.Certificate{}, nil
}

// verifyPeer does the verification of crypto/tls.
func verifyPeer(cs *tls.ConnectionState, roots *x509.CertPool) ([][]*x509.Certificate, error) {
	if len(cs.PeerCertificates) == 0 {
		return nil, errors.New("the server sent no certificate")
	}
	opts := x509.VerifyOptions{Roots: roots, DNSName: cs.ServerName, Intermediates: x509.NewCertPool()}
	for _, c := range cs.PeerCertificates[1:] {
		opts.Intermediates.AddCert(c)
	}
	chains, err := cs.PeerCertificates[0].Verify(opts)
	if err != nil {
		err = &tls.CertificateVerificationError{UnverifiedCertificates: cs.PeerCertificates, Err: err}
	}
	return chains, err
}

// tlsFailed returns the error of a failed handshake. It reports what is known about the
// server in any case.
func (s *Session) tlsFailed(ctx context.Context, cs *tls.ConnectionState, err error, took time.Duration) error {
	if s.certAsked {
		if about := tlsinfo.AboutClientCert(err, s.certSent); about != nil {
			err = about
		}
	}
	e := &OpError{Op: "TLS handshake with " + s.serverName(), Kind: ErrTLS, Err: err, Advice: adviseTLS(err)}
	var verify *tls.CertificateVerificationError
	if errors.As(err, &verify) {
		cs.PeerCertificates = verify.UnverifiedCertificates
		e.Op = "certificate of " + s.serverName()
	}
	switch {
	case s.closed.Load():
		e.Kind, e.Err = ErrClosed, errors.New("the session was closed")
	case ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled):
		e.Kind, e.Err = ErrCanceled, nil
	case isNetTimeout(err) || errors.Is(err, context.DeadlineExceeded):
		e.Kind, e.Err = ErrTimeout, nil
	}
	s.emit(event.Event{Kind: event.TLSDone, TLS: cs, Took: took, Err: err})
	s.broken = e
	s.netConn().Close()
	return e
}

// endedByTLS returns an ErrTLS if an error is an alert of the server. In TLS 1.3 a server
// checks the client's certificate after the client has finished the handshake, so the alert
// comes instead of the first reply. If the server then resets the connection, a write error
// or the reset can come before the alert.
func (s *Session) endedByTLS(e *OpError, err error) {
	if s.tls == nil || e.Kind != ErrClosed {
		return
	}
	unanswered := s.certAsked && !s.closed.Load() && len(s.reader.Buffered()) == 0
	if _, alert := tlsinfo.Alert(err); unanswered && !alert {
		s.conn.SetReadDeadline(time.Now().Add(lastAlert)) //nolint:errcheck // the read finds the error
		if ferr := s.reader.Fill(); ferr == nil {
			unanswered = false // it was not an alert but a reply
		} else if _, alert := tlsinfo.Alert(ferr); alert {
			err = ferr
		}
	}
	if s.certAsked {
		if about := tlsinfo.AboutClientCert(err, s.certSent); about != nil {
			err = about
		} else if _, alert := tlsinfo.Alert(err); !alert && unanswered {
			s.closedOnCert(e)
			return
		}
	}
	if _, ok := tlsinfo.Alert(err); ok {
		e.Kind, e.Err, e.Advice = ErrTLS, err, adviseTLS(err)
	}
}

// lastAlert limits the wait for an alert in a connection whose other direction has failed.
const lastAlert = time.Second

// closedOnCert handles a connection that ended without an alert after the server had
// requested a client certificate and sent nothing since. In TLS 1.3 the certificate can be
// the reason; in earlier versions the server has accepted it within the handshake.
func (s *Session) closedOnCert(e *OpError) {
	client := &tlsinfo.ClientCertError{Sent: s.certSent}
	if !s.certSent {
		e.Advice = advise(AdviceClientCert)
	}
	if s.tls.Version != tls.VersionTLS13 {
		return
	}
	if s.certSent {
		e.Advice = adviseTLS(client)
	}
	e.Kind = ErrTLS
	e.Err = fmt.Errorf("%w directly after the handshake, in which the server asked for a client certificate", e.Err)
}

// ClientCertificate reports whether the server requested a certificate of the client in the
// handshake, and whether the client sent one.
func (s *Session) ClientCertificate() (requested, sent bool) { return s.certEver, s.certSent }
