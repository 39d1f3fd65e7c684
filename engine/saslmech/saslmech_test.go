package saslmech_test

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-sasl"

	"smtpsh/engine/saslmech"
	"smtpsh/internal/authority"
)

var creds = saslmech.Credentials{
	Username: "ann@example.org", Password: "s3cret", Token: "ya29.token", External: true, Trace: "ann@example.org",
	Host: "smtp.example.org", Port: 587,
}

func verifier(tlsState *tls.ConnectionState) saslmech.Verifier {
	return saslmech.Verifier{
		Plain: func(authzid, user, password string) error {
			if user != creds.Username || password != creds.Password {
				return saslmech.ErrRefused
			}
			return nil
		},
		Password: func(user string) (string, error) {
			if user != creds.Username {
				return "", saslmech.ErrRefused
			}
			return creds.Password, nil
		},
		Token: func(user, token string) ([]byte, error) {
			if user != creds.Username || token != creds.Token {
				return []byte(`{"status":"400"}`), saslmech.ErrRefused
			}
			return nil, nil
		},
		External:  func(string) error { return nil },
		Anonymous: func(string) error { return nil },
		TLS:       tlsState,
	}
}

// converse runs client against server as SMTP does: an empty challenge for a missing
// initial response, one message at a time. It returns the result of the server and what the
// client must have received.
func converse(c sasl.Client, s sasl.Server, withInitial bool) (server, client error) {
	_, ir, err := c.Start()
	if err != nil {
		return nil, err
	}
	response := ir
	if !withInitial {
		response = nil
	}
	for range 10 {
		challenge, done, err := s.Next(response)
		if err != nil || done {
			if err == nil {
				client = saslmech.Finished(c)
			}
			return err, client
		}
		if !withInitial && ir != nil {
			response, ir = ir, nil
			continue
		}
		if response, err = c.Next(challenge); err != nil {
			return nil, err
		}
		if response == nil {
			response = []byte{}
		}
	}
	return nil, errors.New("no end in ten rounds")
}

func TestEveryMechanismAgainstItsServer(t *testing.T) {
	clientTLS, serverTLS := authority.States(t)
	mechs := saslmech.Mechanisms()
	if len(mechs) == 0 {
		t.Fatal("no mechanisms")
	}
	for _, m := range mechs {
		for _, initial := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s initial=%v", m.Name, initial), func(t *testing.T) {
				c := creds
				c.TLS = clientTLS
				client, err := m.Client(c)
				if err != nil {
					t.Fatal(err)
				}
				server, err := saslmech.NewServer(m.Name, verifier(serverTLS))
				if err != nil {
					t.Fatal(err)
				}
				if serverErr, clientErr := converse(client, server, initial); serverErr != nil || clientErr != nil {
					t.Fatalf("server said %v, client %v", serverErr, clientErr)
				}
			})
		}
	}
}

func TestWrongCredentialsAreRefusedByTheServer(t *testing.T) {
	clientTLS, serverTLS := authority.States(t)
	for _, m := range saslmech.Mechanisms() {
		if m.Name == "ANONYMOUS" || m.Name == "EXTERNAL" {
			continue
		}
		t.Run(m.Name, func(t *testing.T) {
			c := creds
			c.TLS, c.Password, c.Token = clientTLS, "wrong", "wrong"
			client, err := m.Client(c)
			if err != nil {
				t.Fatal(err)
			}
			server, err := saslmech.NewServer(m.Name, verifier(serverTLS))
			if err != nil {
				t.Fatal(err)
			}
			serverErr, clientErr := converse(client, server, true)
			if serverErr == nil {
				t.Fatalf("accepted (client: %v)", clientErr)
			}
		})
	}
}

func TestChannelBindingToAnotherConnectionFails(t *testing.T) {
	clientTLS, _ := authority.States(t)
	_, otherTLS := authority.States(t)
	m, _ := saslmech.Lookup("scram-sha-256-plus")
	c := creds
	c.TLS = clientTLS
	client, err := m.Client(c)
	if err != nil {
		t.Fatal(err)
	}
	server, err := saslmech.NewServer(m.Name, verifier(otherTLS))
	if err != nil {
		t.Fatal(err)
	}
	if serverErr, _ := converse(client, server, true); serverErr == nil {
		t.Fatal("a man in the middle was not noticed")
	}
}

func TestStrippedPlusIsNoticed(t *testing.T) {
	clientTLS, serverTLS := authority.States(t)
	m, _ := saslmech.Lookup("SCRAM-SHA-256")
	for plusOffered, want := range map[bool]string{true: "n,,", false: "y,,"} {
		c := creds
		c.TLS, c.PlusOffered = clientTLS, plusOffered
		client, err := m.Client(c)
		if err != nil {
			t.Fatal(err)
		}
		_, ir, err := client.Start()
		if err != nil || !strings.HasPrefix(string(ir), want) {
			t.Errorf("PLUS offered %v: first message %q (%v), want it to begin with %q", plusOffered, ir, err, want)
		}
	}
	client, _ := m.Client(saslmech.Credentials{Username: creds.Username, Password: creds.Password, TLS: clientTLS})
	v := verifier(serverTLS)
	v.PlusOffered = true // the server offered -PLUS: an attacker removed it
	server, err := saslmech.NewServer(m.Name, v)
	if err != nil {
		t.Fatal(err)
	}
	if serverErr, _ := converse(client, server, true); serverErr == nil {
		t.Error("the server did not notice that its -PLUS mechanisms were stripped")
	}
}

func TestKnownAnswers(t *testing.T) {
	t.Run("PLAIN of RFC 4954", func(t *testing.T) {
		m, _ := saslmech.Lookup("PLAIN")
		c, err := m.Client(saslmech.Credentials{Authzid: "test", Username: "test", Password: "1234"})
		if err != nil {
			t.Fatal(err)
		}
		_, ir, _ := c.Start()
		if got := base64.StdEncoding.EncodeToString(ir); got != "dGVzdAB0ZXN0ADEyMzQ=" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("CRAM-MD5 of RFC 2195", func(t *testing.T) {
		m, _ := saslmech.Lookup("CRAM-MD5")
		c, err := m.Client(saslmech.Credentials{Username: "tim", Password: "tanstaaftanstaaf"})
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Next([]byte("<1896.697170952@postoffice.reston.mci.net>"))
		if err != nil || string(got) != "tim b913a602c7eda7a495b4e6e7334d3890" {
			t.Errorf("got %s, %v", got, err)
		}
	})
	t.Run("XOAUTH2 of Google's page", func(t *testing.T) {
		m, _ := saslmech.Lookup("XOAUTH2")
		c, err := m.Client(saslmech.Credentials{Username: "someuser@example.com", Token: "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"})
		if err != nil {
			t.Fatal(err)
		}
		_, ir, _ := c.Start()
		want := "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ=="
		if got := base64.StdEncoding.EncodeToString(ir); got != want {
			t.Errorf("got %s", got)
		}
	})
	t.Run("OAUTHBEARER of RFC 7628", func(t *testing.T) {
		m, _ := saslmech.Lookup("OAUTHBEARER")
		c, err := m.Client(saslmech.Credentials{Username: "a=b,c@example.com", Token: "tok", Host: "h", Port: 25})
		if err != nil {
			t.Fatal(err)
		}
		_, ir, _ := c.Start()
		if got := string(ir); got != "n,a=a=3Db=2Cc@example.com,\x01host=h\x01port=25\x01auth=Bearer tok\x01\x01" {
			t.Errorf("got %q", got)
		}
		answer, err := c.Next([]byte(`{"status":"invalid_token"}`))
		if err != nil || string(answer) != "\x01" || string(saslmech.FailureOf(c)) != `{"status":"invalid_token"}` {
			t.Errorf("answer to the failure: %q, %v", answer, err)
		}
	})
}

func TestHostileServers(t *testing.T) {
	tests := []struct{ name, mech, challenge string }{
		{"endless hashing", "SCRAM-SHA-256", "r=%s,s=c2FsdA==,i=2000000000"},
		{"no iteration count", "SCRAM-SHA-256", "r=%s,s=c2FsdA==,i=x"},
		{"foreign nonce", "SCRAM-SHA-256", "r=evil,s=c2FsdA==,i=4096"},
		{"empty", "SCRAM-SHA-256", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, _ := saslmech.Lookup(tt.mech)
			c, err := m.Client(creds)
			if err != nil {
				t.Fatal(err)
			}
			_, ir, _ := c.Start()
			nonce := string(ir)[strings.Index(string(ir), "r=")+2:]
			challenge := strings.Replace(tt.challenge, "%s", nonce+"x", 1)
			if answer, err := c.Next([]byte(challenge)); err == nil {
				t.Fatalf("answered %q", answer)
			}
		})
	}
	t.Run("235 without proof", func(t *testing.T) {
		m, _ := saslmech.Lookup("SCRAM-SHA-1")
		c, err := m.Client(creds)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if saslmech.Finished(c) == nil {
			t.Fatal("a server that proved nothing was believed")
		}
	})
	t.Run("LOGIN asks three times", func(t *testing.T) {
		m, _ := saslmech.Lookup("LOGIN")
		c, err := m.Client(creds)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := c.Next([]byte("User Name")); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.Next(nil); err == nil {
			t.Fatal("a third question was answered")
		}
	})
}

func TestChoose(t *testing.T) {
	clientTLS, _ := authority.States(t)
	tests := []struct {
		name    string
		offered string
		creds   saslmech.Credentials
		want    string // or the beginning of "error: ..."
	}{
		{"strongest", "PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256", creds, "SCRAM-SHA-256"},
		{
			"bound when possible", "SCRAM-SHA-256 SCRAM-SHA-256-PLUS",
			saslmech.Credentials{Username: "a", Password: "b", TLS: clientTLS},
			"SCRAM-SHA-256-PLUS",
		},
		{"not bound without TLS", "SCRAM-SHA-256 SCRAM-SHA-256-PLUS", saslmech.Credentials{Username: "a", Password: "b"}, "SCRAM-SHA-256"},
		{
			"Gmail with a password",
			"LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH",
			saslmech.Credentials{Username: "a", Password: "b"}, "PLAIN",
		},
		{
			"Gmail with a token",
			"LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH",
			saslmech.Credentials{Username: "a", Token: "t"}, "OAUTHBEARER",
		},
		{
			"PLAIN before CRAM-MD5 inside TLS", "CRAM-MD5 PLAIN LOGIN",
			saslmech.Credentials{Username: "a", Password: "b", TLS: clientTLS, Private: true},
			"PLAIN",
		},
		{
			"SCRAM before PLAIN inside TLS", "CRAM-MD5 PLAIN SCRAM-SHA-1",
			saslmech.Credentials{Username: "a", Password: "b", TLS: clientTLS, Private: true},
			"SCRAM-SHA-1",
		},
		{
			"CRAM-MD5 before LOGIN inside TLS", "LOGIN CRAM-MD5",
			saslmech.Credentials{Username: "a", Password: "b", TLS: clientTLS, Private: true},
			"CRAM-MD5",
		},
		{"CRAM-MD5 before PLAIN unencrypted", "CRAM-MD5 PLAIN", saslmech.Credentials{Username: "a", Password: "b"}, "CRAM-MD5"},
		{
			"CRAM-MD5 before PLAIN to an unverified server", "CRAM-MD5 PLAIN",
			saslmech.Credentials{Username: "a", Password: "b", TLS: clientTLS}, "CRAM-MD5",
		},
		{"lower case", "login plain", saslmech.Credentials{Username: "a", Password: "b"}, "PLAIN"},
		{"nothing offered", "", creds, "error: the server offers no AUTH mechanism"},
		{"nothing known", "GS2-KRB5 GSSAPI", creds, "error: none of the offered mechanisms is known here: GS2-KRB5 GSSAPI"},
		{
			"nothing fits", "XOAUTH2", saslmech.Credentials{Username: "a", Password: "b"},
			"error: no offered mechanism fits: XOAUTH2 needs an access token",
		},
		{"anonymous only when named", "ANONYMOUS", creds, "error: no offered mechanism fits: ANONYMOUS only when named"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := saslmech.Choose(strings.Fields(tt.offered), tt.creds)
			got := m.Name
			if err != nil {
				got = "error: " + err.Error()
			}
			if !strings.HasPrefix(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestControlCharactersAreRejected(t *testing.T) {
	for _, m := range saslmech.Mechanisms() {
		if m.Strength == 0 || strings.HasSuffix(m.Name, "-PLUS") {
			continue
		}
		c := creds
		c.Username = "ann\x00root"
		if _, err := m.Client(c); err == nil {
			t.Errorf("%s took a NUL in the user name", m.Name)
		} else if strings.Contains(err.Error(), creds.Password) {
			t.Errorf("%s: the error tells the password", m.Name)
		}
	}
}

func TestEverySupportedMechanismIsInTheCatalogue(t *testing.T) {
	spoken := map[string]bool{}
	for _, i := range saslmech.Catalogue() {
		if i.Spoken {
			spoken[i.Name] = true
		}
	}
	for _, m := range saslmech.Mechanisms() {
		if !spoken[m.Name] {
			t.Errorf("%s is supported but the catalogue does not say so", m.Name)
		}
		delete(spoken, m.Name)
	}
	for name := range spoken {
		t.Errorf("the catalogue says that %s is supported", name)
	}
}
