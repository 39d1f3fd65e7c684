package lint

import (
	"slices"
	"strings"

	"smtpsh/internal/suggest"
	"smtpsh/luabind"

	"github.com/yuin/gopher-lua/ast"
)

// noteTypes finds the classes of objects in variables. A name that gets anything else
// anywhere in the file, or objects of two classes, has no known class: findings must be
// right for all objects.
func (c *checker) noteTypes(chunk []ast.Stmt) {
	c.classes = map[string]string{"server": ""}
	if c.rules {
		c.classes["server"] = "smtp.Server"
	}
	given := map[*ast.FunctionExpr][]string{} // classes of the parameters, where known
	for range 2 {                             // the assigned value can come from a variable that is assigned later in the file
		luabind.Walk(chunk, func(n any) {
			switch n := n.(type) {
			case *ast.LocalAssignStmt:
				for i, name := range n.Names {
					if i < len(n.Exprs) {
						c.assigned(name, n.Exprs[i])
					} else if len(n.Exprs) > 0 {
						c.unknown(name)
					}
				}
			case *ast.AssignStmt:
				for i, l := range n.Lhs {
					id, ok := l.(*ast.IdentExpr)
					switch {
					case !ok:
					case i < len(n.Rhs):
						c.assigned(id.Value, n.Rhs[i])
					default:
						c.unknown(id.Value)
					}
				}
			case *ast.FuncCallExpr:
				for _, f := range c.callees(n) {
					for i, a := range n.Args {
						if fn, ok := a.(*ast.FunctionExpr); ok && i < len(f.Params) {
							given[fn] = c.parameterClasses(f.Params[i].Type)
						}
					}
				}
			case *ast.FunctionExpr:
				for i, name := range n.ParList.Names {
					if i < len(given[n]) {
						c.assume(name, given[n][i])
					} else {
						c.unknown(name)
					}
				}
			case *ast.GenericForStmt:
				for _, name := range n.Names {
					c.unknown(name)
				}
			case *ast.NumberForStmt:
				c.unknown(n.Name)
			case *ast.FuncDefStmt:
				if id, ok := n.Name.Func.(*ast.IdentExpr); ok && n.Name.Receiver == nil {
					c.unknown(id.Value)
				}
			}
		})
	}
}

const (
	several = "-"       // of a variable without a single class
	module  = "require" // of a variable that holds a module
)

func (c *checker) unknown(name string) { c.classes[name] = several }

func (c *checker) assigned(name string, e ast.Expr) {
	if _, ok := e.(*ast.NilExpr); ok {
		return
	}
	if call, ok := e.(*ast.FuncCallExpr); ok && call.Receiver == nil {
		if id, ok := call.Func.(*ast.IdentExpr); ok && id.Value == "require" {
			c.assume(name, module)
			return
		}
	}
	c.assume(name, c.classOfExpr(e))
}

func (c *checker) assume(name, class string) {
	switch old, seen := c.classes[name]; {
	case class == "":
		c.unknown(name)
	case !seen || old == "":
		c.classes[name] = class
	case old != class:
		c.unknown(name)
	}
}

// parameterClasses parses the classes of a callback's parameters: fun(conn: smtp.Conn).
func (c *checker) parameterClasses(typ string) []string {
	_, list, ok := strings.Cut(typ, "fun(")
	if !ok {
		return nil
	}
	list, _, _ = strings.Cut(list, ")")
	var out []string
	for p := range strings.SplitSeq(list, ",") {
		_, class, _ := strings.Cut(p, ":")
		out = append(out, c.objectClass(strings.TrimSpace(class)))
	}
	return out
}

// objectClass returns the class in a type; "" if the type is, or can be, something else.
func (c *checker) objectClass(typ string) string {
	typ, _, _ = strings.Cut(typ, ",") // the first of several values
	typ = strings.TrimSuffix(strings.TrimSpace(typ), "?")
	if class, ok := c.lib.Class(typ); ok && class.Keys == nil {
		return class.Name
	}
	return ""
}

// classOfExpr returns the class of the objects of an expression; "" if it is not known.
func (c *checker) classOfExpr(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.IdentExpr:
		if class := c.classes[e.Value]; class != several && class != module {
			return class
		}
	case *ast.FuncCallExpr:
		class := ""
		for i, f := range c.callees(e) {
			returned := c.objectClass(f.Returns)
			if i > 0 && returned != class {
				return ""
			}
			class = returned
		}
		return class
	case *ast.AttrGetExpr:
		key, ok := e.Key.(*ast.StringExpr)
		if !ok {
			return ""
		}
		if class, ok := c.lib.Class(c.classOfExpr(e.Object)); ok {
			for _, f := range class.Fields {
				if f.Name == key.Value {
					return c.objectClass(f.Type)
				}
			}
		}
	}
	return ""
}

// methodsOf returns the methods with a name that an object can have: those of its class if
// the class is known.
func (c *checker) methodsOf(receiver ast.Expr, name string) []luabind.Func {
	all := c.methods[name]
	class := c.classOfExpr(receiver)
	if class == "" {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(f luabind.Func) bool { return f.On != class })
}

// field checks a field of an object if its class is known, and reports whether it did.
func (c *checker) field(e *ast.AttrGetExpr, key string) bool {
	if id, ok := e.Object.(*ast.IdentExpr); ok && c.classes[id.Value] == module {
		return true
	}
	class, ok := c.lib.Class(c.classOfExpr(e.Object))
	if !ok {
		return false
	}
	var names []string
	for _, f := range class.Fields {
		names = append(names, f.Name)
	}
	for _, f := range c.funcs {
		if f.On == class.Name {
			names = append(names, f.Name)
		}
	}
	if !slices.Contains(names, key) {
		c.note(e.Line(), "%s has no field %s%s", class.Name, key, suggest.DidYouMean(key, names))
	}
	return true
}

// withDot finds s.ehlo("me"), which lacks the object that s:ehlo("me") passes.
func (c *checker) withDot(e *ast.FuncCallExpr) {
	at, ok := e.Func.(*ast.AttrGetExpr)
	if !ok {
		return
	}
	key, isName := at.Key.(*ast.StringExpr)
	class := c.classOfExpr(at.Object)
	if !isName || class == "" || !slices.ContainsFunc(c.methods[key.Value], func(f luabind.Func) bool { return f.On == class }) {
		return
	}
	object := "s"
	if id, ok := at.Object.(*ast.IdentExpr); ok {
		object = id.Value
		if len(e.Args) > 0 {
			if first, ok := e.Args[0].(*ast.IdentExpr); ok && first.Value == object {
				return // s.ehlo(s, "me") means the same as s:ehlo("me")
			}
		}
	}
	c.note(e.Line(), "%s is called with a colon: %s:%s(...)", key.Value, object, key.Value)
}

// IsRules reports whether a script has rules for smtpsh sandbox --script: it uses the
// global server.
func IsRules(name string, src []byte) bool {
	chunk, err := luabind.ParseScript(name, src)
	return err == nil && usesServer(chunk)
}

// usesServer searches for server:on(...), or server under another name, in a file without a
// variable server of its own.
func usesServer(chunk []ast.Stmt) bool {
	is := func(e ast.Expr) bool {
		id, ok := e.(*ast.IdentExpr)
		return ok && id.Value == "server"
	}
	uses, owns := false, false
	luabind.Walk(chunk, func(n any) {
		switch n := n.(type) {
		case *ast.FuncCallExpr:
			uses = uses || n.Receiver != nil && is(n.Receiver)
		case *ast.AttrGetExpr:
			uses = uses || is(n.Object)
		case *ast.LocalAssignStmt:
			uses = uses || slices.ContainsFunc(n.Exprs, is)
			owns = owns || slices.Contains(n.Names, "server")
		case *ast.AssignStmt:
			owns = owns || slices.ContainsFunc(n.Lhs, is)
		case *ast.FunctionExpr:
			owns = owns || slices.Contains(n.ParList.Names, "server")
		case *ast.GenericForStmt:
			owns = owns || slices.Contains(n.Names, "server")
		}
	})
	return uses && !owns
}
