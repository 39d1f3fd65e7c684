package event_test

import (
	"testing"

	"smtpsh/engine/event"
)

func TestMaskSpans(t *testing.T) {
	const m = event.Mask
	tests := []struct {
		name, data string
		spans      []event.Span
		want       string
	}{
		{"none", "AUTH PLAIN abc\r\n", nil, "AUTH PLAIN abc\r\n"},
		{"one", "AUTH PLAIN abc\r\n", []event.Span{{11, 14}}, "AUTH PLAIN " + m + "\r\n"},
		{"whole line", "abc\r\n", []event.Span{{0, 3}}, m + "\r\n"},
		{"two", "a secret b secret", []event.Span{{2, 8}, {11, 17}}, "a " + m + " b " + m},
		{"overlapping", "abcdef", []event.Span{{1, 4}, {2, 5}}, "a" + m + "f"},
		{"touching", "abcdef", []event.Span{{1, 3}, {3, 5}}, "a" + m + "f"},
		{"outside", "abc", []event.Span{{1, 99}}, "a" + m},
		{"empty", "abc", []event.Span{{1, 1}}, "abc"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(event.MaskSpans([]byte(tt.data), tt.spans)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

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
