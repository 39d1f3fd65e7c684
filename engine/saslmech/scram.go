package saslmech

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/xdg-go/scram"
)

// maxIterations limits the work that a server can request. OWASP recommended 600 000 for
// PBKDF2-SHA-256 in 2023; ten million take seconds.
const maxIterations = 10_000_000

type scramClient struct {
	name string
	conv *scram.ClientConversation
}

func hashOf(name string) scram.HashGeneratorFcn {
	if strings.HasPrefix(name, "SCRAM-SHA-256") {
		return scram.SHA256
	}
	return scram.SHA1
}

func newScramClient(name string) func(*Credentials) (sasl.Client, error) {
	return func(c *Credentials) (sasl.Client, error) {
		client, err := hashOf(name).NewClient(c.Username, c.Password, c.Authzid)
		if err != nil {
			// the error of the library can contain the text that it could not prepare
			return nil, fmt.Errorf("%s: user name or password has characters that SASLprep (RFC 4013) forbids", name)
		}
		binding, bindErr := exporterBinding(c.TLS)
		switch {
		case strings.HasSuffix(name, "-PLUS"):
			if bindErr != nil {
				return nil, bindErr
			}
			return &scramClient{name, client.NewConversationWithChannelBinding(binding)}, nil
		case bindErr == nil && !c.PlusOffered:
			// "y": the client supports channel binding but the server did not offer it,
			// so that a server whose list was changed notices (RFC 5802 section 6)
			return &scramClient{name, client.NewConversationAdvertisingChannelBinding()}, nil
		}
		return &scramClient{name, client.NewConversation()}, nil
	}
}

// exporterBinding returns the tls-exporter binding of RFC 9266.
func exporterBinding(cs *tls.ConnectionState) (scram.ChannelBinding, error) {
	if cs == nil {
		return scram.ChannelBinding{}, errors.New("channel binding needs TLS")
	}
	return scram.NewTLSExporterBinding(cs)
}

func (s *scramClient) Start() (string, []byte, error) {
	first, err := s.conv.Step("")
	return s.name, []byte(first), err
}

func (s *scramClient) Next(challenge []byte) ([]byte, error) {
	for field := range strings.SplitSeq(string(challenge), ",") {
		if i, ok := strings.CutPrefix(field, "i="); ok {
			if n, err := strconv.Atoi(i); err != nil || n > maxIterations {
				return nil, fmt.Errorf("%s: the server asks for %.20s rounds of hashing, more than %d", s.name, i, maxIterations)
			}
		}
	}
	response, err := s.conv.Step(string(challenge))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.name, err)
	}
	return []byte(response), nil
}

func (s *scramClient) finished() error {
	if !s.conv.Valid() {
		return fmt.Errorf("%s: the server accepted without proving that it knows the password", s.name)
	}
	return nil
}

// scramServer adapts the server of the library. Its last message is sent as a challenge
// that the client answers with an empty response, because RFC 4954 section 4 has no other
// place for it.
type scramServer struct {
	conv  *scram.ServerConversation
	begun bool
	final bool
}

func newScramServer(name string, v *Verifier) (sasl.Server, error) {
	server, err := hashOf(name).NewServer(func(user string) (scram.StoredCredentials, error) {
		password, err := v.Password(user)
		if err != nil {
			return scram.StoredCredentials{}, err
		}
		client, err := hashOf(name).NewClient(user, password, "")
		if err != nil {
			return scram.StoredCredentials{}, err
		}
		return client.GetStoredCredentialsWithError(scram.KeyFactors{Salt: saltOf(user), Iters: 4096})
	})
	if err != nil {
		return nil, err
	}
	binding, bindErr := exporterBinding(v.TLS)
	switch {
	case strings.HasSuffix(name, "-PLUS"):
		if bindErr != nil {
			return nil, bindErr
		}
		return &scramServer{conv: server.NewConversationWithChannelBindingRequired(binding)}, nil
	case v.PlusOffered && bindErr == nil:
		return &scramServer{conv: server.NewConversationWithChannelBinding(binding)}, nil
	}
	return &scramServer{conv: server.NewConversation()}, nil
}

// saltOf returns the same salt for a user each time; otherwise attempts would show that the
// account does not exist.
func saltOf(user string) string { return cramDigest("smtpsh salt", []byte(user))[:16] }

func (s *scramServer) Next(response []byte) ([]byte, bool, error) {
	switch {
	case s.final:
		return nil, true, nil
	case !s.begun && response == nil:
		s.begun = true
		return []byte{}, false, nil
	}
	s.begun = true
	out, err := s.conv.Step(string(response))
	if err != nil {
		return nil, true, err
	}
	s.final = s.conv.Done() && s.conv.Valid()
	return []byte(out), false, nil
}
