package reply

import (
	"fmt"
	"strconv"
	"strings"

	"smtpsh/internal/lazyregexp"
)

// Want is a condition on a reply, made by [ParseWant] or by hand. Every field that is set
// must match; the zero Want matches every reply.
type Want struct {
	Codes    []string // patterns such as "250", "2xx", "25x"; one of them must match
	Enhanced string   // pattern such as "5.7.1" or "5.7.*"
	Contains string   // plain text that must be part of the reply's text
}

var (
	codePattern     = lazyregexp.New(`^[2-5][0-9xX][0-9xX]$`)
	enhancedPattern = lazyregexp.New(`^([245]|\*)\.([0-9]{1,3}|\*)(\.([0-9]{1,3}|\*))?$`)
)

// ParseWant parses a condition in the notation of tests and dialogues: "250", "2xx",
// "250|251", "5.7.*" or "550 5.7.1". The error names the invalid word.
func ParseWant(s string) (Want, error) {
	var w Want
	for _, word := range strings.Fields(s) {
		switch {
		case enhancedPattern().MatchString(word) && w.Enhanced == "":
			w.Enhanced = word
		case w.Codes == nil:
			codes := strings.Split(word, "|")
			for _, c := range codes {
				if !codePattern().MatchString(c) {
					return Want{}, fmt.Errorf("cannot expect %q: %q is neither a code such as 250 or 2xx nor an enhanced code such as 5.7.1 or 5.7.*", s,
						word)
				}
			}
			w.Codes = codes
		default:
			return Want{}, fmt.Errorf("cannot expect %q: %q is one word too many", s, word)
		}
	}
	if w.Codes == nil && w.Enhanced == "" {
		return Want{}, fmt.Errorf("cannot expect %q: want a code such as 250, 2xx or 5.7.*", s)
	}
	return w, nil
}

// Match reports whether the reply meets the condition.
func (w Want) Match(r *Reply) bool {
	if len(w.Codes) > 0 {
		ok := false
		var digits [20]byte
		code := digits[:0]
		for least := 100; least > 1 && r.Code < least; least /= 10 {
			code = append(code, '0') // a code has three digits, also 099
		}
		code = strconv.AppendInt(code, int64(r.Code), 10)
		for _, c := range w.Codes {
			ok = ok || matchDigits(c, code)
		}
		if !ok {
			return false
		}
	}
	if w.Enhanced != "" && !matchEnhanced(w.Enhanced, r.Enhanced) {
		return false
	}
	return w.Contains == "" || strings.Contains(r.Text(), w.Contains)
}

// String returns the condition in words for error texts, such as "250 or 251". [ParseWant]
// cannot read it.
func (w Want) String() string {
	var parts []string
	if len(w.Codes) > 0 {
		parts = append(parts, strings.Join(w.Codes, " or "))
	}
	if w.Enhanced != "" {
		parts = append(parts, w.Enhanced)
	}
	if w.Contains != "" {
		parts = append(parts, fmt.Sprintf("text with %q", w.Contains))
	}
	if len(parts) == 0 {
		return "any reply"
	}
	return strings.Join(parts, " ")
}

func matchDigits(pattern string, code []byte) bool {
	if len(pattern) != len(code) {
		return false
	}
	for i := range len(code) {
		if p := pattern[i]; p != 'x' && p != 'X' && p != code[i] {
			return false
		}
	}
	return true
}

func matchEnhanced(pattern string, e Enhanced) bool {
	if e.Class == 0 {
		return false
	}
	want := strings.Split(pattern, ".")
	got := strings.Split(e.String(), ".")
	for i, w := range want {
		if w != "*" && w != got[i] {
			return false
		}
	}
	return true
}
