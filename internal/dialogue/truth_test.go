package dialogue_test

import (
	"errors"
	"strings"
	"testing"

	"smtpsh/engine"
	"smtpsh/internal/dialogue"
	"smtpsh/internal/sandbox"
)

// served plays a dialogue against a sandbox with rules.
func served(t *testing.T, text string, vars map[string]string, rules ...sandbox.Rule) (*sandbox.Server, error) {
	t.Helper()
	srv, err := sandbox.Start(sandbox.Options{Profile: "plain"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	for _, r := range rules {
		if err := srv.On(r); err != nil {
			t.Fatal(err)
		}
	}
	s, err := dialogue.Parse("x", text)
	if err != nil {
		t.Fatal(err)
	}
	e := env(t, srv.Addr(""))
	e.Var = func(name string) (string, bool) { v, ok := vars[name]; return v, ok }
	_, err = s.Play(t.Context(), e)
	return srv, err
}

const envelope = "S: 220\nC: EHLO me\nS: 250\nC: MAIL FROM:<a@example.org>\nS: 250\nC: RCPT TO:<bob@sandbox.test>\nS: 250\nC: DATA\nS: 354\n"

// What a server says before it is asked is no answer.
func TestEarlyRepliesAreNoAnswers(t *testing.T) {
	_, err := served(t, "S: 220\nC: EHLO me\nS: 250\nC: NOOP\nS: 250\nC: NOOP\nS: 250\nC: NOOP\nS: 250", nil,
		sandbox.Rule{On: "NOOP", Sequence: []sandbox.Action{{Raw: []byte("250 one\r\n250 two\r\n250 three\r\n")}}})
	if !errors.Is(err, engine.ErrProtocol) {
		t.Fatalf("got %v", err)
	}
}

// A value cannot end a message, whatever stands in it.
func TestADotInAValueEndsNothing(t *testing.T) {
	srv, err := served(t, envelope+"C: {var:body}\nC: MAIL FROM:<evil@example.org>\nC: .\nS: 250\nC: QUIT\nS: 221", map[string]string{"body": "."})
	if err != nil {
		t.Fatal(err)
	}
	if m := srv.Messages(); len(m) != 1 || string(m[0].Data) != ".\r\nMAIL FROM:<evil@example.org>\r\n" {
		t.Fatalf("received %d messages: %+v", len(m), m)
	}
}

// Without a reply to the dot nobody knows whether the message was taken.
func TestTheFateOfAMessage(t *testing.T) {
	_, err := served(t, envelope+"C: hello\nC: .\nS: 250", nil, sandbox.Rule{On: "MESSAGE", Sequence: []sandbox.Action{{Drop: "before"}}})
	if err == nil || !strings.Contains(err.Error(), "whether the message was taken is not known") {
		t.Fatalf("got %v", err)
	}
}
