package sandbox

import (
	"fmt"
	"strconv"
	"strings"

	"smtpsh/internal/lazyregexp"
)

// seenForm matches the column seen: "2016", "2024-06", "2015-2022", or "2024-" for a reply
// that is seen since 2024.
var seenForm = lazyregexp.New(`^(20[0-9]{2})(-(?:(20[0-9]{2})|[0-9]{2})?)?$`)

// seenYears returns the first and the last year in which a reply was seen. The first year
// of "to about 2022" is 0.
func seenYears(seen string) (first, last int, err error) {
	if to, ok := strings.CutPrefix(seen, "to about "); ok {
		last, err = strconv.Atoi(to)
		return 0, last, err
	}
	m := seenForm().FindStringSubmatch(seen)
	if m == nil {
		return 0, 0, fmt.Errorf("seen %q is not a year, a month or a span of years", seen)
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

// evidenceIn returns the evidence of a row in a period. A reply that was seen only in
// other years is unverified in this period, because Google may have used another text then.
// A documented reply stays documented.
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
