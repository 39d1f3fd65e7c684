package engine

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/engine/tlsinfo"
)

// StartTLS sends STARTTLS and, after a 220, does the TLS handshake (RFC 3207). It
// returns a 4yz or 5yz reply, and the session then stays unencrypted. TLS discards
// the server's capabilities: send EHLO again.
//
// Errors: ErrTLS when the handshake or the verification fails, ErrProtocol when the
// server sent plaintext after its 220, by which an attacker in between can inject
// replies into the encrypted session, or when the code is positive but not 220: the
// session is then not encrypted.
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

// Handshake does the TLS handshake of StartTLS after a 220 that another method,
// such as Do, has read.
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

// injected deals with bytes that arrived in plaintext before the handshake.
func (s *Session) injected() error {
	extra := s.reader.Buffered()
	if len(extra) == 0 { //mutant:plaintext-behind-STARTTLS-is-refused always
		return nil
	}
	s.emit(event.Event{Kind: event.ChunkReceived, Data: extra})
	text := fmt.Sprintf("%d octets of plaintext arrived after the 220 to STARTTLS", len(extra))
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

// serverName is the name that is sent as SNI and checked: A-labels without the final
// dot (RFC 6066 section 3).
func (s *Session) serverName() string {
	name := s.opts.TLS.ServerName
	if name == "" {
		name = s.peerName()
	}
	if ascii, err := ASCIIHost(name); err == nil {
		name = ascii // any other name fits no certificate
	}
	return strings.TrimSuffix(name, ".")
}

// peerName is what the target calls the server.
func (s *Session) peerName() string {
	if s.target.Network == "unix" {
		return "localhost"
	}
	return s.target.Host
}

// handshake turns the connection into a TLS one.
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
		cs.ServerName = cfg.ServerName // addresses are checked but not sent as SNI
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
		KeyLogWriter:         o.KeyLog,
		ClientSessionCache:   o.SessionCache,
		Renegotiation:        tls.RenegotiateNever,
	}
	if cfg.MinVersion == 0 {
		cfg.MinVersion = tls.VersionTLS12 //mutant:TLS-below-12-is-refused is "VersionTLS12" "VersionTLS10"
	}
	if o.Insecure { //mutant:certificates-are-verified always
		// the check is made anyway, so that its result can be reported
		cfg.InsecureSkipVerify = true
		cfg.VerifyConnection = func(cs tls.ConnectionState) error {
			if cs.ServerName == "" {
				cs.ServerName = cfg.ServerName
			}
			s.tlsChains, s.tlsErr = verifyPeer(&cs, o.RootCAs)
			return nil
		}
	}
	return cfg
}

// clientCertificate answers a server that asks for a certificate with the first one
// that fits its request, or with none.
func (s *Session) clientCertificate(req *tls.CertificateRequestInfo) (*tls.Certificate, error) {
	s.certAsked = true
	for i := range s.opts.TLS.Certificates {
		if c := &s.opts.TLS.Certificates[i]; req.SupportsCertificate(c) == nil {
			s.certSent = true
			return c, nil
		}
	}
	return &tls.Certificate{}, nil
}

// verifyPeer is what crypto/tls does when it is allowed to.
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

// tlsFailed turns a failed handshake into an error; what is known of the peer
// is told anyway.
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

// endedByTLS makes an ErrTLS of an error that is an alert of the peer. In TLS 1.3 a
// server looks at the client's certificate after the client's handshake is over, so that
// the alert comes in place of the first reply; where the server resets the connection
// after it, the error of a write, or the reset, may come before.
func (s *Session) endedByTLS(e *OpError, err error) {
	if s.tls == nil || e.Kind != ErrClosed {
		return
	}
	unanswered := s.certAsked && !s.closed.Load() && len(s.reader.Buffered()) == 0
	if _, alert := tlsinfo.Alert(err); unanswered && !alert {
		s.conn.SetReadDeadline(time.Now().Add(lastAlert)) //nolint:errcheck // the read meets the error
		if ferr := s.reader.Fill(); ferr == nil {
			unanswered = false // it was no alert but a reply
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

// lastAlert is how long an alert is waited for that may lie in a connection whose other
// direction has failed.
const lastAlert = time.Second

// closedOnCert is for a connection that ended without an alert, although the server had
// asked for a client certificate and had said nothing since. In TLS 1.3 the certificate
// may be why; before, the server has accepted it within the handshake.
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
