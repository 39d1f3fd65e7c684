package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// foreign matches the words of the program around the engine: a flag, a call in Lua, a
// command of the prompt. A command begins a word and is not followed by a digit or an
// address: "smtp://", "5.7.1: text" and "unix:PATH" are not commands.
var foreign = map[string]*regexp.Regexp{
	"a flag":                  regexp.MustCompile(`(^|[^-\w])--[a-z]`),
	"a call in Lua":           regexp.MustCompile(`\bs:[a-z_]+`),
	"a command of the prompt": regexp.MustCompile("(^|[ (])['`]?:[a-z]{2,}"),
}

// spared are literals that only look like such words, with the reason.
var spared = map[string]string{
	"MTRK=certifier in base64, then optional :seconds; needs ENVID": "the syntax of a parameter (RFC 3885)",
	"--secret": "what is looked for in lines that a person types, not what is said",
}

// TestEngineTextsNameNoFlags: programs that use the engine have other flags and commands
// than this one. What helps is said by engine.Advice, which internal/advice words.
func TestEngineTextsNameNoFlags(t *testing.T) {
	files, used := 0, map[string]bool{}
	for _, p := range packages(t) {
		if p.ImportPath != "smtpsh/engine" && !strings.HasPrefix(p.ImportPath, "smtpsh/engine/") {
			continue
		}
		for _, f := range p.GoFiles {
			files++
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, f), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				lit, ok := n.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					return true
				}
				text, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				if spared[text] != "" {
					used[text] = true
					return true
				}
				if what := foreignIn(text); what != "" {
					t.Errorf("%s/%s:%d: %q names %s", p.ImportPath, f, fset.Position(lit.Pos()).Line, text, what)
				}
				return true
			})
		}
	}
	if files < 50 {
		t.Errorf("only %d files were checked", files)
	}
	for text := range spared {
		if !used[text] {
			t.Errorf("the exception %q does not occur in any text", text)
		}
	}
}

func foreignIn(text string) string {
	for what, form := range foreign {
		if form.MatchString(text) {
			return what
		}
	}
	return ""
}

func TestForeignWordsAreRecognised(t *testing.T) {
	for text, want := range map[string]string{
		"--ca FILE": "a flag", "look at --tls-min": "a flag", "(--cert": "a flag",
		"s:write in Lua": "a call in Lua", "use s:auth_raw": "a call in Lua", "(s:cmd)": "a call in Lua",
		":raw at the prompt": "a command of the prompt", "say :write": "a command of the prompt", "(:open": "a command of the prompt",
		"the command ':set'": "a command of the prompt", "the command `:set`": "a command of the prompt",
		"smtp://host": "", "smtps:// for it": "", "5.7.1: text": "", "a -- b": "", "-----BEGIN": "", "A---B": "",
		"unix:PATH": "", "host:port": "", "::1": "", "[::ffff:1.2.3.4]": "",
		"class:x": "", ": text": "", "%s: the server": "", "is:": "", "tls: ": "", ":1080": "", "X--y": "",
	} {
		if got := foreignIn(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
