package secret

import (
	"slices"
	"strings"
)

// Place is where a line occurs. It decides which patterns apply.
type Place uint8

// The places where a line occurs.
const (
	// Wire is a line that a client sends. What matches is masked in events and in
	// recordings.
	Wire Place = 1 << iota
	// Command is an SMTP command that the user types. A matching line is not saved
	// in the history.
	Command
	// Typed is any line that the user types. A matching line is not saved in the
	// history.
	Typed
	// Exchange is a line that may be the response to an AUTH challenge.
	Exchange
	// Script is Lua that the user types.
	Script
)

// Pattern is one kind of line that may hold a secret.
type Pattern struct {
	Name   string
	Places Place // places where the pattern applies
	find   func(Lines, string) []Span
}

// patterns is the table of all patterns.
var patterns = []Pattern{
	{"AUTH with a response", Wire | Command, Lines.Response},
	{"AUTH with more than a known mechanism", Command, Lines.afterAuth},
	{"login in Base64", Wire | Command | Typed, func(_ Lines, line string) []Span { return Logins(line) }},
	{"URL with a password", Typed, urlPassword},
	{"bearer token", Typed, bearerToken},
	{"secret with its value on a command line", Typed, givenSecret},
	{"line of a SASL exchange", Exchange, exchangeLine},
	{"word for a login", Script, loginWord},
}

// Patterns returns the table of all patterns.
func Patterns() []Pattern { return slices.Clone(patterns) }

// Lines finds lines that may contain a secret. The zero value recognizes mechanisms only by
// their form, not by name.
type Lines struct {
	// Mechanism reports whether a word, in any case, is the name of a SASL mechanism.
	Mechanism func(word string) bool
}

// Match returns the first pattern that a line in a place matches. It returns false if there
// is none.
func (l Lines) Match(line string, at Place) (Pattern, bool) {
	for _, p := range patterns {
		if p.Places&at != 0 && len(p.find(l, line)) > 0 {
			return p, true
		}
	}
	return Pattern{}, false
}

// Spans returns the secrets that the patterns for a place find in a line, in order.
func (l Lines) Spans(line string, at Place) []Span {
	var spans []Span
	for _, p := range patterns {
		if p.Places&at != 0 {
			spans = append(spans, p.find(l, line)...)
		}
	}
	Sort(spans)
	return spans
}

// Mask masks possible credentials in a line that a client sends, as sessions do in their
// events: the text after the mechanism of a word like AUTH, and the Base64 of a whole login
// anywhere.
func (l Lines) Mask(line string) string {
	spans := l.Spans(line, Wire)
	if len(spans) == 0 {
		return line
	}
	return string(MaskSpans([]byte(line), spans))
}

// Response finds the response in an AUTH command, up to the end of the line. An empty one,
// "=" (RFC 4954 section 4), contains no secret.
func (l Lines) Response(line string) []Span {
	if !LooksLikeAuth(wordIn(line, 0)) {
		return nil
	}
	from := l.ResponseAt(line, wordIn(line, 1))
	if from >= len(line) || line[from:] == "=" {
		return nil
	}
	return []Span{{From: from, To: len(line)}}
}

// ResponseAt returns where the response of an AUTH line may begin: at the third
// word, or at the second if that is not the name of a mechanism (RFC 4422 section
// 3.1).
func (l Lines) ResponseAt(line, mechanism string) int {
	if !l.known(mechanism) && !isMechanismName(mechanism) {
		return wordAt(line, 1)
	}
	return wordAt(line, 2)
}

func (l Lines) known(word string) bool { return l.Mechanism != nil && l.Mechanism(word) }

// afterAuth finds everything after a word like AUTH except the name of a known mechanism.
func (l Lines) afterAuth(line string) []Span {
	f := strings.Fields(line)
	//mutant:credentials-stay-out-of-the-history is "2" "9"
	if len(f) < 2 || !LooksLikeAuth(f[0]) || len(f) == 2 && l.known(f[1]) {
		return nil
	}
	return whole(line)
}

func whole(line string) []Span { return []Span{{From: 0, To: len(line)}} }

// isMechanismName reports whether a word has the form of a mechanism's name. An unknown
// word of another form can be Base64.
func isMechanismName(word string) bool {
	if len(word) < 1 || len(word) > 20 {
		return false
	}
	for i := range len(word) {
		if c := word[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// LooksLikeAuth reports whether a word is AUTH or differs from it by one letter:
// credentials can follow.
func LooksLikeAuth(word string) bool {
	const auth = "AUTH"
	w := strings.ToUpper(word)
	switch len(w) {
	case len(auth): // equal, one letter wrong, or two letters exchanged
		wrong := []int{}
		for i := range auth {
			if w[i] != auth[i] {
				wrong = append(wrong, i)
			}
		}
		return len(wrong) < 2 || len(wrong) == 2 && wrong[1] == wrong[0]+1 && w[wrong[0]] == auth[wrong[1]] && w[wrong[1]] == auth[wrong[0]]
	case len(auth) - 1, len(auth) + 1: // one letter missing or added
		long, short := w, auth
		if len(w) < len(auth) {
			long, short = auth, w
		}
		for i := range long {
			if long[:i]+long[i+1:] == short {
				return true
			}
		}
	}
	return false
}

// SASLLike reports whether a line after AUTH can be a response of the exchange: one word
// that is not a command.
func SASLLike(line string) bool {
	if strings.ContainsAny(line, " \t") {
		return false
	}
	switch strings.ToUpper(line) {
	case "", "*", "NOOP", "RSET", "QUIT", "DATA", "HELP", "STARTTLS", "EHLO", "HELO", "LHLO":
		return false
	}
	return true
}

func exchangeLine(_ Lines, line string) []Span {
	if !SASLLike(line) {
		return nil
	}
	return whole(line)
}

// wordAt returns the position of a word in a line, counted from 0.
func wordAt(line string, n int) int {
	at := 0
	for range n {
		for at < len(line) && isBlank(line[at]) {
			at++
		}
		for at < len(line) && !isBlank(line[at]) {
			at++
		}
	}
	for at < len(line) && isBlank(line[at]) {
		at++
	}
	return at
}

func wordIn(line string, n int) string {
	from := wordAt(line, n)
	to := from
	for to < len(line) && !isBlank(line[to]) {
		to++
	}
	return line[from:to]
}

func isBlank(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }
