package lint

import (
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"

	"smtpsh/internal/dialogue"
	"smtpsh/internal/sandbox"
	"smtpsh/internal/suggest"
	"smtpsh/luabind"
	"smtpsh/luabind/servermod"
	"smtpsh/luabind/smtpmod"
)

// values checks literal arguments: conditions on replies, verbs of rules, words of a fixed
// set, dialogues, and nested options.
func (c *checker) values(e *ast.FuncCallExpr, candidates []luabind.Func) {
	for i, a := range e.Args {
		c.option(a, paramTypes(candidates, i))
		switch a := a.(type) {
		case *ast.TableExpr:
			if allAre(paramTypes(candidates, i), smtpmod.WantType) {
				c.wantTable(a)
			}
		case *ast.StringExpr:
			c.word(candidates, i, a)
			if isMethod(candidates, "smtp.Session", "play") && i == 0 {
				c.dialogue(a)
			}
		}
	}
	if len(e.Args) > 0 && c.isRule(e, candidates) {
		c.rule(e)
	}
}

// paramTypes returns the possible types of a parameter, one for each function that can be
// called.
func paramTypes(candidates []luabind.Func, i int) []string {
	var out []string
	for _, f := range candidates {
		switch {
		case i < len(f.Params):
			out = append(out, f.Params[i].Type)
		case f.More != nil:
			out = append(out, f.More.Type)
		default:
			out = append(out, "any")
		}
	}
	return out
}

func allAre(types []string, want string) bool {
	return len(types) > 0 && !slices.ContainsFunc(types, func(t string) bool { return t != want })
}

func isMethod(candidates []luabind.Func, class, name string) bool {
	return len(candidates) == 1 && candidates[0].On == class && candidates[0].Name == name
}

// option checks a value for a parameter or an option of one of these types.
func (c *checker) option(e ast.Expr, types []string) {
	if allAre(types, smtpmod.WantType) {
		c.wantValue(e)
	}
}

// nested checks options that are tables themselves, such as auth = {user = ...}.
func (c *checker) nested(where string, t *ast.TableExpr, keys []luabind.Param) {
	for _, f := range t.Fields {
		key, ok := f.Key.(*ast.StringExpr)
		if !ok {
			continue
		}
		for _, p := range keys {
			if p.Name != key.Value {
				continue
			}
			if word, ok := f.Value.(*ast.StringExpr); ok {
				if allowed := literals(p.Type); len(allowed) > 0 && !slices.Contains(allowed, word.Value) {
					c.note(f.Value.Line(), "%s: option %s: %s is not one of %s%s", where, p.Name, luabind.Quoted(word.Value), strings.Join(allowed, " "),
						suggest.DidYouMean(word.Value, allowed))
				}
			}
			class, ok := c.lib.OptionsClass(p.Type)
			inner, isTable := f.Value.(*ast.TableExpr)
			if ok && isTable && !strings.Contains(p.Type, "any") {
				c.optionKeys(where+", option "+p.Name, inner, c.lib.KeysOf(class))
			}
		}
	}
}

// optionKeys checks the keys of an options table.
func (c *checker) optionKeys(where string, t *ast.TableExpr, keys []luabind.Param) {
	var names []string
	for _, k := range keys {
		names = append(names, k.Name)
	}
	for _, f := range t.Fields {
		if key, ok := f.Key.(*ast.StringExpr); ok && !slices.Contains(names, key.Value) {
			c.note(f.Value.Line(), "%s: unknown option %s%s", where, key.Value, suggest.DidYouMean(key.Value, slices.Clone(names)))
		}
	}
	c.nested(where, t, keys)
}

// wantValue checks a literal condition on a reply.
func (c *checker) wantValue(e ast.Expr) {
	text := ""
	switch e := e.(type) {
	case *ast.StringExpr:
		text = e.Value
	case *ast.NumberExpr:
		text = e.Value
	default:
		return
	}
	if _, err := smtpmod.ParseWant(text); err != nil {
		c.note(e.Line(), "%s", err.(*luabind.ErrorValue).Message)
	}
}

// wantTable checks {250, 251} and {code = ..., enhanced = ...}.
func (c *checker) wantTable(t *ast.TableExpr) {
	for _, f := range t.Fields {
		key, named := f.Key.(*ast.StringExpr)
		switch {
		case f.Key == nil, named && key.Value == "code":
			if list, ok := f.Value.(*ast.TableExpr); ok {
				for _, x := range list.Fields {
					c.wantValue(x.Value)
				}
			} else {
				c.wantValue(f.Value)
			}
		case named && key.Value == "enhanced":
			c.wantValue(f.Value)
		case named && !slices.ContainsFunc(smtpmod.WantOpts.Keys, func(p luabind.Param) bool { return p.Name == key.Value }):
			var names []string
			for _, p := range smtpmod.WantOpts.Keys {
				names = append(names, p.Name)
			}
			c.note(f.Value.Line(), "a condition on a reply has no %s%s", key.Value, suggest.DidYouMean(key.Value, names))
		}
	}
}

// word checks a text of a fixed set: "require"|"try"|"never".
func (c *checker) word(candidates []luabind.Func, i int, s *ast.StringExpr) {
	var allowed []string
	for _, typ := range paramTypes(candidates, i) {
		words := literals(typ)
		if words == nil {
			return
		}
		allowed = append(allowed, words...)
	}
	if len(allowed) > 0 && !slices.Contains(allowed, s.Value) && !c.isRuleWord(candidates, s.Value) {
		c.note(s.Line(), "%s: %s is not one of %s%s", candidates[0].Full(), luabind.Quoted(s.Value), strings.Join(allowed, " "),
			suggest.DidYouMean(s.Value, allowed))
	}
}

// literals returns the words of a type that is a set of words; nil for other types.
func literals(typ string) []string {
	var out []string
	for t := range strings.SplitSeq(typ, "|") {
		if !strings.HasPrefix(t, `"`) {
			return nil
		}
		out = append(out, strings.Trim(t, `"`))
	}
	return out
}

// isRuleWord reports whether :on can be that of a server, whose class is not known.
func (c *checker) isRuleWord(candidates []luabind.Func, word string) bool {
	return len(candidates) > 1 && sandbox.KnownOccasion(word)
}

// isRule reports whether a call adds a rule to a server. If the class of the object is not
// known, the verb in capitals distinguishes it from session:on.
func (c *checker) isRule(e *ast.FuncCallExpr, candidates []luabind.Func) bool {
	if isMethod(candidates, "smtp.Server", "on") || isMethod(candidates, "smtp.Server", "commands") {
		return true
	}
	word, ok := e.Args[0].(*ast.StringExpr)
	return ok && e.Method == "on" && len(candidates) > 1 && word.Value == strings.ToUpper(word.Value)
}

// rule checks the verb of a rule, and the reply that it sends.
func (c *checker) rule(e *ast.FuncCallExpr) {
	if word, ok := e.Args[0].(*ast.StringExpr); ok && !sandbox.KnownOccasion(word.Value) {
		c.note(e.Line(), "%s", servermod.RuleError(e.Method, &sandbox.UnknownVerbError{Verb: word.Value}).(*luabind.ErrorValue).Message)
	}
	if e.Method != "on" || len(e.Args) < 2 {
		return
	}
	if when, ok := e.Args[1].(*ast.TableExpr); ok && len(e.Args) == 3 {
		c.optionKeys("on", when, c.lib.KeysOf(servermod.RuleOpts.Name))
	}
	last := e.Args[len(e.Args)-1]
	var value lua.LValue
	switch a := last.(type) {
	case *ast.StringExpr:
		value = lua.LString(a.Value)
	case *ast.TableExpr:
		if len(a.Fields) > 0 && a.Fields[0].Key != nil {
			c.optionKeys("on", a, c.lib.KeysOf(servermod.ActionOpts.Name))
		}
		return
	default:
		return
	}
	text, err := servermod.ReadReply(value)
	if err == nil {
		err = (&sandbox.Rule{On: "*", Sequence: []sandbox.Action{{Reply: text}}}).Check()
	}
	if err != nil {
		c.note(last.Line(), "on: %s", strings.TrimPrefix(smtpmod.ToErrorValue(err).Message, "on: "))
	}
}

// dialogue checks a dialogue for s:play.
func (c *checker) dialogue(s *ast.StringExpr) {
	for _, m := range dialogue.Mistakes("dialogue", s.Value) {
		c.note(s.Line(), "dialogue, line %d: %s: %s", m.Line, luabind.Quoted(m.Source), m.Message)
	}
}
