package duration_test

import (
	"errors"
	"testing"
	"time"

	"smtpsh/internal/duration"
)

func TestNumberWithoutUnitMeansSeconds(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"5": 5 * time.Second, "0.5": 500 * time.Millisecond, "0": 0,
		"90s": 90 * time.Second, "1m30s": 90 * time.Second,
		"200ms": 200 * time.Millisecond, "-3": -3 * time.Second,
	} {
		if got, err := duration.Parse(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "s", "5 s", "five", "1e3", "5x", "0x10", "99999999999999999999"} {
		if d, err := duration.Parse(text); !errors.Is(err, duration.ErrForm) {
			t.Errorf("%s: %v, %v", text, d, err)
		}
	}
}
