package repl

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"smtpsh/engine/tlsinfo"
	"smtpsh/internal/advice"
	"smtpsh/internal/explain"
	"smtpsh/internal/shellword"
	"smtpsh/internal/wholefile"
	"smtpsh/transcript"
)

// encryption returns the state of TLS and the server's certificates. After the session
// has ended it returns those of the last handshake. It returns an error if there was no TLS.
func (r *REPL) encryption() (*tlsinfo.Info, []*x509.Certificate, error) {
	sess := r.sessions.current
	if sess.usable() {
		s := sess.smtp
		if info := s.TLS(); info != nil {
			return info, s.ConnectionState().PeerCertificates, nil
		}
		return nil, nil, &hinted{"the connection is not encrypted", "STARTTLS starts TLS, if the server offers it"}
	}
	if sess == nil || sess.handshake.state == nil {
		return nil, nil, errNotConnected
	}
	if len(sess.handshake.state.PeerCertificates) == 0 {
		return nil, nil, &hinted{"the server has sent no certificate", transcript.Escape(tlsinfo.Explain(sess.handshake.err))}
	}
	if sess.handshake.err != nil {
		r.screen.say("*  the connection was closed because the certificate could not be verified:")
	} else {
		r.screen.say("*  the connection is closed; the server sent:")
	}
	info := tlsinfo.Describe(sess.handshake.state, sess.handshake.err)
	return &info, sess.handshake.state.PeerCertificates, nil
}

// unencrypted prints that the connection is not encrypted and returns nil: for :tls and
// :cert this is a result, not a failure. It returns every other error unchanged.
func (r *REPL) unencrypted(err error) error {
	if none := (*hinted)(nil); err != errNotConnected && errors.As(err, &none) {
		r.screen.say("*  %s: %s", none.msg, none.hint)
		return nil
	}
	return err
}

// cert shows the certificates, or writes them in PEM form.
func (r *REPL) cert(args []string) error {
	if len(args) > 0 && !strings.EqualFold(args[0], "pem") {
		return wrong(":cert shows the certificates, :cert pem prints them, :cert pem FILE writes them to a file", "unexpected argument %s",
			transcript.Escape(args[0]))
	}
	info, chain, err := r.encryption()
	switch {
	case err != nil && len(args) == 0: //mutant:certificates-that-cannot-be-written-are-an-error is "== 0" "< 9"
		return r.unencrypted(err)
	case err == errNotConnected:
		return err
	case err != nil:
		return wrong(advice.Hint(err, advice.Prompt), "no certificate to write: %v", err)
	}
	if len(args) == 0 {
		r.screen.page(describeChain(info, time.Now()))
		return nil
	}
	var b bytes.Buffer
	for i, c := range chain {
		fmt.Fprintf(&b, "# %s\n", transcript.Escape(info.Chain[i].Subject))
		if err := pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}); err != nil {
			return err
		}
	}
	if len(args) == 1 {
		r.screen.page(b.String())
		return nil
	}
	file := expand(args[1])
	switch err := wholefile.Create(file, b.Bytes(), 0o644); {
	case errors.Is(err, fs.ErrExist):
		return wrong("choose another name", "%s exists", transcript.Escape(file))
	case err != nil:
		return wrong("name a file in a writable folder with free disk space", "%s", errText(err))
	}
	r.screen.say("*  saved %s, %s; if the fingerprints are right, trust them with :reconnect --ca %s", transcript.Escape(file),
		count(len(chain), "certificate", "certificates"), shellword.Quote(transcript.Escape(file)))
	return nil
}

// describeChain draws the certificates as a tree, from the server's own certificate to
// the CA.
func describeChain(info *tlsinfo.Info, now time.Time) string {
	var b strings.Builder
	for i, c := range info.Chain {
		branch, pad := "  ", "  "
		if i > 0 {
			branch = strings.Repeat("   ", i-1) + "  └─ "
			pad = strings.Repeat("   ", i) + "  "
		}
		what := "server"
		switch {
		case i > 0 && c.Subject == c.Issuer:
			what = "CA"
		case i > 0:
			what = "intermediate"
		}
		fmt.Fprintf(&b, "%s%s  (%s)\n", branch, transcript.Escape(c.Subject), what)
		if len(c.Names) > 0 {
			b.WriteString(explain.Indent(pad+"  names  ", transcript.Escape(strings.Join(c.Names, " "))))
		}
		fmt.Fprintf(&b, "%s  valid  %s to %s, %s\n%s  key    %s\n", pad, c.NotBefore.UTC().Format(time.DateOnly),
			c.NotAfter.UTC().Format(time.DateOnly), validity(c, now), pad, c.Key)
		b.WriteString(explain.Indent(pad+"  issuer ", transcript.Escape(c.Issuer)))
		fmt.Fprintf(&b, "%s  serial %s\n", pad, c.Serial)
		fmt.Fprintf(&b, "%s  SHA-256 of the certificate, then of its public key\n%s  %s\n%s  %s\n", pad, pad, c.SHA256, pad, c.KeySHA256)
		if i == len(info.Chain)-1 && c.Subject != c.Issuer {
			fmt.Fprintf(&b, "%s  signed by %s; the server does not send that certificate\n", pad, transcript.Escape(c.Issuer))
		}
	}
	if info.Verified {
		fmt.Fprintf(&b, "  verified as %s\n", transcript.Escape(info.ServerName))
	} else {
		b.WriteString(explain.Indent("  NOT VERIFIED: ", transcript.Escape(info.VerifyError)))
	}
	return b.String()
}

// validity describes how long a certificate is still valid.
func validity(c tlsinfo.Cert, now time.Time) string {
	if !now.After(c.NotAfter) {
		return count(c.DaysLeft(now), "day", "days") + " left"
	}
	return "EXPIRED " + count(int(now.Sub(c.NotAfter).Hours()/24), "day", "days") + " ago"
}
