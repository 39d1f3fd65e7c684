package explain

import (
	"strconv"
	"strings"

	"smtpsh/engine/reply"
)

// rule is a kind of rejection with its cause.
type rule struct {
	who     Provider // "" for many servers
	class   int      // 4 or 5; 0 for both
	codes   string   // enhanced codes without their class, such as "7.26 7.606-649"; "" for general ones
	verbs   string   // what was rejected, such as "RCPT ."; "" for anything
	marks   []string // whole words in lower case, one must occur; none if the code decides
	many    bool     // the text names two or more checks of the sender, one of which did not pass
	absent  bool     // the mark also matches if the text says that the thing is missing: "no PTR record"
	known   bool     // the words identify the provider
	differs bool     // the provider's use of the code differs from the registry
	means   string
	try     string
}

// general are the details that are not specific, so that words decide (RFC 3463 section 3).
func general(e reply.Enhanced) bool {
	if e.Class == 0 || e.Detail == 0 || e.Subject == 7 && e.Detail == 1 {
		return true
	}
	return unregistered(e)
}

func unregistered(e reply.Enhanced) bool {
	if e.Class == 0 {
		return false
	}
	_, ok := reply.LookupEnhanced(e.String())
	return !ok
}

// fits reports whether a rule applies to a reply. The code and the class decide first;
// words count only if they are not specific.
func (u *rule) fits(r *reply.Reply, place, text string, from Provider) bool {
	switch {
	case u.class != 0 && u.class != r.Code/100:
		return false
	case u.verbs != "" && !contains(strings.Fields(u.verbs), place):
		return false
	case u.codes == "" && !general(r.Enhanced):
		return false
	case u.codes != "" && !listed(u.codes, r.Enhanced) && !(u.who == "" && unregistered(r.Enhanced)):
		return false
	case u.many:
		return manyChecks(text)
	}
	found := len(u.marks) == 0
	text = withoutPassed(withoutAddresses(text))
	for _, m := range u.marks {
		found = found || means(text, m, denial(u.absent || u.who != ""))
	}
	if u.who != "" && u.who != from && !(u.known && from == "") {
		return false
	}
	return found
}

// listed reports whether an enhanced code is in a list of details and ranges. "-" means a
// reply without one, "*" any.
func listed(list string, e reply.Enhanced) bool {
	for item := range strings.FieldsSeq(list) {
		switch {
		case item == "*":
			return true
		case e.Class == 0:
			if item == "-" {
				return true
			}
			continue
		case item == "-":
			continue
		}
		subject, detail, _ := strings.Cut(item, ".")
		low, high, isRange := strings.Cut(detail, "-")
		if !isRange {
			high = low
		}
		if subject == strconv.Itoa(int(e.Subject)) && number(low) <= int(e.Detail) && int(e.Detail) <= number(high) {
			return true
		}
	}
	return false
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

func contains(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}

// flat returns a text in lower case with single spaces.
func flat(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

// find returns the first rule of a table that fits.
func find(rules []rule, r *reply.Reply, place, text string, from Provider) (*rule, bool) {
	for i := range rules {
		if rules[i].fits(r, place, text, from) {
			return &rules[i], true
		}
	}
	return nil, false
}
