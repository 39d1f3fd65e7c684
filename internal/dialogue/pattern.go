package dialogue

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"smtpsh/engine/reply"
)

func isDuration(s string) bool {
	d, err := time.ParseDuration(s)
	return err == nil && d > 0
}

// lineWant is a condition on one line of a reply.
type lineWant struct {
	any  bool // "...": whatever is left of the reply
	more bool // a "-" follows the code: the reply goes on
	code reply.Want
	bare bool   // nothing but the code: any text, any number of lines
	text string // pattern of the text; "..." for any
}

var codeAndRest = regexp.MustCompile(`^([2-5][0-9xX]{2}(?:\|[2-5][0-9xX]{2})*|[0-9]{3})(?:([ -])(.*))?$`)

// parseWantLine reads what follows "S:".
func parseWantLine(s string) (lineWant, error) {
	if s == "..." || s == "" {
		return lineWant{any: true}, nil
	}
	m := codeAndRest.FindStringSubmatch(s)
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
	placeholder = regexp.MustCompile(`\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_-]*)?(?::([^{}]*(?:\{[0-9,]+\}[^{}]*)*))?\}`)
	variable    = regexp.MustCompile(`\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_-]*)(?::([A-Za-z0-9_-]+)(?:=([^{}]*))?)?\}`)
)

// compile makes a regular expression of a text with {name}, {name:re}, {} and a
// final "...". Names that are known already stand for their text.
func compile(text string, known map[string]string) (*regexp.Regexp, error) {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	open := strings.HasSuffix(text, "...")
	text = strings.TrimSuffix(text, "...")
	at := 0
	seen := map[string]bool{}
	for _, m := range placeholder.FindAllStringSubmatchIndex(text, -1) {
		b.WriteString(regexp.QuoteMeta(text[at:m[0]]))
		at = m[1]
		switch whole := text[m[0]:m[1]]; whole {
		case "{{", "}}":
			b.WriteString(regexp.QuoteMeta(whole[:1]))
			continue
		}
		name, re := "", ".*?"
		if m[2] >= 0 {
			name = text[m[2]:m[3]]
		}
		if m[4] >= 0 {
			re = text[m[4]:m[5]]
		}
		if value, ok := known[name]; ok && name != "" {
			b.WriteString(regexp.QuoteMeta(value))
			continue
		}
		if name == "" || seen[name] {
			b.WriteString("(?:" + re + ")")
			continue
		}
		seen[name] = true
		b.WriteString("(?P<" + strings.ReplaceAll(name, "-", "_") + ">" + re + ")")
	}
	b.WriteString(regexp.QuoteMeta(text[at:]))
	if !open {
		b.WriteString(`\z`)
	}
	re, err := regexp.Compile(b.String())
	if err != nil {
		return nil, fmt.Errorf("the pattern in %q: %v", text, err)
	}
	return re, nil
}

// matchReply holds a reply against the lines of a step. It returns the index of
// the line that does not match, -1 when all do, and fills captures.
func (s *Step) matchReply(r *reply.Reply, codes bool, captures map[string]string) int {
	lines := r.Lines()
	if codes {
		last := s.Wants[len(s.Wants)-1]
		for i := len(s.Wants) - 1; i >= 0 && last.want.any; i-- {
			last = s.Wants[i]
		}
		w := last.want.code
		w.Enhanced = ""
		if last.want.any || w.Match(r) {
			return -1
		}
		return len(s.Wants) - 1
	}
	found := map[string]string{}
	for i, w := range s.Wants {
		switch {
		case w.want.any:
			i = len(lines) // the rest may be anything
		case !w.want.code.Match(r):
			return i
		case w.want.bare && i == 0:
			i = len(lines)
		case i >= len(lines):
			return i
		case w.want.bare && lines[i] != "":
			return i
		case !w.want.bare:
			re, err := compile(w.want.text, captures)
			if err != nil {
				return i
			}
			m := re.FindStringSubmatch(lines[i])
			if m == nil {
				return i
			}
			for g, name := range re.SubexpNames() {
				if name != "" {
					found[name] = m[g]
				}
			}
			if !w.want.more && i < len(lines)-1 {
				return i // the server says more than that
			}
		}
		if i == len(lines) {
			break
		}
		if i == len(s.Wants)-1 && w.want.more {
			return i
		}
	}
	for k, v := range found {
		captures[k] = v
	}
	return -1
}

// unescape turns \xHH back into bytes, as transcripts show control bytes; in the
// word :write also \r, \n and \0.
func unescape(s string, all bool) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		switch c := s[i+1]; {
		case c == 'x' && i+3 < len(s) && hexDigit(s[i+2]) >= 0 && hexDigit(s[i+3]) >= 0:
			b.WriteByte(byte(hexDigit(s[i+2])<<4 | hexDigit(s[i+3])))
			i += 3
		case all && strings.IndexByte(`rn0\`, c) >= 0:
			b.WriteByte(map[byte]byte{'r': '\r', 'n': '\n', '0': 0, '\\': '\\'}[c])
			i++
		default:
			b.WriteByte('\\')
		}
	}
	return b.String()
}

func hexDigit(c byte) int { return strings.IndexByte("0123456789abcdef", c|0x20) }
