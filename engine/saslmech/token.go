package saslmech

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/emersion/go-sasl"
)

// tokenClient implements XOAUTH2 and OAUTHBEARER. Both send everything at once. If the
// token is rejected, the server sends one more challenge with JSON, and its final reply
// only after the client has answered.
type tokenClient struct {
	name    string
	initial []byte
	answer  []byte // the answer to the failure challenge
	failure []byte
	asked   bool
}

func newXOAuth2Client(c *Credentials) (sasl.Client, error) {
	if c.Authzid != "" {
		return nil, fmt.Errorf("XOAUTH2 cannot carry an authorization identity; use OAUTHBEARER")
	}
	return &tokenClient{
		name:    "XOAUTH2",
		initial: []byte("user=" + c.Username + "\x01auth=Bearer " + c.Token + "\x01\x01"),
		answer:  []byte{},
	}, nil
}

// newBearerClient follows RFC 7628 section 3.1; the answer to a failure is a
// single SOH (section 3.2.3).
func newBearerClient(c *Credentials) (sasl.Client, error) {
	identity := c.Authzid
	if identity == "" {
		identity = c.Username
	}
	s := "n,a=" + saslName(identity) + ",\x01"
	if c.Host != "" {
		s += "host=" + c.Host + "\x01"
	}
	if c.Port != 0 {
		s += "port=" + strconv.Itoa(c.Port) + "\x01"
	}
	return &tokenClient{
		name:    sasl.OAuthBearer,
		initial: []byte(s + "auth=Bearer " + c.Token + "\x01\x01"),
		answer:  []byte{1},
	}, nil
}

// saslName escapes "=" and "," (RFC 5801 section 4).
func saslName(s string) string { return strings.NewReplacer("=", "=3D", ",", "=2C").Replace(s) }

func unSaslName(s string) string { return strings.NewReplacer("=2C", ",", "=3D", "=").Replace(s) }

func (t *tokenClient) Start() (string, []byte, error) { return t.name, t.initial, nil }

func (t *tokenClient) Next(challenge []byte) ([]byte, error) {
	if t.asked {
		return nil, fmt.Errorf("%s: the server asks a second time", t.name)
	}
	t.asked = true
	t.failure = append([]byte(nil), challenge...)
	return t.answer, nil
}

func (t *tokenClient) finished() error {
	if t.asked {
		return fmt.Errorf("%s: the server sent a failure and then accepted", t.name)
	}
	return nil
}

// tokenServer is the server side of both.
type tokenServer struct {
	bearer bool
	check  func(user, token string) (failure []byte, err error)
	refuse error
	begun  bool
}

func (t *tokenServer) Next(response []byte) ([]byte, bool, error) {
	switch {
	case t.refuse != nil:
		return nil, true, t.refuse
	case !t.begun && response == nil:
		t.begun = true
		return []byte{}, false, nil
	}
	t.begun = true
	user, token, err := parseToken(string(response), t.bearer)
	if err != nil {
		return nil, true, err
	}
	failure, err := t.check(user, token)
	if err != nil && failure != nil {
		t.refuse = err
		return failure, false, nil
	}
	return nil, true, err
}

func parseToken(s string, bearer bool) (user, token string, err error) {
	fields := strings.Split(s, "\x01")
	if bearer {
		gs2 := strings.Split(fields[0], ",")
		if len(gs2) != 3 || (gs2[0] != "n" && gs2[0] != "y") {
			return "", "", fmt.Errorf("%w: bad GS2 header", ErrSyntax)
		}
		user = unSaslName(strings.TrimPrefix(gs2[1], "a="))
		fields = fields[1:]
	}
	if len(fields) < 3 || fields[len(fields)-1] != "" || fields[len(fields)-2] != "" {
		return "", "", fmt.Errorf("%w: must end in two SOH bytes", ErrSyntax)
	}
	for _, f := range fields[:len(fields)-2] {
		key, value, _ := strings.Cut(f, "=")
		switch key {
		case "user":
			user = value
		case "auth":
			scheme, t, _ := strings.Cut(value, " ")
			if !strings.EqualFold(scheme, "Bearer") {
				return "", "", fmt.Errorf("%w: want a Bearer token", ErrSyntax)
			}
			token = t
		case "port":
			if _, err := net.LookupPort("tcp", value); err != nil {
				return "", "", fmt.Errorf("%w: bad port", ErrSyntax)
			}
		}
	}
	return user, token, nil
}
