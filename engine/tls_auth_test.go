package engine_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/engine/saslmech"
	"smtpsh/internal/authority"
)

func TestStartTLS(t *testing.T) {
	ev := newEvents()
	var keys bytes.Buffer
	s, _ := openSandbox(t, "plain", "submission", engine.Options{Observer: ev, TLS: engine.TLSOptions{KeyLog: &keys}})
	ctx := t.Context()
	s.Ehlo(ctx, "x")
	if !s.Has("STARTTLS") || s.Has("AUTH") {
		t.Fatalf("offered before TLS: %v", s.Capabilities())
	}
	if r, err := s.StartTLS(ctx); err != nil || r.Code != 220 {
		t.Fatalf("%v, %v", r, err)
	}
	if len(s.Capabilities()) != 0 || s.State() != engine.Connected {
		t.Errorf("not forgotten: %v, state %v", s.Capabilities(), s.State())
	}
	s.Ehlo(ctx, "x")
	if s.Has("STARTTLS") || !s.Has("AUTH") {
		t.Errorf("offered inside TLS: %v", s.Capabilities())
	}
	info := s.TLS()
	if info == nil || !info.Verified || info.Version != "TLS 1.3" || len(info.Chain) != 2 || info.Chain[0].DaysLeft(time.Now()) < 28 {
		t.Errorf("%+v", info)
	}
	if !strings.Contains(keys.String(), "CLIENT_TRAFFIC_SECRET_0") {
		t.Error("no keys were logged")
	}
	if r, err := s.StartTLS(ctx); err != nil || r.Code != 503 {
		t.Errorf("a second STARTTLS: %v, %v", r, err)
	}
	if !strings.Contains(ev.String(), "*  TLS 1.3, TLS_") || !strings.Contains(ev.String(), "verified as 127.0.0.1") {
		t.Errorf("the transcript does not tell of TLS:\n%s", ev)
	}
}

// badPeers are servers whose TLS must fail, with a clear error.
func TestTLSFailures(t *testing.T) {
	ca, err := authority.New("good CA")
	if err != nil {
		t.Fatal(err)
	}
	other, err := authority.New("other CA")
	if err != nil {
		t.Fatal(err)
	}
	issue := func(ca *authority.CA, l authority.Leaf) tls.Certificate {
		c, err := ca.Issue(l)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	good := []string{"127.0.0.1", "localhost"}
	now := time.Now()
	below := func(ca *authority.CA, name string, ends time.Time) *authority.CA {
		sub, err := ca.Intermediate(name, now.Add(-48*time.Hour), ends)
		if err != nil {
			t.Fatal(err)
		}
		return sub
	}
	self, err := authority.SelfSigned(authority.Leaf{Names: good})
	if err != nil {
		t.Fatal(err)
	}
	middle, old, foreign := below(ca, "middle CA", time.Time{}), below(ca, "old CA", now.Add(-24*time.Hour)), below(other, "foreign CA",
		time.Time{})
	tests := []struct {
		name   string
		server *tls.Config
		client engine.TLSOptions
		text   string
	}{
		{
			"unknown authority",
			&tls.Config{Certificates: []tls.Certificate{issue(other, authority.Leaf{Names: good})}},
			engine.TLSOptions{},
			`the chain ends at the CA "other CA", which is not trusted here`,
		},
		{"self-signed", &tls.Config{Certificates: []tls.Certificate{self}}, engine.TLSOptions{}, "a self-signed certificate"},
		{
			"no intermediate",
			&tls.Config{Certificates: []tls.Certificate{only(issue(middle, authority.Leaf{Names: good}))}},
			engine.TLSOptions{},
			`does not send the certificate of "CN=middle CA,O=smtpsh sandbox", which signed the one of "127.0.0.1"`,
		},
		{
			"an intermediate that has expired",
			&tls.Config{Certificates: []tls.Certificate{issue(old, authority.Leaf{Names: good})}},
			engine.TLSOptions{}, `the certificate of the CA "old CA" expired on`,
		},
		{
			"an intermediate of another authority",
			&tls.Config{Certificates: []tls.Certificate{issue(foreign, authority.Leaf{Names: good})}},
			engine.TLSOptions{},
			`does not send the certificate of "CN=other CA,O=smtpsh sandbox", which signed the one of "foreign CA"`,
		},
		{
			"no cipher in common",
			&tls.Config{
				Certificates: []tls.Certificate{issue(ca, authority.Leaf{Names: good})},
				MaxVersion:   tls.VersionTLS12,
				CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA},
			},
			engine.TLSOptions{},
			"no cipher suite, key exchange or kind of certificate in common",
		},
		{
			"wrong name",
			&tls.Config{Certificates: []tls.Certificate{issue(ca, authority.Leaf{Names: []string{"mx.example.org"}})}},
			engine.TLSOptions{}, "is for mx.example.org, not for 127.0.0.1",
		},
		{
			"expired",
			&tls.Config{
				Certificates: []tls.Certificate{
					issue(ca, authority.Leaf{Names: good, NotBefore: now.Add(-48 * time.Hour), NotAfter: now.Add(-24 * time.Hour)}),
				},
			},
			engine.TLSOptions{}, "expired on",
		},
		{
			"not yet valid",
			&tls.Config{
				Certificates: []tls.Certificate{
					issue(ca, authority.Leaf{Names: good, NotBefore: now.Add(24 * time.Hour), NotAfter: now.Add(48 * time.Hour)}),
				},
			},
			engine.TLSOptions{}, "not valid before",
		},
		{
			"client certificate as server",
			&tls.Config{Certificates: []tls.Certificate{issue(ca, authority.Leaf{Names: good, Client: true})}},
			engine.TLSOptions{}, "not meant for servers",
		},
		{
			"too old",
			&tls.Config{
				Certificates: []tls.Certificate{issue(ca, authority.Leaf{Names: good})},
				MaxVersion:   tls.VersionTLS11, MinVersion: tls.VersionTLS10,
			},
			engine.TLSOptions{}, "share no TLS version",
		},
		{
			"too new",
			&tls.Config{Certificates: []tls.Certificate{issue(ca, authority.Leaf{Names: good})}, MinVersion: tls.VersionTLS13},
			engine.TLSOptions{MaxVersion: tls.VersionTLS12}, "version",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ev := newEvents()
			target := fake(t, "S: 220 x\nC: STARTTLS\nS: 220 go\nTLS\nHANG", tt.server)
			tt.client.RootCAs = ca.Pool()
			s := open(t, target, engine.Options{TLS: tt.client, Observer: ev})
			_, err := s.StartTLS(t.Context())
			if !errors.Is(err, engine.ErrTLS) || !strings.Contains(err.Error(), tt.text) {
				t.Fatalf("got %v, want ErrTLS with %q", err, tt.text)
			}
			var op *engine.OpError
			if errors.As(err, &op) && len(op.Advice) == 0 {
				t.Errorf("no hint for %v", err)
			}
			if _, err := s.Noop(t.Context(), ""); err == nil {
				t.Fatal("the session went on in plaintext")
			}
			if !strings.Contains(ev.String(), "*  TLS failed: ") {
				t.Errorf("the transcript does not tell:\n%s", ev)
			}
		})
	}
	t.Run("insecure is loud", func(t *testing.T) {
		ev := newEvents()
		target := fake(t, "TLS\nS: 220 x\nHANG", &tls.Config{Certificates: []tls.Certificate{issue(other, authority.Leaf{Names: good})}})
		target.Implicit = true
		s := open(t, target, engine.Options{TLS: engine.TLSOptions{Insecure: true}, Observer: ev})
		if info := s.TLS(); info.Verified || info.VerifyError == "" {
			t.Errorf("%+v", info)
		}
		if !strings.Contains(ev.String(), "*  the server is NOT VERIFIED: ") {
			t.Errorf("not loud:\n%s", ev)
		}
	})
	t.Run("no TLS at all", func(t *testing.T) {
		target := fake(t, "S: 220 plain\nHANG")
		target.Implicit = true
		_, err := engine.Dial(t.Context(), target, engine.Options{})
		if !errors.Is(err, engine.ErrTLS) || !strings.Contains(err.Error(), "did not answer with TLS") {
			t.Fatalf("%v", err)
		}
	})
	t.Run("cut handshake", func(t *testing.T) {
		s := open(t, fake(t, "S: 220 x\nC: STARTTLS\nS: 220 go\nC> 10\nCLOSE"), engine.Options{})
		if _, err := s.StartTLS(t.Context()); !errors.Is(err, engine.ErrTLS) {
			t.Fatalf("%v", err)
		}
	})
	t.Run("silent handshake", func(t *testing.T) {
		s := open(t, fake(t, "S: 220 x\nC: STARTTLS\nS: 220 go\nHANG"), engine.Options{Timeouts: engine.UniformTimeouts(500 * time.Millisecond)})
		if _, err := s.StartTLS(t.Context()); !errors.Is(err, engine.ErrTimeout) {
			t.Fatalf("%v", err)
		}
	})
	t.Run("refused STARTTLS is a reply", func(t *testing.T) {
		s := open(t, fake(t, "S: 220 x\nC: STARTTLS\nS: 454 4.7.0 not now\nC: NOOP\nS: 250 ok\nHANG"), engine.Options{})
		if r, err := s.StartTLS(t.Context()); err != nil || r.Code != 454 {
			t.Fatalf("%v, %v", r, err)
		}
		if r, err := s.Noop(t.Context(), ""); err != nil || r.Code != 250 {
			t.Fatalf("%v, %v", r, err)
		}
	})
}

func TestInjectedPlaintext(t *testing.T) {
	ca, err := authority.New("CA")
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue(authority.Leaf{Names: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	script := `S: 220 x
		C: STARTTLS
		S> 220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n
		TLS
		C: EHLO
		S: 250-good
		S: 250 SIZE 1
		HANG`
	target := fake(t, script, &tls.Config{Certificates: []tls.Certificate{cert}})
	s := open(t, target, engine.Options{TLS: engine.TLSOptions{RootCAs: ca.Pool()}})
	if _, err := s.StartTLS(t.Context()); !errors.Is(err, engine.ErrProtocol) || !strings.Contains(err.Error(), "plaintext") {
		t.Fatalf("injected plaintext: %v", err)
	}
	ev := newEvents()
	target = fake(t, script, &tls.Config{Certificates: []tls.Certificate{cert}})
	s = open(t, target, engine.Options{Observer: ev, TLS: engine.TLSOptions{RootCAs: ca.Pool(), TolerateInjection: true}})
	if _, err := s.StartTLS(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Ehlo(t.Context(), "x"); err != nil || !strings.HasPrefix(r.Text(), "good") || s.Has("AUTH") {
		t.Fatalf("%v, %v, %v", r, err, s.Capabilities())
	}
	if ev.count(event.Finding) != 1 {
		t.Errorf("no finding:\n%s", ev)
	}
}

func TestEveryMechanism(t *testing.T) {
	creds := saslmech.Credentials{Username: "ann@sandbox.test", Password: "ann-secret", Token: "token-of-ann", Trace: "ann"}
	mechs := saslmech.Mechanisms()
	for _, m := range mechs {
		for _, initial := range []engine.Initial{engine.InitialAuto, engine.InitialNever, engine.InitialAlways} {
			if m.Name == "EXTERNAL" {
				continue // see TestExternal
			}
			t.Run(m.Name, func(t *testing.T) {
				ev := newEvents()
				s, _ := openSandbox(t, profileWith(m.Name), "submissions", engine.Options{Observer: ev})
				ctx := t.Context()
				s.Ehlo(ctx, "x")
				creds := creds
				if m.Name == "ANONYMOUS" {
					creds.Username = "" // it carries only the trace
				}
				r, err := s.Auth(ctx, engine.AuthOptions{Mechanism: m.Name, Credentials: creds, Initial: initial})
				if err != nil || r.Code != 235 || s.User() == "" {
					t.Fatalf("%v, %v\n%s", r, err, ev)
				}
				if r, err = s.Mail(ctx, "ann@sandbox.test"); err != nil || r.Code != 250 {
					t.Fatalf("out of step after AUTH: %v, %v", r, err)
				}
				checkNoSecrets(t, ev)
			})
		}
	}
}

// checkNoSecrets searches for the credentials of the tests in everything that observers
// receive.
func checkNoSecrets(t *testing.T, ev *events) {
	t.Helper()
	for _, secret := range []string{"ann-secret", "token-of-ann", "YW5uLXNlY3JldA", "dG9rZW4tb2Yt", "AGFubkBzYW5kYm94LnRlc3Q"} {
		if strings.Contains(ev.String(), secret) {
			t.Errorf("%q is in the transcript:\n%s", secret, ev)
		}
	}
}

func TestWrongCredentialsLeaveTheSessionInStep(t *testing.T) {
	for _, m := range saslmech.Mechanisms() {
		if m.Name == "EXTERNAL" || m.Name == "ANONYMOUS" {
			continue
		}
		t.Run(m.Name, func(t *testing.T) {
			ev := newEvents()
			s, _ := openSandbox(t, profileWith(m.Name), "submissions", engine.Options{Observer: ev})
			ctx := t.Context()
			s.Ehlo(ctx, "x")
			r, err := s.Auth(ctx, engine.AuthOptions{Mechanism: m.Name, Credentials: saslmech.Credentials{
				Username: "ann@sandbox.test", Password: "wrong-secret", Token: "wrong-secret"}})
			if err != nil || r.Code != 535 || s.User() != "" {
				t.Fatalf("%v, %v\n%s", r, err, ev)
			}
			if strings.Contains(ev.String(), "wrong-secret") {
				t.Errorf("a wrong password is a secret too:\n%s", ev)
			}
			r, err = s.Auth(ctx, engine.AuthOptions{Credentials: saslmech.Credentials{Username: "ann@sandbox.test", Password: "ann-secret"}})
			if err != nil || r.Code != 235 {
				t.Fatalf("second attempt: %v, %v\n%s", r, err, ev)
			}
		})
	}
}

func TestExternal(t *testing.T) {
	s0, srv := openSandbox(t, "plain", "submission", engine.Options{})
	s0.Close()
	cert, err := srv.Authority().Issue(authority.Leaf{Names: []string{"client.example.org"}, Client: true})
	if err != nil {
		t.Fatal(err)
	}
	ev := newEvents()
	s := open(t, sandboxTarget(srv, "submissions"), engine.Options{Observer: ev,
		TLS: engine.TLSOptions{RootCAs: srv.Roots(), Certificates: []tls.Certificate{cert}}})
	s.Ehlo(t.Context(), "x")
	r, err := s.Auth(t.Context(), engine.AuthOptions{Mechanism: "EXTERNAL"})
	if err != nil || r.Code != 235 || !strings.Contains(ev.String(), "C: AUTH EXTERNAL =") {
		t.Fatalf("%v, %v\n%s", r, err, ev)
	}
}

func TestStrongestMechanismIsChosen(t *testing.T) {
	ev := newEvents()
	s, _ := openSandbox(t, "plain", "submissions", engine.Options{Observer: ev})
	s.Ehlo(t.Context(), "x")
	if r, err := s.Auth(t.Context(),
		engine.AuthOptions{
			Credentials: saslmech.Credentials{Username: "ann@sandbox.test", Password: "ann-secret"},
		}); err != nil || r.Code != 235 {
		t.Fatalf("%v, %v", r, err)
	}
	if !strings.Contains(ev.String(), "C: AUTH SCRAM-SHA-256-PLUS ") {
		t.Errorf("not the strongest:\n%s", ev)
	}
}

func TestCredentialsAreNotSentUnencrypted(t *testing.T) {
	creds := saslmech.Credentials{Username: "ann", Password: "s3cret-word", Token: "tok3n-word"}
	ca, err := authority.New("nobody's CA")
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue(authority.Leaf{Names: []string{"x"}})
	if err != nil {
		t.Fatal(err)
	}
	far := func(t *testing.T, script string, tlsFirst bool, opts engine.Options) (*engine.Session, *events) {
		ev := newEvents()
		target := fake(t, script, &tls.Config{Certificates: []tls.Certificate{cert}})
		target.Implicit = tlsFirst
		opts.Observer, opts.DialContext = ev, farAway
		return open(t, target, opts), ev
	}
	for _, m := range saslmech.Mechanisms() {
		if m.Name == "ANONYMOUS" || m.Name == "EXTERNAL" || strings.HasSuffix(m.Name, "-PLUS") {
			continue
		}
		s, ev := far(t, "S: 220 x\nHANG", false, engine.Options{})
		if r, err := s.Auth(t.Context(), engine.AuthOptions{Mechanism: m.Name, Credentials: creds}); !errors.Is(err, engine.ErrUsage) ||
			ev.count(event.LineSent) != 0 {
			t.Errorf("%s in plaintext: %v, %v", m.Name, r, err)
		}
		s, ev = far(t, "TLS\nS: 220 x\nHANG", true, engine.Options{TLS: engine.TLSOptions{Insecure: true}})
		if r, err := s.Auth(t.Context(), engine.AuthOptions{Mechanism: m.Name, Credentials: creds}); !errors.Is(err, engine.ErrUsage) ||
			ev.count(event.LineSent) != 0 {
			t.Errorf("%s to a stranger: %v, %v", m.Name, r, err)
		}
	}
	s, _ := far(t, "S: 220 x\nC: AUTH PLAIN\nS: 235 ok\nHANG", false, engine.Options{AllowInsecureAuth: true})
	if r, err := s.Auth(t.Context(), engine.AuthOptions{Mechanism: "PLAIN", Credentials: creds}); err != nil || r.Code != 235 {
		t.Errorf("asked for by name: %v, %v", r, err)
	}
}

func TestHostileAuth(t *testing.T) {
	creds := saslmech.Credentials{Username: "ann", Password: "s3cret-word"}
	tests := []struct {
		name, mech, script string
		text               string // in the error; "" for none
		usable             bool
	}{
		{
			"challenge after the last response", "PLAIN", "C: AUTH PLAIN\nS: 334\nC: *\nS: 501 canceled\nC: NOOP\nS: 250 x",
			"the server sent a challenge after the last response", true,
		},
		{
			"endless questions", "LOGIN",
			"C: AUTH LOGIN\nS: 334 YQ==\nC: \nS: 334 YQ==\nC: \nS: 334 YQ==\nC: *\nS: 501 x\nC: NOOP\nS: 250 x",
			"a third time", true,
		},
		{"challenge that is no base64", "LOGIN", "C: AUTH LOGIN\nS: 334 !!!\nC: *\nS: 501 x\nC: NOOP\nS: 250 x", "not base64", true},
		{"no end to it", "LOGIN", "C: AUTH LOGIN\nS: 334 !!!\nC: *\nS: 334 more", "not base64", false},
		{"success without proof", "SCRAM-SHA-256", "C: AUTH SCRAM-SHA-256\nS: 235 welcome", "without proving", false},
		{"early success", "CRAM-MD5", "C: AUTH CRAM-MD5\nS: 235 welcome", "without a challenge", false},
		{"temporary failure", "PLAIN", "C: AUTH PLAIN\nS: 454 4.7.0 later\nC: NOOP\nS: 250 x", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ev := newEvents()
			s := open(t, fake(t, "S: 220 x\n"+tt.script+"\nHANG"), engine.Options{Observer: ev})
			_, err := s.Auth(t.Context(), engine.AuthOptions{Mechanism: tt.mech, Credentials: creds})
			if (tt.text == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), tt.text) {
				t.Fatalf("got %v, want %q\n%s", err, tt.text, ev)
			}
			if s.User() != "" {
				t.Error("it counts as logged in")
			}
			_, err = s.Noop(t.Context(), "")
			if tt.usable != (err == nil) {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

func TestEchoedSecretsAreMasked(t *testing.T) {
	ev := newEvents()
	s := open(t, fake(t, "S: 220 x\nC: AUTH PLAIN\nS: 535 no user ann with password s3cret-word (AGFubgBzM2NyZXQtd29yZA==)\nHANG"),
		engine.Options{Observer: ev})
	r, err := s.Auth(t.Context(),
		engine.AuthOptions{Mechanism: "PLAIN", Credentials: saslmech.Credentials{Username: "ann", Password: "s3cret-word"}})
	if err != nil || r.Code != 535 {
		t.Fatal(r, err)
	}
	if text := ev.String(); strings.Contains(text, "s3cret-word") || strings.Contains(text, "AGFub") ||
		!strings.Contains(text, "C: AUTH PLAIN ********") {
		t.Errorf("not masked:\n%s", text)
	}
	if strings.Contains(r.String(), "s3cret-word") || !strings.Contains(r.Text(), "s3cret-word") {
		t.Errorf("String must mask and Text must not: %s", r)
	}
	if strings.Contains(r.Command, "AGFub") {
		t.Errorf("the command tells: %s", r.Command)
	}
}

func TestHandTypedAuthIsMasked(t *testing.T) {
	ev := newEvents()
	s, _ := openSandbox(t, "plain", "submissions", engine.Options{Observer: ev})
	ctx := t.Context()
	s.Ehlo(ctx, "x")
	for _, l := range []string{"AUTH PLAIN", "AGFubkBzYW5kYm94LnRlc3QAd3Jvbmc=", "auth login YW5uQHNhbmRib3gudGVzdA==", "YW5uLXNlY3JldA=="} {
		if _, err := s.Do(ctx, l); err != nil {
			t.Fatal(err)
		}
	}
	for _, b := range []string{"AUTH PLAIN AGFubkBzYW5kYm94LnRlc3QAd3Jvbmc=\r\n"} {
		if err := s.Write(ctx, []byte(b)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.ReadReply(ctx, 0); err != nil {
		t.Fatal(err)
	}
	checkNoSecrets(t, ev)
	if !strings.Contains(ev.String(), "S: 235") {
		t.Errorf("no login:\n%s", ev)
	}
}

// An initial response that makes the AUTH line longer than 512 octets is sent after the 334
// (RFC 4954 section 4).
func TestLongInitialResponses(t *testing.T) {
	for _, tt := range []struct {
		mech    string
		creds   saslmech.Credentials
		initial engine.Initial
		inLine  bool
		err     string
	}{
		{"XOAUTH2", saslmech.Credentials{Username: "ann@example.org", Token: strings.Repeat("t", 1800)}, engine.InitialAuto, false, ""},
		{"OAUTHBEARER", saslmech.Credentials{Username: "ann@example.org", Token: strings.Repeat("t", 1800)}, engine.InitialAuto, false, ""},
		{"PLAIN", saslmech.Credentials{Username: "ann", Password: strings.Repeat("p", 367)}, engine.InitialAuto, true, ""},  // 509 octets
		{"PLAIN", saslmech.Credentials{Username: "ann", Password: strings.Repeat("p", 368)}, engine.InitialAuto, false, ""}, // 513
		{"PLAIN", saslmech.Credentials{Username: "ann", Password: strings.Repeat("p", 371)}, engine.InitialAlways, false, "512"},
		{"XOAUTH2", saslmech.Credentials{Username: "ann", Token: strings.Repeat("t", 9300)}, engine.InitialAuto, false, "12288"},
	} {
		script := "S: 220 x\nC: AUTH\n"
		switch {
		case tt.err == "512":
			script = "S: 220 x\nHANG"
		case tt.err != "":
			script += "S: 334 \nC: *\nS: 501 canceled\nHANG"
		case tt.inLine:
			script += "S: 235 ok\nHANG"
		default:
			script += "S: 334 \nC: \nS: 235 ok\nHANG"
		}
		longest := 0
		s := open(t, fake(t, script), engine.Options{Observer: event.Func(func(e *event.Event) {
			if e.Kind == event.LineSent && bytes.HasPrefix(e.Data, []byte("AUTH")) {
				longest = max(longest, len(e.Data))
			}
		})})
		r, err := s.Auth(t.Context(), engine.AuthOptions{Mechanism: tt.mech, Credentials: tt.creds, Initial: tt.initial})
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) || s.User() != "" {
				t.Errorf("%s: %v, want an error with %s", tt.mech, err, tt.err)
			}
			continue
		}
		if err != nil || r.Code != 235 || longest > 512 || (longest > 100) != tt.inLine {
			t.Errorf("%s: %v, %v, longest AUTH line %d", tt.mech, r, err, longest)
		}
	}
}

// No text is dropped silently: EXTERNAL and ANONYMOUS use the user name for their only
// text, the others return an error.
func TestNoIdentityIsDropped(t *testing.T) {
	for _, tt := range []struct {
		mech  string
		creds saslmech.Credentials
		line  string // "" for an error
	}{
		{"EXTERNAL", saslmech.Credentials{External: true}, "AUTH EXTERNAL ="},
		{"EXTERNAL", saslmech.Credentials{External: true, Username: "ann"}, "AUTH EXTERNAL YW5u"},
		{"EXTERNAL", saslmech.Credentials{External: true, Authzid: "ann"}, "AUTH EXTERNAL YW5u"},
		{"EXTERNAL", saslmech.Credentials{External: true, Authzid: "bob", Username: "ann"}, ""},
		{"ANONYMOUS", saslmech.Credentials{Username: "ann"}, "AUTH ANONYMOUS YW5u"},
		{"ANONYMOUS", saslmech.Credentials{Username: "ann", Trace: "bob"}, ""},
		{"LOGIN", saslmech.Credentials{Username: "ann", Password: "p4ssword", Authzid: "bob"}, ""},
		{"CRAM-MD5", saslmech.Credentials{Username: "ann", Password: "p4ssword", Authzid: "bob"}, ""},
		{"XOAUTH2", saslmech.Credentials{Username: "ann", Token: "t0ken", Authzid: "bob"}, ""},
	} {
		script := "S: 220 x\nHANG"
		if tt.line != "" {
			script = "S: 220 x\nC: " + tt.line + "\nS: 235 ok\nHANG"
		}
		s := open(t, fake(t, script), engine.Options{})
		r, err := s.Auth(t.Context(), engine.AuthOptions{Mechanism: tt.mech, Credentials: tt.creds})
		if (err == nil) != (tt.line != "") || err == nil && r.Code != 235 {
			t.Errorf("%s %+v: %v, %v", tt.mech, tt.creds, r, err)
		}
	}
}

// only omits the certificates after the leaf, like a server with the wrong file.
func only(c tls.Certificate) tls.Certificate {
	c.Certificate = c.Certificate[:1]
	return c
}

// A server that requires a client certificate gives an ErrTLS with advice, in every version
// of TLS: in TLS 1.3 its alert comes after the handshake.
func TestClientCertificatesThatServersRequire(t *testing.T) {
	ca, err := authority.New("server CA")
	if err != nil {
		t.Fatal(err)
	}
	server, err := ca.Issue(authority.Leaf{Names: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	clients, err := authority.New("client CA")
	if err != nil {
		t.Fatal(err)
	}
	mine, err := clients.Issue(authority.Leaf{Names: []string{"client.example.org"}, Client: true})
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := ca.Issue(authority.Leaf{Names: []string{"client.example.org"}, Client: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, implicit := range []bool{false, true} {
			for _, tt := range []struct {
				name string
				mine []tls.Certificate
				want string // "" for success
			}{
				{"none", nil, "requires a client certificate, and none was sent"},
				{"of another authority", []tls.Certificate{foreign}, "client certificate"},
				{"accepted", []tls.Certificate{mine}, ""},
			} {
				t.Run(tls.VersionName(version)+" "+tt.name, func(t *testing.T) {
					script := "S: 220 x\nC: STARTTLS\nS: 220 go\nTLS\nC: EHLO\nS: 250 x\nHANG"
					if implicit {
						script = "TLS\nS: 220 x\nC: EHLO\nS: 250 x\nHANG"
					}
					target := fake(t, script,
						&tls.Config{
							Certificates: []tls.Certificate{server},
							ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: clients.Pool(),
							MinVersion: version, MaxVersion: version,
						})
					target.Implicit = implicit
					s, err := engine.Dial(t.Context(), target, engine.Options{TLS: engine.TLSOptions{RootCAs: ca.Pool(), Certificates: tt.mine}})
					if err == nil {
						defer s.Close()
						if !implicit {
							_, err = s.StartTLS(t.Context())
						}
						if err == nil {
							_, err = s.Ehlo(t.Context(), "me")
						}
					}
					if tt.want == "" {
						if err != nil {
							t.Fatal(err)
						}
						return
					}
					var op *engine.OpError
					if !errors.Is(err, engine.ErrTLS) || !errors.As(err, &op) || !strings.Contains(err.Error(), tt.want) || !strings.Contains(said(op),
						"--cert") {
						t.Fatalf("got %v (%q)", err, said(op))
					}
				})
			}
		}
	}
}

// A server that resets the connection directly after its alert gives the same error each
// time, whichever the client receives first: the alert, the reset or a failed write.
func TestClientCertificateAndReset(t *testing.T) {
	ca, err := authority.New("server CA")
	if err != nil {
		t.Fatal(err)
	}
	server, err := ca.Issue(authority.Leaf{Names: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	clients, err := authority.New("client CA")
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := ca.Issue(authority.Leaf{Names: []string{"client.example.org"}, Client: true})
	if err != nil {
		t.Fatal(err)
	}
	cfg := &tls.Config{
		Certificates: []tls.Certificate{server},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: clients.Pool(),
		MinVersion: tls.VersionTLS13,
	}
	for name, mine := range map[string][]tls.Certificate{"none": nil, "of another authority": {foreign}} {
		t.Run(name, func(t *testing.T) {
			for i := range 50 {
				target := fake(t, "S: 220 x\nC: STARTTLS\nS: 220 go\nTLS RESET\nHANG", cfg)
				s := open(t, target, engine.Options{TLS: engine.TLSOptions{RootCAs: ca.Pool(), Certificates: mine}})
				_, err := s.StartTLS(t.Context())
				for range i % 3 * 100 { // the client is a bit later each time
					runtime.Gosched()
				}
				if err == nil {
					_, err = s.Ehlo(t.Context(), "me")
				}
				op := new(engine.OpError)
				if !errors.Is(err, engine.ErrTLS) || !errors.As(err, &op) || !strings.Contains(said(op), "--cert") {
					t.Fatalf("time %d: %v (%q)", i, err, said(op))
				}
				s.Close()
			}
		})
	}
}

// profileWith returns a profile of the sandbox that offers a mechanism.
func profileWith(mechanism string) string {
	if mechanism == "DIGEST-MD5" || mechanism == "NTLM" {
		return "plain+weak-mechanisms"
	}
	return "plain"
}
