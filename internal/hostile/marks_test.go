package hostile_test

import (
	"bytes"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// mark is a comment in a source that describes how to remove a protection:
//
//	if len(line) > limit { //mutant:lines-are-bounded never
//
// It follows the code on the same line, or is on a line of its own above it. After the
// name it has the change of the line:
//
//	never          the condition of an if, a for or a case is false
//	always         it is true
//	drop           the statement is removed
//	is "A" "B"     the first text A becomes B
type mark struct {
	file string // relative to the root of the module
	line int    // of the code, counted from 1
	name string
	op   string
}

var (
	markForm = regexp.MustCompile(`//mutant:(\S+) (never|always|drop|is .*)$`)
	ifForm   = regexp.MustCompile(`^(\s*(?:\} else )?(?:if|for) (?:[^;{]*; )?)(.*?)( \{.*)$`)
	caseForm = regexp.MustCompile(`^(\s*case )(.*)(:.*)$`)
)

// marksOf returns the marks of a source.
func marksOf(file string, src []byte) ([]mark, error) {
	var found []mark
	var above []mark // marks whose line follows
	for i, l := range strings.Split(string(src), "\n") {
		if !strings.Contains(l, "//mutant:") {
			if strings.TrimSpace(l) != "" && !strings.HasPrefix(strings.TrimSpace(l), "//") {
				for _, m := range above {
					m.line = i + 1
					found = append(found, m)
				}
				above = nil
			}
			continue
		}
		f := markForm.FindStringSubmatch(l)
		if f == nil {
			return nil, fmt.Errorf("%s:%d: a mark is //mutant:NAME and never, always, drop, or is with two texts", file, i+1)
		}
		m := mark{file: file, line: i + 1, name: f[1], op: f[2]}
		if strings.HasPrefix(strings.TrimSpace(l), "//") {
			above = append(above, m)
		} else {
			found = append(found, m)
		}
	}
	if len(above) > 0 {
		return nil, fmt.Errorf("%s: there is no code below the mark %s", file, above[0].name)
	}
	return found, nil
}

// allMarks returns the marks of the module's sources by name.
func allMarks(t *testing.T, root string) map[string]mark {
	t.Helper()
	all := map[string]mark{}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		found, err := marksOf(rel, src)
		for _, m := range found {
			if other, twice := all[m.name]; twice {
				t.Errorf("%s:%d: the mark %s is also in %s:%d", m.file, m.line, m.name, other.file, other.line)
			}
			all[m.name] = m
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// apply removes the protection from a source, which must still parse.
func (m mark) apply(src []byte) ([]byte, error) {
	lines := strings.Split(string(src), "\n")
	if m.line > len(lines) {
		return nil, errors.New("the source is shorter")
	}
	code, comment, _ := strings.Cut(lines[m.line-1], "//mutant:")
	changed, err := m.change(code)
	if err != nil {
		return nil, err
	}
	if comment != "" {
		changed += "//mutant:" + comment
	}
	lines[m.line-1] = changed
	out := []byte(strings.Join(lines, "\n"))
	if bytes.Equal(out, src) {
		return nil, errors.New("it changes nothing")
	}
	if _, err := parser.ParseFile(token.NewFileSet(), m.file, out, 0); err != nil {
		return nil, fmt.Errorf("what is left is no Go: %w", err)
	}
	return out, nil
}

// change returns the line without its protection.
func (m mark) change(code string) (string, error) {
	switch m.op {
	case "never", "always":
		form := ifForm.FindStringSubmatch(code)
		if form == nil {
			form = caseForm.FindStringSubmatch(code)
		}
		if form == nil {
			return "", fmt.Errorf("%s is for an if, a for or a case", m.op)
		}
		if m.op == "never" {
			return form[1] + "false && (" + form[2] + ")" + form[3], nil
		}
		return form[1] + "true || (" + form[2] + ")" + form[3], nil
	case "drop":
		return "", nil
	}
	old, rest, err := quotedWord(strings.TrimPrefix(m.op, "is "))
	if err != nil {
		return "", err
	}
	replacement, rest, err := quotedWord(strings.TrimSpace(rest))
	switch {
	case err != nil:
		return "", err
	case strings.TrimSpace(rest) != "":
		return "", fmt.Errorf("%q stands behind the two texts", rest)
	case !strings.Contains(code, old):
		return "", fmt.Errorf("the line has no %q", old)
	}
	return strings.Replace(code, old, replacement, 1), nil
}

// quotedWord parses a Go string literal at the beginning of s.
func quotedWord(s string) (word, rest string, err error) {
	quoted, err := strconv.QuotedPrefix(s)
	if err != nil {
		return "", "", fmt.Errorf("%q does not begin with a text in quotes", s)
	}
	word, err = strconv.Unquote(quoted)
	return word, s[len(quoted):], err
}

// Each operation works, and its errors name what is wrong.
func TestMarks(t *testing.T) {
	for _, tt := range []struct {
		name, code, want string // want is the changed line, or "error: " and a part of the error
	}{
		{"never", "if a > b { //mutant:x never", "if false && (a > b) { //mutant:x never"},
		{"always", "if a > b { //mutant:x always", "if true || (a > b) { //mutant:x always"},
		{"with a statement", "if c := a; c > b { //mutant:x never", "if c := a; false && (c > b) { //mutant:x never"},
		{"a loop", "for a > b { //mutant:x never", "for false && (a > b) { //mutant:x never"},
		{"above", "//mutant:x never\n\tif a > b {", "//mutant:x never\n\tif false && (a > b) {"},
		{"dropped", "a = b //mutant:x drop", "//mutant:x drop"},
		{"a text", "if a > b { //mutant:x is \"a > b\" \"b > a\"", "if b > a { //mutant:x is \"a > b\" \"b > a\""},
		{"of two the first", "if a > a+b { //mutant:x is \"a\" \"b\"", "if b > a+b { //mutant:x is \"a\" \"b\""},
		{"no condition", "a = b //mutant:x never", "error: is for an if"},
		{"no such text", "if a > b { //mutant:x is \"c\" \"d\"", "error: the line has no"},
		{"one text", "if a > b { //mutant:x is \"a\"", "error: does not begin with a text in quotes"},
		{"not Go", "if a > b { //mutant:x is \"{\" \"}\"", "error: what is left is no Go"},
		{"another word", "if a > b { //mutant:x sometimes", "error: a mark is"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			frame := func(code string) string {
				if strings.Contains(tt.code, "{ //") || strings.HasSuffix(tt.code, "{") {
					code += "\n\t}"
				}
				return "package p\n\nfunc f(a, b int) {\n\t" + code + "\n}\n"
			}
			src := frame(tt.code)
			got := ""
			marks, err := marksOf("p.go", []byte(src))
			if err == nil {
				var out []byte
				out, err = marks[0].apply([]byte(src))
				got = string(out)
			}
			if part, wrong := strings.CutPrefix(tt.want, "error: "); wrong {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("%v, want %q", err, part)
				}
				return
			}
			if want := frame(tt.want); err != nil || strings.ReplaceAll(got, "\t//", "//") != strings.ReplaceAll(want, "\t//", "//") {
				t.Errorf("%v\n%s\nwant\n%s", err, got, want)
			}
		})
	}
}
