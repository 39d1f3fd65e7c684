package docs

import (
	"fmt"
	"io"
	"strings"

	"smtpsh/luabind"
)

// WriteMarkdown writes the reference page of the Lua functions.
func WriteMarkdown(w io.Writer, lib *luabind.Library) error {
	var b strings.Builder
	b.WriteString("# Lua reference\n\nGenerated from the program's own tables by `go generate ./...`; do not edit.\n\n")
	b.WriteString("In the examples `s` is a session that has just been connected to `sandbox:plain`.\n")
	on := "-"
	for _, f := range grouped(lib) {
		if f.On != on {
			on = f.On
			fmt.Fprintf(&b, "\n## %s\n", heading(on))
			if c, ok := lib.Class(on); ok {
				b.WriteString("\n" + c.Doc + "\n")
				writeFields(&b, c)
			}
		}
		sig := f.Signature()
		if f.Returns != "" {
			sig += " -> " + f.Returns
		}
		fmt.Fprintf(&b, "\n### `%s`\n\n%s\n", sig, f.Doc)
		if len(f.Params) > 0 {
			b.WriteString("\n")
			for _, p := range f.Params {
				fmt.Fprintf(&b, "- `%s` (%s%s): %s\n", p.Name, optional(p), code(p.Type), p.Doc)
			}
		}
		if f.Verb != "" {
			fmt.Fprintf(&b, "\nSays [%s](verbs.md#%s).\n", f.Verb, strings.ToLower(f.Verb))
		}
		fmt.Fprintf(&b, "\n```lua\n%s\n```\n", f.Example)
	}
	b.WriteString("\n## Other objects\n")
	for _, c := range lib.Classes() {
		if c.Keys == nil && !hasFuncs(lib, c.Name) {
			fmt.Fprintf(&b, "\n### %s\n\n%s\n", c.Name, c.Doc)
			writeFields(&b, c)
		}
	}
	b.WriteString("\n## Option tables\n\nAn unknown key is an error.\n")
	for _, c := range lib.Classes() {
		if c.Keys == nil {
			continue
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s", c.Name, c.Doc)
		if len(c.Parents) > 0 {
			fmt.Fprintf(&b, " Has all keys of %s.", strings.Join(c.Parents, ", "))
		}
		b.WriteString("\n\n")
		for _, k := range c.Keys {
			fmt.Fprintf(&b, "- `%s` (%s%s): %s\n", k.Name, optional(k), code(k.Type), k.Doc)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func heading(on string) string {
	if on == "" {
		return "Globals"
	}
	return on
}

func optional(p luabind.Param) string {
	if p.Optional {
		return "optional, "
	}
	return ""
}

func code(t string) string { return "`" + t + "`" }

func hasFuncs(lib *luabind.Library, class string) bool {
	for _, f := range lib.Funcs() {
		if f.On == class {
			return true
		}
	}
	return false
}

func writeFields(b *strings.Builder, c luabind.Class) {
	if len(c.Fields) == 0 {
		return
	}
	b.WriteString("\n| field | type | |\n|---|---|---|\n")
	for _, f := range c.Fields {
		fmt.Fprintf(b, "| `%s` | `%s` | %s |\n", f.Name, strings.ReplaceAll(f.Type, "|", `\|`), f.Doc)
	}
}

// grouped returns the functions, grouped by table or class.
func grouped(lib *luabind.Library) []luabind.Func {
	var order []string
	groups := map[string][]luabind.Func{}
	for _, f := range lib.Funcs() {
		if groups[f.On] == nil {
			order = append(order, f.On)
		}
		groups[f.On] = append(groups[f.On], f)
	}
	var out []luabind.Func
	for _, on := range order {
		out = append(out, groups[on]...)
	}
	return out
}
