package explain

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// hasWords reports whether a text contains whole words: "rbl" is not in "marble". A mark
// that ends in * is the beginning of a word.
func hasWords(text, mark string) bool { return means(text, mark, evenIfDenied) }

// denial tells whether a word also counts if the text negates it.
type denial bool

const (
	evenIfDenied denial = true
	unlessDenied denial = false
)

// means finds a mark like hasWords. Unless anyway is set, it ignores places where the text
// negates the word, reports that a check passed, or that the program for the check does not
// work.
func means(text, mark string, anyway denial) bool {
	mark, open := strings.CutSuffix(mark, "*")
	for from := 0; ; {
		i := strings.Index(text[from:], mark)
		if i < 0 {
			return false
		}
		i += from
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+len(mark):])
		first, _ := utf8.DecodeRuneInString(mark)
		last, _ := utf8.DecodeLastRuneInString(mark)
		if !(inWord(before) && inWord(first)) && (open || !(inWord(after) && inWord(last))) {
			end := i + len(mark)
			for open && end < len(text) && text[end] != ' ' && !strings.ContainsRune(",.;:=()", rune(text[end])) {
				end++
			}
			if anyway == evenIfDenied || !denied(text[:i], text[end:]) {
				return true
			}
		}
		from = i + 1
	}
}

func inWord(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// denied reports whether the words around a mark negate it.
func denied(before, after string) bool {
	w := wordings()
	return w.negation.MatchString(before) || w.outOfReach.MatchString(before) || passedBefore(before) || w.fault.MatchString(after)
}

// passedBefore reports whether a text ends with "passed the", but not with "has not
// passed".
func passedBefore(before string) bool {
	w := wordings()
	at := w.passedAll.FindStringIndex(before)
	return at != nil && !w.required.MatchString(before[:at[0]])
}

// patterns are the forms in which texts are searched.
type patterns struct{ addresses, hosts, negation, outOfReach, fault, passedAll, required, group, result, needed *regexp.Regexp }

var wordings = sync.OnceValue(func() *patterns {
	const machine = `daemon|service|server|lookups?|quer(?:y|ies)|scanner|engine|database|milter|module|plugin`
	const group = `(?:spf|dkim|dmarc)(?:(?: ?, ?(?:and |or )?| ?/ ?| (?:and|or|&) )(?:spf|dkim|dmarc))*`
	return &patterns{
		addresses: regexp.MustCompile(`<[^<>]*@[^<>]*>|<[^<> ]*>|[^ <>()\[\],;:]+@[^ <>()\[\],;:]+`),
		hosts:     regexp.MustCompile(`(^|[^a-z0-9])(?:spf|dkim|dmarc|spam)\.([a-z0-9])`),
		negation: regexp.MustCompile(`(?:^|[^a-z])(?:not|no|never|without|neither|nor|non|[a-z]+n't)[ -]` +
			`(?:(?:a|an|as|any|in|on|our|the|been|currently|considered|classified|marked|flagged|identified|detected|listed|found|known) )*$`),
		outOfReach: regexp.MustCompile(`(?:(?:cannot|can't|could not|couldn't|unable to|failed to) (?:connect ` +
			`to|contact|reach|query|ask|open|access|talk to|start|load)|` +
			`(?:error|problem|failure|fault|trouble) (?:in|with|of|at))(?: (?:the|our|a))? $`),
		fault: regexp.MustCompile(`^(?:(?:[ -](?:` + machine +
			`|checks?|checker|filters?|list|policy|is|are|was|were|has|been|currently|temporarily|now))*` +
			`[ =:-] ?(?:unavailable|not available|down|off|disabled|not enabled|offline|unreachable|not reachable|not running|not ` +
			`responding|timed out|time-?out|overloaded|crashed|inactive|free|pass|passed|ok|clean)` +
			`|(?:[ -](?:` + machine + `))+(?: (?:has|is|was))? (?:failed|failure|error|fault|broken))(?:$|[^a-z])`),
		passedAll: regexp.MustCompile(`(?:^|[^a-z])pass(?:ed|es|ing) (?:(?:the|our|all|both) )*$`),
		required: regexp.MustCompile(`(?:^|[^a-z])(?:not|no|never|neither|nor|either|unless|until|if|when|without|must|should|to|` +
			`have|requir\w*|needs?|[a-z]+n't) ?$`),
		group: regexp.MustCompile(`(?:^|[^a-z0-9])(` + group + `)`),
		result: regexp.MustCompile(`^(?: (?:checks?|results?|status|authentication|verification|validation|evaluation|tests?|policy|` +
			`alignment|records?|signatures?))*` +
			`(?: ?[=:(] ?| (?:is|are|was|were|has|have) (?:all |both )?| (?:all |both ` +
			`)?)(?:pass|passed|passes|passing|ok|valid|good|fine)(?:$|[^a-z])`),
		needed: regexp.MustCompile(`^ ?(?:(?:is|are) )?(?:required|needed|mandatory)`),
	}
})

// withoutAddresses returns a text without its addresses: words in them are names and give
// no reason.
func withoutAddresses(text string) string {
	w := wordings()
	return w.hosts.ReplaceAllString(w.addresses.ReplaceAllString(text, "<>"), "$1$2")
}

// withoutPassed returns a text without the checks of the sender that passed.
func withoutPassed(text string) string {
	w := wordings()
	var out strings.Builder
	for {
		at := w.group.FindStringSubmatchIndex(text)
		if at == nil {
			out.WriteString(text)
			return out.String()
		}
		before, rest := text[:at[2]], text[at[3]:]
		result := w.result.FindString(rest)
		switch {
		case result != "" && !w.required.MatchString(before) && !w.needed.MatchString(rest[len(strings.TrimRight(result, " ")):]),
			passedBefore(before):
			out.WriteString(before)
		default:
			out.WriteString(text[:at[3]])
		}
		text = rest
	}
}
