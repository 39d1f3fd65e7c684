package engine_test

import (
	"crypto/tls"
	"errors"
	"strings"
	"testing"

	"smtpsh/engine"
	"smtpsh/engine/saslmech"
	"smtpsh/internal/authority"
)

// Open accepts only the codes that the standard has for each step, and uses only what the
// last EHLO offered.
func TestOpen(t *testing.T) {
	ca, err := authority.New("test CA")
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue(authority.Leaf{Names: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	login := func(mech string) *engine.AuthOptions {
		return &engine.AuthOptions{Mechanism: mech, Credentials: saslmech.Credentials{Username: "ann", Password: "s3cret-word"}}
	}
	required := engine.OpenOptions{StartTLS: engine.TLSRequired}
	hello := "S: 220 hi\nC: EHLO\n"
	for _, tt := range []struct {
		name, script string
		opts         engine.OpenOptions
		kind         error // nil means success
		want         string
	}{
		{"all is well", hello + "S: 250 hi\nHANG", engine.OpenOptions{}, nil, ""},
		{"a greeting of 250", "S: 250 hi\nHANG", engine.OpenOptions{}, engine.ErrProtocol, "250 where only 220"},
		{"a greeting of 221", "S: 221 bye\nHANG", engine.OpenOptions{}, engine.ErrProtocol, "221 where only 220"},
		{"a greeting of 354", "S: 354 go\nHANG", engine.OpenOptions{}, engine.ErrProtocol, "354 where only 220"},
		{"a greeting of 554", "S: 554 no\nHANG", engine.OpenOptions{}, engine.ErrRefused, "greeting: rejected by the server: 554 no"},
		{"a greeting of 421", "S: 421 busy\nHANG", engine.OpenOptions{}, engine.ErrRefused, "421 busy"},
		{"220 to EHLO", hello + "S: 220 hi\nHANG", engine.OpenOptions{}, engine.ErrProtocol, "220 where only 250"},
		{"252 to EHLO", hello + "S: 252 hi\nHANG", engine.OpenOptions{}, engine.ErrProtocol, "252 where only 250"},
		{
			"a keyword behind a CR",
			hello + `S> 250-hi\r\n250-foo\r250-AUTH PLAIN\r\n250 SIZE\r\n` + "\nHANG",
			engine.OpenOptions{}, engine.ErrProtocol, "line 2 of the reply has a CR",
		},
		{
			"a CR in the greeting", `S> 220 o\rk\r\n` + "\nHANG", engine.OpenOptions{},
			engine.ErrProtocol, "greeting: |line 1 of the reply has a CR",
		},
		{
			"a CR in the only line of EHLO", hello + `S> 250 o\rk\r\n` + "\nHANG",
			engine.OpenOptions{}, engine.ErrProtocol,
			"EHLO: |line 1 of the reply has a CR",
		},
		{
			"a CR in the reply to HELO",
			hello + "S: 500 what\nC: HELO\n" + `S> 250 o\rk\r\n` + "\nHANG",
			engine.OpenOptions{}, engine.ErrProtocol,
			"HELO: |line 1 of the reply has a CR",
		},
		{
			"an EHLO reply inside TLS",
			hello + "S: 250-hi\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nTLS\nC: EHLO\n" + `S> 250 o\rk\r\n` + "\nHANG",
			engine.OpenOptions{}, engine.ErrProtocol,
			"EHLO: |line 1 of the reply has a CR",
		},

		{"500 to EHLO", hello + "S: 500 what\nC: HELO\nS: 250 hi\nHANG", engine.OpenOptions{}, nil, ""},
		{"502 to EHLO", hello + "S: 502 what\nC: HELO\nS: 250 hi\nHANG", engine.OpenOptions{}, nil, ""},
		{"504 to EHLO", hello + "S: 504 what\nC: HELO\nS: 250 hi\nHANG", engine.OpenOptions{}, nil, ""},
		{
			"550 to EHLO and HELO",
			hello + "S: 550 bad name\nC: HELO\nS: 550 bad name\nHANG",
			engine.OpenOptions{}, engine.ErrRefused,
			"HELO: rejected by the server: 550 bad name|hint: the server may refuse the name: --helo NAME",
		},
		{
			"501 to EHLO", hello + "S: 501 bad name\nHANG", engine.OpenOptions{},
			engine.ErrRefused,
			"501 bad name|hint: the server may refuse the name: --helo NAME",
		},
		{"421 to EHLO", hello + "S: 421 busy\nHANG", engine.OpenOptions{}, engine.ErrRefused, "421 busy"},
		{"450 to EHLO", hello + "S: 450 later\nHANG", engine.OpenOptions{}, engine.ErrRefused, "450 later"},
		{"220 to HELO", hello + "S: 500 what\nC: HELO\nS: 220 hi\nHANG", engine.OpenOptions{}, engine.ErrProtocol, "220 where only 250"},

		{
			"XSTARTTLS is another word", hello + "S: 250-hi\nS: 250 XSTARTTLS\nHANG",
			required, engine.ErrTLS, "does not offer STARTTLS; it offers XSTARTTLS",
		},
		{"STARTTLS inside a parameter", hello + "S: 250-hi\nS: 250 X STARTTLS\nHANG", required, engine.ErrTLS, "does not offer STARTTLS"},
		{
			"TLS required after HELO", hello + "S: 500 what\nC: HELO\nS: 250 hi\nHANG",
			required, engine.ErrTLS, "does not offer STARTTLS; it offers no ext",
		},
		{
			"STARTTLS is refused",
			hello + "S: 250-hi\nS: 250 STARTTLS\nC: STARTTLS\nS: 454 not now\nHANG",
			engine.OpenOptions{}, engine.ErrRefused, "STARTTLS: rejected by the server: 454",
		},
		{
			"250 to STARTTLS",
			hello + "S: 250-hi\nS: 250 STARTTLS\nC: STARTTLS\nS: 250 ok\nHANG",
			engine.OpenOptions{}, engine.ErrProtocol, "only 220",
		},
		{"TLS is left out", hello + "S: 250-hi\nS: 250 STARTTLS\nHANG", engine.OpenOptions{StartTLS: engine.TLSNever}, nil, ""},
		{
			"capabilities of before TLS",
			hello + "S: 250-hi\nS: 250-STARTTLS\nS: 250 AUTH PLAIN\nC: STARTTLS\nS: 220 go\nTLS\nC: EHLO\nS: 250 hi\nHANG",
			engine.OpenOptions{Auth: login("PLAIN")}, engine.ErrUsage,
			`does not offer the mechanism "PLAIN"; it offers no AUTH`,
		},
		{
			"only HELO inside TLS",
			hello + "S: 250-hi\nS: 250-STARTTLS\nS: 250 AUTH PLAIN\nC: STARTTLS\nS: 220 go\nTLS\nC: EHLO\nS: 502 no\nC: HELO\nS: 250 hi\nHANG",
			engine.OpenOptions{Auth: login("")}, engine.ErrUsage, "",
		},

		{
			"a mechanism that is not offered",
			hello + "S: 250-hi\nS: 250 AUTH LOGIN\nHANG",
			engine.OpenOptions{Auth: login("PLAIN")}, engine.ErrUsage, "it offers LOGIN",
		},
		{
			"the old form of AUTH",
			hello + "S: 250-hi\nS: 250 AUTH=PLAIN LOGIN\nC: AUTH PLAIN\nS: 235 ok\nHANG",
			engine.OpenOptions{Auth: login("PLAIN")}, nil, "",
		},
		{
			"250 to AUTH",
			hello + "S: 250-hi\nS: 250 AUTH PLAIN\nC: AUTH PLAIN\nS: 250 ok\nHANG",
			engine.OpenOptions{Auth: login("")}, engine.ErrProtocol, "250 where only 235",
		},
		{
			"535 to AUTH",
			hello + "S: 250-hi\nS: 250 AUTH PLAIN\nC: AUTH PLAIN\nS: 535 no\nHANG",
			engine.OpenOptions{Auth: login("")}, engine.ErrRefused,
			"AUTH: rejected by the server: 535 no",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			target := fake(t, tt.script, &tls.Config{Certificates: []tls.Certificate{cert}})
			s := open(t, target, engine.Options{TLS: engine.TLSOptions{RootCAs: ca.Pool()}})
			err := s.Open(t.Context(), tt.opts)
			switch {
			case tt.kind == nil && err != nil, tt.kind != nil && !errors.Is(err, tt.kind):
				t.Fatalf("got %v, want %v", err, tt.kind)
			case err == nil:
				return
			}
			text := err.Error()
			var op *engine.OpError
			if errors.As(err, &op) {
				text += "|hint: " + said(op)
			}
			for part := range strings.SplitSeq(tt.want, "|") {
				if !strings.Contains(text, part) {
					t.Errorf("got %q, want %q in it", text, part)
				}
			}
			if s.User() != "" {
				t.Errorf("it counts as logged in: %q", s.User())
			}
		})
	}
}

// AUTH by hand is a login only at 235.
func TestOnly235IsALogin(t *testing.T) {
	for code, user := range map[string]string{"235": "ann", "250": "", "220": "", "334": "", "535": ""} {
		s := open(t, fake(t, "S: 220 hi\nC: AUTH PLAIN\nS: "+code+" ok\nHANG"), engine.Options{})
		if _, err := s.Do(t.Context(), "AUTH PLAIN AGFubgBzM2NyZXQtd29yZA=="); err != nil || s.User() != user {
			t.Errorf("%s: user %q, %v", code, s.User(), err)
		}
	}
}

// A reply that comes late is not used as the reply to QUIT. If it can concern a message,
// the error has Unknown set.
func TestLateRepliesDoNotAnswerQUIT(t *testing.T) {
	message := "S: 220 hi\nC: MAIL\nS: 250 ok\nC: RCPT\nS: 250 ok\nC: DATA\nS: 354 go\nC* .\n"
	for _, tt := range []struct {
		name, script string
		unknown      bool
		want         string // in the error; "" for none
	}{
		{"221", "S: 250 ok\nC: QUIT\nS: 221 bye\nEOF", false, ""},
		{"421", "S: 250 ok\nC: QUIT\nS: 421 bye\nCLOSE", false, ""},
		{"250 as goodbye", "S: 250 ok\nC: QUIT\nS: 250 bye\nCLOSE", false, ""},
		{"no goodbye", "S: 250 ok\nC: QUIT\nCLOSE", false, ""},
		{"452 before the goodbye", "S: 250 ok\nC: QUIT\nS: 452 disk full\nS: 221 bye\nCLOSE", true, "452 that answers no command"},
		{"500 before the goodbye", "S: 250 ok\nC: QUIT\nS: 500 what\nS: 221 bye\nCLOSE", true, "500 that answers no command"},
		{"250 before the goodbye", "S: 250 ok\nC: QUIT\nS: 250 ok\nS: 221 bye\nCLOSE", true, "250 that answers no command"},
		{"452 and nothing more", "S: 250 ok\nC: QUIT\nS: 452 disk full\nCLOSE", true, "452 to QUIT instead of 221"},
		{"452 at once", `S> 250 ok\r\n452 disk full\r\n` + "\nHANG", true, "452 that answers no command"},
		{"452 behind the goodbye", "S: 250 ok\nC: QUIT\n" + `S> 221 bye\r\n452 disk full\r\n` + "\nCLOSE", false, "452 that answers no command"},
		{"refused, and 550 to QUIT", "S: 452 no\nC: QUIT\nS: 550 no\nCLOSE", false, "550 to QUIT instead of 221"},
		{"refused, and 451 to QUIT", "S: 452 no\nC: QUIT\nS: 451 no\nCLOSE", false, "451 to QUIT instead of 221"},
		{"refused, and 250 to QUIT", "S: 452 no\nC: QUIT\nS: 250 bye\nCLOSE", false, ""},
		{"refused, and 354 to QUIT", "S: 452 no\nC: QUIT\nS: 354 bye\nCLOSE", false, ""},
		{"refused, and 421 to QUIT", "S: 452 no\nC: QUIT\nS: 421 bye\nCLOSE", false, ""},
		{"refused, and more before the goodbye", "S: 452 no\nC: QUIT\nS: 550 no\nS: 221 bye\nCLOSE", false, "550 that answers no command"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, fake(t, message+tt.script), engine.Options{})
			s.Mail(t.Context(), "a@b.example") //nolint:errcheck // only the reply to the message matters
			s.Rcpt(t.Context(), "c@d.example") //nolint:errcheck // only the reply to the message matters
			if r, err := s.Data(t.Context(), strings.NewReader("x")); err != nil || r == nil {
				t.Fatal(r, err)
			}
			err := s.Leave(t.Context())
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var op *engine.OpError
			if !errors.As(err, &op) || !errors.Is(err, engine.ErrProtocol) || !strings.Contains(err.Error(), tt.want) || op.Unknown != tt.unknown {
				t.Errorf("got %v", err)
			}
			if !s.Closed() {
				t.Error("the session is left open")
			}
		})
	}
}
