package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"smtpsh/internal/explain"
)

// flagGroup is a set of flags with a heading.
type flagGroup struct {
	title string
	flags *pflag.FlagSet
}

// groups makes the flags that every command has.
func (a *app) groups() []flagGroup {
	groups := []flagGroup{
		{"Connection", pflag.NewFlagSet("", pflag.ContinueOnError)},
		{"Output", pflag.NewFlagSet("", pflag.ContinueOnError)},
		{"Input of scripts", pflag.NewFlagSet("", pflag.ContinueOnError)},
	}
	a.conn.register(groups[0].flags)
	a.out.register(groups[1].flags)
	a.vars.register(groups[2].flags)
	return groups
}

// helpText is the screen of a command: what it is, how it is called, examples,
// commands below it, flags.
func helpText(cmd *cobra.Command, groups []flagGroup) string {
	var b strings.Builder
	text := cmd.Long
	if text == "" {
		text = strings.ToUpper(cmd.Short[:1]) + cmd.Short[1:] + "."
	}
	fmt.Fprintf(&b, "%s\n\nUsage: %s\n", strings.TrimSpace(text), cmd.UseLine())
	if cmd.Example != "" {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", cmd.Example)
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\nCommands:\n")
		var rows [][2]string
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				rows = append(rows, [2]string{c.Name(), c.Short})
			}
		}
		b.WriteString(explain.Columns(rows))
	}
	if local := cmd.LocalNonPersistentFlags(); local.HasAvailableFlags() {
		if rows := flagRows(local); len(rows) > 0 {
			b.WriteString("\nFlags:\n" + explain.Columns(rows))
		}
	}
	if cmd.HasParent() {
		b.WriteString("\nThe flags of every command, for connections, output and input, are listed by\nsmtpsh --help.\n")
		return b.String()
	}
	for _, g := range groups {
		fmt.Fprintf(&b, "\n%s:\n%s", g.title, explain.Columns(flagRows(g.flags)))
	}
	b.WriteString("\nsmtpsh COMMAND --help tells more of a command.\n")
	return b.String()
}

// flagRows lists flags with their texts.
func flagRows(flags *pflag.FlagSet) [][2]string {
	var rows [][2]string
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		rows = append(rows, [2]string{flagName(f), usageOf(f)})
	})
	return rows
}

// flagName is "-4, --ipv4" or "--ca FILE".
func flagName(f *pflag.Flag) string {
	value, _ := pflag.UnquoteUsage(f)
	name := "--" + f.Name
	if f.Shorthand != "" {
		name = "-" + f.Shorthand + ", " + name
	}
	switch f.Value.Type() {
	case "bool":
		return name
	case "duration":
		value = "TIME"
	}
	return name + " " + value
}

func usageOf(f *pflag.Flag) string {
	_, usage := pflag.UnquoteUsage(f)
	return usage
}
