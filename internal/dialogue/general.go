package dialogue

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"smtpsh/engine/reply"
	"smtpsh/engine/secret"
	"smtpsh/internal/lazyregexp"
)

// volatile matches text that changes from session to session: addresses, times, queue ids.
// Longer patterns come first.
var volatile = sync.OnceValue(func() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`<[^<>@ ]+@[^<>@ ]+\.invalid>`),
		regexp.MustCompile(`\[[0-9a-fA-F.:]+\]`),
		regexp.MustCompile(`\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(:\d+)?\b`),
		regexp.MustCompile(`\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun),? [A-Za-z0-9: +-]*\d{4}[0-9: +A-Z()-]*`),
		regexp.MustCompile(`\b\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?)?`),
		regexp.MustCompile(`\b\d\d:\d\d:\d\d\b`),
		regexp.MustCompile(`\b[0-9A-Za-z]+([-.][0-9A-Za-z]+)*\b`), // ids, if looksLikeID accepts them
	}
})

// replyKind says what a reply answers, which decides what can change in it.
type replyKind uint8

const (
	middle   replyKind = iota
	greeting           // its text changes with the server's version
	delivery           // to a message: servers number them
)

// replyLine writes a line of a reply, with patterns for text that changes. The result must
// match the line when it is parsed; otherwise replyLine writes every byte as \xHH.
func replyLine(line string, about replyKind) string {
	line = strings.TrimRight(line, " \t")
	if len(line) < 5 {
		return line
	}
	if about == greeting {
		return line[:4] + "..."
	}
	out := line[:4] + general(line[4:], about)
	if readsAs(out, line) {
		return out
	}
	var b strings.Builder
	for _, c := range []byte(line[4:]) {
		fmt.Fprintf(&b, `\x%02x`, c)
	}
	return line[:4] + b.String()
}

// replyLines caches written lines, because a server sends the same lines in many sessions
// and generalizing a line is expensive.
type replyLines map[replyLineKey]string

type replyLineKey struct {
	line  string
	about replyKind
}

// maxReplyLines limits the cache.
const maxReplyLines = 4096

func (m replyLines) write(line string, about replyKind) string {
	key := replyLineKey{line, about}
	out, ok := m[key]
	if !ok {
		if len(m) >= maxReplyLines {
			clear(m)
		}
		out = replyLine(line, about)
		m[key] = out
	}
	return out
}

// readsAs reports whether an S: line matches a line of a reply.
func readsAs(written, line string) bool {
	w, err := parseWantLine(written)
	if err != nil || w.any {
		return false
	}
	r := reply.Parse([]byte(line + "\r\n"))
	// as the only line, and as a later line
	return w.matchLine(line, 0, line[3] != '-', r, map[string]string{}) && w.matchLine(line, 1, line[3] != '-', r, map[string]string{})
}

// part is a piece of a text, or a hole where something changes.
type part struct {
	text string
	hole bool
}

// general writes the text of a reply with {} for text that changes and for masked secrets.
func general(text string, about replyKind) string {
	head := leadingEnhanced().FindString(text)
	parts := cut([]part{{text: text[len(head):]}}, masked(), func(string) bool { return true })
	patterns := volatile()
	for i, re := range patterns {
		keep := func(string) bool { return true }
		if i == len(patterns)-1 {
			keep = looksLikeID
		}
		parts = cut(parts, re, keep)
	}
	if about == delivery {
		parts = cut(parts, number(), func(string) bool { return true })
	}
	var b strings.Builder
	b.WriteString(head)
	for i, p := range parts {
		if p.hole {
			b.WriteString("{}")
			continue
		}
		s := braces(escapeText(p.text))
		if last := i == len(parts)-1; last && strings.HasSuffix(s, "...") { // a final ... would match any text
			s = s[:len(s)-1] + `\x2e`
		}
		b.WriteString(s)
	}
	return b.String()
}

// cut makes holes where a pattern matches and isOne accepts the match.
func cut(parts []part, re *regexp.Regexp, isOne func(string) bool) []part {
	var out []part
	for _, p := range parts {
		if p.hole {
			out = append(out, p)
			continue
		}
		at := 0
		for _, m := range re.FindAllStringIndex(p.text, -1) {
			if m[0] == m[1] || !isOne(p.text[m[0]:m[1]]) {
				continue
			}
			if m[0] > at {
				out = append(out, part{text: p.text[at:m[0]]})
			}
			out = append(out, part{hole: true})
			at = m[1]
		}
		if at < len(p.text) {
			out = append(out, part{text: p.text[at:]})
		}
	}
	return out
}

// masked matches a secret that was not recorded.
var masked = lazyregexp.New(regexp.QuoteMeta(secret.Mask) + `\**`)

// number matches a number that is a word of its own.
var number = lazyregexp.New(`\b\d+\b`)

var leadingEnhanced = lazyregexp.New(`^[245]\.\d{1,3}\.\d{1,3}( |$)`)

// looksLikeID reports whether a word looks like a generated id: letters mixed with digits, or
// nine digits and more. Sizes have fewer digits. Names of mechanisms (SCRAM-SHA-256) and
// keywords in capitals are not ids.
func looksLikeID(s string) bool {
	digits, letters := 0, 0
	for _, c := range s {
		switch {
		case '0' <= c && c <= '9':
			digits++
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
			letters++
		}
	}
	switch {
	case strings.Contains(s, ".") && digits == 0, len(s) < 8:
		return false // a host name, a word
	case letters == 0:
		return digits >= 9
	}
	return digits >= 3 && strings.ToUpper(s) != s || digits >= 4 && !strings.HasPrefix(s, "SHA")
}
