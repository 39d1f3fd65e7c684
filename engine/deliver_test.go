package engine_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"smtpsh/engine"
	"smtpsh/engine/saslmech"
)

func TestSend(t *testing.T) {
	const (
		hi   = "S: 220 hi\nC: EHLO\nS: 250 x\n"
		ok   = "S: 250 ok\n"
		mail = "C: MAIL FROM:<a@x>\n" + ok
		data = "C: DATA\nS: 354 go\nC: hello\nC: .\n"
		one  = "C: RCPT TO:<b@x>\n" + ok
		noop = "C: NOOP\n" + ok
		lmtp = "S: 220 hi\nC: LHLO\nS: 250 x\n"
	)
	skip := engine.SendOptions{Refused: engine.SkipRefused}
	for _, tt := range []struct {
		name, script string
		rcpts        string
		content      string // "hello" if empty
		opts         engine.SendOptions
		kind         error  // nil means success
		want         string // in the error
		unknown      bool
		accepted     string
		replies      string // codes: MAIL, each RCPT, message; "-" without a reply
	}{
		{"accepted", hi + mail + one + data + "S: 250 taken\n" + noop, "b@x", "", engine.SendOptions{}, nil, "", false, "b@x", "250 250 250"},
		{
			"MAIL is refused", hi + "C: MAIL\nS: 550 no\n" + noop, "b@x", "",
			engine.SendOptions{}, engine.ErrRefused, "MAIL: rejected by the server: 550 no",
			false, "", "550 - -",
		},
		{
			"one of three, stop", hi + mail + one + "C: RCPT TO:<c@x>\nS: 551 no\n" + noop,
			"b@x c@x d@x", "", engine.SendOptions{}, engine.ErrRefused,
			"RCPT: rejected by the server: 551 no", false, "", "250 250 551 - -",
		},
		{
			"one of three, go on",
			hi + mail + one + "C: RCPT TO:<c@x>\nS: 551 no\nC: RCPT TO:<d@x>\n" + ok + data + ok + noop,
			"b@x c@x d@x", "", skip, nil, "", false, "b@x d@x", "250 250 551 250 250",
		},
		{
			"nobody is left",
			hi + mail + "C: RCPT\nS: 550 no\nC: RCPT\nS: 452 no\n" + noop, "b@x c@x", "",
			skip, engine.ErrRefused, "452 no", false, "", "250 550 452 -",
		},
		{
			"421 to RCPT ends it", hi + mail + one + "C: RCPT\nS: 421 bye\nCLOSE",
			"b@x c@x", "", skip, engine.ErrRefused, "421 bye", false, "", "250 250 421 -",
		},
		{
			"354 to RCPT is no refusal of it",
			hi + mail + one + "C: RCPT\nS: 354 go\n" + noop, "b@x c@x", "", skip,
			engine.ErrRefused, "354 go", false, "", "250 250 354 -",
		},
		{
			"DATA is refused", hi + mail + one + "C: DATA\nS: 451 later\n" + noop, "b@x",
			"", engine.SendOptions{}, engine.ErrRefused,
			"DATA: rejected by the server: 451 later", false, "", "250 250 451",
		},
		{
			"250 to DATA", hi + mail + one + "C: DATA\nS: 250 ok\nHANG", "b@x", "",
			engine.SendOptions{}, engine.ErrProtocol, "DATA", false, "", "250 250 250",
		},
		{
			"the message is refused", hi + mail + one + data + "S: 554 spam\n" + noop,
			"b@x", "", engine.SendOptions{}, engine.ErrRefused,
			"message: rejected by the server: 554 spam", false, "", "250 250 554",
		},
		{
			"the message is refused, go on",
			hi + mail + one + data + "S: 554 spam\n" + noop, "b@x", "", skip,
			engine.ErrRefused, "554 spam", false, "", "250 250 554",
		},
		{
			"354 to the message", hi + mail + one + data + "S: 354 go\n" + noop, "b@x", "",
			engine.SendOptions{}, engine.ErrRefused, "354 go", false, "", "250 250 354",
		},
		{
			"closed after the dot", hi + mail + one + data + "CLOSE", "b@x", "",
			engine.SendOptions{}, engine.ErrClosed, "reply to the end of the message",
			true, "", "250 250 -",
		},
		{
			"closed before the dot", hi + mail + one + "C: DATA\nCLOSE", "b@x", "",
			engine.SendOptions{}, engine.ErrClosed, "reply to DATA", false, "",
			"250 250 -",
		},
		{
			"a second reply",
			hi + mail + one + data + `S> 250 ok\r\n452 disk full\r\n` + "\nHANG", "b@x",
			"", engine.SendOptions{}, engine.ErrProtocol, "452 that answers no command",
			true, "b@x", "250 250 250",
		},

		{
			"LMTP, mixed, stop",
			lmtp + mail + one + "C: RCPT\n" + ok + data + ok + "S: 452 full\n" + noop,
			"b@x c@x", "", engine.SendOptions{}, engine.ErrRefused, "452 full", false,
			"b@x", "250 250 250 452",
		},
		{
			"LMTP, mixed, go on",
			lmtp + mail + one + "C: RCPT\nS: 550 no\nC: RCPT\n" + ok + "C: RCPT\n" + ok + data + "S: 452 full\n" + ok + ok + noop,
			"b@x c@x d@x e@x", "", skip, nil, "", false, "d@x e@x",
			"250 250 550 250 250 452",
		},
		{
			"LMTP, 421 among the replies",
			lmtp + mail + one + "C: RCPT\n" + ok + data + ok + "S: 421 bye\nCLOSE",
			"b@x c@x", "", skip, engine.ErrRefused, "421 bye", false, "b@x",
			"250 250 250 421",
		},
		{
			"LMTP, closed among the replies",
			lmtp + mail + one + "C: RCPT\n" + ok + data + ok + "CLOSE", "b@x c@x", "",
			skip, engine.ErrClosed, "1 of 2 replies", true, "b@x", "250 250 250 -",
		},

		{"no recipient", hi + noop, "", "", engine.SendOptions{}, engine.ErrUsage, "no recipient", false, "", "- -"},
		{
			"no recipient, unchecked", hi + mail + "C: DATA\nS: 503 RCPT first\n" + noop,
			"", "", engine.SendOptions{Unchecked: true}, engine.ErrRefused,
			"503 RCPT first", false, "", "250 503",
		},
		{"an address with a space", hi + noop, "b@x c@x\td", "", engine.SendOptions{}, engine.ErrUsage, "RCPT", false, "", "- - - -"},
		{
			"too large", "S: 220 hi\nC: EHLO\nS: 250-x\nS: 250 SIZE 6\n" + noop, "b@x", "",
			engine.SendOptions{}, engine.ErrUsage, "7 bytes, more than the 6", false, "",
			"- - -",
		},
		{
			"just small enough",
			"S: 220 hi\nC: EHLO\nS: 250-x\nS: 250 SIZE 7\nC: MAIL FROM:<a@x> SIZE=7\n" + ok + one + data + ok + noop,
			"b@x", "", engine.SendOptions{}, nil, "", false, "b@x", "250 250 250",
		},
		{
			"too large, unchecked",
			"S: 220 hi\nC: EHLO\nS: 250-x\nS: 250 SIZE 6\n" + mail + one + data + ok + noop,
			"b@x", "", engine.SendOptions{Unchecked: true}, nil, "", false, "b@x",
			"250 250 250",
		},
		{
			"no limit",
			"S: 220 hi\nC: EHLO\nS: 250-x\nS: 250 SIZE 0\nC: MAIL FROM:<a@x> SIZE=7\n" + ok + one + data + ok + noop,
			"b@x", "", engine.SendOptions{}, nil, "", false, "b@x", "250 250 250",
		},
		{
			"8BITMIME is missing", hi + noop, "b@x", "A: b\n\ngrün\n",
			engine.SendOptions{}, engine.ErrUsage, "does not offer 8BITMIME", false, "",
			"- - -",
		},
		{
			"8BITMIME",
			"S: 220 hi\nC: EHLO\nS: 250-x\nS: 250 8BITMIME\nC: MAIL FROM:<a@x> BODY=8BITMIME\n" + ok + one + "C: DATA\nS: 354 go\nC* .\n" + ok +
				noop,
			"b@x", "A: b\n\ngrün\n", engine.SendOptions{}, nil, "", false, "b@x",
			"250 250 250",
		},
		{
			"SMTPUTF8 is missing",
			"S: 220 hi\nC: EHLO\nS: 250-x\nS: 250 8BITMIME\n" + noop, "b@x",
			"Subject: grün\n\n", engine.SendOptions{}, engine.ErrUsage,
			"does not offer SMTPUTF8", false, "", "- - -",
		},
		{"a line too long", hi + noop, "b@x", strings.Repeat("x", 999), engine.SendOptions{}, engine.ErrUsage, "998", false, "", "- - -"},
		{"CHUNKING is missing", hi + noop, "b@x", "", engine.SendOptions{Chunking: true}, engine.ErrUsage, "CHUNKING", false, "", "- - -"},
		{
			"BDAT",
			"S: 220 hi\nC: EHLO\nS: 250-x\nS: 250 CHUNKING\n" + mail + one + "C: BDAT 7 LAST\nC: hello\n" + ok + noop,
			"b@x", "", engine.SendOptions{Chunking: true}, nil, "", false, "b@x",
			"250 250 250",
		},
		{
			"BDAT, closed after the chunk",
			"S: 220 hi\nC: EHLO\nS: 250-x\nS: 250 CHUNKING\n" + mail + one + "C: BDAT 7 LAST\nC: hello\nCLOSE",
			"b@x", "", engine.SendOptions{Chunking: true}, engine.ErrClosed, "", true, "",
			"250 250 -",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			target := fake(t, tt.script)
			target.LMTP = strings.HasPrefix(tt.script, lmtp)
			s := open(t, target, engine.Options{})
			must(t, 250)(s.Hello(t.Context(), "me"))
			content := tt.content
			if content == "" {
				content = "hello\n"
			}
			rcpts := strings.Split(tt.rcpts, " ")
			if tt.rcpts == "" {
				rcpts = nil
			}
			got, err := s.Send(t.Context(), engine.Envelope{From: "a@x", Recipients: rcpts}, strings.NewReader(content), tt.opts)
			checkError(t, err, tt.kind, tt.want, tt.unknown)
			if accepted := strings.Join(got.Accepted(), " "); accepted != tt.accepted {
				t.Errorf("accepted for %q, want %q", accepted, tt.accepted)
			}
			if codes := codesOf(got); codes != tt.replies {
				t.Errorf("the replies are %q, want %q", codes, tt.replies)
			}
			if strings.HasSuffix(tt.script, noop) {
				must(t, 250)(s.Noop(t.Context(), ""))
			}
		})
	}
}

// checkError fails the test unless err has the kind, the text and the value of Unknown.
func checkError(t *testing.T, err, kind error, text string, unknown bool) {
	t.Helper()
	if kind == nil {
		if err != nil {
			t.Errorf("got %v", err)
		}
		return
	}
	var op *engine.OpError
	if !errors.As(err, &op) || !errors.Is(err, kind) || !strings.Contains(err.Error(), text) || op.Unknown != unknown {
		t.Errorf("got %v, want %v with %q, delivery unknown: %v", err, kind, text, unknown)
	}
}

// codesOf lists the codes of MAIL, each RCPT, and the message.
func codesOf(r *engine.SendResult) string {
	code := func(known bool, text func() string) string {
		if !known {
			return "-"
		}
		return text()[:3]
	}
	codes := []string{code(r.Mail != nil, func() string { return r.Mail.String() })}
	for _, to := range r.Recipients {
		codes = append(codes, code(to.RCPT != nil, func() string { return to.RCPT.String() }))
	}
	return strings.Join(append(codes, code(r.Message != nil, func() string { return r.Message.String() })), " ")
}

// TestSendEnvelope: pipelined envelopes, parameters of RCPT, and steps to stop after.
func TestSendEnvelope(t *testing.T) {
	const (
		hi   = "S: 220 hi\nC: EHLO\nS: 250-x\nS: 250-PIPELINING\nS: 250 CHUNKING\n"
		bare = "S: 220 hi\nC: EHLO\nS: 250 x\n"
		both = "C: MAIL FROM:<a@x>\nC: RCPT TO:<b@x>\nC: RCPT TO:<c@x>\n"
		data = "C: DATA\nS: 354 go\nC: hello\nC: .\nS: 250 taken\n"
		noop = "C: NOOP\nS: 250 ok\n"
	)
	pipe := engine.SendOptions{Pipeline: true}
	skip := engine.SendOptions{Pipeline: true, Refused: engine.SkipRefused}
	notify := []engine.Param{{Key: "NOTIFY", Value: "NEVER"}}
	for _, tt := range []struct {
		name, script string
		params       []engine.Param
		opts         engine.SendOptions
		kind         error
		want         string
		replies      string
		stopped      bool
	}{
		{"pipelined", hi + both + "S: 250 a\nS: 250 b\nS: 250 c\n" + data + noop, nil, pipe, nil, "", "250 250 250 250", false},
		{"pipelined, one rejected, stop", hi + both + "S: 250 a\nS: 550 b\nS: 250 c\n" + noop, nil, pipe, engine.ErrRefused, "550 b",
			"250 550 250 -", false},
		{"pipelined, one rejected, go on", hi + both + "S: 250 a\nS: 550 b\nS: 250 c\n" + data + noop, nil, skip, nil, "",
			"250 550 250 250", false},
		{"pipelined, MAIL rejected", hi + both + "S: 550 a\nS: 503 b\nS: 503 c\n" + noop, nil, skip, engine.ErrRefused, "550 a",
			"550 503 503 -", false},
		{"pipelined, all rejected", hi + both + "S: 250 a\nS: 550 b\nS: 452 c\n" + noop, nil, skip, engine.ErrRefused, "452 c",
			"250 550 452 -", false},
		{"pipelined, 354 to RCPT", hi + both + "S: 250 a\nS: 250 b\nS: 354 c\n" + noop, nil, skip, engine.ErrRefused, "354 c",
			"250 250 354 -", false},
		{"pipelined, closed", hi + both + "S: 250 a\nCLOSE", nil, skip, engine.ErrClosed, "reply to RCPT", "250 - - -", false},
		{"no PIPELINING", bare + "C: MAIL\nS: 250 a\nC: RCPT\nS: 250 b\nC: RCPT\nS: 250 c\n" + data + noop, nil, pipe, nil, "",
			"250 250 250 250", false},
		{"parameters of RCPT", bare + "C: MAIL FROM:<a@x>\nS: 250 a\nC: RCPT TO:<b@x> NOTIFY=NEVER\nS: 250 b\n" +
			"C: RCPT TO:<c@x> NOTIFY=NEVER\nS: 250 c\n" + data + noop, notify, engine.SendOptions{}, nil, "", "250 250 250 250", false},
		{"stop after MAIL", bare + "C: MAIL\nS: 250 a\n" + noop, nil, engine.SendOptions{StopAfter: "MAIL"}, nil, "", "250 - - -", true},
		{"stop after RCPT", bare + "C: MAIL\nS: 250 a\nC: RCPT\nS: 250 b\nC: RCPT\nS: 250 c\n" + noop, nil,
			engine.SendOptions{StopAfter: "RCPT"}, nil, "", "250 250 250 -", true},
		{"stop after RCPT, pipelined", hi + both + "S: 250 a\nS: 250 b\nS: 250 c\n" + noop, nil,
			engine.SendOptions{StopAfter: "RCPT", Pipeline: true}, nil, "", "250 250 250 -", true},
		{"stop after DATA", bare + "C: MAIL\nS: 250 a\nC: RCPT\nS: 250 b\nC: RCPT\nS: 250 c\nC: DATA\nS: 354 go\nEOF", nil,
			engine.SendOptions{StopAfter: "DATA"}, nil, "", "250 250 250 -", true},
		{"stop after DATA, rejected", bare + "C: MAIL\nS: 250 a\nC: RCPT\nS: 250 b\nC: RCPT\nS: 250 c\nC: DATA\nS: 451 no\n" + noop, nil,
			engine.SendOptions{StopAfter: "DATA"}, engine.ErrRefused, "451 no", "250 250 250 451", false},
		{"stop after DATA with BDAT", hi + noop, nil, engine.SendOptions{StopAfter: "DATA", Chunking: true}, engine.ErrUsage, "BDAT", "- - - -",
			false},
		{"stop nowhere", hi + noop, nil, engine.SendOptions{StopAfter: "EHLO"}, engine.ErrUsage, "not MAIL, RCPT or DATA", "- - - -", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, fake(t, tt.script), engine.Options{})
			must(t, 250)(s.Ehlo(t.Context(), "me"))
			envelope := engine.Envelope{From: "a@x", Recipients: []string{"b@x", "c@x"}, RcptParams: tt.params}
			got, err := s.Send(t.Context(), envelope, strings.NewReader("hello\n"), tt.opts)
			checkError(t, err, tt.kind, tt.want, false)
			if codes := codesOf(got); codes != tt.replies || got.Stopped != tt.stopped {
				t.Errorf("the replies are %q, want %q; stopped %v, want %v", codes, tt.replies, got.Stopped, tt.stopped)
			}
			if strings.HasSuffix(tt.script, noop) {
				must(t, 250)(s.Noop(t.Context(), ""))
			}
		})
	}
}

// A canceled context sends nothing. A content that can be read only once is sent without
// the checks that would read it before.
func TestSendContextAndReader(t *testing.T) {
	envelope := engine.Envelope{From: "a@x", Recipients: []string{"b@x"}}
	s := open(t, fake(t, "S: 220 hi\nC: EHLO\nS: 250 x\nEOF"), engine.Options{})
	must(t, 250)(s.Ehlo(t.Context(), "me"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := s.Send(ctx, envelope, strings.NewReader("x"), engine.SendOptions{}); !errors.Is(err, engine.ErrCanceled) || r.Mail != nil {
		t.Errorf("%v, %v", r, err)
	}
	s = open(t,
		fake(t,
			"S: 220 hi\nC: EHLO\nS: 250-x\nS: 250 SIZE 1\nC: MAIL FROM:<a@x>\nS: 250 ok\nC: RCPT\nS: 250 ok\nC: DATA\nS: 354 go\nC* .\nS: 552 "+
				"large\nHANG"),
		engine.Options{})
	must(t, 250)(s.Ehlo(t.Context(), "me"))
	if _, err := s.Send(t.Context(), envelope, io.MultiReader(strings.NewReader("hello")), engine.SendOptions{}); !errors.Is(err,
		engine.ErrRefused) {
		t.Errorf("got %v", err)
	}
}

// A binary message is sent unchanged, and only with BDAT.
func TestSendBinary(t *testing.T) {
	s := open(t,
		fake(t,
			"S: 220 hi\nC: EHLO\nS: 250-x\nS: 250-BINARYMIME\nS: 250 CHUNKING\nC: MAIL FROM:<a@x> BODY=BINARYMIME\nS: 250 ok\nC: RCPT\nS: 250 "+
				"ok\nC: BDAT 3 LAST\nC> 3\nS: 250 ok\nC: NOOP\nS: 250 ok"),
		engine.Options{})
	must(t, 250)(s.Ehlo(t.Context(), "me"))
	envelope := engine.Envelope{From: "a@x", Recipients: []string{"b@x"}, Params: []engine.Param{{Key: "body", Value: "BinaryMime"}}}
	_, err := s.Send(t.Context(), envelope, strings.NewReader("a\nb"), engine.SendOptions{})
	checkError(t, err, engine.ErrUsage, "needs BDAT", false)
	envelope.Params[0] = engine.Param{Key: "BODY", Value: "BINARYMIME"}
	r, err := s.Send(t.Context(), envelope, strings.NewReader("a\nb"), engine.SendOptions{Chunking: true})
	checkError(t, err, nil, "", false)
	if len(r.Accepted()) != 1 {
		t.Errorf("accepted: %v", r.Accepted())
	}
	must(t, 250)(s.Noop(t.Context(), ""))
}

// The function Open connects and does the steps; its error names the step.
func TestOpenFunction(t *testing.T) {
	login := &engine.AuthOptions{Credentials: saslmech.Credentials{Username: "ann", Password: "s3cret-word"}}
	const hi = "S: 220 hi\nC: EHLO\n"
	for _, tt := range []struct {
		name, script string
		opts         engine.OpenOptions
		kind         error
		want         string
	}{
		{"all is well", hi + "S: 250 x\nEOF", engine.OpenOptions{}, nil, ""},
		{"HELO in place of EHLO", hi + "S: 502 what\nC: HELO\nS: 250 x\nEOF", engine.OpenOptions{}, nil, ""},
		{"no greeting", "CLOSE", engine.OpenOptions{}, engine.ErrClosed, "greeting: "},
		{
			"the greeting refuses", "S: 554 no\nC: QUIT\nS: 221 bye\nCLOSE",
			engine.OpenOptions{}, engine.ErrRefused,
			"greeting: rejected by the server: 554 no",
		},
		{
			"STARTTLS is not offered", hi + "S: 250 x\nC: QUIT\nS: 221 bye\nCLOSE",
			engine.OpenOptions{StartTLS: engine.TLSRequired}, engine.ErrTLS, "STARTTLS: ",
		},
		{
			"the login is refused",
			hi + "S: 250-x\nS: 250 AUTH PLAIN\nC: AUTH PLAIN\nS: 535 no\nC: QUIT\nS: 221 bye\nCLOSE",
			engine.OpenOptions{Auth: login}, engine.ErrRefused,
			"AUTH: rejected by the server: 535 no",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := engine.Open(t.Context(), fake(t, tt.script), engine.Options{Timeouts: engine.UniformTimeouts(patience)}, tt.opts)
			checkError(t, err, tt.kind, tt.want, false)
			if (s == nil) != (tt.kind != nil) {
				t.Fatalf("the session is %v", s)
			}
			if s != nil {
				s.Close()
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if s, err := engine.Open(ctx, fake(t, "HANG"), engine.Options{}, engine.OpenOptions{}); s != nil || !errors.Is(err, engine.ErrCanceled) {
		t.Errorf("%v, %v", s, err)
	}
}
