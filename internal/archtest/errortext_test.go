package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"testing"
)

// readsText has the files that search in the text of an error, with the reason.
var readsText = map[string]string{
	"script_error.go": "gopher-lua has no types for its errors",
}

// asks are the functions of package strings that test a text.
var asks = map[string]bool{
	"Contains": true, "ContainsAny": true, "HasPrefix": true, "HasSuffix": true, "EqualFold": true,
	"Index": true, "Cut": true, "CutPrefix": true, "CutSuffix": true,
}

// TestErrorsAreDistinguishedByType: a better text, or that of a system in another language,
// must not change the behaviour of the program.
func TestErrorsAreDistinguishedByType(t *testing.T) {
	found := map[string]bool{}
	for _, p := range packages(t) {
		for _, f := range p.GoFiles {
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, f), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if !asksForText(n) {
					return true
				}
				if found[f] = true; readsText[f] == "" {
					t.Errorf("%s/%s:%d looks for words in the text of an error", p.ImportPath, f, fset.Position(n.Pos()).Line)
				}
				return true
			})
		}
	}
	for f := range readsText {
		if !found[f] {
			t.Errorf("%s is excepted and reads no text of an error", f)
		}
	}
}

// asksForText reports strings.Contains(err.Error(), ...) and similar calls, and comparisons
// of err.Error() with a literal.
func asksForText(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		sel, ok := n.Fun.(*ast.SelectorExpr)
		if !ok || !asks[sel.Sel.Name] {
			return false
		}
		pkg, ok := sel.X.(*ast.Ident)
		return ok && pkg.Name == "strings" && len(n.Args) > 0 && isErrorText(n.Args[0])
	case *ast.BinaryExpr:
		lit := func(e ast.Expr) bool { l, ok := e.(*ast.BasicLit); return ok && l.Kind == token.STRING }
		return (n.Op == token.EQL || n.Op == token.NEQ) && (isErrorText(n.X) && lit(n.Y) || isErrorText(n.Y) && lit(n.X))
	}
	return false
}

func isErrorText(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) != 0 {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Error"
}

func TestSearchesInTextsAreRecognised(t *testing.T) {
	for text, want := range map[string]bool{
		`strings.Contains(err.Error(), "x")`: true, `strings.HasPrefix(e.Err.Error(), "dial ")`: true, `err.Error() == "EOF"`: true,
		`strings.TrimPrefix(err.Error(), "tls: ")`: false, `strings.Contains(text, "x")`: false,
		`err.Error()`: false, `t.Error("x") == "x"`: false,
	} {
		expr, err := parser.ParseExpr(text)
		if err != nil {
			t.Fatal(err)
		}
		if asksForText(expr) != want {
			t.Errorf("%s: want %v", text, want)
		}
	}
}
