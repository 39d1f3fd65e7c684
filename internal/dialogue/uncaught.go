package dialogue

import (
	"slices"
	"strings"
)

// uncaught returns errors for each {name} that no earlier S: line captures, and for unknown
// words in braces. It stops at :include, because the other file may capture names.
func (s *Script) uncaught() []*ParseError {
	var out []*ParseError
	known := map[string]bool{}
	complain := func(line int, hint, text string) {
		out = append(out, &ParseError{File: s.Name, Line: line, Message: text, Hint: hint, Source: strings.TrimSpace(s.lines[line-1])})
	}
	for _, st := range s.Steps {
		if st.Kind == Directive && st.Text == "include" {
			return out
		}
		if st.Kind == Expect {
			for _, w := range st.Wants {
				if p, err := compile(w.want.text, nil); err == nil {
					for _, n := range p.names {
						known[n] = true
					}
				}
			}
			continue
		}
		for _, text := range append(slices.Clone(st.Args), st.sentText()) {
			for _, m := range variable().FindAllStringSubmatch(text, -1) {
				switch name, arg := m[1], m[2]; {
				case name == "": // {{ or }}
				case arg != "" && (name == "var" || name == "secret" || name == "server"):
				case arg != "":
					complain(st.Line, "use {name} for a value that an S: line captured, {var:NAME} or {secret:NAME}", m[0]+" is not known")
				case builtins[name] == nil && !known[safeName(name)]:
					complain(st.Line, "to write braces, use {{"+name+"}}", "no S: line has captured "+m[0])
				}
			}
		}
	}
	return out
}

// sentText returns the text of a C: line.
func (s *Step) sentText() string {
	if s.Kind == Send {
		return s.Text
	}
	return ""
}
