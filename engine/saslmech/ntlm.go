package saslmech

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/Azure/go-ntlmssp"
	"github.com/emersion/go-sasl"
	//lint:ignore SA1019 NTLM is defined with MD4
	"golang.org/x/crypto/md4"
)

// ntlmClient is the client of NTLM, the login of Windows accounts, with version 2 of the
// responses (MS-NLMP). It exists for old servers and is never chosen by itself. Version 1 is not
// supported: its responses reveal the password to anybody who records them.
type ntlmClient struct {
	user, password string
	answered       bool
}

func newNTLMClient(c *Credentials) (sasl.Client, error) {
	if c.Authzid != "" && c.Authzid != c.Username {
		return nil, errors.New("NTLM cannot act as another user")
	}
	return &ntlmClient{user: c.Username, password: c.Password}, nil
}

func (c *ntlmClient) Start() (string, []byte, error) {
	first, err := ntlmssp.NewNegotiateMessage("", "")
	return "NTLM", first, err
}

func (c *ntlmClient) Next(challenge []byte) ([]byte, error) {
	if c.answered {
		return nil, errors.New("NTLM: the server sends a second challenge")
	}
	c.answered = true
	m, err := ntlmParse(challenge, 2)
	if err != nil {
		return nil, err
	}
	if _, err := m.field(12); err != nil { // the library reads it
		return nil, err
	}
	answer, err := ntlmssp.NewAuthenticateMessage(challenge, c.user, c.password, nil)
	if err != nil {
		return nil, fmt.Errorf("NTLM: %w", err)
	}
	return answer, nil
}

func (c *ntlmClient) finished() error {
	if !c.answered {
		return errors.New("NTLM: the server accepted the login before the password was proved")
	}
	return nil
}

// The flags of a challenge (MS-NLMP section 2.2.2.5).
const (
	ntlmUnicode    = 1 << 0
	ntlmTarget     = 1 << 2
	ntlmNTLM       = 1 << 9
	ntlmAlwaysSign = 1 << 15
	ntlmIsServer   = 1 << 17
	ntlmExtended   = 1 << 19
	ntlmTargetInfo = 1 << 23
)

// The identifiers of the target information (MS-NLMP section 2.2.2.1).
const (
	ntlmEnd         = 0
	ntlmComputer    = 1
	ntlmDomain      = 2
	ntlmDNSComputer = 3
	ntlmDNSDomain   = 4
	ntlmTimestamp   = 7
)

// The form of messages, in bytes, and the beginning of the time in their unit of 100 ns: 1970
// counted from 1601.
const (
	ntlmSignature    = "NTLMSSP\x00"
	ntlmV1Response   = 24 // length of a response of version 1
	ntlmLeastV2      = 44 // length of the proof and the fixed part of a response of version 2
	ntlmEpoch        = 116444736000000000
	ntlmHeader       = 12 // signature and type
	ntlmChallengeLen = 48 // fixed part of a challenge
)

// ntlmMessage is a message of NTLM.
type ntlmMessage []byte

// ntlmParse checks the signature and the type of a message.
func ntlmParse(b []byte, kind uint32) (ntlmMessage, error) {
	switch {
	case len(b) < ntlmHeader || string(b[:len(ntlmSignature)]) != ntlmSignature:
		return nil, fmt.Errorf("%w: the message does not begin with NTLMSSP", ErrSyntax)
	case binary.LittleEndian.Uint32(b[8:]) != kind:
		return nil, fmt.Errorf("%w: NTLM message of type %d, expected %d", ErrSyntax, binary.LittleEndian.Uint32(b[8:]), kind)
	}
	return b, nil
}

// field returns the bytes that a length and an offset at position at point to.
func (m ntlmMessage) field(at int) ([]byte, error) {
	if len(m) < at+8 {
		return nil, fmt.Errorf("%w: the NTLM message is too short", ErrSyntax)
	}
	size, from := uint64(binary.LittleEndian.Uint16(m[at:])), uint64(binary.LittleEndian.Uint32(m[at+4:]))
	if from+size > uint64(len(m)) {
		return nil, fmt.Errorf("%w: a field of the NTLM message is outside of it", ErrSyntax)
	}
	return m[from : from+size], nil
}

// text returns a field as text in UTF-16.
func (m ntlmMessage) text(at int) (string, error) {
	b, err := m.field(at)
	if err != nil {
		return "", err
	}
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units)), nil
}

// ntlmText writes a text in UTF-16.
func ntlmText(s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}

// ntlmServer is the server of NTLM. It accepts responses of version 2.
type ntlmServer struct {
	v         *Verifier
	begun     bool
	challenge []byte // the 8 random bytes; nil before
}

func newNTLMServer(v *Verifier) sasl.Server { return &ntlmServer{v: v} }

func (s *ntlmServer) Next(response []byte) ([]byte, bool, error) {
	switch {
	case response == nil && !s.begun:
		s.begun = true
		return []byte{}, false, nil // RFC 4954 section 4: an empty challenge asks for the first message
	case s.challenge == nil:
		s.begun = true
		if _, err := ntlmParse(response, 1); err != nil {
			return nil, true, err
		}
		return s.ask(), false, nil
	}
	return nil, true, s.verify(response)
}

// ask returns the challenge.
func (s *ntlmServer) ask() []byte {
	s.challenge = make([]byte, 8)
	rand.Read(s.challenge) //nolint:errcheck // it does not fail
	host := s.v.Host
	if host == "" {
		host = "localhost"
	}
	computer, domain, _ := strings.Cut(host, ".")
	if domain == "" {
		domain = host
	}
	var info []byte
	add := func(id uint16, value []byte) {
		info = binary.LittleEndian.AppendUint16(info, id)
		info = binary.LittleEndian.AppendUint16(info, uint16(len(value)))
		info = append(info, value...)
	}
	short, _, _ := strings.Cut(domain, ".")
	add(ntlmDomain, ntlmText(strings.ToUpper(short)))
	add(ntlmComputer, ntlmText(strings.ToUpper(computer)))
	add(ntlmDNSDomain, ntlmText(domain))
	add(ntlmDNSComputer, ntlmText(host))
	add(ntlmTimestamp, binary.LittleEndian.AppendUint64(nil, uint64(time.Now().UnixNano()/100)+ntlmEpoch))
	add(ntlmEnd, nil)
	target := ntlmText(strings.ToUpper(computer))
	out := append([]byte(ntlmSignature), 2, 0, 0, 0)
	pointer := func(size, from int) {
		out = binary.LittleEndian.AppendUint16(out, uint16(size))
		out = binary.LittleEndian.AppendUint16(out, uint16(size))
		out = binary.LittleEndian.AppendUint32(out, uint32(from))
	}
	pointer(len(target), ntlmChallengeLen)
	out = binary.LittleEndian.AppendUint32(out,
		ntlmUnicode|ntlmTarget|ntlmNTLM|ntlmAlwaysSign|ntlmIsServer|ntlmExtended|ntlmTargetInfo)
	out = append(out, s.challenge...)
	out = append(out, make([]byte, 8)...)
	pointer(len(info), ntlmChallengeLen+len(target))
	return append(append(out, target...), info...)
}

// verify checks the response of version 2 (MS-NLMP section 3.3.2).
func (s *ntlmServer) verify(b []byte) error {
	m, err := ntlmParse(b, 3)
	if err != nil {
		return err
	}
	proof, err := m.field(20)
	if err != nil {
		return err
	}
	domain, err := m.text(28)
	if err != nil {
		return err
	}
	user, err := m.text(36)
	switch {
	case err != nil:
		return err
	case user == "":
		return fmt.Errorf("%w: the NTLM message has no user name", ErrSyntax)
	}
	password, err := s.v.Password(ntlmMailbox(user, domain))
	switch {
	case err != nil:
		return err
	case len(proof) <= ntlmV1Response || len(proof) < ntlmLeastV2:
		return ErrRefused // a response of version 1, or none
	case !hmac.Equal(proof[:md5.Size], ntlmProof(password, user, domain, s.challenge, proof[md5.Size:])):
		return ErrRefused
	}
	return nil
}

// ntlmMailbox returns the account of a user name with a domain: ann and example.org are
// ann@example.org.
func ntlmMailbox(user, domain string) string {
	if strings.Contains(user, "@") || !strings.Contains(domain, ".") {
		return user
	}
	return user + "@" + strings.ToLower(domain)
}

// ntlmProof returns the first 16 bytes of a response of version 2 (NTProofStr).
func ntlmProof(password, user, domain string, challenge, rest []byte) []byte {
	hash := md4.New()
	hash.Write(ntlmText(password))
	keyed := func(key []byte, parts ...[]byte) []byte {
		mac := hmac.New(md5.New, key)
		for _, p := range parts {
			mac.Write(p)
		}
		return mac.Sum(nil)
	}
	key := keyed(hash.Sum(nil), ntlmText(strings.ToUpper(user)+domain))
	return keyed(key, challenge, rest)
}

// ntlmName returns the user name in a message of type 3, or "".
func ntlmName(b []byte) string {
	m, err := ntlmParse(b, 3)
	if err != nil {
		return ""
	}
	user, err := m.text(36)
	if err != nil {
		return ""
	}
	return user
}
