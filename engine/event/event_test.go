package event_test

import (
	"testing"

	"smtpsh/engine/event"
)

func TestTee(t *testing.T) {
	if event.Tee() != nil || event.Tee(nil, nil) != nil {
		t.Error("a tee of nothing must be nil")
	}
	var order []int
	o := event.Tee(event.Func(func(*event.Event) { order = append(order, 1) }), nil,
		event.Func(func(*event.Event) { order = append(order, 2) }))
	o.Observe(&event.Event{Kind: event.Note})
	if len(order) != 2 || order[0] != 1 || order[1] != 2 {
		t.Errorf("observers were called as %v", order)
	}
}

func TestKindsHaveUniqueNames(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range event.Kinds() {
		if n := k.String(); n == "" || n == "unknown" || seen[n] {
			t.Errorf("kind %d: name %q is empty or used twice", k, n)
		}
		seen[k.String()] = true
	}
}
