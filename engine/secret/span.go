package secret

import (
	"cmp"
	"slices"
)

// Mask is the text that replaces each secret in output.
const Mask = "********"

// Span is a range of bytes, Data[From:To], that holds a secret.
type Span struct{ From, To int }

// Sort puts spans into the order of their beginnings, which [MaskSpans] requires.
func Sort(spans []Span) {
	slices.SortStableFunc(spans, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
}

// MaskSpans replaces the given ranges of data by [Mask]. Ranges must be in order;
// those that overlap are joined, those outside data are cut to it. Without ranges
// it returns data itself.
func MaskSpans(data []byte, spans []Span) []byte {
	if len(spans) == 0 {
		return data
	}
	out := make([]byte, 0, len(data)+len(Mask))
	at, masked := 0, false
	for _, s := range spans {
		from, to := max(s.From, at), min(s.To, len(data))
		if from >= to {
			continue
		}
		if !masked || from > at {
			out = append(out, data[at:from]...)
			out = append(out, Mask...) //mutant:secrets-in-typed-lines-are-masked is "Mask" "data[from:to]"
		}
		at, masked = to, true
	}
	return append(out, data[at:]...)
}
