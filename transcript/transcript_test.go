package transcript_test

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/event/eventtest"
	"smtpsh/engine/reply"
	"smtpsh/engine/secret"
	"smtpsh/transcript"
)

func TestSinksKeepTheRules(t *testing.T) {
	t.Run("text", func(t *testing.T) {
		var b bytes.Buffer
		if err := eventtest.Check(transcript.NewText(&b, transcript.TextOptions{}), b.String); err != nil {
			t.Errorf("%v\n%s", err, b.String())
		}
	})
	t.Run("JSON", func(t *testing.T) {
		var b bytes.Buffer
		if err := eventtest.Check(transcript.NewJSON(&b, transcript.MaskSecrets), b.String); err != nil {
			t.Errorf("%v\n%s", err, b.String())
		}
		for l := range strings.Lines(b.String()) {
			var r transcript.Record
			if err := json.Unmarshal([]byte(l), &r); err != nil || r.Event == "" {
				t.Errorf("%q: %v", l, err)
			}
		}
	})
	t.Run("log", func(t *testing.T) {
		l := transcript.NewLog()
		if err := eventtest.Check(l, func() string { return l.Text(0, transcript.WithTimes) }); err != nil {
			t.Error(err)
		}
	})
}

func TestTheConformanceCheckFindsFaults(t *testing.T) {
	var b strings.Builder
	careless := event.Func(func(e *event.Event) { b.Write(e.Data) })
	if err := eventtest.Check(careless, b.String); err == nil {
		t.Error("an observer that shows secrets and control bytes passed")
	}
	var kept [][]byte
	keeper := event.Func(func(e *event.Event) { kept = append(kept, e.Data) })
	if err := eventtest.Check(keeper, func() string { return string(bytes.Join(kept, nil)) }); err == nil {
		t.Error("an observer that keeps what it was lent passed")
	}
	if err := eventtest.Check(event.Func(func(e *event.Event) { _ = e.Err.Error() }), nil); err == nil {
		t.Error("an observer that panics passed")
	}
}

func play(o event.Observer, events ...event.Event) {
	at := time.Unix(1700000000, 0)
	for i := range events {
		events[i].Time = at.Add(time.Duration(i) * 10 * time.Millisecond)
		o.Observe(&events[i])
	}
}

func TestText(t *testing.T) {
	content := func(s string) event.Event { return event.Event{Kind: event.ChunkSent, Content: true, Data: []byte(s)} }
	events := []event.Event{
		{Kind: event.LineReceived, Data: []byte("220 hi\r\n")},
		{Kind: event.LineSent, Data: []byte("AUTH PLAIN abcd\r\n"), Secrets: []secret.Span{{From: 11, To: 15}}},
		{Kind: event.LineReceived, Data: []byte("535 \x1b[2Jno\n")},
		{Kind: event.ChunkSent, Data: []byte("NO")},
		content("Subject: x\r\n\r"), content("\none\r\ntw"), content("o\r\nthree\r\nfour\r\n"),
		{Kind: event.LineSent, Data: []byte(".\r\n")},
		{Kind: event.Finding, Text: "odd"},
	}
	for _, tt := range []struct {
		name string
		o    transcript.TextOptions
		want string
	}{
		{
			"plain", transcript.TextOptions{ContentLines: 4},
			"S: 220 hi\nC: AUTH PLAIN ********\nS: 535 \\x1b[2Jno\\n\nC: NO  (no line end)\nC: Subject: x\nC: \nC: one\nC: two\n*  13 more " +
				"bytes of the message are not shown\nC: .\n*  finding: odd\n",
		},
		{
			"secrets and all content",
			transcript.TextOptions{ContentLines: -1, ShowSecrets: true},
			"S: 220 hi\nC: AUTH PLAIN abcd\nS: 535 \\x1b[2Jno\\n\nC: NO  (no line end)\nC: Subject: x\nC: \nC: one\nC: two\nC: three\nC: four\n" +
				"C: .\n*  finding: odd\n",
		},
		{
			"server's side", transcript.TextOptions{Server: true, ContentLines: 1},
			"C: 220 hi\nS: AUTH PLAIN ********\nC: 535 \\x1b[2Jno\\n\nS: NO  (no line end)\nS: Subject: x\n*  25 more bytes of the message " +
				"are not shown\nS: .\n*  finding: odd\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			play(transcript.NewText(&b, tt.o), events...)
			if b.String() != tt.want {
				t.Errorf("got\n%swant\n%s", b.String(), tt.want)
			}
		})
	}
	t.Run("timings and colour", func(t *testing.T) {
		var b strings.Builder
		play(transcript.NewText(&b, transcript.TextOptions{Timings: true, Color: true}), events[:2]...)
		if want := "  0.000 S: \x1b[1;32m220 hi\x1b[0m\n  0.010 \x1b[1mC: AUTH PLAIN ********\x1b[0m\n"; b.String() != want {
			t.Errorf("got %q, want %q", b.String(), want)
		}
	})
}

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                  "plain",
		"Grüße 漢字 😀":             "Grüße 漢字 😀",
		"\x1b[2J\a\b\r\n\t\x00":  `\x1b[2J\x07\x08\x0d\x0a\x09\x00`,
		"\u009b31m":              `\xc2\x9b31m`,
		"\xff\xfe":               `\xff\xfe`,
		"a\u202eb\u200bc\ufeffd": `a\xe2\x80\xaeb\xe2\x80\x8bc\xef\xbb\xbfd`,
		"a\u2066b\u00add\u2028e": `a\xe2\x81\xa6b\xc2\xadd\xe2\x80\xa8e`,
	} {
		if got := transcript.Escape(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestLogIsBounded(t *testing.T) {
	l := transcript.NewLog()
	for i := range 10000 {
		l.Observe(&event.Event{Kind: event.LineSent, Data: []byte("NOOP " + strings.Repeat("x", i%7) + "\r\n"), Time: time.Unix(int64(i), 0)})
	}
	e := l.Entries()
	if len(e) > 3001 || e[0].At != 0 || e[len(e)-1].At != 9999*time.Second {
		t.Fatalf("%d entries from %v to %v", len(e), e[0].At, e[len(e)-1].At)
	}
	if !strings.Contains(l.Text(0, transcript.WithoutTimes), "*  7000 lines are not shown here") {
		t.Error("the gap is not told")
	}
	if got := strings.Count(l.Text(5, transcript.WithoutTimes), "\n"); got != 6 {
		t.Errorf("the last 5 lines are %d", got)
	}
}

// Only a part of a very long reply is shown, with the amount that is omitted.
func TestLongRepliesAreCut(t *testing.T) {
	var b bytes.Buffer
	sink := transcript.NewText(&b, transcript.TextOptions{})
	log := transcript.NewLog()
	both := event.Tee(sink, log)
	for range 100 {
		for range 17 {
			both.Observe(&event.Event{Kind: event.LineReceived, Data: []byte("250-" + strings.Repeat("\x1b", 3000) + "\r\n")})
		}
		both.Observe(&event.Event{Kind: event.ReplyDone, Reply: reply.Parse([]byte("250 x\r\n"))})
		both.Observe(&event.Event{Kind: event.LineSent, Data: []byte("NOOP\r\n")})
	}
	if got := b.String(); !strings.Contains(got, "*  14 further lines of the reply are not shown (42084 bytes)\nC: NOOP\n") ||
		b.Len() > 100*(maxShown+13000) {
		t.Errorf("%d bytes: %.200s", b.Len(), got)
	}
	if n := len(log.Text(0, transcript.WithoutTimes)); n > 6<<20 {
		t.Errorf("the log has %d bytes", n)
	}
}

const maxShown = 32 << 10

// All transcripts together stay within the limit, for any number of sessions; a single one
// is kept completely.
func TestLogsShareABudget(t *testing.T) {
	line := func(l *transcript.Log, text string) {
		l.Observe(&event.Event{Kind: event.LineSent, Time: time.Now(), Data: []byte(text + "\r\n")})
	}
	var budget transcript.Budget
	var logs []*transcript.Log
	for range 1000 {
		logs = append(logs, budget.NewLog())
	}
	for i := range 500 {
		for _, l := range logs {
			line(l, "NOOP "+strconv.Itoa(i))
		}
	}
	for _, l := range logs {
		if e := l.Entries(); len(e) > 100 || e[0].Text != "NOOP 0" || e[len(e)-1].Text != "NOOP 499" {
			t.Fatalf("%d lines are kept, from %q to %q", len(e), e[0].Text, e[len(e)-1].Text)
		}
	}
	for _, l := range logs[1:] {
		l.Leave()
		l.Leave()
	}
	alone := budget.NewLog()
	for i := range 900 {
		line(alone, strconv.Itoa(i))
	}
	if n := len(alone.Entries()); n != 900 {
		t.Errorf("%d lines of 900 are kept", n)
	}
}
