package engine_test

import (
	"errors"
	"strings"
	"testing"

	"smtpsh/engine"
)

// A message with PRDR is an error before DATA, with every way to send one, and the session
// continues.
func TestMessagesWithPRDRAreNotSent(t *testing.T) {
	mail := engine.Param{Key: "prdr"}
	for name, send := range map[string]func(*testing.T, *engine.Session) error{
		"DATA": func(t *testing.T, s *engine.Session) error {
			_, err := s.Data(t.Context(), strings.NewReader("x"))
			return err
		},
		"BDAT": func(t *testing.T, s *engine.Session) error {
			_, err := s.Bdat(t.Context(), engine.Chunk{Data: []byte("x"), Last: true})
			return err
		},
		"by hand": func(t *testing.T, s *engine.Session) error { _, err := s.Do(t.Context(), "data"); return err },
		"pipeline": func(t *testing.T, s *engine.Session) error {
			_, err := s.Pipeline(t.Context(), "NOOP", "DATA")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t,
				fake(t,
					"S: 220 hi\nC: MAIL FROM:<a@b.example> prdr\nS: 250 ok\nC: RCPT\nS: 250 ok\nC: RSET\nS: 250 ok\nC: MAIL\nS: 250 ok\nC: RCPT\nS: "+
						"250 ok\nC: DATA\nS: 354 go\nC* .\nS: 250 ok\nHANG"),
				engine.Options{})
			s.Mail(t.Context(), "a@b.example", mail) //nolint:errcheck // the next step shows an error
			s.Rcpt(t.Context(), "c@d.example")       //nolint:errcheck // the next step shows an error
			if err := send(t, s); !errors.Is(err, engine.ErrUsage) || !strings.Contains(err.Error(), "PRDR") {
				t.Fatalf("got %v", err)
			}
			if _, err := s.Rset(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.Mail(t.Context(), "a@b.example") //nolint:errcheck // the message shows an error
			s.Rcpt(t.Context(), "c@d.example") //nolint:errcheck // the message shows an error
			if r, err := s.Data(t.Context(), strings.NewReader("x")); err != nil || r.Code != 250 {
				t.Fatal(r, err)
			}
		})
	}
	s := open(t, fake(t, "S: 220 hi\nC: NOOP\nS: 250 ok\nHANG"), engine.Options{})
	if _, err := s.Pipeline(t.Context(), "MAIL FROM:<a@b.example> SIZE=1 PRDR", "RCPT TO:<c@d.example>", "DATA"); !errors.Is(err,
		engine.ErrUsage) {
		t.Errorf("in one pipeline: %v", err)
	}
	if _, err := s.Noop(t.Context(), "PRDR"); errors.Is(err, engine.ErrUsage) {
		t.Errorf("in another command: %v", err)
	}
}
