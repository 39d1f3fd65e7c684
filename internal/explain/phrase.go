package explain

import (
	"strings"

	"smtpsh/engine/saslmech"
	"smtpsh/engine/verb"
	"smtpsh/internal/concepts"
	"smtpsh/internal/lazyregexp"
	"smtpsh/internal/suggest"
)

// longestPhrase is the number of words of the longest name of a concept.
const longestPhrase = 5

// Phrases joins words that are one name together: "null", "MX", "RCPT" are "null MX" and
// "RCPT".
func Phrases(words []string) []string {
	var out []string
	for len(words) > 0 {
		n := min(longestPhrase, len(words))
		for n > 1 {
			if _, ok := concepts.Lookup(strings.Join(words[:n], " ")); ok {
				break
			}
			n--
		}
		out = append(out, strings.Join(words[:n], " "))
		words = words[n:]
	}
	return out
}

// Unknown returns a hint for a word that no table contains: the name that was probably
// meant, or else names whose explanations contain the word.
func Unknown(word string) string {
	if near := misspelt(word); near != "" {
		return "did you mean " + near + "?"
	}
	if related := related(word, 4); len(related) > 0 {
		return "related words: " + strings.Join(related, ", ")
	}
	return "try a code (550, 5.7.26), a verb (RCPT), an EHLO keyword (CHUNKING), a mechanism (XOAUTH2), a port (587) or a term (SPF)"
}

// NoCode returns a hint for a word that has the form of a code but cannot be one; "" for
// other words.
func NoCode(word string) string {
	switch {
	case threeDigits().MatchString(word):
		return "a reply code has three digits and begins with 2, 3, 4 or 5"
	case dotted().MatchString(word):
		return "an enhanced code has three numbers and begins with 2, 4 or 5, as in 5.7.1"
	}
	return ""
}

var (
	threeDigits = lazyregexp.New(`^[0-9]{3}$`)
	dotted      = lazyregexp.New(`^[0-9]+(\.[0-9]+){1,2}\.?$`)
)

// misspelt returns the known name that differs from a word in one letter, or in two if the
// word is long. Short words differ from too many others: DANE is not DATA.
func misspelt(word string) string {
	name := strings.ToUpper(word)
	most := 1
	if len(name) >= 8 {
		most = 2
	}
	known := Known()
	upper := make([]string, len(known))
	for i, k := range known {
		upper[i] = strings.ToUpper(k)
	}
	near := suggest.Name(name, upper)
	if near == "" || len(name) < 4 && len(near) <= len(name) || suggest.Distance(name, near) > most {
		return ""
	}
	for _, k := range known {
		if strings.EqualFold(k, near) {
			return k
		}
	}
	return ""
}

// related returns at most n names whose explanations contain a word. A word that more than n
// extensions and mechanisms have is too common.
func related(word string, n int) []string {
	out := concepts.About(word, n)
	var others []string
	word = strings.ToLower(word)
	add := func(name, text string) {
		if len(word) > 3 && strings.Contains(strings.ToLower(text), word) {
			others = append(others, name)
		}
	}
	for _, e := range verb.Extensions() {
		add(e.Keyword, e.Explain)
	}
	for _, m := range saslmech.Catalogue() {
		add(m.Name, m.Explain)
	}
	if len(others) <= n {
		out = append(out, others...)
	}
	return out[:min(n, len(out))]
}
