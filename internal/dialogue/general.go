package dialogue

import (
	"regexp"
	"strings"
	"sync"
)

// volatile is what changes from session to session: addresses, times, queue ids.
// The order matters: what is longer comes first.
var volatile = sync.OnceValue(func() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`<[^<>@ ]+@[^<>@ ]+\.invalid>`),
		regexp.MustCompile(`\[[0-9a-fA-F.:]+\]`),
		regexp.MustCompile(`\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(:\d+)?\b`),
		regexp.MustCompile(`\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun),? [A-Za-z0-9: +-]*\d{4}[0-9: +A-Z()-]*`),
		regexp.MustCompile(`\b\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?)?`),
		regexp.MustCompile(`\b\d\d:\d\d:\d\d\b`),
		regexp.MustCompile(`\b[0-9A-Za-z]+([-.][0-9A-Za-z]+)*\b`), // ids, when they look like one
	}
})

// replyKind is what a reply is to, as far as it says what changes in it.
type replyKind uint8

const (
	middle   replyKind = iota
	greeting           // its text changes with the server's version
	delivery           // to a message: servers number them
)

// general writes a reply line with patterns in the place of what changes.
func general(line string, about replyKind) string {
	if len(line) < 5 {
		return line
	}
	head, text := line[:4], line[4:]
	if about == greeting {
		return head + "..."
	}
	text = strings.NewReplacer("{", "{{", "}", "}}").Replace(text)
	words := ""
	if m := leadingEnhanced().FindString(text); m != "" {
		words, text = m, text[len(m):]
	}
	patterns := volatile()
	for i, re := range patterns {
		last := i == len(patterns)-1
		text = re.ReplaceAllStringFunc(text, func(s string) string {
			if last && !looksLikeID(s) {
				return s
			}
			return "{}"
		})
	}
	if about == delivery {
		text = number().ReplaceAllString(text, "{}")
	}
	return head + words + text
}

// number is one that stands alone.
var number = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\b\d+\b`) })

var leadingEnhanced = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}( |$)`) })

// looksLikeID tells words that a server makes up anew each time: letters and
// digits mixed, or nine digits and more. Sizes have fewer, and names of mechanisms
// (SCRAM-SHA-256) and keywords in capitals are no ids.
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
