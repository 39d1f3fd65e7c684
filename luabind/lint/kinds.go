package lint

import (
	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"

	"smtpsh/luabind"
)

// kinds checks the types of literal arguments. A check does not run tests or functions, so
// it must find here what a call would reject. It reports nothing about objects of unknown
// class.
func (c *checker) kinds(e *ast.FuncCallExpr, candidates []luabind.Func) {
	if class := ""; e.Receiver != nil {
		if class = c.classOfExpr(e.Receiver); class == "" || class == several {
			return
		}
	}
	for i, a := range e.Args {
		v := written(a)
		types := paramTypes(candidates, i)
		if v == nil || c.anyAccepts(types, v) || v.Type() == lua.LTString && literals(types[0]) != nil {
			continue
		}
		name := ""
		if f := candidates[0]; i < len(f.Params) {
			name = " (" + f.Params[i].Name + ")"
		}
		c.note(a.Line(), "%s: argument %d%s must be %s, got %s%s", candidates[0].Full(), i+1, name, luabind.TypeWords(types[0]),
			luabind.TypeName(v), c.lib.OptionsFollow(&candidates[0], i, v))
		if t, ok := a.(*ast.TableExpr); ok && len(e.Args) == 1 {
			if class := c.lib.LaterOptions(&candidates[0], i); class != "" {
				c.optionKeys(candidates[0].Full(), t, c.lib.KeysOf(class))
			}
		}
	}
}

// written returns a value with the type of an expression if the type is visible; else nil.
func written(e ast.Expr) lua.LValue {
	switch e := e.(type) {
	case *ast.TableExpr:
		return &lua.LTable{}
	case *ast.StringExpr:
		return lua.LString(e.Value)
	case *ast.NumberExpr:
		return lua.LNumber(0)
	case *ast.TrueExpr, *ast.FalseExpr:
		return lua.LTrue
	case *ast.FunctionExpr:
		return &lua.LFunction{}
	}
	return nil
}

func (c *checker) anyAccepts(types []string, v lua.LValue) bool {
	for _, t := range types {
		if c.lib.Accepts(t, v) {
			return true
		}
	}
	return len(types) == 0
}
