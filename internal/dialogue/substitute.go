package dialogue

import (
	"fmt"
	"strings"
	"time"
)

var builtins = map[string]func(p *player) string{
	"date": func(p *player) string { return p.env.Now().Format(time.RFC1123Z) },
	"message-id": func(p *player) string {
		return fmt.Sprintf("<%d.%d@dialogue.invalid>", p.env.Now().UnixNano(), len(p.captures))
	},
}

// substitute replaces captures and variables in a text. plain decodes the escapes of the
// dialogue's own text; values are not decoded.
func (p *player) substitute(st *Step, text string, plain func(string) string) (string, error) {
	var failed error
	value := func(whole string) string {
		if whole == "{{" || whole == "}}" {
			return whole[:1]
		}
		m := variable().FindStringSubmatch(whole)
		name, arg := m[1], m[2]
		switch {
		case name == "var" && arg != "":
			if p.env.Var != nil {
				if v, ok := p.env.Var(arg); ok {
					return v
				}
			}
			if strings.Contains(whole, "=") {
				return m[3]
			}
			failed = &PlayError{
				File: st.File, Line: st.Line,
				Err: fmt.Errorf("the variable %s has no value", arg), Usage: true,
				Missing: arg, Hint: "set it with --var " + arg + "=...",
			}
		case name == "server" && arg != "":
			// a recorded target, unless a variable or --server says otherwise
			if p.env.Var != nil {
				if v, ok := p.env.Var(arg); ok {
					return v
				}
			}
			if p.env.Server != "" && arg == "server" {
				return p.env.Server
			}
			return m[3]
		case name == "secret" && arg != "":
			return p.secret(st, arg, m[3], strings.Contains(whole, "="), &failed)
		case arg == "" && builtins[name] != nil:
			return builtins[name](p)
		case arg == "":
			if v, ok := p.captures[safeName(name)]; ok {
				return v
			}
			failed = p.fault(st, fmt.Errorf("no S: line has captured %s", whole), "to write braces, use {{"+name+"}}")
		default:
			failed = p.fault(st, fmt.Errorf("%s is not known", whole), "use {name} for a value that an S: line captured, "+
				"{var:NAME} or {secret:NAME}")
		}
		return whole
	}
	var out strings.Builder
	at := 0
	for _, m := range variable().FindAllStringIndex(text, -1) {
		out.WriteString(plain(text[at:m[0]]))
		whole := text[m[0]:m[1]]
		at = m[1]
		v := value(whole)
		// a value may come from an untrusted source, so it must not add a command
		if i := strings.IndexAny(v, "\r\n\x00"); i >= 0 && st.Kind == Send && failed == nil {
			failed = &PlayError{
				File: st.File, Line: st.Line,
				Err:   fmt.Errorf("the value of %s has a line end or NUL at position %d, which would start another command", whole, i+1),
				Usage: true, Hint: "correct the value, or send raw bytes with :write",
			}
		}
		out.WriteString(v)
	}
	out.WriteString(plain(text[at:]))
	return out.String(), failed
}

// fromValue reports whether a text begins with a variable.
func fromValue(text string) bool {
	m := variable().FindStringIndex(text)
	return m != nil && m[0] == 0 && !strings.HasPrefix(text, "{{") && !strings.HasPrefix(text, "}}")
}

func asIs(s string) string    { return s }
func inLine(s string) string  { return unescape(s, hexEscape) }
func inWrite(s string) string { return unescape(s, anyEscape) }

func (p *player) secret(st *Step, name, fallback string, has bool, failed *error) string {
	if p.env.Secret != nil {
		v, ok, err := p.env.Secret(name)
		if err != nil {
			*failed = &PlayError{
				File: st.File, Line: st.Line,
				Err: fmt.Errorf("the secret %s cannot be read: %w", name, err), Usage: true,
				Missing: name,
			}
			return ""
		}
		if ok {
			for _, c := range p.conns {
				c.s.Conceal(v)
			}
			return v
		}
	}
	if has {
		return fallback
	}
	*failed = &PlayError{
		File: st.File, Line: st.Line,
		Err: fmt.Errorf("the secret %s has no value", name), Usage: true,
		Missing: name,
		Hint:    "set it with --secret " + name + "=@prompt, @env:X or @file:PATH",
	}
	return ""
}
