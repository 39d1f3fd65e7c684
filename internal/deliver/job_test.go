package deliver_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/internal/deliver"
	"smtpsh/internal/fakeserver"
	"smtpsh/internal/message"
)

// TestSend plays a server for each message. "|" stands for a line end in the message.
func TestSend(t *testing.T) {
	offers := func(keywords ...string) string {
		s := "S: 220 hi\nC: EHLO\nS: 250-x\n"
		for _, k := range keywords {
			s += "S: 250-" + k + "\n"
		}
		return s + "S: 250 HELP\n"
	}
	const (
		ok   = "S: 250 ok\n"
		mail = "C: MAIL FROM:<a@x>\n" + ok
		rcpt = "C: RCPT TO:<b@x>\n" + ok
		data = "C: DATA\nS: 354 go\n"
		noop = "C: NOOP\n" + ok
	)
	for _, tt := range []struct {
		name, script, message string
		job                   deliver.Job
		kind                  error
		want                  string // in the error
		rule                  deliver.Rule
		reencoded             bool
		notes                 string
	}{
		{name: "as it is", script: offers() + mail + rcpt + data + "C: A: b\nC: \nC: ..dot\nC: .\n" + ok + noop, message: "A: b||.dot|"},
		{name: "its size", script: offers("SIZE 100") + "C: MAIL FROM:<a@x> SIZE=11\n" + ok + rcpt + data + "C: A: b\nC: \nC: x\nC: .\n" + ok +
			noop,
			message: "A: b||x"},
		{name: "too large", script: offers("SIZE 10") + noop, message: "A: b||x", kind: engine.ErrUsage,
			want: "11 bytes, and the server accepts at most 10", rule: deliver.Size},
		{name: "too large, and sent", script: offers("SIZE 10") + mail + rcpt + data + "C: A: b\nC: \nC: x\nC: .\n" + ok + noop,
			message: "A: b||x",
			job:     deliver.Job{Ignore: []deliver.Rule{deliver.Size}}},
		{name: "8BITMIME", script: offers("8BITMIME") + "C: MAIL FROM:<a@x> BODY=8BITMIME\n" + ok + rcpt + data +
			"C: A: b\nC: \nC: grün\nC: .\n" + ok +
			noop, message: "A: b||grün|"},
		{name: "no 8BITMIME", script: offers() + mail + rcpt + data +
			"C: MIME-Version: 1.0\nC: A: b\nC: Content-Type: text/plain; charset=utf-8\n" +
			"C: Content-Transfer-Encoding: quoted-printable\nC: \nC: gr=C3=BCn\nC: .\n" + ok + noop, message: "A: b||grün|", reencoded: true,
			notes: "the message is encoded again for this server: it does not offer 8BITMIME"},
		{name: "no 8BITMIME, and sent", script: offers() + mail + rcpt + data + "C: A: b\nC: \nC: grün\nC: .\n" + ok + noop,
			message: "A: b||grün|",
			job:     deliver.Job{Ignore: []deliver.Rule{deliver.EightBit}}},
		{name: "a signed message", script: offers() + mail + rcpt + data + "C* .\n" + ok + noop, message: "DKIM-Signature: v=1|Subject: grün||x|",
			reencoded: true, notes: "the message is encoded again for this server: it does not offer SMTPUTF8\n" +
				"the message has a DKIM-Signature field: this signature is no longer valid"},
		{name: "SMTPUTF8", script: offers("8BITMIME", "SMTPUTF8") + "C: MAIL FROM:<a@x> BODY=8BITMIME SMTPUTF8\n" + ok + rcpt + data +
			"C: Subject: grün\nC: \nC: x\nC: .\n" + ok + noop, message: "Subject: grün||x|"},
		{name: "a local part that is not ASCII", script: offers() + noop, message: "To: grün@x||x|", kind: engine.ErrUsage, want: "is not ASCII",
			rule: deliver.UTF8},
		{name: "a text in an unknown character set", script: offers() + noop, message: "A: b||gr\xfcn|", kind: engine.ErrUsage, want: "not UTF-8",
			rule: deliver.EightBit},
		{name: "a long line", script: offers() + mail + rcpt + data + "C* .\n" + ok + noop, message: "A: b||" + strings.Repeat("x", 999) + "|",
			reencoded: true, notes: "the message is encoded again for this server: line 3 has 999 bytes, more than 998"},
		{name: "a long line, and sent", script: offers() + mail + rcpt + data + "C: A: b\nC: \nC: " + strings.Repeat("x", 999) + "\nC: .\n" +
			ok + noop,
			message: "A: b||" + strings.Repeat("x", 999) + "|", job: deliver.Job{Ignore: []deliver.Rule{deliver.LongLines}}},
		{name: "a NUL", script: offers("8BITMIME") + noop, message: "A: b||x\x00y|", kind: engine.ErrUsage, want: "line 3 has a NUL",
			rule: deliver.NUL},
		{name: "one of two recipients", script: offers() + mail + rcpt + "C: RCPT TO:<c@x>\nS: 550 no\n" + data + "C* .\n" + ok + noop,
			message: "A: b||x|", job: deliver.Job{Recipients: []string{"b@x", "c@x"}}},
		{name: "all or nothing", script: offers() + mail + rcpt + "C: RCPT TO:<c@x>\nS: 550 no\n" + noop, message: "A: b||x|",
			job: deliver.Job{Recipients: []string{"b@x", "c@x"}, AllOrNothing: true}, kind: engine.ErrRefused, want: "550 no"},
		{name: "a second reply",
			script: offers() + mail + rcpt + data + "C* .\n" + `S> 250 ok\r\n452 disk full\r\n` + "\nHANG", message: "A: b||x|",
			kind: engine.ErrProtocol, want: "it is not known whether"},
		{name: "stop after RCPT", script: offers() + mail + rcpt + noop, message: "A: b||x|", job: deliver.Job{StopAfter: "RCPT"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			addr := fakeserver.Script(t, tt.script)
			s, err := engine.Dial(t.Context(), engine.Target{Network: "tcp", Host: "127.0.0.1", Port: addr.Port},
				engine.Options{Timeouts: engine.UniformTimeouts(hang)})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if _, err := s.Ehlo(t.Context(), "me"); err != nil {
				t.Fatal(err)
			}
			text := strings.ReplaceAll(tt.message, "|", "\r\n")
			m, err := message.ReadFinished(strings.NewReader(text), int64(len(text)))
			if err != nil {
				t.Fatal(err)
			}
			var notes []string
			job := tt.job
			job.From, job.Message, job.SpoolLimit = "a@x", m, 1<<20
			job.Note = func(s string) { notes = append(notes, s) }
			if job.Recipients == nil {
				job.Recipients = []string{"b@x"}
			}
			got, err := job.Send(t.Context(), s)
			if tt.kind == nil && err != nil || tt.kind != nil && (!errors.Is(err, tt.kind) || !strings.Contains(fmt.Sprint(err), tt.want)) {
				t.Errorf("%v, want %v with %q", err, tt.kind, tt.want)
			}
			var unfit *deliver.UnfitError
			if errors.As(err, &unfit) != (tt.rule != "") || unfit != nil && unfit.Rule != tt.rule {
				t.Errorf("%v breaks the rule %v, want %q", err, unfit, tt.rule)
			}
			if got.Reencoded != tt.reencoded || strings.Join(notes, "\n") != tt.notes {
				t.Errorf("encoded again: %v, notes %q", got.Reencoded, notes)
			}
			if tt.name == "one of two recipients" && fmt.Sprint(got.Accepted()) != "[b@x]" {
				t.Errorf("accepted for %v", got.Accepted())
			}
			if strings.HasSuffix(tt.script, noop) {
				if _, err := s.Noop(t.Context(), ""); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// hang is a limit that no step may reach.
const hang = 20 * time.Second

func TestRulesAreKnown(t *testing.T) {
	for _, r := range deliver.Rules {
		if !deliver.Known(string(r.Rule)) || r.Doc == "" || r.RFC == "" {
			t.Errorf("%+v", r)
		}
	}
	if deliver.Known("nothing") {
		t.Error("an unknown rule is known")
	}
}
