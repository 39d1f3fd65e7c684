package load

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// showDuration returns three digits and a unit.
func showDuration(d time.Duration) string {
	switch {
	case d == 0:
		return "0"
	case d < time.Microsecond:
		return fmt.Sprintf("%d ns", d)
	case d < time.Millisecond:
		return digits3(float64(d)/1e3) + " µs"
	case d < time.Second:
		return digits3(float64(d)/1e6) + " ms"
	}
	return digits3(d.Seconds()) + " s"
}

// digits3 returns a number with three digits, or all digits before the point.
func digits3(f float64) string {
	switch {
	case f < 9.995:
		return strconv.FormatFloat(f, 'f', 2, 64)
	case f < 99.95:
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	return strconv.FormatFloat(f, 'f', 0, 64)
}

// showCount groups digits by three.
func showCount(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return s
}

// showRate returns a rate: a whole number if it is large.
func showRate(f float64) string {
	if f >= 1000 {
		return showCount(int64(f + 0.5))
	}
	return digits3(f)
}

// showShare writes a percentage. A small share above 0 is not shown as 0.
func showShare(f float64) string {
	switch {
	case f == 0 || f == 100:
		return fmt.Sprintf("%.0f %%", f)
	case f < 0.01:
		return "< 0.01 %"
	case f > 99.99:
		return "> 99.99 %"
	case f < 10 || f > 99:
		return fmt.Sprintf("%.2f %%", f)
	}
	return fmt.Sprintf("%.1f %%", f)
}

// showOctets returns a size.
func showOctets(n int64) string {
	switch {
	case n < 10_000:
		return showCount(n) + " bytes"
	case n < 10_000_000:
		return digits3(float64(n)/1e3) + " kB"
	case n < 10_000_000_000:
		return digits3(float64(n)/1e6) + " MB"
	}
	return digits3(float64(n)/1e9) + " GB"
}

// plural returns a number with its noun.
func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if before, ok := strings.CutSuffix(noun, "y"); ok {
		return showCount(n) + " " + before + "ies"
	}
	return showCount(n) + " " + noun + "s"
}

// Widths of the report as text.
const (
	margin    = 9  // after a title
	textWidth = 79 // of a line
)

// wrap breaks a text into lines that are indented, except the first, which the caller has
// already indented.
func wrap(s string, indent int) string {
	var b strings.Builder
	width := indent
	for i, w := range unbroken(s) {
		n := len([]rune(w))
		switch {
		case i == 0:
		case width+1+n > textWidth:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			width = indent
		default:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(w)
		width += n
	}
	return b.String()
}

// unbroken splits a text into words; a number stays with its unit.
func unbroken(s string) []string {
	var out []string
	for _, w := range strings.Fields(s) {
		if n := len(out); n > 0 && strings.IndexByte("0123456789", out[n-1][len(out[n-1])-1]) >= 0 {
			out[n-1] += " " + w
			continue
		}
		out = append(out, w)
	}
	return out
}

// Line returns the progress line for a terminal, most important figures first.
func (l *Snapshot) Line() string {
	parts := []string{fmt.Sprintf("%4.0f s", l.Elapsed.Seconds())}
	switch {
	case l.Ending:
		parts = append(parts, "ending")
	case l.Warming:
		parts = append(parts, "warming up")
	}
	parts = append(parts, showRate(l.Rate)+" runs/s")
	if l.P99 > 0 {
		parts = append(parts, "p50 "+showDuration(l.P50), "p99 "+showDuration(l.P99))
	}
	parts = append(parts, plural(l.Sessions, "session")+fmt.Sprintf(" (%d busy)", l.Busy), plural(l.Runs, "run"))
	if l.Failed > 0 {
		parts = append(parts, showCount(l.Failed)+" failed")
	}
	if l.Refused > 0 {
		parts = append(parts, plural(l.Refused, "refusal"))
	}
	if l.Waiting > 0 {
		parts = append(parts, showCount(l.Waiting)+" waiting")
	}
	return strings.Join(parts, "   ")
}
