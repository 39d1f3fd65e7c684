package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"smtpsh/internal/explain"
)

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain WORD...",
		Short: "explain a reply code, command, extension, mechanism, port or term such as SPF",
		Example: "  smtpsh explain 550\n  smtpsh explain 5.7.26\n  smtpsh explain CHUNKING\n  smtpsh explain RCPT XOAUTH2\n" +
			"  smtpsh explain 587\n  smtpsh explain null MX",
		Args: a.args(1, -1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return oneWord(explain.Known()), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			for i, word := range explain.Phrases(args) {
				if i > 0 {
					fmt.Fprintln(a.Stdout)
				}
				ok, err := explain.Word(a.Stdout, word)
				if err != nil {
					return err
				}
				if !ok {
					hint := explain.NoCode(word)
					hint = or(hint, a.rightForm("explain", word))
					hint = or(hint, explain.Unknown(word))
					return &usageError{err: fmt.Errorf("unknown word %q", word), hint: hint}
				}
			}
			return nil
		},
	}
}

// oneWord returns the names without spaces, which a shell can complete.
func oneWord(names []string) []string {
	return slices.DeleteFunc(names, func(s string) bool { return strings.Contains(s, " ") })
}
