package lint

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"smtpsh/internal/suggest"
	"smtpsh/luabind"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
)

// Finding is a mistake that Check has found in a script.
type Finding struct {
	Line    int
	Message string
	Source  string
}

// checker walks the syntax tree of a script.
type checker struct {
	lib      *luabind.Library
	funcs    []luabind.Func // of the library
	src      []byte
	scopes   []map[string]bool
	globals  map[string]bool           // known names that the file assigns
	modules  map[string][]string       // names in each module
	methods  map[string][]luabind.Func // by name
	fields   []string                  // of all classes
	ownNames map[string]bool           // keys and functions that the file itself defines
	classes  map[string]string         // of the objects in variables
	rules    bool                      // the file is a script with rules for a server
	found    []Finding
}

// Check reads a script without running it and finds names that do not exist: variables,
// functions of modules, methods, options. The error is a [*ScriptError] if the script
// cannot be parsed.
func Check(lib *luabind.Library, name string, src []byte) ([]Finding, error) {
	if _, err := luabind.Compile(name, src); err != nil { // it finds more than the parser
		return nil, err
	}
	chunk, err := luabind.ParseScript(name, src)
	if err != nil {
		return nil, err
	}
	c := newChecker(lib, src)
	c.collect(chunk)
	if usesServer(chunk) {
		c.rules, c.globals["server"] = true, true // rules for smtpsh sandbox --script
	}
	c.noteTypes(chunk)
	c.block(chunk)
	sort.SliceStable(c.found, func(i, j int) bool { return c.found[i].Line < c.found[j].Line })
	if len(c.found) == maxFindings {
		last := c.found[maxFindings-1]
		c.found = append(c.found, Finding{last.Line, "there may be more mistakes than these", last.Source})
	}
	return c.found, nil
}

func newChecker(lib *luabind.Library, src []byte) *checker {
	c := &checker{
		lib: lib, funcs: lib.Funcs(), src: src, globals: map[string]bool{"arg": true},
		modules: map[string][]string{}, methods: map[string][]luabind.Func{},
		ownNames: map[string]bool{},
	}
	vm := luabind.New(nil, luabind.Options{Library: lib, Unsafe: true})
	defer vm.Close()
	vm.L.G.Global.ForEach(func(k, v lua.LValue) {
		c.globals[k.String()] = true
		if t, ok := v.(*lua.LTable); ok && k.String() != "_G" {
			t.ForEach(func(name, _ lua.LValue) { c.modules[k.String()] = append(c.modules[k.String()], name.String()) })
		}
	})
	for _, f := range c.funcs {
		if f.IsMethod() {
			c.methods[f.Name] = append(c.methods[f.Name], f)
		}
	}
	for _, class := range c.lib.Classes() {
		for _, f := range class.Fields {
			c.fields = append(c.fields, f.Name)
		}
	}
	return c
}

// maxFindings limits the number of findings in a file.
const maxFindings = 200

func (c *checker) note(line int, format string, args ...any) {
	if len(c.found) >= maxFindings {
		return
	}
	c.found = append(c.found, Finding{line, fmt.Sprintf(format, args...), strings.TrimSpace(luabind.SourceLine(c.src, line))})
}

// collect collects the names that the file defines anywhere.
func (c *checker) collect(stmts []ast.Stmt) {
	luabind.Walk(stmts, func(n any) {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				switch l := l.(type) {
				case *ast.IdentExpr:
					c.globals[l.Value] = true
				case *ast.AttrGetExpr:
					c.own(l.Key)
				}
			}
		case *ast.FuncDefStmt:
			if id, ok := n.Name.Func.(*ast.IdentExpr); ok {
				c.globals[id.Value] = true
			}
			if at, ok := n.Name.Func.(*ast.AttrGetExpr); ok {
				c.own(at.Key)
			}
			c.ownNames[n.Name.Method] = true
		case *ast.TableExpr:
			for _, f := range n.Fields {
				c.own(f.Key)
			}
		}
	})
}

func (c *checker) own(key ast.Expr) {
	if s, ok := key.(*ast.StringExpr); ok {
		c.ownNames[s.Value] = true
	}
}

func (c *checker) known(name string) bool {
	return c.globals[name] || c.local(name)
}

func (c *checker) local(name string) bool {
	for _, s := range c.scopes {
		if s[name] {
			return true
		}
	}
	return false
}

func (c *checker) define(names ...string) {
	for _, n := range names {
		c.scopes[len(c.scopes)-1][n] = true
	}
}

// block checks statements in a scope of their own.
func (c *checker) block(stmts []ast.Stmt, names ...string) {
	c.scopes = append(c.scopes, map[string]bool{})
	c.define(names...)
	for _, s := range stmts {
		if len(c.found) < maxFindings {
			c.stmt(s)
		}
	}
	c.scopes = c.scopes[:len(c.scopes)-1]
}

func (c *checker) exprs(list []ast.Expr) {
	for _, e := range list {
		c.expr(e)
	}
}

func (c *checker) stmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		c.exprs(s.Rhs)
		for _, l := range s.Lhs {
			if at, ok := l.(*ast.AttrGetExpr); ok {
				c.expr(at.Object)
				c.expr(at.Key)
			}
		}
	case *ast.LocalAssignStmt:
		if len(s.Names) == 1 && len(s.Exprs) == 1 {
			if fn, ok := s.Exprs[0].(*ast.FunctionExpr); ok { // local function f: f is known inside
				c.define(s.Names...)
				c.expr(fn)
				return
			}
		}
		c.exprs(s.Exprs)
		c.define(s.Names...)
	case *ast.FuncCallStmt:
		c.expr(s.Expr)
	case *ast.DoBlockStmt:
		c.block(s.Stmts)
	case *ast.WhileStmt:
		c.expr(s.Condition)
		c.block(s.Stmts)
	case *ast.RepeatStmt:
		c.block(append(slices.Clone(s.Stmts), &ast.ReturnStmt{Exprs: []ast.Expr{s.Condition}}))
	case *ast.IfStmt:
		c.expr(s.Condition)
		c.block(s.Then)
		c.block(s.Else)
	case *ast.NumberForStmt:
		c.exprs([]ast.Expr{s.Init, s.Limit, s.Step})
		c.block(s.Stmts, s.Name)
	case *ast.GenericForStmt:
		c.exprs(s.Exprs)
		c.block(s.Stmts, s.Names...)
	case *ast.FuncDefStmt:
		if at, ok := s.Name.Func.(*ast.AttrGetExpr); ok {
			c.expr(at.Object)
		}
		if s.Name.Receiver != nil {
			c.expr(s.Name.Receiver)
			c.block(nil)
			c.scopes = append(c.scopes, map[string]bool{"self": true})
			c.expr(s.Func)
			c.scopes = c.scopes[:len(c.scopes)-1]
			return
		}
		c.expr(s.Func)
	case *ast.ReturnStmt:
		c.exprs(s.Exprs)
	}
}

func (c *checker) expr(e ast.Expr) {
	switch e := e.(type) {
	case *ast.IdentExpr:
		if !c.known(e.Value) {
			var names []string
			for n := range c.globals {
				names = append(names, n)
			}
			for _, s := range c.scopes {
				for n := range s {
					names = append(names, n)
				}
			}
			c.note(e.Line(), "undefined variable: %s%s", e.Value, suggest.DidYouMean(e.Value, names))
		}
	case *ast.AttrGetExpr:
		c.expr(e.Object)
		c.attr(e)
	case *ast.TableExpr:
		for _, f := range e.Fields {
			if f.Key != nil {
				if _, ok := f.Key.(*ast.StringExpr); !ok {
					c.expr(f.Key)
				}
			}
			c.expr(f.Value)
		}
	case *ast.FuncCallExpr:
		c.call(e)
	case *ast.LogicalOpExpr:
		c.exprs([]ast.Expr{e.Lhs, e.Rhs})
	case *ast.RelationalOpExpr:
		c.exprs([]ast.Expr{e.Lhs, e.Rhs})
	case *ast.StringConcatOpExpr:
		c.exprs([]ast.Expr{e.Lhs, e.Rhs})
	case *ast.ArithmeticOpExpr:
		c.exprs([]ast.Expr{e.Lhs, e.Rhs})
	case *ast.UnaryMinusOpExpr:
		c.expr(e.Expr)
	case *ast.UnaryNotOpExpr:
		c.expr(e.Expr)
	case *ast.UnaryLenOpExpr:
		c.expr(e.Expr)
	case *ast.FunctionExpr:
		names := slices.Clone(e.ParList.Names)
		if e.ParList.HasVargs {
			names = append(names, "arg")
		}
		c.block(e.Stmts, names...)
	}
}

// attr checks names such as smtp.conect and reply.cod.
func (c *checker) attr(e *ast.AttrGetExpr) {
	key, ok := e.Key.(*ast.StringExpr)
	if !ok {
		c.expr(e.Key)
		return
	}
	if id, ok := e.Object.(*ast.IdentExpr); ok && !c.local(id.Value) {
		if names, ok := c.modules[id.Value]; ok {
			if !slices.Contains(names, key.Value) && !c.ownNames[key.Value] {
				c.note(e.Line(), "%s has no function %s%s", id.Value, key.Value, suggest.DidYouMean(key.Value, slices.Clone(names)))
			}
			return
		}
	}
	if c.field(e, key.Value) || slices.Contains(c.fields, key.Value) || c.methods[key.Value] != nil || c.ownNames[key.Value] {
		return
	}
	if near := suggest.Name(key.Value, slices.Clone(c.fields)); near != "" && suggest.Distance(key.Value, near) == 1 {
		c.note(e.Line(), "no object has a field %s; did you mean %s?", key.Value, near)
	}
}

func (c *checker) call(e *ast.FuncCallExpr) {
	if e.Func != nil {
		c.expr(e.Func)
	}
	if e.Receiver != nil {
		c.expr(e.Receiver)
		if !c.methodKnown(e.Method) {
			var names []string
			for n := range c.methods {
				names = append(names, n)
			}
			c.note(e.Line(), "no object has a method %s%s", e.Method, suggest.DidYouMean(e.Method, append(names, c.modules["string"]...)))
		}
	}
	c.exprs(e.Args)
	c.withDot(e)
	if candidates := c.callees(e); len(candidates) > 0 {
		c.args(e, candidates)
		c.kinds(e, candidates)
		c.values(e, candidates)
	}
}

func (c *checker) methodKnown(name string) bool {
	return c.methods[name] != nil || c.ownNames[name] || slices.Contains(c.modules["string"], name) ||
		slices.Contains([]string{"write", "read", "lines", "close", "seek", "flush", "setvbuf"},
			name)
}

// callees returns the functions that a call can be to.
func (c *checker) callees(e *ast.FuncCallExpr) []luabind.Func {
	if e.Receiver != nil {
		if c.ownNames[e.Method] {
			return nil
		}
		return c.methodsOf(e.Receiver, e.Method)
	}
	module, name := "", ""
	switch f := e.Func.(type) {
	case *ast.IdentExpr:
		name = f.Value
		if c.local(name) {
			return nil
		}
	case *ast.AttrGetExpr:
		id, ok := f.Object.(*ast.IdentExpr)
		key, isName := f.Key.(*ast.StringExpr)
		if !ok || !isName || c.local(id.Value) {
			return nil
		}
		module, name = id.Value, key.Value
	}
	for _, f := range c.funcs {
		if f.On == module && f.Name == name {
			return []luabind.Func{f}
		}
	}
	return nil
}

// args checks the number of arguments and the keys of option tables.
func (c *checker) args(e *ast.FuncCallExpr, candidates []luabind.Func) {
	fits := false
	for _, f := range candidates {
		fits = fits || f.More != nil || len(e.Args) <= len(f.Params)
	}
	if !fits {
		c.note(e.Line(), "%s takes %d argument(s), got %d: %s", candidates[0].Full(), len(candidates[0].Params), len(e.Args),
			candidates[0].Signature())
		return
	}
	for i, a := range e.Args {
		t, ok := a.(*ast.TableExpr)
		if !ok {
			continue
		}
		var keys []luabind.Param
		open := false // one candidate accepts any table here
		for _, f := range candidates {
			if i >= len(f.Params) {
				continue
			}
			class, ok := c.lib.OptionsClass(f.Params[i].Type)
			if !ok {
				open = true
				continue
			}
			keys = append(keys, c.lib.KeysOf(class)...)
		}
		if !open && len(keys) > 0 {
			c.optionKeys(candidates[0].Full(), t, keys)
		}
	}
}
