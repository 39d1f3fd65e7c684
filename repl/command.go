package repl

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"smtpsh/internal/suggest"
	"smtpsh/transcript"
)

// Command is a command of the prompt.
type Command struct {
	Names   []string // without the colon; the first is the main name
	Group   string
	Args    []Arg
	Summary string // one line, no full stop
	Detail  string
	Example string // lines that a test runs against the sandbox

	run func(ctx context.Context, r *REPL, args []string) error
}

// Arg is an argument of a command.
type Arg struct {
	Name     string
	Kind     Kind
	Optional bool
	Many     bool // any number of them
}

// Kind is the kind of an argument. It decides how the argument is read and completed.
type Kind uint8

// Kinds of argument.
const (
	Text        Kind = iota
	Target           // a server
	Mechanism        // a SASL mechanism that the server offers
	Word             // something that can be explained
	Name             // a command of the prompt, or an SMTP verb
	Want             // a condition on a reply
	Rest             // the rest of the line as it was typed
	File             // a file to read
	SaveFile         // a file to write
	Script           // a script: a file or one of the bundled ones
	SettingName      // a setting
	Value            // a value of the setting named by the argument before
	User             // the user name of a login
	Source           // the source of a secret, such as @env:X
	OnOff            // on or off
	Lesson           // a lesson of the course
	Flag             // a flag of :open and :reconnect
	Connection       // the number of a session, add or close
)

// whole are the kinds of argument that are the rest of the line, with its spaces.
var whole = []Kind{Want, Word, Rest}

// Commands returns every command. The tables are functions because the handlers
// of some rows read the table.
func Commands() []Command {
	return slices.Concat(helpCommands(), sessionCommands(), upCommands(), connectionCommands(), sendCommands(), lookCommands(),
		explainCommands(), base64Commands(),
		recordCommands(), luaCommands(), settingCommands(), batchCommands(), lessonCommands())
}

// Usage returns the command with its arguments; optional ones are in brackets.
func (c Command) Usage() string {
	u := ":" + c.Names[0]
	for _, a := range c.Args {
		name := a.Name
		if a.Many {
			name += "..."
		}
		if a.Optional {
			name = "[" + name + "]"
		}
		u += " " + name
	}
	return u
}

// find returns the command with a name, or with a name that begins so. If several commands
// match, it returns their names.
func find(name string) (*Command, []string) {
	var beginnings []string
	hits := map[*Command]bool{}
	var hit *Command
	all := Commands()
	for i := range all {
		for _, n := range all[i].Names {
			if n == name {
				return &all[i], nil
			}
			if strings.HasPrefix(n, name) && name != "" {
				hit = &all[i]
				hits[hit] = true
				beginnings = append(beginnings, n)
			}
		}
	}
	if len(hits) == 1 {
		return hit, nil
	}
	return nil, beginnings
}

// commandNamed returns the command of the prompt with exactly this name, nil for none.
func commandNamed(word string) *Command {
	c, _ := find(strings.ToLower(word))
	if c == nil || !slices.Contains(c.Names, strings.ToLower(word)) {
		return nil
	}
	return c
}

func commandNames() []string {
	var out []string
	for _, c := range Commands() {
		out = append(out, c.Names...)
	}
	return out
}

// command runs a command of the prompt.
func (r *REPL) command(ctx context.Context, text string) error {
	word, rest, _ := strings.Cut(strings.TrimPrefix(text, ":"), " ")
	c, near := find(strings.ToLower(word))
	if c == nil {
		hint := ":help lists the commands"
		if s := suggest.Name(strings.ToLower(word), commandNames()); s != "" {
			hint = "did you mean :" + s + "? " + hint
		}
		if len(near) > 0 {
			hint = "possible commands: :" + strings.Join(near, " or :")
		}
		return wrong(hint, "unknown command :%s", transcript.Escape(word))
	}
	args, err := c.read(rest)
	if err != nil {
		return err
	}
	return c.run(ctx, r, args)
}

// read splits the rest of a line into the arguments of the command.
func (c *Command) read(rest string) ([]string, error) {
	need, many := 0, false
	for i, a := range c.Args {
		if !a.Optional {
			need++
		}
		many = many || a.Many
		if slices.Contains(whole, a.Kind) && i == 0 {
			if rest = strings.TrimSpace(rest); rest == "" && !a.Optional {
				return nil, wrong(":help "+c.Names[0]+" shows more", "usage: %s", c.Usage())
			} else if rest == "" {
				return nil, nil
			}
			return []string{rest}, nil
		}
	}
	args, err := fields(rest)
	if err != nil {
		return nil, err
	}
	if len(c.Args) == 0 && len(args) > 0 {
		return nil, wrong(":help "+c.Names[0]+" shows more", ":%s has no arguments", c.Names[0])
	}
	if len(args) < need || len(args) > len(c.Args) && !many {
		return nil, wrong(":help "+c.Names[0]+" shows more", "usage: %s", c.Usage())
	}
	return args, nil
}

// fields splits a text at spaces. Spaces inside quotes are kept, for file names.
func fields(s string) ([]string, error) {
	var out []string
	var word strings.Builder
	in, quote := false, rune(0)
	for _, c := range s {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(c)
		case c == '"' || c == '\'':
			quote, in = c, true
		case c == ' ' || c == '\t':
			if in {
				out = append(out, word.String())
				word.Reset()
			}
			in = false
		default:
			word.WriteRune(c)
			in = true
		}
	}
	if quote != 0 {
		return nil, wrong(fmt.Sprintf("close it with %c", quote), "missing closing quote %c", quote)
	}
	if in {
		out = append(out, word.String())
	}
	return out, nil
}
