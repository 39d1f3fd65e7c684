package docs

import (
	"fmt"
	"io"
	"strings"

	"smtpsh/luabind"
)

// WriteLuaCATS writes the definitions for editors (the LuaCATS annotations of
// lua-language-server). The file is not run.
func WriteLuaCATS(w io.Writer, lib *luabind.Library) error {
	var b strings.Builder
	b.WriteString("---@meta smtpsh\n-- Definitions for editors. Not run by smtpsh. Printed by: smtpsh lua-meta\n")
	for _, c := range lib.Classes() {
		b.WriteString("\n")
		comment(&b, c.Doc)
		name := c.Name
		if len(c.Parents) > 0 {
			name += ": " + strings.Join(c.Parents, ", ")
		}
		fmt.Fprintf(&b, "---@class %s\n", name)
		for _, f := range c.Fields {
			fmt.Fprintf(&b, "---@field %s %s %s\n", f.Name, f.Type, f.Doc)
		}
		for _, k := range c.Keys {
			opt := ""
			if k.Optional {
				opt = "?"
			}
			fmt.Fprintf(&b, "---@field %s%s %s %s\n", k.Name, opt, k.Type, k.Doc)
		}
		if c.Keys == nil {
			fmt.Fprintf(&b, "local %s = {}\n", localName(c.Name))
		}
	}
	on := ""
	for _, f := range grouped(lib) {
		if !f.IsMethod() && f.On != "" && f.On != on {
			on = f.On
			if on != "table" && on != "string" { // these belong to Lua, and editors know them
				fmt.Fprintf(&b, "\n---@class %s\n%s = {}\n", on, on)
			}
		}
		b.WriteString("\n")
		comment(&b, f.Doc)
		var names []string
		for _, p := range f.Params {
			opt := ""
			if p.Optional {
				opt = "?"
			}
			fmt.Fprintf(&b, "---@param %s%s %s %s\n", p.Name, opt, p.Type, p.Doc)
			names = append(names, p.Name)
		}
		if f.More != nil {
			fmt.Fprintf(&b, "---@param ... %s %s\n", f.More.Type, f.More.Doc)
			names = append(names, "...")
		}
		if f.Returns != "" {
			fmt.Fprintf(&b, "---@return %s\n", f.Returns)
		}
		switch {
		case f.IsMethod():
			fmt.Fprintf(&b, "function %s:%s(%s) end\n", localName(f.On), f.Name, strings.Join(names, ", "))
		case f.On == "":
			fmt.Fprintf(&b, "function %s(%s) end\n", f.Name, strings.Join(names, ", "))
		default:
			fmt.Fprintf(&b, "function %s.%s(%s) end\n", f.On, f.Name, strings.Join(names, ", "))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func localName(class string) string {
	_, name, _ := strings.Cut(class, ".")
	return name
}

func comment(b *strings.Builder, text string) {
	for l := range strings.SplitSeq(text, "\n") {
		b.WriteString("---" + l + "\n")
	}
}
