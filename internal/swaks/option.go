package swaks

import (
	"fmt"
	"slices"
	"strings"
)

// argument says whether an option has an argument.
type argument uint8

const (
	none argument = iota
	optional
	required // without it, the user is asked for it if the option has a prompt
)

// Option is one option of swaks.
type Option struct {
	Name    string   // the longest name, without dashes
	Short   []string // other names
	Arg     argument
	Prompt  string // the question for a missing argument
	File    bool   // "-" is standard input and @FILE a file
	Hidden  bool   // the answer is not shown while it is typed
	Group   string // its section in the help
	Summary string
}

// given is one option of a command line, with its argument.
type given struct {
	option *Option
	name   string // as in the option; for header also the field
	value  string
	has    bool // it has an argument, which can be empty
	asked  bool // the user typed it
	off    bool // no-NAME: forget what was given before
}

// exactly returns the option with a name, or nil.
func exactly(name string) *Option {
	for i := range Options {
		if o := &Options[i]; o.Name == name || slices.Contains(o.Short, name) {
			return o
		}
	}
	return nil
}

// find returns the option with a name or an unambiguous beginning of it.
func find(name string) (*Option, error) {
	if o := exactly(name); o != nil {
		return o, nil
	}
	var found []*Option
	for i := range Options {
		o := &Options[i]
		names := append([]string{o.Name}, o.Short...)
		if len(name) > 1 && slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, name) }) {
			found = append(found, o)
		}
	}
	switch len(found) {
	case 0:
		return nil, notice("Unknown option: " + name)
	case 1:
		return found[0], nil
	}
	names := make([]string, len(found))
	for i, o := range found {
		names[i] = o.Name
	}
	return nil, textf("Option %s is ambiguous (%s)", name, strings.Join(names, ", "))
}

// lookup finds an option by its name without dashes, with the forms no-NAME and h-FIELD.
func lookup(name string) (given, error) {
	for _, prefix := range []string{"h-", "header-"} {
		if field, ok := strings.CutPrefix(name, prefix); ok && field != "" {
			o, _ := find("header")
			return given{option: o, name: strings.TrimSuffix(field, ":")}, nil
		}
	}
	rest, isNo := strings.CutPrefix(name, "no-")
	if o := exactly(name); o != nil {
		return given{option: o}, nil
	}
	if isNo { // before abbreviations: no-h is the opposite of h, not no-hints
		if g, err := lookup(rest); err == nil {
			g.off = true
			return g, nil
		}
	}
	o, err := find(name)
	return given{option: o}, err
}

// parseArgs reads a command line. The error names what is wrong.
func parseArgs(args []string, from string) ([]given, error) {
	var out []given
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "--" {
			if i+1 < len(args) {
				return nil, leftOver(from, args[i+1:])
			}
			break
		}
		name := strings.TrimPrefix(strings.TrimPrefix(a, "-"), "-")
		if name == a || name == "" {
			return nil, leftOver(from, args[i:])
		}
		name, value, attached := strings.Cut(name, "=")
		g, err := lookup(name)
		if err != nil {
			return nil, err
		}
		switch {
		case g.option.Arg == none || g.off:
			if attached {
				return nil, textf("Option %s does not take an argument", name)
			}
		case attached:
			g.value, g.has = value, true
		case i+1 < len(args) && (args[i+1] == "-" || !strings.HasPrefix(args[i+1], "-")):
			i++
			g.value, g.has = args[i], true
		case needsArgument(g.option):
			return nil, notice("Option " + name + " requires an argument")
		}
		out = append(out, g)
	}
	return out, nil
}

// lateArguments are options whose missing argument is an error only when they are processed.
var lateArguments = []string{"attach", "attach-body", "attach-type", "add-header", "header", "copy-routing"}

// needsArgument reports whether a missing argument of an option is an error of the command line.
func needsArgument(o *Option) bool {
	return o.Arg == required && o.Prompt == "" && !slices.Contains(lateArguments, o.Name)
}

// notice is an error that is shown without asterisks, as swaks does.
type notice string

func (n notice) Error() string { return string(n) }

// leftOver is the error for words that are no options.
func leftOver(from string, words []string) error {
	return textf("Data left in option list when processing  %s ('%s').  Exiting", from, strings.Join(words, "', '"))
}

// parseConfig reads the lines of a configuration file: options without dashes, each with the
// rest of its line as argument.
func parseConfig(text, name string) ([]given, error) {
	var out []given
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		word, value, has := strings.Cut(line, " ")
		word = strings.TrimPrefix(strings.TrimPrefix(word, "-"), "-")
		g, err := lookup(word)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if g.option.Arg == none && has {
			return nil, leftOver("Config file "+name, []string{value})
		}
		g.value, g.has = value, has && g.option.Arg != none
		if !g.has && !g.off && needsArgument(g.option) {
			return nil, notice("Option " + word + " requires an argument")
		}
		out = append(out, g)
	}
	return out, nil
}

// parseEnv reads the variables SWAKS_OPT_name, sorted by name.
func parseEnv(environ []string) ([]given, error) {
	vars := slices.Clone(environ)
	slices.Sort(vars)
	var out []given
	for _, v := range vars {
		rest, ok := strings.CutPrefix(v, "SWAKS_OPT_")
		if !ok {
			continue
		}
		name, value, _ := strings.Cut(rest, "=")
		g, err := lookup(strings.ReplaceAll(name, "_", "-"))
		if err != nil {
			return nil, textf("SWAKS_OPT_%s: %v", name, err)
		}
		if g.option.Arg == none && value != "" {
			return nil, leftOver("environment", []string{value})
		}
		g.value, g.has = value, value != ""
		if !g.has && !g.off && needsArgument(g.option) {
			return nil, notice("Option " + strings.ReplaceAll(name, "_", "-") + " requires an argument")
		}
		out = append(out, g)
	}
	return out, nil
}
