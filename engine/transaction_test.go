package engine_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"smtpsh/engine"
)

func TestSendPipelined(t *testing.T) {
	const hi = "S: 220 hi\nC: EHLO\nS: 250-x\nS: 250 PIPELINING\nC: MAIL FROM:<a@example.org>\n"
	for _, tt := range []struct {
		name, script string
		rcpts        string
		code         int  // of the reply
		closed       bool // afterwards
		protocol     bool // it is an error
	}{
		{
			"taken",
			hi + "C: RCPT TO:<b@x>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nC: hello\nC: .\nS: 250 taken\nC: NOOP\nS: 250 ok",
			"b@x", 250, false, false,
		},
		{
			"sender refused",
			hi + "C: RCPT TO:<b@x>\nC: DATA\nS: 550 no\nS: 503 first MAIL\nS: 503 first RCPT\nC: NOOP\nS: 250 ok",
			"b@x", 550, false, false,
		},
		{
			"nobody is left, the server waits",
			hi + "C: RCPT TO:<b@x>\nC: DATA\nS: 250 ok\nS: 551 no\nS: 354 go\nC: .\nS: 554 nobody\nC: NOOP\nS: 250 ok",
			"b@x", 551, false, false,
		},
		{"nobody is left", hi + "C: RCPT TO:<b@x>\nC: DATA\nS: 250 ok\nS: 551 no\nS: 554 nobody\nC: NOOP\nS: 250 ok", "b@x", 551, false, false},
		{
			"one of two",
			hi + "C: RCPT TO:<b@x>\nC: RCPT TO:<c@x>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 552 no\nS: 354 go\nEOF",
			"b@x c@x", 552, true, false,
		},
		{"DATA refused", hi + "C: RCPT TO:<b@x>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 451 later\nC: NOOP\nS: 250 ok", "b@x", 451, false, false},
		{"wrong consent", hi + "C: RCPT TO:<b@x>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 250 ok\nHANG", "b@x", 250, false, true},
		{
			"refused behind the dot",
			hi + "C: RCPT TO:<b@x>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nC: hello\nC: .\nS: 554 spam\nC: NOOP\nS: 250 ok",
			"b@x", 554, false, false,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, fake(t, tt.script), engine.Options{})
			must(t, 250)(s.Ehlo(t.Context(), "me"))
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

// If PIPELINING is not offered, each command waits for its reply, and a note reports it.
func TestSendPipelinedFallsBack(t *testing.T) {
	for _, hello := range []string{"C: EHLO\nS: 250 x\n", "C: EHLO\nS: 250-x\nS: 250 X PIPELINING\n", ""} {
		ev := newEvents()
		steps := "C: MAIL\nS: 250 ok\nC: RCPT TO:<b@x>\nS: 250 ok\nC: DATA\nS: 354 go\nC* .\nS: 250 taken\nHANG"
		s := open(t, fake(t, "S: 220 hi\n"+hello+steps), engine.Options{Observer: ev})
		if hello != "" {
			must(t, 250)(s.Ehlo(t.Context(), "me"))
		}
		if r, err := s.SendPipelined(t.Context(), "a@x", []string{"b@x"}, strings.NewReader("hello")); err != nil || r.Code != 250 ||
			r.Text() != "taken" {
			t.Fatalf("%v, %v\n%s", r, err, ev)
		}
		if !strings.Contains(ev.String(), "does not offer PIPELINING") || !strings.Contains(ev.String(), "S: 250 ok\nC: RCPT") {
			t.Errorf("the transcript:\n%s", ev)
		}
	}
	s := open(t, fake(t, "S: 220 hi\nC: MAIL\nS: 550 no\nC: NOOP\nS: 250 ok\nHANG"), engine.Options{})
	if r, err := s.SendPipelined(t.Context(), "a@x", []string{"b@x"}, strings.NewReader("hello")); err != nil || r.Code != 550 {
		t.Errorf("%v, %v", r, err)
	}
	must(t, 250)(s.Noop(t.Context(), ""))
}

// A PROXY protocol header gets no reply, the commands after it do.
func TestEarlyBytesThatAreNotCommands(t *testing.T) {
	v2 := "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\x7f\x00\x00\x01\x7f\x00\x00\x01\r\n\r\n"
	for early, unread := range map[string]int{
		"PROXY TCP4 192.0.2.1 192.0.2.2 2000 25\r\n": 0, "PROXY UNKNOWN\r\n": 0, v2: 0,
		"PROXY TCP4 192.0.2.1 192.0.2.2 2000 25\r\nEHLO me\r\n": 1, v2 + "EHLO me\r\nNOOP\r\n": 2,
		"EHLO me\r\n": 1, "NOOP\r\nPROXY x\r\n": 2,
	} {
		script := "C> " + strconv.Itoa(len(early)) + "\nS: 220 hi\n" + strings.Repeat("S: 250 ok\n", unread) + "C: NOOP\nS: 250 ok\nHANG"
		ev := newEvents()
		s := open(t, fake(t, script), engine.Options{Early: []byte(early), Observer: ev})
		if line, _, v1 := strings.Cut(early, "\r\n"); v1 && line != "" && !strings.Contains(ev.String(), "C: "+line+"\n") {
			t.Errorf("%q is not shown as a line:\n%s", line, ev)
		}
		if s.Unread() != unread {
			t.Errorf("%q: %d replies are due, want %d", early, s.Unread(), unread)
		}
		for range unread {
			must(t, 250)(s.ReadReply(t.Context(), 0))
		}
		must(t, 250)(s.Noop(t.Context(), ""))
	}
}
