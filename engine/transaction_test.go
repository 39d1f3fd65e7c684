package engine_test

import (
	"errors"
	"strings"
	"testing"

	"smtpsh/engine"
)

func TestSendPipelined(t *testing.T) {
	const hi = "S: 220 hi\nC: MAIL FROM:<a@example.org>\n"
	for _, tt := range []struct {
		name, script string
		rcpts        string
		code         int  // of the reply
		closed       bool // afterwards
		protocol     bool // it is an error
	}{
		{"taken", hi + "C: RCPT TO:<b@x>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nC: hello\nC: .\nS: 250 taken\nC: NOOP\nS: 250 ok", "b@x", 250, false, false},
		{"sender refused", hi + "C: RCPT TO:<b@x>\nC: DATA\nS: 550 no\nS: 503 first MAIL\nS: 503 first RCPT\nC: NOOP\nS: 250 ok", "b@x", 550, false, false},
		{"nobody is left, the server waits", hi + "C: RCPT TO:<b@x>\nC: DATA\nS: 250 ok\nS: 551 no\nS: 354 go\nC: .\nS: 554 nobody\nC: NOOP\nS: 250 ok", "b@x", 551, false, false},
		{"nobody is left", hi + "C: RCPT TO:<b@x>\nC: DATA\nS: 250 ok\nS: 551 no\nS: 554 nobody\nC: NOOP\nS: 250 ok", "b@x", 551, false, false},
		{"one of two", hi + "C: RCPT TO:<b@x>\nC: RCPT TO:<c@x>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 552 no\nS: 354 go\nEOF", "b@x c@x", 552, true, false},
		{"DATA refused", hi + "C: RCPT TO:<b@x>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 451 later\nC: NOOP\nS: 250 ok", "b@x", 451, false, false},
		{"wrong consent", hi + "C: RCPT TO:<b@x>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 250 ok\nHANG", "b@x", 250, false, true},
		{"refused behind the dot", hi + "C: RCPT TO:<b@x>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nC: hello\nC: .\nS: 554 spam\nC: NOOP\nS: 250 ok", "b@x", 554, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, fake(t, tt.script), engine.Options{})
			r, err := s.SendPipelined(t.Context(), "a@example.org", strings.Fields(tt.rcpts), strings.NewReader("hello"))
			if r == nil || r.Code != tt.code || errors.Is(err, engine.ErrProtocol) != tt.protocol || s.Closed() != tt.closed {
				t.Fatalf("%v, %v, closed %v", r, err, s.Closed())
			}
			if !tt.closed && !tt.protocol {
				must(t, 250)(s.Noop(t.Context(), ""))
			}
		})
	}
	s := open(t, fake(t, "S: 220 hi\nHANG"), engine.Options{})
	if _, err := s.SendPipelined(t.Context(), "a@b", []string{"a@b\r\nRSET"}, nil); !errors.Is(err, engine.ErrUsage) {
		t.Errorf("a recipient with CRLF: %v", err)
	}
}
