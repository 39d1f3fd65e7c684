package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// maxLines limits the lines of a file. Longer files must be split.
const maxLines = 400

func TestFilesAreSmall(t *testing.T) {
	n := 0
	for _, p := range packages(t) {
		for _, f := range p.GoFiles {
			b, err := os.ReadFile(filepath.Join(p.Dir, f))
			if err != nil {
				t.Fatal(err)
			}
			if lines := strings.Count(string(b), "\n"); lines > maxLines {
				t.Errorf("%s/%s has %d lines, more than %d", p.ImportPath, f, lines, maxLines)
			}
			n++
		}
	}
	if n < 60 {
		t.Fatalf("only %d files were checked", n)
	}
}

func TestPackagesHaveDocumentation(t *testing.T) {
	for _, p := range packages(t) {
		if p.ImportPath == "smtpsh/cmd/smtpsh" || p.ImportPath == "smtpsh/internal/docgen/gen" || p.ImportPath == "smtpsh/scripts" ||
			p.ImportPath == "smtpsh/testscripts" {
			continue
		}
		kind := "Package"
		if p.Name == "main" {
			kind = "Command"
		}
		b, err := os.ReadFile(filepath.Join(p.Dir, "doc.go"))
		if want := "// " + kind + " " + filepath.Base(p.ImportPath); err != nil || len(b) < 120 || !strings.HasPrefix(string(b), want+" ") {
			t.Errorf("%s has no doc.go that begins with %q", p.ImportPath, want)
		}
	}
}

var rfcForm = regexp.MustCompile(`RFC ?[0-9]+`)
var rfcGood = regexp.MustCompile(`RFC [0-9]{3,4}`)

// TestExportedNamesAreDocumented also checks how RFCs are cited, and that there are no init
// functions, which would make the program slow to start.
func TestExportedNamesAreDocumented(t *testing.T) {
	for _, p := range packages(t) {
		for _, f := range p.GoFiles {
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, f), nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range file.Decls {
				checkDecl(t, p.ImportPath+"/"+f, d)
			}
			for _, g := range file.Comments {
				for _, m := range rfcForm.FindAllString(g.Text(), -1) {
					if !rfcGood.MatchString(m) {
						t.Errorf("%s/%s cites %q", p.ImportPath, f, m)
					}
				}
			}
		}
	}
}

func checkDecl(t *testing.T, where string, d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.Name == "init" && d.Recv == nil {
			t.Errorf("%s has an init function", where)
		}
		if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
			t.Errorf("%s: %s has no comment", where, d.Name.Name)
		}
		if d.Name.IsExported() && d.Doc != nil && exportedReceiver(d) && !strings.Contains(d.Doc.Text(), d.Name.Name) {
			t.Errorf("%s: the comment of %s does not name it", where, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			if ts, ok := s.(*ast.TypeSpec); ok && ts.Name.IsExported() && d.Doc == nil && ts.Doc == nil {
				t.Errorf("%s: type %s has no comment", where, ts.Name.Name)
			}
		}
	}
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return true
	}
	switch x := d.Recv.List[0].Type.(type) {
	case *ast.Ident:
		return x.IsExported()
	case *ast.StarExpr:
		id, ok := x.X.(*ast.Ident)
		return ok && id.IsExported()
	}
	return false
}

// maxColumns limits a line of Go. A tab counts as one column.
const maxColumns = 140

// Two files fit next to each other on a screen. A row of a table with a URL is not split.
func TestLinesAreNotLong(t *testing.T) {
	n := 0
	for _, p := range packages(t) {
		for _, f := range slices.Concat(p.GoFiles, p.TestGoFiles, p.XTestGoFiles) {
			n++
			b, err := os.ReadFile(filepath.Join(p.Dir, f))
			if err != nil {
				t.Fatal(err)
			}
			for i, l := range strings.Split(string(b), "\n") {
				if utf8.RuneCountInString(l) > maxColumns && !strings.Contains(l, "://") {
					t.Errorf("%s/%s:%d has more than %d columns", p.ImportPath, f, i+1, maxColumns)
				}
			}
		}
	}
	if n < 500 {
		t.Errorf("only %d files were checked", n)
	}
}
