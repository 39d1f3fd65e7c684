package testrun

import (
	"strings"
	"time"

	"smtpsh/internal/lazyregexp"
)

// Test is one test of a file.
type Test struct {
	Path    []string // names of the groups around it
	Name    string
	Tags    []string
	Timeout time.Duration // 0: the runner's default
	Retry   int           // further attempts after a failure; -1: the runner's default
	Skip    string        // why it is skipped; "" when it is not
	Pending bool          // to be written
	Only    bool
	// OnRequest is why the test runs only when it is asked for; "" when it always runs.
	OnRequest string
	Level     Level  // how binding the rule is; "" for a test that names none
	Clause    string // the rule, such as RFC 5321 section 4.1.1.5
	File      string
	Line      int // where it begins
	EndLine   int // where it ends
	// Inherited is how many tags at the beginning of Tags come from the groups around it.
	Inherited int
	// Around are the first and last lines of the groups around it, the innermost first.
	Around [][2]int
}

// Full is the name with those of the groups around it.
func (t *Test) Full() string {
	return strings.Join(append(append([]string(nil), t.Path...), t.Name), " › ")
}

// OwnTags are the tags that the test has by itself; where it has none, those of the
// groups around it.
func (t *Test) OwnTags() []string {
	if t.Inherited < len(t.Tags) {
		return t.Tags[t.Inherited:]
	}
	return t.Tags
}

// Spans are the first and last lines of the test and of the groups around it, the
// innermost first.
func (t *Test) Spans() [][2]int {
	return append([][2]int{{t.Line, max(t.Line, t.EndLine)}}, t.Around...)
}

// NameTags are the tags in a name: the words that begin with #.
func NameTags(name string) []string {
	var out []string
	for _, m := range nameTag().FindAllStringSubmatch(name, -1) {
		out = append(out, m[1])
	}
	return out
}

var nameTag = lazyregexp.New(`#([A-Za-z0-9_-]+)`)
