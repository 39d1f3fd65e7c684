package load

import (
	"testing"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
)

// The cost of counting a command and its reply.
func BenchmarkTracker(b *testing.B) {
	rec := &Recorder{}
	t := rec.Track()
	now, line := time.Now(), []byte("NOOP\r\n")
	r := reply.Parse([]byte("250 2.0.0 OK\r\n"))
	b.ReportAllocs()
	for b.Loop() {
		t.Observe(&event.Event{Kind: event.CommandStart, Verb: "NOOP", Time: now})
		t.Observe(&event.Event{Kind: event.LineSent, Data: line, Time: now})
		t.Observe(&event.Event{Kind: event.ReplyDone, Verb: "NOOP", Reply: r, Took: time.Millisecond, Time: now})
	}
}
