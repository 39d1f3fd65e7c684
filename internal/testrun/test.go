package testrun

import (
	"strings"
	"time"

	"smtpsh/internal/lazyregexp"
)

// Test is one test of a file.
type Test struct {
	Path    []string // names of the enclosing groups
	Name    string
	Tags    []string
	Timeout time.Duration // 0: the runner's default
	Retry   int           // further attempts after a failure; -1: the runner's default
	Skip    string        // why it is skipped; "" if it is not
	Pending bool          // has no body yet
	Only    bool
	// OnRequest is why the test runs only on request; "" for a test that always runs.
	OnRequest string
	Level     Level  // how binding the rule is; "" for no level
	Clause    string // the rule, such as RFC 5321 section 4.1.1.5
	File      string
	Line      int // where it begins
	EndLine   int // where it ends
	// Inherited is the number of leading Tags that come from the enclosing groups.
	Inherited int
	// Around are the first and last lines of the enclosing groups, innermost first.
	Around [][2]int
}

// Full returns the name after the names of the enclosing groups.
func (t *Test) Full() string {
	return strings.Join(append(append([]string(nil), t.Path...), t.Name), " › ")
}

// OwnTags returns the test's own tags, or those of the enclosing groups if it has none.
func (t *Test) OwnTags() []string {
	if t.Inherited < len(t.Tags) {
		return t.Tags[t.Inherited:]
	}
	return t.Tags
}

// Spans returns the first and last lines of the test and of the enclosing groups,
// innermost first.
func (t *Test) Spans() [][2]int {
	return append([][2]int{{t.Line, max(t.Line, t.EndLine)}}, t.Around...)
}

// NameTags returns the tags in a name: the words that begin with #.
func NameTags(name string) []string {
	var out []string
	for _, m := range nameTag().FindAllStringSubmatch(name, -1) {
		out = append(out, m[1])
	}
	return out
}

var nameTag = lazyregexp.New(`#([A-Za-z0-9_-]+)`)
