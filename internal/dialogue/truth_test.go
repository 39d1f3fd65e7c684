package dialogue_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"smtpsh/engine"
	"smtpsh/internal/dialogue"
	"smtpsh/internal/sandbox"
)

// served plays a dialogue with a sandbox that has rules.
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

const envelope = "S: 220\nC: EHLO me\nS: 250\nC: MAIL FROM:<a@example.org>\nS: 250\nC: RCPT TO:<bob@sandbox.test>\nS: 250\nC: DATA\n" +
	"S: 354\n"

// A reply before the command does not answer it.
func TestEarlyRepliesAnswerNoCommand(t *testing.T) {
	_, err := served(t, "S: 220\nC: EHLO me\nS: 250\nC: NOOP\nS: 250\nC: NOOP\nS: 250\nC: NOOP\nS: 250", nil,
		sandbox.Rule{On: "NOOP", Sequence: []sandbox.Action{{Raw: []byte("250 one\r\n250 two\r\n250 three\r\n")}}})
	if !errors.Is(err, engine.ErrProtocol) {
		t.Fatalf("got %v", err)
	}
}

// An error has its place once, however deep its cause.
func TestErrorsHaveTheirPlaceOnce(t *testing.T) {
	place := regexp.MustCompile(`(x|nope\.smtp):\d+: `)
	for name, c := range map[string]struct {
		text  string
		rules []sandbox.Rule
	}{
		"more than was asked": {
			"S: 220\nC: NOOP\nS: 250\nC: NOOP\nS: 250",
			[]sandbox.Rule{{On: "NOOP", Sequence: []sandbox.Action{{Raw: []byte("250 one\r\n250 two\r\n")}}}},
		},
		"no variable":     {"C: NOOP {var:nope}\nS: 250", nil},
		"no connection":   {"C: NOOP\nS: 250\nb C: NOOP\nb S: 250", nil},
		"does not fit":    {"C: NOOP\nS: 550", nil},
		"broken off":      {"C: NOOP\nS: 250", []sandbox.Rule{{On: "NOOP", Sequence: []sandbox.Action{{Raw: []byte("\x00\xff\r\n")}}}}},
		"a refused login": {":login mech=NOPE user=a pass=b\nS: 235", nil},
		"an include":      {":include nope.smtp\n", nil},
		"TLS that breaks": {
			"C: EHLO x\nS: 250\nC: STARTTLS\nS: 220\nC: NOOP\nS: 250",
			[]sandbox.Rule{{On: "TLS", Sequence: []sandbox.Action{{CutTLS: true}}}},
		},
		"written to the wind":  {"C: QUIT\nS: 221\n:wait 20ms\nC: NOOP\nC: NOOP\nS: 250\nS: 250", nil},
		"a line end in values": {"C: NOOP {var:bad}\nS: 250", nil},
	} {
		_, err := served(t, c.text, map[string]string{"bad": "a\r\nb"}, c.rules...)
		if err == nil || len(place.FindAllString(err.Error(), -1)) != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// No value can end a message.
func TestValueCannotEndMessage(t *testing.T) {
	srv, err := served(t, envelope+"C: {var:body}\nC: MAIL FROM:<evil@example.org>\nC: .\nS: 250\nC: QUIT\nS: 221",
		map[string]string{"body": "."})
	if err != nil {
		t.Fatal(err)
	}
	if m := srv.Messages(); len(m) != 1 || string(m[0].Data) != ".\r\nMAIL FROM:<evil@example.org>\r\n" {
		t.Fatalf("received %d messages: %+v", len(m), m)
	}
}

// Without a reply to the dot it is not known whether the message was accepted.
func TestUnknownDelivery(t *testing.T) {
	_, err := served(t, envelope+"C: hello\nC: .\nS: 250", nil, sandbox.Rule{On: "MESSAGE", Sequence: []sandbox.Action{{Drop: "before"}}})
	if err == nil || !strings.Contains(err.Error(), "it is not known whether the message was accepted") {
		t.Fatalf("got %v", err)
	}
}

// TestMessageRequires354: after a reply to DATA other than 354 the lines of a message are not
// sent, whatever the S: line matches.
func TestMessageRequires354(t *testing.T) {
	for _, answer := range []string{"250 ok", "235 ok", "334 go", "550 no"} {
		srv, err := served(t,
			"S: 220\nC: EHLO me\nS: 250\nC: MAIL FROM:<a@example.org>\nS: 250\nC: RCPT TO:<bob@sandbox.test>\nS: 250\nC: DATA\nS: ...\nC: "+
				"Subject: x\nC: .\nS: ...\n",
			nil,
			sandbox.Rule{On: "DATA", Sequence: []sandbox.Action{{Raw: []byte(answer + "\r\n")}}})
		var mismatch *dialogue.Mismatch
		if !errors.As(err, &mismatch) || mismatch.Want != "S: 354 before the message" ||
			!strings.Contains(mismatch.Hint, "no message was sent") || srv == nil {
			t.Errorf("%s: %v", answer, err)
		}
	}
}
