package saslmech

import (
	"errors"
	"strings"
	"testing"
)

// TestDigestOfTheRFC: the example of RFC 2831 section 4.
func TestDigestOfTheRFC(t *testing.T) {
	d := digest{
		user: "chris", realm: "elwood.innosoft.com", password: "secret", nonce: "OA6MG9tEQGm2hh", cnonce: "OA6MHXh6VqTrRk",
		uri: "imap/elwood.innosoft.com", utf8: true,
	}
	if got, want := d.response("AUTHENTICATE"), "d388dad90d4bbd760a152321f2143af7"; got != want {
		t.Errorf("response %s, want %s", got, want)
	}
	if got, want := d.response(""), "ea40f60335c427b5527b84dbabcdfffd"; got != want {
		t.Errorf("rspauth %s, want %s", got, want)
	}
}

// TestDigestExchange: client and server agree on right passwords, also in other alphabets, and
// on no wrong one.
func TestDigestExchange(t *testing.T) {
	for name, tt := range map[string]struct {
		user, password, stored, authzid string
		want                            error
	}{
		"right":            {"ann@x.org", "s3cret", "s3cret", "", nil},
		"wrong":            {"ann@x.org", "guess", "s3cret", "", ErrRefused},
		"quotation marks":  {`a"n\n`, `p"\w`, `p"\w`, "", nil},
		"ISO 8859-1":       {"dörte", "grüße", "grüße", "", nil},
		"other letters":    {"анна", "пароль", "пароль", "", nil},
		"the same authzid": {"ann@x.org", "s3cret", "s3cret", "ann@x.org", nil},
		"another authzid":  {"ann@x.org", "s3cret", "s3cret", "bob@x.org", ErrRefused},
	} {
		t.Run(name, func(t *testing.T) {
			m, _ := Lookup("DIGEST-MD5")
			client, err := m.client(&Credentials{Username: tt.user, Password: tt.password, Authzid: tt.authzid, Host: "mx.example.org"})
			if err != nil {
				t.Fatal(err)
			}
			server, err := NewServer("DIGEST-MD5", Verifier{Host: "mx.example.org", Password: func(user string) (string, error) {
				if user != tt.user {
					t.Errorf("the user is %q", user)
				}
				return tt.stored, nil
			}})
			if err != nil {
				t.Fatal(err)
			}
			challenge, _, err := server.Next(nil)
			for err == nil {
				var answer []byte
				if answer, err = client.Next(challenge); err != nil {
					break
				}
				if name := NameIn("DIGEST-MD5", answer); len(answer) > 0 && name != tt.user {
					t.Errorf("the name in the response is %q", name)
				}
				var done bool
				if challenge, done, err = server.Next(answer); done {
					break
				}
			}
			if !errors.Is(err, tt.want) || tt.want == nil && client.(*digestClient).finished() != nil {
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
}

// TestDigestClientDistrusts: challenges that the client does not answer.
func TestDigestClientDistrusts(t *testing.T) {
	const good = `realm="x",nonce="n",qop="auth",charset=utf-8,algorithm=md5-sess`
	for challenge, want := range map[string]string{
		"":          "has no nonce",
		`nonce="n"`: "the algorithm is",
		`nonce="n",algorithm=md5-sess,qop="auth-int"`: "offers the protection",
		`nonce="n`:                               "quotation mark of nonce is not closed",
		`nonce="n",nonce="m",algorithm=md5-sess`: "nonce occurs twice",
		"nonsense":                               "has no value",
	} {
		c, _ := newDigestClient(&Credentials{Username: "a", Password: "b"})
		if _, err := c.Next([]byte(challenge)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", challenge, err, want)
		}
	}
	c, _ := newDigestClient(&Credentials{Username: "a", Password: "b"})
	if _, err := c.Next([]byte(good)); err != nil {
		t.Fatal(err)
	}
	if err := c.(*digestClient).finished(); err == nil {
		t.Error("the server proved nothing")
	}
	if _, err := c.Next([]byte("rspauth=00000000000000000000000000000000")); err == nil || !strings.Contains(err.Error(), "does not prove") {
		t.Errorf("%v", err)
	}
	if _, err := c.Next([]byte("rspauth=x")); err == nil || !strings.Contains(err.Error(), "a third time") {
		t.Errorf("%v", err)
	}
}

// FuzzDirectives: no challenge or response makes the parser panic, and no server or client.
func FuzzDirectives(f *testing.F) {
	f.Add(`realm="x",nonce="n",qop="auth",charset=utf-8,algorithm=md5-sess`)
	f.Add(`username="a\\"b",response=x,cnonce=,,digest-uri="smtp/x"`)
	f.Fuzz(func(_ *testing.T, text string) {
		c, _ := newDigestClient(&Credentials{Username: "a", Password: "b"})
		c.Next([]byte(text))
		c.Next([]byte(text))
		s := newDigestServer(&Verifier{Password: func(string) (string, error) { return "b", nil }})
		s.Next(nil)
		s.Next([]byte(text))
		NameIn("DIGEST-MD5", []byte(text))
	})
}
