package testrun

import (
	"fmt"
	"strings"
)

// Level is how binding the rule is that a test tries.
type Level string

// The levels, in the words of RFC 2119; advice is what no standard demands.
const (
	Must   Level = "must"
	Should Level = "should"
	Advice Level = "advice"
)

// Levels lists the levels, the most binding first.
var Levels = []Level{Must, Should, Advice}

// rank orders levels; a test without one is as binding as must.
func (l Level) rank() int {
	for i, x := range Levels {
		if l == x {
			return i
		}
	}
	return 0
}

// Fails reports whether a violation is a failure, rather than a warning, when
// least is the least binding level whose tests fail.
func (l Level) Fails(least Level) bool { return l.rank() <= least.rank() }

// ParseLevel reads a level's name.
func ParseLevel(s string) (Level, error) {
	for _, l := range Levels {
		if strings.EqualFold(s, string(l)) {
			return l, nil
		}
	}
	return "", fmt.Errorf("level: %q is not must, should or advice", s)
}
