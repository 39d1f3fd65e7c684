package testrun

import (
	"fmt"
	"strings"
)

// Level says how binding the rule is that a test checks.
type Level string

// The levels of RFC 2119; advice is a rule that no standard requires.
const (
	Must   Level = "must"
	Should Level = "should"
	Advice Level = "advice"
)

// Levels lists the levels, most binding first.
var Levels = []Level{Must, Should, Advice}

// rank orders levels; a test without a level counts as must.
func (l Level) rank() int {
	for i, x := range Levels {
		if l == x {
			return i
		}
	}
	return 0
}

// Fails reports whether a violation is a failure rather than a warning, if least is the
// least binding level that fails.
func (l Level) Fails(least Level) bool { return l.rank() <= least.rank() }

// ParseLevel parses the name of a level.
func ParseLevel(s string) (Level, error) {
	for _, l := range Levels {
		if strings.EqualFold(s, string(l)) {
			return l, nil
		}
	}
	return "", fmt.Errorf("level %q: must be must, should or advice", s)
}
