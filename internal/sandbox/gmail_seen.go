package sandbox

import (
	"fmt"
	"strconv"
	"strings"

	"smtpsh/internal/lazyregexp"
)

// seenForm is how a row says when its reply was seen: "2016", "2024-06", "2015-2022",
// "2024-" for since then.
var seenForm = lazyregexp.New(`^(20[0-9]{2})(-(?:(20[0-9]{2})|[0-9]{2})?)?$`)

// seenYears reads the first and the last year in which a reply was seen. "to about 2022"
// has no first year.
func seenYears(seen string) (first, last int, err error) {
	if to, ok := strings.CutPrefix(seen, "to about "); ok {
		last, err = strconv.Atoi(to)
		return 0, last, err
	}
	m := seenForm().FindStringSubmatch(seen)
	if m == nil {
		return 0, 0, fmt.Errorf("seen %q is no year, month or span of years", seen)
	}
	first, _ = strconv.Atoi(m[1])
	switch {
	case m[3] != "":
		last, _ = strconv.Atoi(m[3])
	case m[2] == "-":
		last = today
	default:
		last = first
	}
	return first, last, nil
}

// evidenceIn is the evidence of a row in a period. A reply that was seen in other years
// only is unverified in these: nobody knows another wording, or that there was none. What
// Google documents stays documented.
func evidenceIn(evidence, seen string, from, until int) (string, error) {
	if seen == "" || strings.HasPrefix(evidence, "U") {
		return evidence, nil
	}
	first, last, err := seenYears(seen)
	switch {
	case err != nil:
		return "", err
	case first <= until && from <= last:
		return evidence, nil
	case evidence == "D" || strings.HasSuffix(evidence, "+D"):
		return "D", nil
	}
	return "U, seen", nil
}
