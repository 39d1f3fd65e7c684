package dialogue

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"smtpsh/engine/reply"
	"smtpsh/internal/duration"
	"smtpsh/internal/lazyregexp"
)

func isDuration(s string) bool {
	d, err := duration.Parse(s)
	return err == nil && d > 0
}

// lineWant is a condition on one line of a reply.
type lineWant struct {
	any  bool // "...": the rest of the reply
	more bool // a "-" follows the code: the reply continues
	code reply.Want
	bare bool   // only the code: any text, any number of lines
	text string // pattern of the text; "..." for any
}

var codeAndRest = lazyregexp.New(`^([2-5][0-9xX]{2}(?:\|[2-5][0-9xX]{2})*|[0-9]{3})(?:([ -])(.*))?$`)

// parseWantLine parses the text after "S:".
func parseWantLine(s string) (lineWant, error) {
	if s == "..." || s == "" {
		return lineWant{any: true}, nil
	}
	m := codeAndRest().FindStringSubmatch(s)
	if m == nil {
		w, err := reply.ParseWant(s)
		if err != nil {
			return lineWant{}, fmt.Errorf("%q does not begin with a reply code", s)
		}
		return lineWant{code: w, bare: true}, nil
	}
	w := lineWant{code: reply.Want{Codes: strings.Split(m[1], "|")}, more: m[2] == "-", text: m[3]}
	if m[2] == "" || m[2] == " " && m[3] == "" {
		w.bare = true
		return w, nil
	}
	if whole, err := reply.ParseWant(m[1] + " " + m[3]); err == nil && !w.more {
		w.code, w.bare = whole, true // "550 5.7.1" or "550 5.7.*"
		return w, nil
	}
	_, err := compile(w.text, nil)
	return w, err
}

var (
	placeholder = lazyregexp.New(`\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_-]*)?(?::([^{}]*(?:\{[0-9,]+\}[^{}]*)*))?\}`)
	variable    = lazyregexp.New(`\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_-]*)(?::([A-Za-z0-9_-]+)(?:=([^{}]*))?)?\}`)
)

// linePattern is a text with {name}, {name:re}, {} and a final "...".
type linePattern struct {
	re    *regexp.Regexp
	names []string // of the groups, in order
}

// maxWords limits the words in braces in a line, because each adds to the regular expression.
const maxWords = 200

// compile makes a regular expression from a text. Names in known match their value.
func compile(text string, known map[string]string) (*linePattern, error) {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	open := strings.HasSuffix(text, "...")
	text = strings.TrimSuffix(text, "...")
	p := &linePattern{}
	at, words := 0, 0
	for _, m := range placeholder().FindAllStringSubmatchIndex(text, -1) {
		b.WriteString(regexp.QuoteMeta(valid(unescape(text[at:m[0]], hexEscape))))
		at = m[1]
		switch whole := text[m[0]:m[1]]; whole {
		case "{{", "}}":
			b.WriteString(regexp.QuoteMeta(whole[:1]))
			continue
		}
		if words++; words > maxWords {
			return nil, fmt.Errorf("more than %d words in braces in one line", maxWords)
		}
		name, re := "", ".*?"
		if m[2] >= 0 {
			name = safeName(text[m[2]:m[3]])
		}
		if m[4] >= 0 {
			re = text[m[4]:m[5]]
			if _, err := regexp.Compile(re); err != nil {
				return nil, fmt.Errorf("the pattern %q: %v", re, err)
			}
		}
		if value, ok := known[name]; ok && name != "" {
			b.WriteString(regexp.QuoteMeta(valid(value)))
			continue
		}
		if name == "" {
			b.WriteString("(?:" + re + ")")
			continue
		}
		// the user's pattern may contain groups, so these need names instead of numbers
		b.WriteString(fmt.Sprintf("(?P<group%d>%s)", len(p.names), re))
		p.names = append(p.names, name)
	}
	b.WriteString(regexp.QuoteMeta(valid(unescape(text[at:], hexEscape))))
	if !open {
		b.WriteString(`\z`)
	}
	var err error
	if p.re, err = regexp.Compile(b.String()); err != nil {
		return nil, fmt.Errorf("the pattern in %q: %v", text, err)
	}
	return p, nil
}

// stray is the private-use character that represents byte 0 in text that is not UTF-8,
// because regular expressions match characters. The other bytes follow it.
const stray = 0x10ff00

// valid converts a text to UTF-8: each byte that is not part of a valid character becomes a
// private-use character. unvalid reverses it.
func valid(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0xf4) < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 || r >= stray {
			for _, c := range []byte(s[i : i+n]) {
				b.WriteRune(stray + rune(c))
			}
		} else {
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// unvalid reverses valid.
func unvalid(s string) string {
	if strings.IndexByte(s, 0xf4) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if r >= stray {
			b.WriteByte(byte(r - stray))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// safeName returns the stored name of a capture: queue-id and queue_id are the same.
func safeName(name string) string { return strings.ReplaceAll(name, "-", "_") }

// match matches a text and stores the captures. A name that occurs twice must capture the
// same text.
func (p *linePattern) match(text string, found map[string]string) bool {
	m := p.re.FindStringSubmatch(valid(text))
	if m == nil {
		return false
	}
	for i, name := range p.names {
		value := unvalid(m[p.re.SubexpIndex(fmt.Sprintf("group%d", i))])
		if old, ok := found[name]; ok && old != value {
			return false
		}
		found[name] = value
	}
	return true
}

// matchReply compares a reply with the lines of a step. It returns the index of the first
// line that does not match, or -1, and stores the captures.
func (s *Step) matchReply(r *reply.Reply, codes bool, captures map[string]string) int {
	if codes {
		for i, w := range s.Wants {
			c := w.want.code
			c.Enhanced = ""
			if !w.want.any && !c.Match(r) {
				return i
			}
		}
		return -1
	}
	raw := rawLines(r.Raw)
	found := map[string]string{}
	for k, v := range captures {
		found[k] = v
	}
	for i, w := range s.Wants {
		if w.want.any {
			break
		}
		if i >= len(raw) || !w.want.matchLine(raw[i], i, i == len(raw)-1, r, found) {
			return i
		}
		if w.want.bare && i == 0 {
			break
		}
	}
	for k, v := range found {
		captures[k] = v
	}
	return -1
}

// rawLines returns the lines of a reply without line ends.
func rawLines(raw string) []string {
	return strings.Split(strings.TrimRight(strings.ReplaceAll(raw, "\r\n", "\n"), "\n"), "\n")
}

// matchLine reports whether a line, with its code, matches.
func (w lineWant) matchLine(line string, i int, last bool, r *reply.Reply, found map[string]string) bool {
	if w.bare && i == 0 { // the whole reply
		return w.code.Match(r)
	}
	one := reply.Parse([]byte(line + "\r\n"))
	if !w.code.Match(one) || w.more == last {
		return false
	}
	text := ""
	if len(line) > 4 {
		text = strings.TrimRight(line[4:], " \t")
	}
	if w.bare {
		return text == strings.TrimSpace(w.text)
	}
	p, err := compile(w.text, found)
	return err == nil && p.match(text, found)
}
