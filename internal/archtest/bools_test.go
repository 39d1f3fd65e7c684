package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"testing"
)

// setters are functions whose name shows what true means.
var setters = []string{"setOpen"}

// No call passes true or false to a function of this module, because the call would not
// show what it means. A parameter of a named boolean type with two constants is the
// alternative.
func TestCallsShowWhatTheyMean(t *testing.T) {
	type source struct {
		pkg  string
		file *ast.File
	}
	fset := token.NewFileSet()
	var sources []source
	bools := map[string][]int{} // name of the function with its package; positions of its bool parameters
	for _, p := range packages(t) {
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			sources = append(sources, source{p.Name, file})
			for _, d := range file.Decls {
				f, ok := d.(*ast.FuncDecl)
				if !ok {
					continue
				}
				key := p.Name + "." + f.Name.Name
				if f.Recv != nil { // the type of the receiver is not known here
					key = "()." + f.Name.Name
				}
				if at := boolParameters(f); len(at) > 0 {
					bools[key] = append(bools[key], at...)
				}
			}
		}
	}
	for _, s := range sources {
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name := ""
			var at []int
			switch f := call.Fun.(type) {
			case *ast.Ident:
				name = f.Name
				at = bools[s.pkg+"."+name]
			case *ast.SelectorExpr:
				name = f.Sel.Name
				at = bools["()."+name]
				if x, ok := f.X.(*ast.Ident); ok && bools[x.Name+"."+name] != nil {
					at = bools[x.Name+"."+name]
				}
			}
			for i, a := range call.Args {
				id, ok := a.(*ast.Ident)
				if ok && (id.Name == "true" || id.Name == "false") && slices.Contains(at, i) && !slices.Contains(setters, name) {
					t.Errorf("%s: %s(%s): the name of the argument does not show its meaning", fset.Position(call.Pos()), name, id.Name)
				}
			}
			return true
		})
	}
	if len(bools) < 30 {
		t.Errorf("only %d functions with a bool were found", len(bools))
	}
}

// boolParameters returns the positions of a function's parameters of the type bool.
func boolParameters(f *ast.FuncDecl) []int {
	var at []int
	i := 0
	for _, p := range f.Type.Params.List {
		id, ok := p.Type.(*ast.Ident)
		for range max(len(p.Names), 1) {
			if ok && id.Name == "bool" {
				at = append(at, i)
			}
			i++
		}
	}
	return at
}
