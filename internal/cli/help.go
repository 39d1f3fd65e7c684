package cli

import (
	"fmt"
	"slices"
	"strconv"
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

// groups returns the flags that every command has.
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

// helpText returns the help screen of a command: description, usage, examples, subcommands,
// flags.
func helpText(cmd *cobra.Command, groups []flagGroup) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nUsage: %s\n", description(cmd), cmd.UseLine())
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
	if codes := statusesOf(cmd); len(codes) > 0 {
		var rows [][2]string
		for _, c := range exitCodes {
			if slices.Contains(codes, c.code) {
				rows = append(rows, [2]string{strconv.Itoa(c.code), c.text})
			}
		}
		b.WriteString("\nExit status:\n" + explain.Columns(rows))
	}
	if cmd.HasParent() {
		b.WriteString("\nsmtpsh --help lists the flags that every command accepts: connection, output, input.\n")
		if slices.Contains(withoutServer, cmd.Name()) {
			b.WriteString("Those of the connection have no effect here.\n")
		}
		return b.String()
	}
	for _, g := range groups {
		fmt.Fprintf(&b, "\n%s:\n%s", g.title, explain.Columns(flagRows(g.flags)))
	}
	b.WriteString("\nRun smtpsh COMMAND --help for the flags of a command.\n")
	return b.String()
}

// description returns the text about a command with lines that fit a terminal of 80 columns.
// Indented lines are kept as they are.
func description(cmd *cobra.Command) string {
	if cmd.Long == "" {
		return strings.ToUpper(cmd.Short[:1]) + cmd.Short[1:] + "."
	}
	var out, paragraph []string
	flush := func() {
		if len(paragraph) > 0 {
			out = append(out, explain.Wrap(strings.Join(paragraph, " "), 78)...)
			paragraph = nil
		}
	}
	for line := range strings.SplitSeq(strings.TrimSpace(cmd.Long), "\n") {
		if line == "" || strings.HasPrefix(line, " ") {
			flush()
			out = append(out, line)
		} else {
			paragraph = append(paragraph, line)
			if strings.HasSuffix(line, ":") {
				flush()
			}
		}
	}
	flush()
	return strings.Join(out, "\n")
}

// withoutServer are the commands that connect to no server, or only to the sandbox.
var withoutServer = []string{"check", "completion", "explain", "init", "learn", "lua-meta", "record2test", "sandbox", "scripts", "version"}

// flagRows returns flags with their descriptions.
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

// flagName returns "-4, --ipv4" or "--ca FILE".
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
