package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"smtpsh/engine"
	"smtpsh/engine/reply"
)

// deliveries returns the replies for recipients in a short form: "c@d.example 250".
func deliveries(s *engine.Session) string {
	var out []string
	for _, d := range s.Deliveries() {
		out = append(out, fmt.Sprint(d.Recipient, " ", d.Reply.Code))
	}
	return strings.Join(out, ", ")
}

// TestPRDR: after a 353 to the end of a message, a reply for each recipient follows and one for
// the message (draft-hall-prdr-00), with every way to send a message.
func TestPRDR(t *testing.T) {
	const envelope = "S: 220 hi\nC: MAIL FROM:<a@b.example> prdr\nS: 250 ok\nC: RCPT\nS: 250 ok\nC: RCPT\nS: 250 ok\n"
	const each = "S: 353 one by one\nS: 250 yes\nS: 550 no\nS: 250 done\nC: NOOP\nS: 250 ok\nHANG"
	byData := func(ctx context.Context, s *engine.Session) (*reply.Reply, error) {
		return s.Data(ctx, strings.NewReader("x"))
	}
	for name, tt := range map[string]struct {
		server string
		send   func(context.Context, *engine.Session) (*reply.Reply, error)
		code   int
		each   string
	}{
		"DATA": {"C: DATA\nS: 354 go\nC* .\n" + each, byData, 250, "c@d.example 250, e@d.example 550"},
		"BDAT": {"C: BDAT 3 LAST\nC: x\n" + each, func(ctx context.Context, s *engine.Session) (*reply.Reply, error) {
			return s.Bdat(ctx, engine.Chunk{Data: []byte("x\r\n"), Last: true})
		}, 250, "c@d.example 250, e@d.example 550"},
		"by hand": {"C: DATA\nS: 354 go\nC* .\n" + each, func(ctx context.Context, s *engine.Session) (*reply.Reply, error) {
			if r, err := s.Do(ctx, "DATA"); err != nil || r.Code != 354 {
				return r, err
			}
			return s.Do(ctx, ".")
		}, 250, "c@d.example 250, e@d.example 550"},
		"the server does not use it": {
			"C: DATA\nS: 354 go\nC* .\nS: 250 done\nC: NOOP\nS: 250 ok\nHANG", byData, 250, "",
		},
		"the whole message is rejected": {
			"C: DATA\nS: 354 go\nC* .\nS: 353 one by one\nS: 250 yes\nS: 250 yes\nS: 554 a virus\nC: NOOP\nS: 250 ok\nHANG", byData, 554,
			"c@d.example 250, e@d.example 250",
		},
		"rejected at once": {"C: DATA\nS: 354 go\nC* .\nS: 550 no\nC: NOOP\nS: 250 ok\nHANG", byData, 550, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, fake(t, envelope+tt.server), engine.Options{})
			s.Mail(t.Context(), "a@b.example", engine.Param{Key: "prdr"}) //nolint:errcheck // the message shows an error
			s.Rcpt(t.Context(), "c@d.example")                            //nolint:errcheck // the message shows an error
			s.Rcpt(t.Context(), "e@d.example")                            //nolint:errcheck // the message shows an error
			r, err := tt.send(t.Context(), s)
			if err != nil || r.Code != tt.code || deliveries(s) != tt.each {
				t.Fatalf("%v, %v, %q", r, err, deliveries(s))
			}
			if r, err := s.Noop(t.Context(), ""); err != nil || r.Code != 250 {
				t.Errorf("the session is out of step: %v, %v", r, err)
			}
		})
	}
}

// TestSendWithPRDR: Send reports each recipient, and its error follows the policy.
func TestSendWithPRDR(t *testing.T) {
	const hello = "S: 220 hi\nC: EHLO\nS: 250-x\nS: 250 PRDR\nC: MAIL FROM:<a@b.example> PRDR\nS: 250 ok\nC: RCPT\nS: 250 ok\n" +
		"C: RCPT\nS: 250 ok\nC: DATA\nS: 354 go\nC* .\nS: 353 one by one\n"
	for name, tt := range map[string]struct {
		replies  string
		policy   engine.RefusalPolicy
		accepted string
		rejected int // the code of the error; 0 for success
	}{
		"all accept":              {"S: 250 yes\nS: 250 yes\nS: 250 done\n", engine.StopAtRefusal, "c@d.example e@d.example", 0},
		"one rejects":             {"S: 250 yes\nS: 550 no\nS: 250 done\n", engine.SkipRefused, "c@d.example", 0},
		"one rejects, all needed": {"S: 250 yes\nS: 550 no\nS: 250 done\n", engine.StopAtRefusal, "c@d.example", 550},
		"all reject":              {"S: 550 no\nS: 551 no\nS: 250 done\n", engine.SkipRefused, "", 550},
		"the message is rejected": {"S: 250 yes\nS: 250 yes\nS: 554 no\n", engine.SkipRefused, "", 554},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, fake(t, hello+tt.replies+"HANG"), engine.Options{})
			if _, err := s.Ehlo(t.Context(), "me"); err != nil {
				t.Fatal(err)
			}
			got, err := s.Send(t.Context(), engine.Envelope{From: "a@b.example", Recipients: []string{"c@d.example", "e@d.example"}},
				strings.NewReader("x"), engine.SendOptions{PRDR: true, Refused: tt.policy})
			code := 0
			var op *engine.OpError
			if errors.As(err, &op) {
				code = op.Reply.Code
			}
			if a := strings.Join(got.Accepted(), " "); a != tt.accepted || code != tt.rejected {
				t.Errorf("accepted %q, error %v", a, err)
			}
		})
	}
}

// TestPRDRRepliesThatDoNotCome: if the server closes the connection between the replies, it is
// not known whether it accepted the message.
func TestPRDRRepliesThatDoNotCome(t *testing.T) {
	s := open(t, fake(t, "S: 220 hi\nC: MAIL\nS: 250 ok\nC: RCPT\nS: 250 ok\nC: DATA\nS: 354 go\nC* .\nS: 353 one by one\nS: 250 yes\nCLOSE"),
		engine.Options{})
	s.Mail(t.Context(), "a@b.example", engine.Param{Key: "PRDR"}) //nolint:errcheck // the message shows an error
	s.Rcpt(t.Context(), "c@d.example")                            //nolint:errcheck // the message shows an error
	_, err := s.Data(t.Context(), strings.NewReader("x"))
	var op *engine.OpError
	if !errors.As(err, &op) || !op.Unknown {
		t.Errorf("%v", err)
	}
}
