package lazyregexp

import (
	"regexp"
	"sync"
)

// New returns a function that gives the compiled expression. It compiles the expression
// at its first call, and panics then if the expression is malformed. It may be called
// by several goroutines.
func New(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
