package netrc

import (
	"fmt"
	"strings"
)

// Login is one entry of the file.
type Login struct {
	Machine  string // "" for the entry "default"
	User     string
	Password string
}

// Find returns the first entry for a machine, or the entry "default" if there is none. If user
// is not empty, only entries of this user or without a user count. ok is false if no entry fits.
// The error names the line of a mistake, and never a value.
func Find(text, machine, user string) (l Login, ok bool, err error) {
	all, err := parse(text)
	if err != nil {
		return Login{}, false, err
	}
	for _, l := range all {
		if l.Machine != "" && !strings.EqualFold(l.Machine, machine) || user != "" && l.User != "" && l.User != user {
			continue
		}
		return l, true, nil
	}
	return Login{}, false, nil
}

// word is a word of the file with its line.
type word struct {
	text string
	line int
}

// parse reads all entries. Macros are skipped.
func parse(text string) ([]Login, error) {
	words, err := split(text)
	if err != nil {
		return nil, err
	}
	var out []Login
	for i := 0; i < len(words); i++ {
		w := words[i]
		value := func() (string, error) {
			if i++; i == len(words) {
				return "", fmt.Errorf("line %d: a value is missing after %s", w.line, w.text)
			}
			return words[i].text, nil
		}
		var err error
		switch w.text {
		case "machine":
			var m string
			m, err = value()
			out = append(out, Login{Machine: m})
		case "default":
			out = append(out, Login{})
		case "login", "password", "account":
			var v string
			v, err = value()
			switch {
			case len(out) == 0:
				return nil, fmt.Errorf("line %d: %s must follow machine or default", w.line, w.text)
			case w.text == "login":
				out[len(out)-1].User = v
			case w.text == "password":
				out[len(out)-1].Password = v
			}
		default:
			return nil, fmt.Errorf("line %d: expected machine, default, login, password, account or macdef", w.line)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// split splits the file into words. A word in quotation marks can have spaces, and escapes with
// a backslash; # begins a comment; macdef is skipped to the next empty line.
func split(text string) ([]word, error) {
	var out []word
	macro := false
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if macro {
			macro = strings.TrimSpace(line) != ""
			continue
		}
		for {
			line = strings.TrimLeft(line, " \t")
			if line == "" || strings.HasPrefix(line, "#") {
				break
			}
			w, rest, ok := next(line)
			if !ok {
				return nil, fmt.Errorf("line %d: a quotation mark is not closed", n+1)
			}
			if w == "macdef" && !strings.HasPrefix(line, `"`) {
				macro = true
				break
			}
			out = append(out, word{w, n + 1})
			line = rest
		}
	}
	return out, nil
}

// next returns the first word of a line and the rest.
func next(line string) (w, rest string, ok bool) {
	if !strings.HasPrefix(line, `"`) {
		if i := strings.IndexAny(line, " \t"); i >= 0 {
			return line[:i], line[i:], true
		}
		return line, "", true
	}
	var b strings.Builder
	for i := 1; i < len(line); i++ {
		switch c := line[i]; {
		case c == '"':
			return b.String(), line[i+1:], true
		case c == '\\' && i+1 < len(line):
			i++
			b.WriteByte(line[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", "", false
}
