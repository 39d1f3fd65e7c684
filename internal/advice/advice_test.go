package advice

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/engine/tlsinfo"
)

// kindsIn returns the names of the constants of type AdviceKind in a file.
func kindsIn(t *testing.T, file string) map[string]bool {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if ok && strings.HasPrefix(spec.Names[0].Name, "Advice") && spec.Names[0].Name != "AdviceNone" {
			out[spec.Names[0].Name] = true
		}
		return true
	})
	return out
}

// Every kind of advice has a sentence.
func TestEveryAdviceHasWords(t *testing.T) {
	words, err := parser.ParseFile(token.NewFileSet(), "sentences.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]map[string]bool{"engine": {}, "tlsinfo": {}}
	ast.Inspect(words, func(n ast.Node) bool {
		if kv, ok := n.(*ast.KeyValueExpr); ok {
			key := kv.Key.(*ast.SelectorExpr)
			have[key.X.(*ast.Ident).Name][key.Sel.Name] = true
		}
		return true
	})
	have["engine"]["AdviceTLS"] = true // its text is in the other table
	for pkg, file := range map[string]string{"engine": "../../engine/advice.go", "tlsinfo": "../../engine/tlsinfo/advice.go"} {
		kinds := kindsIn(t, file)
		if len(kinds) < 10 {
			t.Fatalf("%s: only %d kinds", file, len(kinds))
		}
		for k := range kinds {
			if !have[pkg][k] {
				t.Errorf("%s.%s has no words", pkg, k)
			}
		}
	}
}

// all returns every advice.
func all() []engine.Advice {
	var out []engine.Advice
	for k := range sentences {
		out = append(out, engine.Advice{Kind: k, Names: []string{"PLAIN"}})
	}
	for k := range tlsSentences {
		out = append(out, engine.Advice{Kind: engine.AdviceTLS, TLS: tlsinfo.Advice{Kind: k, Name: "Some CA"}})
	}
	return append(out, engine.Advice{Kind: engine.AdviceTLS, TLS: tlsinfo.Advice{Kind: tlsinfo.AdviceTrustCA}})
}

// The text for each surface names only the ways of that surface. Only ways to send bytes
// unchanged are missing on the command line, which sends none.
func TestSurfacesNameTheirOwnWays(t *testing.T) {
	lua, prompt := regexp.MustCompile(`\bs:[a-z_]+|\boptions? `), regexp.MustCompile(`(^|[ (]):[a-z]{2,}`)
	theirs := map[string]bool{":write": true, ":timeout": true, ":login": true} // the words of dialogues
	for _, a := range all() {
		for _, where := range []Surface{CommandLine, Prompt, Lua, Dialogue} {
			said := Words(where, a)
			if strings.ContainsAny(said, "{}") && where != Lua || strings.HasSuffix(said, ".") || strings.HasSuffix(said, ": ") {
				t.Errorf("%v on surface %d: %q", a, where, said)
			}
			raw := a.Kind == engine.AdviceSendRaw || a.Kind == engine.AdviceSendLine || a.Kind == engine.AdviceLongLine
			if (said == "") != (raw && where == CommandLine) {
				t.Errorf("%v on surface %d has the words %q", a, where, said)
			}
			if where != Lua && lua.MatchString(said) {
				t.Errorf("%v on surface %d names Lua: %q", a, where, said)
			}
			for _, m := range prompt.FindAllString(said, -1) {
				if m = strings.Trim(m, " ("); where != Prompt && (where != Dialogue || !theirs[m]) {
					t.Errorf("%v on surface %d names %s: %q", a, where, m, said)
				}
			}
		}
	}
	for name, at := range ways {
		used := false
		for _, table := range []any{sentences, tlsSentences} {
			used = used || strings.Contains(fmt.Sprint(table), "{"+name+"}")
		}
		if !used {
			t.Errorf("no sentence has {%s}", name)
		}
		if at[Prompt] == "" || at[Lua] == "" || at[Dialogue] == "" {
			t.Errorf("{%s} is missing on a surface", name)
		}
	}
}

func TestWords(t *testing.T) {
	long := []engine.Advice{{Kind: engine.AdviceAnswerLater}, {Kind: engine.AdviceLongLine}}
	for _, tt := range []struct {
		where Surface
		list  []engine.Advice
		want  string
	}{
		{Prompt, long, "send AUTH with the mechanism alone and answer the 334 (RFC 4954 section 4); use :raw to send it as it is"},
		{Lua, long[1:], "use s:cmd or s:write to send it as it is"},
		{Dialogue, long[1:], "use :write to send it as it is"},
		{CommandLine, long, "send AUTH with the mechanism alone and answer the 334 (RFC 4954 section 4)"},
		{CommandLine, []engine.Advice{{Kind: engine.AdviceTLS, TLS: tlsinfo.Advice{Kind: tlsinfo.AdviceTrustCA, Name: "A {ca} \x1b"}}},
			`add the certificate of "A {ca} \x1b" with --ca FILE; --insecure continues without a check and sends no password`},
		{Prompt, []engine.Advice{{Kind: engine.AdviceMechanisms, Names: []string{"PLAIN", "LOGIN"}}, {Kind: engine.AdviceAuthByHand}},
			"supported are PLAIN LOGIN; for another mechanism send its messages yourself: type AUTH"},
		{Prompt, nil, ""},
		{Prompt, []engine.Advice{{}}, ""},
	} {
		if got := Words(tt.where, tt.list...); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.list, got, tt.want)
		}
	}
}

// The outermost error that has a hint counts.
func TestHint(t *testing.T) {
	op := &engine.OpError{Op: "MAIL", Kind: engine.ErrUsage, Advice: []engine.Advice{{Kind: engine.AdviceSendRaw}}}
	refused := &engine.OpError{Op: "MAIL", Kind: engine.ErrRefused, Reply: reply.Parse([]byte("550 no\r\n"))}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{errors.New("x"), ""},
		{fmt.Errorf("in it: %w", op), "use :raw to send such bytes"},
		{With(op, "do this"), "do this"},
		{With(op, ""), "use :raw to send such bytes"},
		{errors.Join(errors.New("x"), op), "use :raw to send such bytes"},
		{&engine.OpError{Op: "connect", Kind: engine.ErrUsage, Err: With(errors.New("x"), "inside")}, "inside"},
		{At(Lua, op), "use s:write to send such bytes"},
		{At(CommandLine, op), "use :raw to send such bytes"}, // it has no hint
	} {
		if got := Hint(tt.err, Prompt); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.err, got, tt.want)
		}
	}
	if Hint(refused, Prompt) == "" {
		t.Error("no hint for a refusal")
	}
	if At(Prompt, nil) != nil {
		t.Error("an error of nothing")
	}
}
