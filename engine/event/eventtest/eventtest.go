package eventtest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/engine/secret"
)

// Secret is a text that Check sends through an observer as a secret; it must not
// be in what the observer shows.
const Secret = "correct-horse-battery"

// Check sends every kind of event through an observer and returns what is wrong
// with it. shown returns what the observer has written so far; it may be nil for
// observers that write nothing.
func Check(o event.Observer, shown func() string) error {
	var problems []string
	note := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	for _, e := range sample() {
		if err := observe(o, e); err != nil {
			note("%v", err)
		}
		// overwrite the memory of the event: an observer that kept it shows wrong text
		for i := range e.Data {
			e.Data[i] = '#'
		}
		*e = event.Event{}
	}
	if shown != nil {
		out := shown()
		if strings.Contains(out, Secret) {
			note("a secret is shown")
		}
		if strings.Contains(out, "####") {
			note("bytes were kept after Observe had returned")
		}
		if strings.ContainsAny(out, "\x1b\x07\x00") {
			note("control bytes of the server's making are shown")
		}
	}
	if len(problems) > 0 {
		return errors.New(strings.Join(problems, "; "))
	}
	return nil
}

func observe(o event.Observer, e *event.Event) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v: panic: %v", e.Kind, r)
		}
	}()
	o.Observe(e)
	return nil
}

// sample is a short session with all kinds of events, and an empty event of each kind.
func sample() []*event.Event {
	at := time.Unix(1700000000, 0)
	line := "AUTH PLAIN " + Secret + "\r\n"
	evil := "250 \x1b]0;title\x07 \x00\r\n"
	events := []*event.Event{
		{Kind: event.Dialing, Addr: "192.0.2.1:25"},
		{Kind: event.DialFailed, Addr: "192.0.2.1:25", Err: errors.New("connection refused")},
		{Kind: event.Connected, Addr: "192.0.2.2:25"},
		{Kind: event.LineReceived, Data: []byte("220 ready\r\n")},
		{Kind: event.LineSent, Verb: "AUTH", Data: []byte(line), Secrets: []secret.Span{{From: 11, To: 11 + len(Secret)}}},
		{Kind: event.LineReceived, Data: []byte(evil)},
		{Kind: event.ReplyDone, Reply: reply.Parse([]byte("250 ok\r\n")), Took: time.Millisecond},
		{Kind: event.ChunkSent, Data: []byte("Subject: x\r\n\r\nbo"), Content: true},
		{Kind: event.ChunkSent, Data: []byte("dy\r\n"), Content: true},
		{Kind: event.Progress, Sent: 20, Total: 20},
		{Kind: event.LineSent, Data: []byte(".\r\n")},
		{Kind: event.Closed, Err: errors.New("reset")},
	}
	for _, k := range event.Kinds() {
		e := &event.Event{Kind: k}
		if k == event.ReplyDone {
			e.Reply = &reply.Reply{}
		}
		events = append(events, e)
	}
	events = append(events, &event.Event{Kind: 250})
	for i, e := range events {
		e.Time = at.Add(time.Duration(i) * time.Millisecond)
	}
	return events
}
