package saslmech

import (
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-sasl"
)

// Credentials is the data of a login. The mechanism decides which fields are needed.
type Credentials struct {
	Username string // authentication identity; for EXTERNAL the identity to act as
	Password string
	Token    string // OAuth 2.0 access token
	Authzid  string // identity to act as; empty means the same as Username
	Trace    string // for ANONYMOUS: a mail address or any token
	External bool   // the identity was proved by a TLS client certificate

	Host string // server name, for OAUTHBEARER and DIGEST-MD5
	Port int    // server port, for OAUTHBEARER

	TLS         *tls.ConnectionState // nil without TLS
	Private     bool                 // the connection is encrypted and the server is verified
	PlusOffered bool                 // the server lists a -PLUS mechanism
}

// Mechanism is one way to authenticate.
type Mechanism struct {
	Name     string
	Strength int  // order of preference in [Choose]; 0 means only by name
	Reveals  bool // a reader of the exchange can log in afterwards
	First    bool // the client sends first: an initial response is possible

	usable func(c *Credentials) error
	client func(c *Credentials) (sasl.Client, error)
}

// ErrMissing is wrapped by errors that name the credential that a mechanism lacks.
var ErrMissing = errors.New("missing credential")

var mechanisms = []Mechanism{
	{"SCRAM-SHA-256-PLUS", 100, false, true, needBinding, newScramClient("SCRAM-SHA-256-PLUS")},
	{"SCRAM-SHA-256", 90, false, true, needPassword, newScramClient("SCRAM-SHA-256")},
	{"SCRAM-SHA-1-PLUS", 80, false, true, needBinding, newScramClient("SCRAM-SHA-1-PLUS")},
	{"SCRAM-SHA-1", 70, false, true, needPassword, newScramClient("SCRAM-SHA-1")},
	{"OAUTHBEARER", 60, true, true, needToken, newBearerClient},
	{"XOAUTH2", 50, true, true, needToken, newXOAuth2Client},
	{"CRAM-MD5", 40, false, false, needPassword, newCramClient},
	{"PLAIN", 30, true, true, needPassword, newPlainClient},
	{"LOGIN", 20, true, false, needPassword, newLoginClient},
	{"EXTERNAL", 10, false, true, needExternal, newExternalClient},
	{"ANONYMOUS", 0, false, true, needNothing, newAnonymousClient},
	{"DIGEST-MD5", 0, false, false, needPassword, newDigestClient},
	{"NTLM", 0, false, true, needPassword, newNTLMClient},
}

// Mechanisms returns all supported mechanisms, strongest first.
func Mechanisms() []Mechanism { return slices.Clone(mechanisms) }

// Lookup finds a mechanism by name, in any case.
func Lookup(name string) (Mechanism, bool) {
	for _, m := range mechanisms {
		if strings.EqualFold(m.Name, name) {
			return m, true
		}
	}
	return Mechanism{}, false
}

// Choose returns the strongest offered mechanism that fits the credentials. On a private
// connection (verified TLS) PLAIN is preferred to CRAM-MD5. CRAM-MD5 is obsolete: nobody can read
// a password there, and it makes servers store the password in readable form. If no
// mechanism fits, the error gives the reason for each offered one.
func Choose(offered []string, c Credentials) (Mechanism, error) {
	var why []string
	for _, m := range preferred(c.Private) {
		if !slices.ContainsFunc(offered, func(o string) bool { return strings.EqualFold(o, m.Name) }) {
			continue
		}
		if err := m.Usable(c); err != nil {
			why = append(why, m.Name+" "+strings.TrimPrefix(err.Error(), m.Name+" "))
			continue
		}
		if m.Strength > 0 {
			return m, nil
		}
		why = append(why, m.Name+" only when named")
	}
	switch {
	case len(offered) == 0:
		return Mechanism{}, errors.New("the server offers no AUTH mechanism")
	case len(why) == 0:
		return Mechanism{}, fmt.Errorf("none of the offered mechanisms is known here: %s", strings.Join(offered, " "))
	}
	return Mechanism{}, fmt.Errorf("no offered mechanism fits: %s", strings.Join(why, "; "))
}

// preferred returns the mechanisms in the order in which Choose tries them.
func preferred(private bool) []Mechanism {
	if !private {
		return mechanisms
	}
	out := make([]Mechanism, 0, len(mechanisms))
	var cram Mechanism
	for _, m := range mechanisms {
		if m.Name == "CRAM-MD5" {
			cram = m
			continue
		}
		if out = append(out, m); m.Name == "PLAIN" {
			out = append(out, cram)
		}
	}
	return out
}

// Usable returns an error that wraps [ErrMissing] if the credentials are not enough.
func (m Mechanism) Usable(c Credentials) error {
	if err := m.usable(&c); err != nil {
		return fmt.Errorf("%s %w", m.Name, err)
	}
	return nil
}

// Client starts the client side. It returns an error for credentials that the mechanism
// cannot carry, such as a NUL in a user name.
func (m Mechanism) Client(c Credentials) (sasl.Client, error) {
	if err := m.Usable(c); err != nil {
		return nil, err
	}
	for what, s := range map[string]string{"user name": c.Username, "password": c.Password, "token": c.Token, "authzid": c.Authzid} {
		if strings.ContainsAny(s, "\x00\r\n\x01") {
			return nil, fmt.Errorf("%s: the %s has a control character (NUL, SOH, CR or LF)", m.Name, what)
		}
	}
	return m.client(&c)
}

// Finished reports whether a client has received everything that must come before a success
// reply; for SCRAM that is the server's signature.
func Finished(c sasl.Client) error {
	if f, ok := c.(interface{ finished() error }); ok {
		return f.finished()
	}
	return nil
}

// FailureOf returns the failure challenge of a token mechanism (JSON of RFC 7628 section
// 3.2.2), or nil.
func FailureOf(c sasl.Client) []byte {
	if f, ok := c.(*tokenClient); ok {
		return f.failure
	}
	return nil
}

func missing(what string) error { return fmt.Errorf("needs %s: %w", what, ErrMissing) }

func needNothing(*Credentials) error { return nil }

func needPassword(c *Credentials) error {
	switch {
	case c.Username == "":
		return missing("a user name")
	case c.Password == "":
		return missing("a password")
	}
	return nil
}

func needToken(c *Credentials) error {
	switch {
	case c.Username == "":
		return missing("a user name")
	case c.Token == "":
		return missing("an access token")
	}
	return nil
}

func needExternal(c *Credentials) error {
	if !c.External {
		return missing("a TLS client certificate")
	}
	return nil
}

func needBinding(c *Credentials) error {
	if err := needPassword(c); err != nil {
		return err
	}
	if _, err := exporterBinding(c.TLS); err != nil {
		return missing("a TLS connection that can be bound to (tls-exporter)")
	}
	return nil
}
