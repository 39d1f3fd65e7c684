package saslmech

import (
	"crypto/rand"
	"crypto/subtle"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-sasl"
)

// ErrSyntax is wrapped if a client's message does not have the form of the mechanism,
// ErrRefused if the credentials are wrong.
var (
	ErrSyntax  = errors.New("malformed SASL message")
	ErrRefused = errors.New("credentials refused")
)

// Verifier has the functions with which a server checks credentials. If a function is nil,
// the mechanisms that need it are not available. The server side's Next returns their
// errors unchanged, so that a caller can map them to replies.
type Verifier struct {
	Plain     func(authzid, user, password string) error
	Password  func(user string) (string, error) // the readable password, for CRAM-MD5, DIGEST-MD5, NTLM and SCRAM
	Token     func(user, token string) (failure []byte, err error)
	External  func(authzid string) error
	Anonymous func(trace string) error

	Host        string               // named in challenges
	TLS         *tls.ConnectionState // for the -PLUS mechanisms
	PlusOffered bool
}

// NewServer starts the server side of a mechanism. The error wraps [ErrMissing] if the
// verifier does not support it, and says so if the name is unknown.
func NewServer(name string, v Verifier) (sasl.Server, error) {
	m, ok := Lookup(name)
	if !ok {
		return nil, fmt.Errorf("unsupported mechanism %s", name)
	}
	switch m.Name {
	case sasl.Plain:
		if v.Plain != nil {
			return sasl.NewPlainServer(v.Plain), nil
		}
	case sasl.Login:
		if v.Plain != nil {
			return &loginServer{check: v.Plain}, nil
		}
	case "CRAM-MD5":
		if v.Password != nil {
			return newCramServer(&v)
		}
	case "DIGEST-MD5":
		if v.Password != nil {
			return newDigestServer(&v), nil
		}
	case "NTLM":
		if v.Password != nil {
			return newNTLMServer(&v), nil
		}
	case "XOAUTH2", sasl.OAuthBearer:
		if v.Token != nil {
			return &tokenServer{bearer: m.Name == sasl.OAuthBearer, check: v.Token}, nil
		}
	case sasl.External:
		if v.External != nil {
			return sasl.NewExternalServer(v.External), nil
		}
	case sasl.Anonymous:
		if v.Anonymous != nil {
			return sasl.NewAnonymousServer(v.Anonymous), nil
		}
	default: // SCRAM
		if v.Password != nil {
			return newScramServer(m.Name, &v)
		}
	}
	return nil, fmt.Errorf("%s: %w", m.Name, ErrMissing)
}

// loginServer sends the two challenges that old clients require, and accepts the user name
// as initial response.
type loginServer struct {
	check func(authzid, user, password string) error
	user  string
	step  int
}

func (l *loginServer) Next(response []byte) ([]byte, bool, error) {
	if l.step == 0 && response == nil {
		l.step = 1
		return []byte("Username:"), false, nil
	}
	if l.step <= 1 {
		l.user, l.step = string(response), 2
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check("", l.user, string(response))
}

type cramServer struct {
	v         *Verifier
	challenge []byte
	asked     bool
}

func newCramServer(v *Verifier) (sasl.Server, error) {
	var nonce [12]byte
	if _, err := rand.Read(nonce[:]); err != nil {
		return nil, err
	}
	host := v.Host
	if host == "" {
		host = "localhost"
	}
	return &cramServer{v: v, challenge: []byte("<" + hex.EncodeToString(nonce[:]) + "@" + host + ">")}, nil
}

func (c *cramServer) Next(response []byte) ([]byte, bool, error) {
	if !c.asked {
		c.asked = true
		if response != nil {
			return nil, true, fmt.Errorf("%w: CRAM-MD5 has no initial response", ErrSyntax)
		}
		return c.challenge, false, nil
	}
	text := string(response)
	i := strings.LastIndexByte(text, ' ')
	if i < 0 {
		return nil, true, fmt.Errorf("%w: want user name, space, digest", ErrSyntax)
	}
	password, err := c.v.Password(text[:i])
	if err != nil {
		return nil, true, err
	}
	want := cramDigest(password, c.challenge)
	if subtle.ConstantTimeCompare([]byte(want), []byte(text[i+1:])) != 1 {
		return nil, true, ErrRefused
	}
	return nil, true, nil
}
