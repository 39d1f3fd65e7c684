package dialogue_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"smtpsh/internal/dialogue"
	"smtpsh/transcript"
)

// longLogs are recordings that grow in different ways, of about n bytes.
var longLogs = []struct {
	name string
	make func(size int) string
}{
	{"text with many sessions", func(size int) string {
		var b strings.Builder
		for i := 0; b.Len() < size; i++ {
			fmt.Fprintf(&b,
				"* connected to sandbox:plain\nS: 220 plain.test ESMTP\nC: EHLO me\nS: 250-plain.test\nS: 250 HELP\nC: MAIL FROM:<a@b.example>\n"+
					"S: 250 2.1.0 OK\nC: NOOP %d\nS: 250 2.0.0 OK queued as A%dB8\nC: QUIT\nS: 221 2.0.0 bye\n* connection closed\n",
				i, i)
		}
		return b.String()
	}},
	{"text with a long message", func(size int) string {
		head := "* connected to sandbox:plain\nS: 220 plain.test ESMTP\nC: EHLO me\nS: 250 HELP\nC: DATA\nS: 354 go on\n"
		return head + strings.Repeat("C: hello world, hello world\n", size/28) + "C: .\nS: 250 OK\nC: QUIT\nS: 221 bye\n"
	}},
	{"text with a long reply", func(size int) string {
		return "* connected to sandbox:plain\nS: 220 plain.test ESMTP\nC: HELP\n" + strings.Repeat("S: 214-this is of help to somebody\n",
			size/35) + "S: 214 end\nC: QUIT\nS: 221 bye\n"
	}},
	{"JSON with many sessions", func(size int) string {
		var b strings.Builder
		for i := 0; b.Len() < size; i++ {
			for _, e := range [][2]string{
				{"connected", ""}, {"line-received", "220 plain.test\r\n"},
				{"line-sent", "AUTH PLAIN ****\r\n"}, {"line-received", "235 2.7.0 OK\r\n"},
				{"line-sent", "QUIT\r\n"}, {"line-received", "221 bye\r\n"},
			} {
				b.WriteString(record(fmt.Sprint(i), e[0], e[1], false))
			}
		}
		return b.String()
	}},
	{"JSON with a long message", func(size int) string {
		line := record("1", "line-sent", "hello world, hello world\r\n", true)
		return record("1", "connected", "", false) + record("1", "line-received", "220 plain.test\r\n", false) +
			record("1", "line-sent", "DATA\r\n", false) + record("1",
			"line-received", "354 go on\r\n", false) +
			strings.Repeat(line, size/len(line)) + record("1", "line-sent", ".\r\n", false) + record("1", "line-received", "250 OK\r\n", false)
	}},
}

func record(session, event, data string, content bool) string {
	r := transcript.Record{Session: session, Event: event, Content: content}
	if data != "" {
		r.Data = &data
	}
	if event == "connected" {
		r.Target = "sandbox:plain"
	}
	b, err := json.Marshal(&r)
	if err != nil {
		panic(err)
	}
	return string(b) + "\n"
}

// convert does what record2test does.
func convert(tb testing.TB, log string) {
	rec, err := dialogue.Read(tb.Context(), strings.NewReader(log))
	if err != nil {
		tb.Fatal(err)
	}
	if len(rec.WriteDialogue("x")) < len(log)/20 || rec.WriteLua("x") == "" {
		tb.Fatal("there is too little in the test for its log")
	}
}

// TestMemoryGrowsWithTheLog compares the allocated memory for a log with that for one of
// twice the length. Quadratic growth would need four times as much.
func TestMemoryGrowsWithTheLog(t *testing.T) {
	const size = 256 << 10
	allocated := func(log string) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		convert(t, log)
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	for _, l := range longLogs {
		convert(t, l.make(1<<12)) // tables and patterns are made only once
		one, two := allocated(l.make(size)), allocated(l.make(2*size))
		ratio, each := float64(two)/float64(one), one/size
		t.Logf("%s: %.2f times as much for twice the log, %d bytes for each of its bytes", l.name, ratio, each)
		if ratio > 2.6 {
			t.Errorf("%s: twice the log takes %.1f times the memory", l.name, ratio)
		}
		if each > 400 && !raceEnabled { // with the race detector, pools keep little memory
			t.Errorf("%s: %d bytes are allocated for each byte of the log", l.name, each)
		}
	}
}

// BenchmarkRecordings reports the ratio of the times for two logs, one twice as long as the
// other, the best of each, measured in turns within one run: 2 is linear, 4 is quadratic.
func BenchmarkRecordings(b *testing.B) {
	const size = 1 << 20
	for _, l := range longLogs {
		b.Run(strings.ReplaceAll(l.name, " ", "-"), func(b *testing.B) {
			one, two := l.make(size), l.make(2*size)
			b.SetBytes(int64(len(one) + len(two)))
			b.ReportAllocs()
			var took [2]time.Duration
			for b.Loop() {
				for i, log := range []string{one, two} {
					begun := time.Now()
					convert(b, log)
					if d := time.Since(begun); took[i] == 0 || d < took[i] { // other programs use the machine too
						took[i] = d
					}
				}
			}
			b.ReportMetric(float64(took[1])/float64(took[0]), "times/double")
		})
	}
}

// TestReadingIsInterrupted: the end of the context ends the reading of a long log.
func TestReadingIsInterrupted(t *testing.T) {
	enough := errors.New("that is enough")
	ctx, stop := context.WithCancelCause(t.Context())
	stop(enough)
	for _, l := range longLogs {
		if _, err := dialogue.Read(ctx, strings.NewReader(l.make(1<<20))); !errors.Is(err, enough) {
			t.Errorf("%s: %v", l.name, err)
		}
	}
}
