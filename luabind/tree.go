package luabind

import (
	"fmt"

	"github.com/yuin/gopher-lua/ast"
)

// Walk visits statements and expressions, outer ones before inner ones.
func Walk(node any, visit func(n any)) {
	switch n := node.(type) {
	case []ast.Stmt:
		for _, s := range n {
			Walk(s, visit)
		}
		return
	case []ast.Expr:
		for _, e := range n {
			Walk(e, visit)
		}
		return
	case nil:
		return
	}
	visit(node)
	for _, child := range children(node) {
		Walk(child, visit)
	}
}

// maxNesting limits the nesting of expressions and blocks: compiling them recurses, and a
// stack overflow cannot be caught.
const maxNesting = 2000

// maxConstants limits the number of different texts and numbers of a script: compiling
// takes quadratic time in their number.
const maxConstants = 20_000

// tooLargeTree returns what exceeds a limit in a syntax tree, or "". It measures without
// recursion.
func tooLargeTree(chunk []ast.Stmt) string {
	constants := map[string]struct{}{}
	type at struct {
		node  any
		depth int
	}
	todo := []at{{chunk, 0}}
	for len(todo) > 0 {
		x := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if x.depth > maxNesting {
			return "expressions or blocks are nested too deeply"
		}
		if len(constants) > maxConstants { //mutant:constants-of-a-source-are-counted never
			return fmt.Sprintf("there are more than %d different texts and numbers", maxConstants)
		}
		switch n := x.node.(type) {
		case *ast.StringExpr:
			constants[n.Value] = struct{}{}
		case *ast.NumberExpr:
			constants[n.Value] = struct{}{}
		case *ast.IdentExpr:
			constants[n.Value] = struct{}{}
		case []ast.Stmt:
			for _, s := range n {
				todo = append(todo, at{s, x.depth + 1})
			}
		case []ast.Expr:
			for _, e := range n {
				todo = append(todo, at{e, x.depth + 1})
			}
		case nil:
		default:
			for _, c := range children(x.node) {
				todo = append(todo, at{c, x.depth + 1})
			}
		}
	}
	return ""
}

// children returns the parts of a node.
func children(node any) []any {
	switch n := node.(type) {
	case *ast.AssignStmt:
		return []any{n.Lhs, n.Rhs}
	case *ast.LocalAssignStmt:
		return []any{n.Exprs}
	case *ast.FuncCallStmt:
		return []any{n.Expr}
	case *ast.DoBlockStmt:
		return []any{n.Stmts}
	case *ast.WhileStmt:
		return []any{n.Condition, n.Stmts}
	case *ast.RepeatStmt:
		return []any{n.Condition, n.Stmts}
	case *ast.IfStmt:
		return []any{n.Condition, n.Then, n.Else}
	case *ast.NumberForStmt:
		return []any{n.Init, n.Limit, n.Step, n.Stmts}
	case *ast.GenericForStmt:
		return []any{n.Exprs, n.Stmts}
	case *ast.FuncDefStmt:
		return []any{n.Func}
	case *ast.ReturnStmt:
		return []any{n.Exprs}
	case *ast.AttrGetExpr:
		return []any{n.Object, n.Key}
	case *ast.TableExpr:
		var out []any
		for _, f := range n.Fields {
			out = append(out, f.Key, f.Value)
		}
		return out
	case *ast.FuncCallExpr:
		return []any{n.Func, n.Receiver, n.Args}
	case *ast.LogicalOpExpr:
		return []any{n.Lhs, n.Rhs}
	case *ast.RelationalOpExpr:
		return []any{n.Lhs, n.Rhs}
	case *ast.StringConcatOpExpr:
		return []any{n.Lhs, n.Rhs}
	case *ast.ArithmeticOpExpr:
		return []any{n.Lhs, n.Rhs}
	case *ast.UnaryMinusOpExpr:
		return []any{n.Expr}
	case *ast.UnaryNotOpExpr:
		return []any{n.Expr}
	case *ast.UnaryLenOpExpr:
		return []any{n.Expr}
	case *ast.FunctionExpr:
		return []any{n.Stmts}
	}
	return nil
}

// mendLoops changes "for x in a().b:c() do" so that the call is made before the loop: the
// compiler would look up b in the wrong register.
func mendLoops(stmts []ast.Stmt) {
	Walk(stmts, func(n any) {
		loop, ok := n.(*ast.GenericForStmt)
		if !ok || len(loop.Exprs) != 1 {
			return
		}
		call, ok := loop.Exprs[0].(*ast.FuncCallExpr)
		if !ok || call.Receiver == nil || !hasCall(call.Receiver) {
			return
		}
		// for x in (function() return a().b:c() end)() do
		ret := &ast.ReturnStmt{Exprs: loop.Exprs}
		fn := &ast.FunctionExpr{ParList: &ast.ParList{}, Stmts: []ast.Stmt{ret}}
		outer := &ast.FuncCallExpr{Func: fn}
		if usesVarargs(call) {
			dots := &ast.Comma3Expr{}
			dots.SetLine(call.Line())
			fn.ParList.HasVargs, outer.Args = true, []ast.Expr{dots}
		}
		for _, p := range []ast.PositionHolder{ret, fn, outer} {
			p.SetLine(call.Line())
			p.SetLastLine(call.LastLine())
		}
		loop.Exprs = []ast.Expr{outer}
	})
}

func usesVarargs(e ast.Expr) bool {
	found := false
	Walk(e, func(n any) {
		if _, ok := n.(*ast.Comma3Expr); ok {
			found = true
		}
	})
	return found
}

func hasCall(e ast.Expr) bool {
	found := false
	Walk(e, func(n any) {
		if _, ok := n.(*ast.FuncCallExpr); ok {
			found = true
		}
	})
	return found
}
