package duration

import (
	"errors"
	"fmt"
	"math"
	"time"

	"smtpsh/internal/lazyregexp"
)

// ErrForm is the error for a text that is not a length of time. It describes the form.
var ErrForm = errors.New("write a number of seconds, or numbers with units, such as 90s, 1m30s or 200ms")

// plain matches a number without a unit. An exponent or a sign would be a typing error.
var plain = lazyregexp.New(`^-?[0-9]+(\.[0-9]+)?$`)

// Parse parses a length of time: 5 and 0.5 are seconds, 90s, 1m30s and 200ms have their
// unit. The error wraps [ErrForm]. Negative values are valid; the caller checks them.
func Parse(s string) (time.Duration, error) {
	text := s
	if plain().MatchString(s) {
		text += "s"
	}
	d, err := time.ParseDuration(text)
	if err != nil || d == math.MinInt64 {
		return 0, fmt.Errorf("%q is not a duration: %w", s, ErrForm)
	}
	return d, nil
}
