package saslmech

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/emersion/go-sasl"
)

func newPlainClient(c *Credentials) (sasl.Client, error) {
	return sasl.NewPlainClient(c.Authzid, c.Username, c.Password), nil
}

// newExternalClient sends the identity to act as, the only data of EXTERNAL (RFC 4422
// appendix A.1), or else the user name.
func newExternalClient(c *Credentials) (sasl.Client, error) {
	switch {
	case c.Authzid == "":
		return sasl.NewExternalClient(c.Username), nil
	case c.Username != "" && c.Username != c.Authzid:
		return nil, fmt.Errorf("EXTERNAL carries one identity, the one to act as: leave out the user name %q or the authzid %q", c.Username,
			c.Authzid)
	}
	return sasl.NewExternalClient(c.Authzid), nil
}

// newAnonymousClient sends the trace (RFC 4505), or else the user name.
func newAnonymousClient(c *Credentials) (sasl.Client, error) {
	switch {
	case c.Trace == "":
		return sasl.NewAnonymousClient(c.Username), nil
	case c.Username != "" && c.Username != c.Trace:
		return nil, fmt.Errorf("ANONYMOUS carries one text: leave out the user name %q or the trace %q", c.Username, c.Trace)
	}
	return sasl.NewAnonymousClient(c.Trace), nil
}

// loginClient answers the first challenge with the user name and the second with the
// password. The texts of the challenges differ between servers
// (draft-murchison-sasl-login-00 section 2).
type loginClient struct {
	user, password string
	step           int
}

func newLoginClient(c *Credentials) (sasl.Client, error) {
	if c.Authzid != "" {
		return nil, errors.New("LOGIN cannot carry an authorization identity; use PLAIN")
	}
	return &loginClient{user: c.Username, password: c.Password}, nil
}

func (l *loginClient) Start() (string, []byte, error) { return sasl.Login, nil, nil }

func (l *loginClient) Next([]byte) ([]byte, error) {
	l.step++
	switch l.step {
	case 1:
		return []byte(l.user), nil
	case 2:
		return []byte(l.password), nil
	}
	//mutant:three-challenges-are-answered is "nil, fmt.Errorf(\"LOGIN: the server asks a third time\")" "[]byte(l.password), nil"
	return nil, fmt.Errorf("LOGIN: the server asks a third time")
}

// InitialLogin returns the user name of a LOGIN client for the initial response and moves
// the client one step on. The draft does not define this form, but many servers accept it.
// For other mechanisms InitialLogin returns nil.
func InitialLogin(c sasl.Client) []byte {
	l, ok := c.(*loginClient)
	if !ok {
		return nil
	}
	l.step = 1
	return []byte(l.user)
}

type cramClient struct {
	user, password string
	answered       bool
}

func newCramClient(c *Credentials) (sasl.Client, error) {
	if c.Authzid != "" {
		return nil, errors.New("CRAM-MD5 cannot carry an authorization identity; use PLAIN or SCRAM")
	}
	return &cramClient{user: c.Username, password: c.Password}, nil
}

func (c *cramClient) Start() (string, []byte, error) { return "CRAM-MD5", nil, nil }

func (c *cramClient) Next(challenge []byte) ([]byte, error) {
	if c.answered {
		return nil, errors.New("CRAM-MD5: the server asks a second time")
	}
	c.answered = true
	return []byte(c.user + " " + cramDigest(c.password, challenge)), nil
}

func (c *cramClient) finished() error {
	if !c.answered {
		return errors.New("CRAM-MD5: the server accepted without a challenge")
	}
	return nil
}

// cramDigest returns the digest of RFC 2195 section 2.
func cramDigest(password string, challenge []byte) string {
	mac := hmac.New(md5.New, []byte(password))
	mac.Write(challenge)
	return hex.EncodeToString(mac.Sum(nil))
}
