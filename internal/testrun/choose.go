package testrun

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// filter is one condition of --filter: part of a test's name, /REGEXP/, the exact
// name, or FILE:LINE. Any one is enough to choose a test.
type filter struct {
	text  string
	parts func(name string) bool // part of the name, or the expression
	file  string                 // of FILE:LINE; "" for the other forms
	line  int
	// whole takes the exact name only.
	whole bool
	used  bool  // a test has this name
	bad   error // why it is no expression, unless a test has this name
}

// newFilter reads a condition.
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

// in narrows a filter to the tests of one file: where a test has exactly the name that
// is asked for, those whose names only contain it are not meant.
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

// sameFile reports that a file is the one that is meant by its name, or by the end of
// its path.
func sameFile(file, meant string) bool {
	file, meant = path.Clean(strings.ReplaceAll(file, `\`, "/")), path.Clean(strings.ReplaceAll(meant, `\`, "/"))
	return file == meant || strings.HasSuffix(file, "/"+meant)
}

// testsAt are the tests whose definition covers a line; where no single test does,
// those of the innermost describe that does.
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

// LineError is a FILE:LINE at which no test stands.
type LineError struct {
	File string
	Line int
}

// Error names the place.
func (e *LineError) Error() string { return fmt.Sprintf("no test is at line %d", e.Line) }

// atLines applies the lines that were named with the file.
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

// choose finds the tests of a file that are to be run.
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

// asked reports that a test which runs on request only was asked for: by a tag of its
// own, by its exact name or by its place.
func (r *runner) asked(f *File, t *Test) bool {
	if f.Lines != nil || slices.ContainsFunc(r.o.Tags, func(x string) bool { return slices.Contains(t.OwnTags(), x) }) {
		return true
	}
	return slices.ContainsFunc(r.filters, func(m *filter) bool {
		return t.Full() == m.text || m.file != "" && sameFile(f.Name, m.file) && slices.Contains(testsAt([]*Test{t}, m.line), t)
	})
}

// Title is a test's name with the tags that the name does not show itself.
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
