package engine_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/transcript"
)

const threeRecipients = "S: 220 hi\nC: LHLO\nS: 250 hi\nC: MAIL\nS: 250 ok\nC: RCPT\nS: 250 ok\nC: RCPT\nS: 550 5.1.1 no\nC: RCPT\nS: " +
	"250 ok\nC: RCPT\nS: 250 ok\nC: DATA\nS: 354 go\nC* .\nS: 250 2.0.0 kept\n"

// toThree opens an LMTP session with three accepted recipients and one rejected.
func toThree(t *testing.T, rest string, opts engine.Options) *engine.Session {
	t.Helper()
	target := fake(t, threeRecipients+rest)
	target.LMTP = true
	s := open(t, target, opts)
	must(t, 250)(s.Lhlo(t.Context(), "me"))
	must(t, 250)(s.Mail(t.Context(), "a@example.org"))
	for i, to := range []string{"ann@example.net", "nobody@example.net", "bob@example.net", "cat@example.net"} {
		must(t, []int{250, 550, 250, 250}[i])(s.Rcpt(t.Context(), to))
	}
	return s
}

// TestLMTPRepliesNameTheirRecipients: each reply has its recipient, in Deliveries, for
// observers, and in the transcript.
func TestLMTPRepliesNameTheirRecipients(t *testing.T) {
	var screen, records bytes.Buffer
	text, json := transcript.NewText(&screen, transcript.TextOptions{}), transcript.NewJSON(&records, transcript.MaskSecrets)
	s := toThree(t, "S: 452 4.2.2 full\nS: 250 2.0.0 kept too\nHANG",
		engine.Options{Observer: event.Func(func(e *event.Event) { text.Observe(e); json.Observe(e) })})
	r, err := s.Data(t.Context(), strings.NewReader("x\n"))
	if err != nil || r.Code != 452 || r.Recipient != "bob@example.net" {
		t.Fatalf("%v, %v", r, err)
	}
	for i, want := range []string{"ann@example.net", "bob@example.net", "cat@example.net"} {
		d := s.Deliveries()[i]
		if d.Recipient != want || d.Reply.Recipient != want {
			t.Errorf("%d: %s and %s, want %s", i, d.Recipient, d.Reply.Recipient, want)
		}
		if !strings.Contains(screen.String(), "reply for "+want) || !strings.Contains(records.String(), `"rcpt":"`+want+`"`) {
			t.Errorf("%s is not named:\n%s\n%s", want, screen.String(), records.String())
		}
	}
}

// TestLMTPTimeoutsCountTheReplies: an error among the replies names the recipient whose
// reply is missing and the number of replies before. A server that ends the session is
// reported in the same way.
func TestLMTPTimeoutsCountTheReplies(t *testing.T) {
	short := engine.UniformTimeouts(200 * time.Millisecond)
	for _, tt := range []struct {
		rest, want string
		kind       error
	}{
		{"HANG", "for bob@example.net (1 of 3 replies had come)", engine.ErrTimeout},
		{"S: 250 ok\nHANG", "for cat@example.net (2 of 3 replies had come)", engine.ErrTimeout},
		{"CLOSE", "for bob@example.net (1 of 3 replies had come)", engine.ErrClosed},
	} {
		for _, raw := range []bool{false, true} {
			s := toThree(t, tt.rest, engine.Options{Timeouts: short})
			err := send(t.Context(), s, raw)
			if err == nil || !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(),
				"it is not known whether the message was accepted") {
				t.Errorf("raw %v, %q: %v", raw, tt.rest, err)
			}
		}
	}
	var notes []string
	s := toThree(t, "S: 421 4.3.2 going\nCLOSE", engine.Options{Observer: event.Func(func(e *event.Event) {
		if e.Kind == event.Note {
			notes = append(notes, e.Text)
		}
	})})
	r, err := s.Data(t.Context(), strings.NewReader("x\n"))
	if err != nil || r.Code != 421 || r.Recipient != "bob@example.net" || len(s.Deliveries()) != 1 ||
		!strings.Contains(strings.Join(notes, "\n"),
			"after 1 of 3 replies") {
		t.Errorf("%v, %v, %v", r, err, notes)
	}
}

// send sends a message and reads its replies until one is missing.
func send(ctx context.Context, s *engine.Session, raw bool) error {
	if !raw {
		_, err := s.Data(ctx, strings.NewReader("x\n"))
		return err
	}
	if _, err := s.Do(ctx, "DATA"); err != nil {
		return err
	}
	if err := s.Write(ctx, []byte("x\r\n.\r\n")); err != nil {
		return err
	}
	for {
		var r *reply.Reply
		var err error
		if r, err = s.ReadReply(ctx, 0); err != nil {
			return err
		}
		if r.Recipient == "" {
			return errors.New("a reply without its recipient")
		}
	}
}
