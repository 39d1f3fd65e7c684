package sandbox

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strings"
	"time"
	"unicode"

	"github.com/emersion/go-sasl"

	"smtpsh/engine/event"
	"smtpsh/engine/saslmech"
	"smtpsh/engine/secret"
)

func (c *conn) doAuth(arg string) bool {
	switch {
	case c.p.has("auth-in-clear") && c.tls == nil:
	case c.service.starttls && c.service.needTLS && c.tls == nil:
		return c.say("auth-before-starttls")
	case !c.service.login:
		return c.say("unimplemented")
	case c.tls == nil && !c.p.google:
		return c.say("auth-before-starttls")
	case c.authed && !c.p.has("auth-twice"):
		return c.say("auth-change-identity")
	case c.tx.open:
		return c.say("bad-sequence-new")
	case c.helo == "" && !c.p.google:
		return c.say("before-ehlo")
	}
	name, initial, hasInitial := strings.Cut(arg, " ")
	name = strings.ToUpper(name)
	if name == "" {
		return c.say("auth-syntax")
	}
	if key := c.mechanismRefused(name); key != "" {
		return c.say(key)
	}
	server, err := saslmech.NewServer(name, c.verifier())
	if err != nil {
		return c.say("auth-unknown-mechanism")
	}
	var response []byte
	if hasInitial {
		if name == "CRAM-MD5" {
			return c.say("auth-initial-not-allowed")
		}
		if initial != "=" {
			if response, err = base64.StdEncoding.DecodeString(initial); err != nil {
				return c.say("auth-bad-base64")
			}
		} else {
			response = []byte{}
		}
	}
	if !c.holdLogin(len(arg)) {
		return c.send(loginWithoutMemory)
	}
	defer func() {
		c.release(c.login)
		c.login, c.loginCounted = 0, false
	}()
	if !c.mayLogin() { //mutant:failed-logins-are-limited never
		return c.send(tooManyLogins)
	}
	return c.exchange(name, server, response)
}

// holdLogin reserves memory for a line of size bytes until the exchange
// ends. It returns false if there is none.
func (c *conn) holdLogin(size int) bool {
	//mutant:memory-of-logins-is-counted is "3" "0"
	n := 3 * int64(size) // the line, its decoded form, and the state of the mechanism
	if !c.hold(n) {
		c.srv.lacks(noMemory, c)
		return false
	}
	c.login += n
	return true
}

// mechanismRefused returns the key of the reply that rejects a mechanism, or "" if the
// mechanism is offered.
func (c *conn) mechanismRefused(name string) string {
	if name == "XOAUTH" && c.p.google {
		if _, dead := c.p.table.find("auth-xoauth-dead"); !dead {
			return "auth-bad-password" // Gmail supported it in these years, but no account has a signature.
		}
		return "auth-xoauth-dead"
	}
	for _, m := range c.mechanisms() {
		if m == name {
			return ""
		}
	}
	return "auth-unknown-mechanism"
}

// exchange sends challenges and reads responses until the login succeeds or fails.
func (c *conn) exchange(name string, server sasl.Server, response []byte) bool {
	for {
		challenge, done, err := server.Next(response)
		if err != nil {
			return c.refused(err)
		}
		if done {
			c.notFailed()
			c.authed, c.user = true, c.claimed
			return c.say("auth-ok")
		}
		if !c.send("334 " + base64.StdEncoding.EncodeToString(challenge)) {
			return false
		}
		c.nc.SetReadDeadline(time.Now().Add(c.srv.opts.Idle))
		line, _, err := readCommand(c.r)
		if err != nil {
			c.notFailed()
			if errors.Is(err, errLineTooLong) {
				return c.say("auth-line-too-long")
			}
			return false
		}
		text := string(line)
		secrets := []secret.Span{{From: 0, To: len(text)}}
		if text == "*" || text == "" {
			secrets = nil
		}
		c.emit(event.Event{Kind: event.LineReceived, Data: []byte(text + "\r\n"), Secrets: secrets})
		if a := c.rule("RESPONSE", ""); a != nil && (a.Reply != "" || a.Raw != nil || a.Drop != "") {
			return c.act(a, "RESPONSE", "", func() bool { return c.send("") })
		}
		if !c.holdLogin(len(text)) {
			c.notFailed()
			return c.send(loginWithoutMemory)
		}
		if text == "*" {
			c.notFailed()
			return c.say("auth-canceled")
		}
		if response, err = base64.StdEncoding.DecodeString(text); err != nil {
			c.notFailed()
			return c.say("auth-bad-base64")
		}
		if c.p.google && name == "LOGIN" && bytes.ContainsFunc(response, unicode.IsControl) {
			return c.say("auth-bad-base64") // Recorded for QUIT, which is valid Base64.
		}
		if response == nil {
			response = []byte{}
		}
	}
}

// refused sends the reply for a failed login.
func (c *conn) refused(err error) bool {
	if errors.Is(err, saslmech.ErrSyntax) || c.p.has("any-password") {
		c.notFailed()
	}
	if c.p.has("any-password") {
		c.authed, c.user = true, c.claimed
		return c.say("auth-ok")
	}
	var r *refusal
	if errors.As(err, &r) {
		return c.say(r.key)
	}
	if errors.Is(err, saslmech.ErrSyntax) || c.p.google {
		return c.say("auth-bad-base64")
	}
	return c.say("auth-bad-password")
}

// verifier returns the functions that check the logins of this connection. They record
// the user name of the attempt.
func (c *conn) verifier() saslmech.Verifier {
	v := saslmech.Verifier{
		Host: c.service.Host,
		TLS:  c.tls,
		Plain: func(authzid, user, password string) error {
			if authzid != "" && !strings.EqualFold(authzid, user) {
				return &refusal{"auth-bad-password"}
			}
			c.claim(user)
			return c.p.checkPassword(user, password)
		},
		Token: func(user, token string) ([]byte, error) {
			c.claim(user)
			challenge, err := c.p.checkToken(user, token)
			if err != nil && !c.p.has("any-password") { //mutant:wrong-tokens-are-failed-logins never
				// The challenge reports the failure, so the login stays counted as failed.
				c.loginCounted = false
			}
			return challenge, err
		},
	}
	if !c.p.google {
		v.Password = func(user string) (string, error) {
			c.claim(user)
			return c.p.clearPassword(user)
		}
		v.Anonymous = func(string) error {
			c.claimed = "anonymous"
			return nil
		}
		v.External = c.external
		for _, m := range c.mechanisms() {
			v.PlusOffered = v.PlusOffered || strings.HasSuffix(m, "-PLUS")
		}
	}
	return v
}

// claim records the user name of a login. The copy keeps the rest of the line out of memory.
func (c *conn) claim(user string) {
	const most = 320 // bytes, as in an address
	c.claimed = strings.Clone(user[:min(len(user), most)])
}

// external accepts a client certificate that the server's CA has signed. The user is the
// first DNS name in it.
func (c *conn) external(authzid string) error {
	cert := c.tls.PeerCertificates[0]
	_, err := cert.Verify(x509.VerifyOptions{Roots: c.srv.Roots(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if err != nil || len(cert.DNSNames) == 0 || authzid != "" && authzid != cert.DNSNames[0] {
		return &refusal{"auth-bad-password"}
	}
	c.claim(cert.DNSNames[0])
	return nil
}
