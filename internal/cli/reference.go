package cli

import (
	"bytes"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"smtpsh/internal/exit"
)

// exitCodes describes the exit statuses, for help and the reference.
var exitCodes = []struct {
	code int
	text string
}{
	{exit.OK, "success"},
	{exit.Failed, "an expectation or test failed"},
	{exit.Usage, "wrong command line, variable or input line"},
	{exit.Script, "error in a script"},
	{exit.Dial, "no connection"},
	{exit.TLS, "TLS failed"},
	{exit.Lost, "connection lost, time limit reached, or protocol error of the server"},
	{exit.Auth, "login (AUTH) rejected"},
	{exit.Temporary, "rejected temporarily (4xx)"},
	{exit.Permanent, "rejected permanently (5xx)"},
	{exit.Unknown, "send: it is not known whether the server accepted the message"},
	{exit.Interrupted, "interrupted"},
}

// statusesOf returns the exit statuses of a command that help lists. Commands that only
// print have 0 and 2, as every command, and list none.
func statusesOf(cmd *cobra.Command) []int {
	switch cmd.Name() {
	case "test": // a failed test is 1, whatever its cause
		return []int{exit.OK, exit.Failed, exit.Usage, exit.Script, exit.Dial, exit.TLS, exit.Interrupted}
	case "smtpsh", "run", "load":
		var all []int
		for _, c := range exitCodes {
			if c.code != exit.Unknown || cmd.Name() == "smtpsh" {
				all = append(all, c.code)
			}
		}
		return all
	case "send":
		return []int{
			exit.OK, exit.Usage, exit.Dial, exit.TLS, exit.Lost, exit.Auth, exit.Temporary, exit.Permanent, exit.Unknown, exit.Interrupted,
		}
	case "check":
		return []int{exit.OK, exit.Usage, exit.Script}
	case "learn":
		return []int{exit.OK, exit.Failed, exit.Usage, exit.Script, exit.Interrupted}
	}
	return nil
}

// Reference writes the reference of commands, flags and exit codes as Markdown.
func Reference() []byte {
	root := (&app{}).root()
	a := &app{}
	var b bytes.Buffer
	for _, cmd := range append([]*cobra.Command{root}, root.Commands()...) {
		if !cmd.IsAvailableCommand() && cmd != root || cmd.Name() == "help" || cmd.Name() == "completion" {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n    %s\n\n", cmd.CommandPath(), cmd.UseLine())
		fmt.Fprintf(&b, "```\n%s\n```\n", description(cmd))
		if cmd.Example != "" {
			fmt.Fprintf(&b, "\n```\n%s\n```\n", cmd.Example)
		}
		flags := cmd.LocalNonPersistentFlags()
		if flags.HasFlags() {
			b.WriteString("\n")
			writeFlags(&b, flags)
		}
	}
	b.WriteString("\n## Flags of every command\n")
	for _, g := range a.groups() {
		fmt.Fprintf(&b, "\n%s:\n\n", g.title)
		writeFlags(&b, g.flags)
	}
	b.WriteString("\n`smtpsh completion bash|zsh|fish|powershell` prints a completion script.\n")
	b.WriteString("\n## Environment\n\n- `SMTPSH_SERVER`: the default target\n- `SMTPSH_INSPECT`: the sandbox on another machine " +
		"whose mailboxes the prompt shows\n- `SMTPSH_VAR_name`: a variable for scripts\n- `NO_COLOR`, `FORCE_COLOR`, " +
		"`CLICOLOR_FORCE`: color\n- " +
		"`SSLKEYLOGFILE`: where TLS session keys are written\n- `XDG_STATE_HOME`: folder for the history of the prompt (`smtpsh/history`), " +
		"the progress in lessons, and records of running sandboxes\n")
	b.WriteString("\n## Exit status\n\n| status | |\n|---|---|\n")
	for _, c := range exitCodes {
		fmt.Fprintf(&b, "| %d | %s |\n", c.code, c.text)
	}
	return b.Bytes()
}

func writeFlags(b *bytes.Buffer, flags *pflag.FlagSet) {
	for _, r := range flagRows(flags) {
		fmt.Fprintf(b, "- `%s`: %s\n", r[0], r[1])
	}
}
