package engine_test

import (
	"context"
	"errors"
	"testing"

	"smtpsh/engine"
	"smtpsh/engine/event"
)

func TestListen(t *testing.T) {
	said := make(chan struct{})
	var closed []string
	seen := event.Func(func(e *event.Event) {
		if e.Kind == event.Closed {
			closed = append(closed, e.Text)
		}
	})
	s := open(t, fake(t, `
S: 220 x
C: NOOP
S: 250 OK
C: NOOP
S> 250 OK\r\n421 4.4.2 good bye\r\n
CLOSE
`), engine.Options{Observer: seen})

	// data that arrives after the end of Listen changes nothing
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-said
		cancel()
	}()
	close(said)
	if heard, err := s.Listen(ctx); heard || err != nil {
		t.Fatalf("%v, %v", heard, err)
	}
	for range 2 {
		if r, err := s.Noop(t.Context(), ""); err != nil || r.Code != 250 {
			t.Fatalf("%v, %v", r, err)
		}
	}
	// bytes that answer no command are reported and can be read
	if heard, err := s.Listen(t.Context()); !heard || err != nil {
		t.Fatalf("%v, %v", heard, err)
	}
	if r, err := s.ReadReply(t.Context(), 0); err != nil || r.Code != 421 {
		t.Fatalf("%v, %v", r, err)
	}
	// the end is an error, also later
	for range 2 {
		if heard, err := s.Listen(t.Context()); heard || !errors.Is(err, engine.ErrClosed) {
			t.Fatalf("%v, %v", heard, err)
		}
	}
	if len(closed) != 1 || s.Err() == nil {
		t.Errorf("closed %q, %v", closed, s.Err())
	}
}
