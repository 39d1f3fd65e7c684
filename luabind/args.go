package luabind

import (
	"io/fs"
	"strconv"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// all means every argument.
const all = 1 << 30

// IgnoresArgs reports whether a script certainly ignores its arguments: neither the script
// nor the bundled modules that it loads use them. A script that loads other modules can use
// them.
func (vm *VM) IgnoresArgs(name string, src []byte) bool {
	chunk, err := ParseScript(name, src)
	if err != nil || argsUsed(chunk) > 0 {
		return false
	}
	sure := true
	Walk(chunk, func(n any) {
		call, ok := n.(*ast.FuncCallExpr)
		if !ok || !isIdent(call.Func, "require") {
			return
		}
		module, ok := "", false
		if len(call.Args) == 1 {
			var text *ast.StringExpr
			if text, ok = call.Args[0].(*ast.StringExpr); ok {
				module = text.Value
			}
		}
		sure = sure && ok && vm.comesAlong(module)
	})
	return sure
}

// comesAlong reports whether a module is bundled and does not use the arguments.
func (vm *VM) comesAlong(module string) bool {
	if vm.opts.Lib == nil {
		return false
	}
	src, err := fs.ReadFile(vm.opts.Lib, strings.ReplaceAll(module, ".", "/")+".lua")
	if err != nil {
		return false
	}
	chunk, err := ParseScript(module, src)
	return err == nil && argsUsed(chunk) < all
}

// UnusedArgs returns the arguments that neither a script that has run nor a module that it
// loaded uses.
func (vm *VM) UnusedArgs(args []string) []string {
	vm.Lock()
	defer vm.Unlock()
	used := 0
	for name, src := range vm.sources {
		chunk, err := ParseScript(name, src)
		if err != nil {
			return nil
		}
		n := argsUsed(chunk)
		if name != vm.main && n < all { // the ... of a module is its name
			n = 0
		}
		used = max(used, n)
	}
	return args[min(used, len(args)):]
}

// argsUsed returns how many of its arguments a script uses, judging by its text: "local a,
// b = ..." and arg[2] use two, "{...}" uses all.
func argsUsed(chunk []ast.Stmt) int {
	used := 0
	known := map[any]bool{} // uses that the code around them has counted
	some := func(n int) { used = max(used, n) }
	outer := 0 // the ... of a function are its own arguments
	assigned := func(names int, exprs []ast.Expr) {
		if len(exprs) == 0 {
			return
		}
		if dots, ok := exprs[len(exprs)-1].(*ast.Comma3Expr); ok && outer == 0 {
			known[dots] = true
			some(max(0, names-len(exprs)+1))
		}
	}
	var look func(node any)
	look = func(node any) {
		switch n := node.(type) {
		case []ast.Stmt:
			for _, s := range n {
				look(s)
			}
			return
		case []ast.Expr:
			for _, e := range n {
				look(e)
			}
			return
		case nil:
			return
		case *ast.LocalAssignStmt:
			assigned(len(n.Names), n.Exprs)
		case *ast.AssignStmt:
			assigned(len(n.Lhs), n.Rhs)
		case *ast.LogicalOpExpr:
			if dots, ok := n.Lhs.(*ast.Comma3Expr); ok && outer == 0 {
				known[dots] = true
				some(1)
			}
		case *ast.AttrGetExpr:
			if key, ok := n.Key.(*ast.NumberExpr); ok && isIdent(n.Object, "arg") {
				if i, err := strconv.Atoi(key.Value); err == nil {
					known[n.Object] = true
					some(i)
				}
			}
		case *ast.IdentExpr:
			if n.Value == "arg" && !known[n] {
				some(all)
			}
		case *ast.Comma3Expr:
			if outer == 0 && !known[n] {
				some(all)
			}
		case *ast.FunctionExpr:
			outer++
			defer func() { outer-- }()
		}
		for _, child := range children(node) {
			look(child)
		}
	}
	look(chunk)
	return used
}

func isIdent(e ast.Expr, name string) bool {
	id, ok := e.(*ast.IdentExpr)
	return ok && id.Value == name
}
