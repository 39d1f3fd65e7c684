package repl

import (
	"context"
	"strings"
)

// Command is one of our own words.
type Command struct {
	Names   []string // without the colon; the first is the usual one
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
}

// Kind says what an argument is, and so how it is completed.
type Kind uint8

// Kinds of argument.
const (
	Text      Kind = iota
	Target         // a server
	Mechanism      // a SASL mechanism that the server offers
	Word           // something that can be explained
	Name           // one of our commands
	Want           // a condition on a reply
)

// Commands returns every command. The tables are functions because the handlers
// of some rows read the table.
func Commands() []Command {
	var out []Command
	out = append(out, helpCommands()...)
	out = append(out, sessionCommands()...)
	out = append(out, lookCommands()...)
	return append(out, batchCommands()...)
}

// Usage is the command with its arguments, optional ones in brackets.
func (c Command) Usage() string {
	u := ":" + c.Names[0]
	for _, a := range c.Args {
		if a.Optional {
			u += " [" + a.Name + "]"
		} else {
			u += " " + a.Name
		}
	}
	return u
}

// find looks a command up by a name or the unambiguous beginning of one.
func find(name string) (*Command, []string) {
	var beginnings []string
	var hit *Command
	all := Commands()
	for i := range all {
		for _, n := range all[i].Names {
			if n == name {
				return &all[i], nil
			}
			if strings.HasPrefix(n, name) && name != "" {
				hit = &all[i]
				beginnings = append(beginnings, n)
			}
		}
	}
	if len(beginnings) == 1 {
		return hit, nil
	}
	return nil, beginnings
}
