package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"smtpsh/internal/sandbox"
)

// TestRules plays dialogues against servers with rules.
func TestRules(t *testing.T) {
	once := func(a sandbox.Action) []sandbox.Action { return []sandbox.Action{a} }
	say := func(texts ...string) []sandbox.Action {
		var out []sandbox.Action
		for _, x := range texts {
			out = append(out, sandbox.Action{Reply: x})
		}
		return out
	}
	const mail = "S: 220\nC: EHLO x\nS: 250\nC: MAIL FROM:<a@b.example>\nS: 250\n"
	for name, tt := range map[string]struct {
		rule     sandbox.Rule
		dialogue string
		messages int
	}{
		"fixed rejection": {
			sandbox.Rule{On: "RCPT", Sequence: say("450 4.2.1 busy")},
			mail + "C: RCPT TO:<bob@sandbox.test>\nS: 450 4.2.1 busy\nC: DATA\nS: 503", 0,
		},
		"greylisting": {
			sandbox.Rule{On: "rcpt", Sequence: say("450 4.7.1 later", "250 2.1.5 welcome")},
			mail + "C: RCPT TO:<bob@sandbox.test>\nS: 450\nC: RCPT TO:<bob@sandbox.test>\nS: 250 2.1.5 welcome\nC: RCPT TO:<bob@sandbox.test>\n" +
				"S: 250 2.1.5 welcome",
			0,
		},
		"nth": {
			sandbox.Rule{On: "NOOP", Nth: 2, Sequence: say("421 4.3.2 going")},
			"S: 220\nC: NOOP\nS: 250\nC: NOOP\nS: 421\nC: NOOP\nS: 250", 0,
		},
		"times": {sandbox.Rule{On: "NOOP", Times: 1, Sequence: say("500 what")}, "S: 220\nC: NOOP\nS: 500\nC: NOOP\nS: 250", 0},
		"by address": {
			sandbox.Rule{On: "RCPT", Match: "BOB@", Sequence: say("550 5.1.1 not bob")},
			mail + "C: RCPT TO:<ann@sandbox.test>\nS: 250\nC: RCPT TO:<bob@sandbox.test>\nS: 550",
			0,
		},
		"per argument": {
			sandbox.Rule{On: "RCPT", Per: "argument", Nth: 1, Sequence: say("450 once each")},
			mail + "C: RCPT TO:<ann@sandbox.test>\nS: 450\nC: RCPT TO:<bob@sandbox.test>\nS: 450\nC: RCPT TO:<ann@sandbox.test>\nS: 250",
			0,
		},
		"accepts all": {
			sandbox.Rule{On: "RCPT", Sequence: say("250 fine")},
			mail + "C: RCPT TO:<x@elsewhere.example>\nS: 250 fine\nC: DATA\nS: 354\nC: hi\nC: .\nS: 250",
			1,
		},
		"message": {
			sandbox.Rule{On: "MESSAGE", Sequence: say("554 5.6.0 no")},
			mail + "C: RCPT TO:<bob@sandbox.test>\nS: 250\nC: DATA\nS: 354\nC: hi\nC: .\nS: 554 5.6.0 no",
			0,
		},
		"wrong code": {
			sandbox.Rule{On: "DATA", Sequence: say("250 go")},
			mail + "C: RCPT TO:<bob@sandbox.test>\nS: 250\nC: DATA\nS: 250 go", 0,
		},
		"greeting": {sandbox.Rule{On: "CONNECT", Sequence: say("554 5.3.2 closed")}, "S: 554 5.3.2 closed", 0},
		"every command": {
			sandbox.Rule{On: "*", Nth: 2, Sequence: say("451 4.3.0 oops")},
			"S: 220\nC: NOOP\nS: 250\nC: RSET\nS: 451\nC: NOOP\nS: 250", 0,
		},
		"raw bytes":   {sandbox.Rule{On: "NOOP", Sequence: once(sandbox.Action{Raw: []byte("25")})}, "S: 220\nC: NOOP\nC: RSET\nS: 25250", 0},
		"drop before": {sandbox.Rule{On: "NOOP", Sequence: once(sandbox.Action{Drop: "before"})}, "S: 220\nC: NOOP\nS: closed", 0},
		"drop after":  {sandbox.Rule{On: "NOOP", Sequence: once(sandbox.Action{Drop: "after"})}, "S: 220\nC: NOOP\nS: 250\nS: closed", 0},
		"reset": {
			sandbox.Rule{On: "NOOP", Sequence: once(sandbox.Action{Drop: "before", Reset: true})},
			"S: 220\nC: NOOP\nS: closed", 0,
		},
		"slow drip": {
			sandbox.Rule{On: "NOOP", Sequence: once(sandbox.Action{Drip: time.Millisecond, Delay: time.Millisecond})},
			"S: 220\nC: NOOP\nS: 250", 0,
		},
		"second session": {sandbox.Rule{On: "NOOP", Session: 2, Sequence: say("500 not you")}, "S: 220\nC: NOOP\nS: 250", 0},
		"decides": {sandbox.Rule{On: "VRFY", Decide: func(c sandbox.Command) *sandbox.Action {
			if c.Arg == "me" {
				return &sandbox.Action{Reply: "250 you"}
			}
			return nil
		}}, "S: 220\nC: VRFY me\nS: 250 you\nC: VRFY nobody\nS: 252", 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, "plain")
			if err := s.On(tt.rule); err != nil {
				t.Fatal(err)
			}
			c := dial(t, s, "submission")
			c.dialogue(s, tt.dialogue)
			if n := len(s.Messages()); n != tt.messages {
				t.Errorf("%d messages", n)
			}
		})
	}
}

func TestRuleMistakes(t *testing.T) {
	s := start(t, "plain")
	for want, r := range map[string]sandbox.Rule{
		"requires a verb": {},
		"per:":            {On: "NOOP", Per: "moon"},
		"drop:":           {On: "NOOP", Sequence: []sandbox.Action{{Drop: "sometimes"}}},
		"cert:":           {On: "TLS", Sequence: []sandbox.Action{{Cert: "golden"}}},
		"is not a reply":  {On: "NOOP", Sequence: []sandbox.Action{{Reply: "2"}}},
		"is not a reply ": {On: "NOOP", Sequence: []sandbox.Action{{Reply: "250 a\r\nb"}}},
	} {
		if err := s.On(r); err == nil || !strings.Contains(err.Error(), strings.TrimSpace(want)) {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

func TestCommandsAreRemembered(t *testing.T) {
	s := start(t, "gmail")
	c := dial(t, s, "submission")
	c.dialogue(s,
		"S: 220\nC: EHLO x\nS: 250\nC: STARTTLS!\nC: EHLO x\nS: 250\nC: AUTH PLAIN AGFsaWNlQGdtYWlsLmNvbQBhYmNkZWZnaGlqa2xtbm9w\nS: 235\nC: "+
			"NOOP\nS: 250")
	var got []string
	for _, cmd := range s.Commands() {
		got = append(got, cmd.Line)
	}
	if want := "EHLO x;STARTTLS;EHLO x;AUTH PLAIN ********;NOOP"; strings.Join(got, ";") != want {
		t.Fatalf("%q", got)
	}
}

func TestFlawsAreKnown(t *testing.T) {
	if len(sandbox.Flaws()) < 30 {
		t.Fatalf("%d flaws", len(sandbox.Flaws()))
	}
	for _, f := range sandbox.Flaws() {
		if _, err := sandbox.LookupProfile("strict+" + f.Name); err != nil {
			t.Error(err)
		}
	}
	if _, err := sandbox.LookupProfile("strict+open-rely"); err == nil || !strings.Contains(err.Error(), "did you mean open-relay?") {
		t.Errorf("%v", err)
	}
}

func TestRuleChangesCapabilities(t *testing.T) {
	s := start(t, "plain")
	s.On(sandbox.Rule{On: "EHLO", Sequence: []sandbox.Action{{Without: []string{"SIZE", "help"}, With: []string{"XMAGIC 1"}}}})
	c := dial(t, s, "submission")
	c.dialogue(s, "S: 220")
	c.write("EHLO x\r\n")
	want := "250-sandbox.test greets x\n250-PIPELINING\n250-8BITMIME\n250-SMTPUTF8\n250-CHUNKING\n250-BINARYMIME\n250-DSN\n" +
		"250-ENHANCEDSTATUSCODES\n250-STARTTLS\n250 XMAGIC 1"
	if got := c.reply(); got != want {
		t.Fatalf("got %q", got)
	}
}
