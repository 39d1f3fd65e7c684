package engine_test

import (
	"strings"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/saslmech"
)

// TestEchoedSecretsStayOutOfEverything: servers repeat the password in a reply, a
// challenge, or half of one.
func TestEchoedSecretsStayOutOfEverything(t *testing.T) {
	const password = "hunter2secret"
	for name, script := range map[string]string{
		"half a reply":             "S> 535-bad password hunter2secret\nHANG",
		"not a reply":              "S: hunter2secret is wrong\nHANG",
		"challenge in base64":      "S: 334 aHVudGVyMnNlY3JldA==\nC: *\nS: 501 no\nHANG",
		"challenge as it is":       "S: 334 hunter2secret!\nC: *\nS: 501 no\nHANG",
		"a reply of several lines": "S: 535-hunter2secret\nS: 535 aHVudGVyMnNlY3JldA==\nHANG",
	} {
		t.Run(name, func(t *testing.T) {
			ev := newEvents()
			s := open(t, fake(t, "S: 220 hi\nC: AUTH PLAIN\n"+script),
				engine.Options{Observer: ev, Timeouts: engine.UniformTimeouts(500 * time.Millisecond)})
			r, err := s.Auth(t.Context(),
				engine.AuthOptions{Mechanism: "PLAIN", Credentials: saslmech.Credentials{Username: "a", Password: password}})
			shown := []string{ev.String()}
			if err != nil {
				shown = append(shown, err.Error())
			}
			if r != nil {
				shown = append(shown, r.String(), r.Command)
			}
			for _, e := range ev.list {
				shown = append(shown, e.Text, e.Verb)
				if e.Err != nil {
					shown = append(shown, e.Err.Error())
				}
			}
			for _, text := range shown {
				if strings.Contains(text, password) || strings.Contains(text, "aHVudGVyMnNlY3JldA") {
					t.Errorf("the password is in %q", text)
				}
			}
		})
	}
}

// TestSecretsInBatches: responses that are sent together with their AUTH.
func TestSecretsInBatches(t *testing.T) {
	ev := newEvents()
	s, _ := openSandbox(t, "plain", "submissions", engine.Options{Observer: ev})
	must(t, 250)(s.Ehlo(t.Context(), "me"))
	got, err := s.Pipeline(t.Context(), "AUTH LOGIN", "YW5uQHNhbmRib3gudGVzdA==", "YW5uLXNlY3JldA==", "NOOP")
	if err != nil || got[2].Reply.Code != 235 || got[3].Reply.Code != 250 {
		t.Fatalf("%v, %v", got, err)
	}
	if text := ev.String(); strings.Contains(text, "YW5uLXNlY3JldA") || !strings.Contains(text, "C: NOOP") {
		t.Errorf("masked wrongly:\n%s", text)
	}
	if strings.Contains(got[2].Line, "YW5u") {
		t.Errorf("the line tells: %s", got[2].Line)
	}
}

func TestConceal(t *testing.T) {
	ev := newEvents()
	s, _ := openSandbox(t, "plain", "mx", engine.Options{Observer: ev})
	s.Conceal("top-secret-word")
	r := must(t, 250)(s.Noop(t.Context(), "a top-secret-word here"))
	if strings.Contains(ev.String(), "top-secret") || strings.Contains(r.Command, "top-secret") ||
		!strings.Contains(ev.String(), "C: NOOP a ******** here") {
		t.Errorf("not concealed: %s\n%s", r.Command, ev)
	}
}
