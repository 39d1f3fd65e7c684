package dialogue

import (
	"slices"
	"strings"
)

// uncaught finds {name} in what is said that no S: line before has caught, and words in
// braces that do not exist. A dialogue that includes another may have names from there.
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
		for _, text := range append(slices.Clone(st.Args), st.textSaid()) {
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

// textSaid is what goes out: the text of a C: line.
func (s *Step) textSaid() string {
	if s.Kind == Send {
		return s.Text
	}
	return ""
}
