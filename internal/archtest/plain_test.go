package archtest

import (
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"smtpsh/internal/concepts"
)

// habits are phrases that readers had to read twice, with a replacement for each. The test
// searches every text: Go comments and strings, Markdown, Lua and test scripts.
var habits = []struct{ phrase, write string }{
	{`all the same`, "although, in spite of that"},
	{`(?:be|being|is|are|was|were) held on`, "keep"},
	{`(?:is|are|be|was|were) (?:told|said) of`, "named, reported"},
	{`bears? (?:it|the|its|a)`, "handle, allow"},
	{`behind (?:it|them|that|the last|each)`, "after (in time and text)"},
	{`beside (?:it|them|the|its|each|a|an)`, "in addition to, next to"},
	{`in the clear`, "unencrypted, as plain text"},
	{`is spoken`, "is supported"},
	{`it is no\b`, "it is not a"},
	{`leaves? (?:away|the program)`, "omit; exit"},
	{`may be met`, "can occur"},
	{`mostly`, "usually, mainly"},
	{`nothing but`, "only"},
	{`nothing is known of`, "unknown"},
	{`nothing has asked for`, "was not used"},
	{`of ours`, "smtpsh's, our own"},
	{`parted`, "separated"},
	{`so-manieth`, "Nth"},
	{`so many times`, "N times"},
	{`such as it is`, "unchanged"},
	{`the other end`, "the peer, the server"},
	{`wants? (?:that|to be|nothing)`, "requires, must"},
	{`wants? more than`, "must be more than"},
	{`one argument too many`, "unexpected argument"},
	{`wrong turns?`, "wrong answer"},
	{`(?:is|are) written :[a-z]+`, "usage: :NAME"},
}

// untouched are files that quote such phrases, or texts of others.
var untouched = map[string]string{
	"internal/archtest/plain_test.go": "has the list",
	"internal/concepts":               "names the words that we do not use",
	"CONTRIBUTING.md":                 "shows texts before and after",
	"docs/glossary.md":                "names the words that we do not use",
	"CHANGELOG.md":                    "quotes former texts",
	"internal/swaks/stops.go":         "has names of swaks",
}

// TestTextsAreInPlainEnglish keeps the worst habits out of every text for readers.
func TestTextsAreInPlainEnglish(t *testing.T) {
	var all []string
	write := map[string]string{}
	for _, h := range habits {
		all = append(all, h.phrase)
	}
	for _, c := range concepts.All() {
		for _, word := range c.Avoid {
			all = append(all, regexp.QuoteMeta(word)+"s?")
			write[word] = c.Name
		}
	}
	// a line end of a comment can split a phrase
	phrase := regexp.MustCompile(`(?i)\b(?:` + strings.ReplaceAll(strings.Join(all, "|"), " ", `[\s/]+`) + `)\b`)
	files := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(path, "../../"))
		if hidden := strings.HasPrefix(name, ".") && name != "../.."; d.IsDir() && (hidden || untouched[name] != "" || name == "smtpsh-out") {
			return filepath.SkipDir
		}
		if d.IsDir() || untouched[name] != "" {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var texts []text
		switch filepath.Ext(name) {
		case ".go":
			texts = goTexts(t, name, b)
		case ".md", ".lua", ".smtp", ".txtar":
			texts = []text{{1, string(b)}}
		default:
			return nil
		}
		files++
		for _, x := range texts {
			for _, at := range phrase.FindAllStringIndex(x.text, -1) {
				found := strings.Join(strings.FieldsFunc(x.text[at[0]:at[1]], func(r rune) bool { return unicode.IsSpace(r) || r == '/' }), " ")
				t.Errorf("%s:%d: %q: write %s", name, x.line+strings.Count(x.text[:at[0]], "\n"), found, instead(found, write))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 400 {
		t.Errorf("only %d files were checked", files)
	}
}

// text is a text with its first line.
type text struct {
	line int
	text string
}

// goTexts returns the comments and the string literals of a Go file.
func goTexts(t *testing.T, name string, src []byte) []text {
	t.Helper()
	fset := token.NewFileSet()
	if _, err := parser.ParseFile(fset, name, src, parser.ImportsOnly); err != nil {
		t.Fatal(err)
	}
	file := fset.AddFile(name, -1, len(src))
	var s scanner.Scanner
	s.Init(file, src, nil, scanner.ScanComments)
	var out []text
	for {
		pos, tok, lit := s.Scan()
		switch tok {
		case token.EOF:
			return out
		case token.COMMENT:
			line := file.Line(pos)
			if n := len(out); n > 0 && strings.HasPrefix(out[n-1].text, "//") && out[n-1].line+strings.Count(out[n-1].text, "\n")+1 == line {
				out[n-1].text += "\n" + lit // a sentence continues in the next line
			} else {
				out = append(out, text{line, lit})
			}
		case token.STRING:
			out = append(out, text{file.Line(pos), lit})
		}
	}
}

func instead(found string, write map[string]string) string {
	for _, h := range habits {
		if regexp.MustCompile(`(?i)^(?:` + h.phrase + `)$`).MatchString(found) {
			return h.write
		}
	}
	for word, name := range write {
		if strings.HasPrefix(strings.ToLower(found), word) {
			return name
		}
	}
	return "something plain"
}
