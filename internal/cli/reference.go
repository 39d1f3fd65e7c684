package cli

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"smtpsh/internal/exit"
)

// exitCodes is what the exit status says, for the reference.
var exitCodes = []struct {
	code int
	text string
}{
	{exit.OK, "all went well"},
	{exit.Failed, "an expectation was not met"},
	{exit.Usage, "the command line, a variable or an input line is wrong"},
	{exit.Script, "a script is wrong"},
	{exit.Dial, "no connection"},
	{exit.TLS, "TLS failed"},
	{exit.Lost, "the connection was lost, a wait ended, or the server broke the protocol"},
	{exit.Auth, "AUTH was refused"},
	{exit.Temporary, "refused for now (4yz)"},
	{exit.Permanent, "refused (5yz)"},
	{exit.Interrupted, "interrupted"},
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
		text := cmd.Long
		if text == "" {
			text = strings.ToUpper(cmd.Short[:1]) + cmd.Short[1:] + "."
		}
		fmt.Fprintf(&b, "```\n%s\n```\n", strings.TrimSpace(text))
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
	b.WriteString("\n## Environment\n\n- `SMTPSH_SERVER`: the target when none is named\n- `SMTPSH_INSPECT`: the sandbox elsewhere whose " +
		"mailboxes the prompt shows\n- `SMTPSH_VAR_name`: a variable for scripts\n- `NO_COLOR`, `FORCE_COLOR`, `CLICOLOR_FORCE`: colour\n- " +
		"`SSLKEYLOGFILE`: where TLS session keys are written\n- `XDG_STATE_HOME`: where the prompt keeps its history (`smtpsh/history` in " +
		"it), lessons their progress, and sandboxes their records\n")
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
