package event_test

import (
	"fmt"

	"smtpsh/engine/event"
	"smtpsh/engine/secret"
)

// An observer that shows the lines of the client, with secrets masked.
func ExampleEvent_Masked() {
	o := event.Func(func(e *event.Event) {
		if e.Kind == event.LineSent {
			fmt.Printf("C: %s\n", e.Masked())
		}
	})
	o.Observe(&event.Event{Kind: event.LineSent, Data: []byte("AUTH PLAIN AGFubgBzZWNyZXQ="), Secrets: []secret.Span{{From: 11, To: 27}}})
	// Output: C: AUTH PLAIN ********
}
