package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"smtpsh/transcript"
)

// addCompletion adds cobra's command for completion scripts. For an unknown shell, cobra's
// own command prints help to standard output, which users would then install as a script.
func (a *app) addCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	cmd, _, err := root.Find([]string{"completion"})
	if err != nil || cmd == root {
		return
	}
	cmd.Use = "completion SHELL"
	cmd.Long = "completion prints a script that completes commands, flags and arguments of smtpsh in a\nshell. " +
		"Each shell's help explains how to install it: smtpsh completion bash --help."
	cmd.Short = "print a completion script for bash, zsh, fish or PowerShell"
	var shells []string
	for _, c := range cmd.Commands() {
		shells = append(shells, c.Name())
		c.Args = a.args(0, 0)
	}
	known := "supported shells: " + strings.Join(shells, ", ")
	cmd.Args = func(_ *cobra.Command, args []string) error {
		if len(args) > 0 { //mutant:no-help-is-installed-as-completion is "0" "9"
			return &usageError{err: fmt.Errorf("unknown shell %q", args[0]), hint: known}
		}
		return nil
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
}

// mostWords is the number of bytes of a command line that are used for a completion, in
// addition to its first and its last word.
const mostWords = 400 //mutant:many-words-are-not-repeated is "400" "1 << 30"

// askedToComplete returns the arguments with safe words when the shell asks for completions.
// Cobra repeats the words on standard error when it cannot read them. So long words are
// shortened, control characters are escaped, and of many words the middle ones are left
// out. No completion begins with such a word. All other arguments are returned unchanged.
func askedToComplete(root *cobra.Command, args []string) []string {
	request := &cobra.Command{
		Use:     cobra.ShellCompRequestCmd,
		Aliases: []string{cobra.ShellCompNoDescRequestCmd}, DisableFlagParsing: true,
		Run: func(*cobra.Command, []string) {},
	}
	root.AddCommand(request)
	cmd, words, err := root.Find(args)
	name := request.Name()
	for _, w := range args {
		if request.HasAlias(w) || w == request.Name() {
			name = w
			break
		}
	}
	root.RemoveCommand(request)
	if err != nil || cmd != request {
		return args
	}
	clean := make([]string, 0, len(words))
	for _, w := range words {
		//mutant:what-cannot-be-completed-is-escaped-and-brief is "transcript.Escape(transcript.Brief(w))" "w + transcript.Escape(\"\")"
		short := transcript.Escape(transcript.Brief(w))
		clean = append(clean, short)
	}
	from, octets := len(clean), 0
	for from > 1 && (from == len(clean) || octets+len(clean[from-1]) < mostWords) {
		from--
		octets += len(clean[from]) + 1
	}
	out := []string{name}
	if len(clean) > 0 {
		out = append(out, clean[0])
		out = append(out, clean[max(from, 1):]...)
	}
	return out
}
