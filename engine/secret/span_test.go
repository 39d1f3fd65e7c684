package secret_test

import (
	"testing"

	"smtpsh/engine/secret"
)

func TestMaskSpans(t *testing.T) {
	const m = secret.Mask
	tests := []struct {
		name, data string
		spans      []secret.Span
		want       string
	}{
		{"none", "AUTH PLAIN abc\r\n", nil, "AUTH PLAIN abc\r\n"},
		{"one", "AUTH PLAIN abc\r\n", []secret.Span{{11, 14}}, "AUTH PLAIN " + m + "\r\n"},
		{"whole line", "abc\r\n", []secret.Span{{0, 3}}, m + "\r\n"},
		{"two", "a secret b secret", []secret.Span{{2, 8}, {11, 17}}, "a " + m + " b " + m},
		{"overlapping", "abcdef", []secret.Span{{1, 4}, {2, 5}}, "a" + m + "f"},
		{"touching", "abcdef", []secret.Span{{1, 3}, {3, 5}}, "a" + m + "f"},
		{"outside", "abc", []secret.Span{{1, 99}}, "a" + m},
		{"empty", "abc", []secret.Span{{1, 1}}, "abc"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(secret.MaskSpans([]byte(tt.data), tt.spans)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
