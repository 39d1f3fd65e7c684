package saslmech

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

// TestNTLMOfTheSpecification: the example of MS-NLMP section 4.2.4.
func TestNTLMOfTheSpecification(t *testing.T) {
	unhex := func(s string) []byte {
		b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	rest := unhex("0101000000000000 0000000000000000 aaaaaaaaaaaaaaaa 00000000" +
		"02000c00 44006f006d00610069006e00 01000c00 530065007200760065007200 00000000 00000000")
	got := hex.EncodeToString(ntlmProof("Password", "User", "Domain", unhex("0123456789abcdef"), rest))
	if want := "68cd0ab851e51c96aabc927bebef6a1c"; got != want {
		t.Errorf("proof %s, want %s", got, want)
	}
}

// TestNTLMExchange: client and server agree on right passwords, also in other alphabets and
// with a domain, and on no wrong one.
func TestNTLMExchange(t *testing.T) {
	for name, tt := range map[string]struct {
		user, password, account, stored string
		want                            error
	}{
		"right":             {"ann@x.org", "s3cret", "ann@x.org", "s3cret", nil},
		"wrong":             {"ann@x.org", "guess", "ann@x.org", "s3cret", ErrRefused},
		"a Windows domain":  {`OFFICE\ann`, "s3cret", "ann", "s3cret", nil},
		"a domain of mail":  {`x.org\ann`, "s3cret", "ann@x.org", "s3cret", nil},
		"another alphabet":  {"анна", "пароль", "анна", "пароль", nil},
		"beyond the plane":  {"ann@x.org", "𝒑𝒘", "ann@x.org", "𝒑𝒘", nil},
		"a user in capital": {"ANN@x.org", "s3cret", "ANN@x.org", "s3cret", nil},
	} {
		for _, bare := range []bool{false, true} {
			m, _ := Lookup("ntlm")
			client, err := m.Client(Credentials{Username: tt.user, Password: tt.password})
			if err != nil {
				t.Fatal(err)
			}
			server, err := NewServer("NTLM", Verifier{Host: "mx.example.org", Password: func(user string) (string, error) {
				if user != tt.account {
					t.Errorf("%s: the account is %q, want %q", name, user, tt.account)
				}
				return tt.stored, nil
			}})
			if err != nil {
				t.Fatal(err)
			}
			_, first, err := client.Start()
			if err != nil {
				t.Fatal(err)
			}
			if bare { // AUTH without an initial response
				if c, done, err := server.Next(nil); len(c) != 0 || done || err != nil {
					t.Fatalf("%s: %q, %v, %v", name, c, done, err)
				}
			}
			challenge, _, err := server.Next(first)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := client.Next(challenge)
			if err != nil {
				t.Fatal(err)
			}
			if got := NameIn("NTLM", answer); !strings.HasSuffix(tt.user, got) || got == "" {
				t.Errorf("%s: the name in the answer is %q", name, got)
			}
			_, done, err := server.Next(answer)
			if !done || !errors.Is(err, tt.want) || Finished(client) != nil {
				t.Errorf("%s: %v, %v, want %v", name, done, err, tt.want)
			}
		}
	}
}

// TestNTLMServerDistrusts: messages that the server does not accept.
func TestNTLMServerDistrusts(t *testing.T) {
	server := func() *ntlmServer {
		return &ntlmServer{v: &Verifier{Password: func(string) (string, error) { return "", nil }}, begun: true, challenge: make([]byte, 8)}
	}
	message := func(proof int, user string) []byte {
		out := append([]byte(ntlmSignature), 3, 0, 0, 0)
		for _, size := range []int{0, proof, 0, len(ntlmText(user))} {
			out = binary.LittleEndian.AppendUint16(out, uint16(size))
			out = binary.LittleEndian.AppendUint16(out, uint16(size))
			out = binary.LittleEndian.AppendUint32(out, 44)
		}
		return append(append(out, ntlmText(user)...), make([]byte, 100)...)
	}
	for name, tt := range map[string]struct {
		message []byte
		want    error
	}{
		"no message":        {nil, ErrSyntax},
		"another signature": {[]byte("NTLMSSX\x00\x03\x00\x00\x00"), ErrSyntax},
		"another type":      {[]byte("NTLMSSP\x00\x01\x00\x00\x00"), ErrSyntax},
		"cut":               {message(44, "ann")[:30], ErrSyntax},
		"field outside":     {message(4000, "ann"), ErrSyntax},
		"no user":           {message(44, ""), ErrSyntax},
		"version 1":         {message(24, "ann"), ErrRefused},
		"no proof":          {message(0, "ann"), ErrRefused},
		"a short proof":     {message(43, "ann"), ErrRefused},
		"a wrong proof":     {message(60, "ann"), ErrRefused},
	} {
		if err := server().verify(tt.message); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

// TestNTLMClientDistrusts: challenges that the client does not answer, and a success that
// comes too early.
func TestNTLMClientDistrusts(t *testing.T) {
	asked := newNTLMServer(&Verifier{}).(*ntlmServer).ask()
	for challenge, want := range map[string]string{
		"":                            "does not begin with NTLMSSP",
		"NTLM supported":              "does not begin with NTLMSSP",
		"NTLMSSP\x00\x03\x00\x00\x00": "type 3, expected 2",
		"NTLMSSP\x00\x02\x00\x00\x00": "too short",
		string(asked[:20]):            "outside of it",
		strings.Replace(string(asked), "\x04", "", 1): "NTLM",
	} {
		c, _ := newNTLMClient(&Credentials{Username: "a", Password: "b"})
		if _, err := c.Next([]byte(challenge)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", challenge, err, want)
		}
	}
	c, _ := newNTLMClient(&Credentials{Username: "a", Password: "b"})
	if Finished(c) == nil {
		t.Error("a success before the challenge is no login")
	}
	if _, err := c.Next(asked); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Next(asked); err == nil || !strings.Contains(err.Error(), "second challenge") {
		t.Errorf("%v", err)
	}
	if _, err := newNTLMClient(&Credentials{Username: "a", Password: "b", Authzid: "c"}); err == nil {
		t.Error("NTLM has no identity to act as")
	}
}

// FuzzNTLM: no challenge or response makes a client or server panic.
func FuzzNTLM(f *testing.F) {
	f.Add(newNTLMServer(&Verifier{Host: "mx.example.org"}).(*ntlmServer).ask())
	f.Add([]byte("NTLMSSP\x00\x03\x00\x00\x00"))
	f.Fuzz(func(_ *testing.T, b []byte) {
		c, _ := newNTLMClient(&Credentials{Username: "a", Password: "b"})
		c.Next(b)
		s := newNTLMServer(&Verifier{Password: func(string) (string, error) { return "b", nil }})
		s.Next(b)
		s.Next(b)
		s.(*ntlmServer).challenge = make([]byte, 8)
		s.Next(b)
		NameIn("NTLM", b)
	})
}
