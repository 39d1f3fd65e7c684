package testrun

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// filter is one condition of --filter: part of a test's name, /REGEXP/, the exact name, or
// FILE:LINE. A test is chosen if any filter matches.
type filter struct {
	text  string
	parts func(name string) bool // part of the name, or the expression
	file  string                 // of FILE:LINE; "" for the other forms
	line  int
	// whole matches the exact name only.
	whole bool
	used  bool  // a test has this name
	bad   error // why the expression is invalid; unused if a test has this name
}

// newFilter parses a condition.
func newFilter(text string) *filter {
	f := &filter{text: text}
	if len(text) > 2 && strings.HasPrefix(text, "/") && strings.HasSuffix(text, "/") {
		re, err := regexp.Compile(text[1 : len(text)-1])
		if err != nil {
			f.whole, f.bad = true, fmt.Errorf("filter %s: %w", text, err)
			return f
		}
		f.parts = re.MatchString
		return f
	}
	if file, line, ok := ParsePlace(text); ok && !strings.ContainsAny(file, " \t") {
		f.file, f.line = file, line
	}
	low := strings.ToLower(text)
	f.parts = func(name string) bool { return strings.Contains(strings.ToLower(name), low) }
	return f
}

// in returns the filter for the tests of one file. If a test has exactly the given name,
// tests whose names only contain it do not match.
func (f *filter) in(file string, tests []*Test) func(t *Test) bool {
	if slices.ContainsFunc(tests, func(t *Test) bool { return t.Full() == f.text }) || f.whole {
		return func(t *Test) bool { return t.Full() == f.text }
	}
	if f.file != "" && sameFile(file, f.file) {
		at := testsAt(tests, f.line)
		return func(t *Test) bool { return slices.Contains(at, t) || f.parts(t.Full()) }
	}
	return func(t *Test) bool { return f.parts(t.Full()) }
}

// sameFile reports whether a file has the given name, or a path that ends in it.
func sameFile(file, meant string) bool {
	file, meant = path.Clean(strings.ReplaceAll(file, `\`, "/")), path.Clean(strings.ReplaceAll(meant, `\`, "/"))
	return file == meant || strings.HasSuffix(file, "/"+meant)
}

// testsAt returns the tests whose definition covers a line, or else those of the innermost
// describe that covers it.
func testsAt(tests []*Test, line int) []*Test {
	var out []*Test
	narrowest := -1
	for _, t := range tests {
		for _, span := range t.Spans() {
			if line < span[0] || line > span[1] {
				continue
			}
			switch size := span[1] - span[0]; {
			case narrowest < 0 || size < narrowest:
				narrowest, out = size, []*Test{t}
			case size == narrowest:
				out = append(out, t)
			}
			break // the spans of a test go from inside out
		}
	}
	return out
}

// LineError reports a FILE:LINE without a test.
type LineError struct {
	File string
	Line int
}

// Error names the place.
func (e *LineError) Error() string { return fmt.Sprintf("there is no test at line %d", e.Line) }

// atLines returns the tests at the lines that were given with the file.
func atLines(f *File, tests []*Test) ([]*Test, error) {
	if f.Lines == nil {
		return tests, nil
	}
	chosen := map[*Test]bool{}
	for _, l := range f.Lines {
		at := testsAt(tests, l)
		if len(at) == 0 {
			return nil, &LineError{f.Name, l}
		}
		for _, t := range at {
			chosen[t] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(tests), func(t *Test) bool { return !chosen[t] }), nil
}

// choose returns the tests of a file that will run.
func (r *runner) choose(f *File, tests []*Test) ([]*Test, error) {
	at, err := atLines(f, tests)
	if err != nil {
		return nil, err
	}
	var named []func(t *Test) bool
	for _, m := range r.filters {
		named = append(named, m.in(f.Name, tests))
	}
	var out []*Test
	for _, t := range at {
		byName := len(named) == 0 || slices.ContainsFunc(named, func(m func(*Test) bool) bool { return m(t) })
		has := func(tags []string) bool {
			return slices.ContainsFunc(tags, func(x string) bool { return slices.Contains(t.Tags, x) })
		}
		if !byName || r.only && !t.Only || len(r.o.Tags) > 0 && !has(r.o.Tags) || has(r.o.ExcludeTags) {
			continue
		}
		out = append(out, t)
	}
	return out, nil
}

// asked reports whether a test with the option on_request was requested: by one of its own
// tags, its exact name or its place.
func (r *runner) asked(f *File, t *Test) bool {
	if f.Lines != nil || slices.ContainsFunc(r.o.Tags, func(x string) bool { return slices.Contains(t.OwnTags(), x) }) {
		return true
	}
	return slices.ContainsFunc(r.filters, func(m *filter) bool {
		return t.Full() == m.text || m.file != "" && sameFile(f.Name, m.file) && slices.Contains(testsAt([]*Test{t}, m.line), t)
	})
}

// Title returns a test's name, followed by the tags that the name does not contain.
func Title(t *Test) string {
	out := t.Full()
	shown := NameTags(out)
	for _, tag := range t.Tags {
		if !slices.Contains(shown, tag) {
			shown = append(shown, tag)
			out += "  #" + tag
		}
	}
	return out
}
