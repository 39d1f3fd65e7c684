package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"smtpsh/internal/explain"
	"smtpsh/internal/suggest"
)

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "explain WORD...",
		Short:             "explain a reply code, enhanced code, verb, keyword, parameter or mechanism",
		Example:           "  smtpsh explain 550\n  smtpsh explain 5.7.26\n  smtpsh explain CHUNKING\n  smtpsh explain RCPT XOAUTH2",
		Args:              a.args(1, -1),
		ValidArgsFunction: cobra.FixedCompletions(nil, cobra.ShellCompDirectiveNoFileComp),
		RunE: func(_ *cobra.Command, args []string) error {
			for i, word := range args {
				if i > 0 {
					fmt.Fprintln(a.Stdout)
				}
				ok, err := explain.Word(a.Stdout, word)
				if err != nil {
					return err
				}
				if !ok {
					hint := "try a code (550, 5.7.26), a verb (RCPT), an EHLO keyword (CHUNKING) or a mechanism (XOAUTH2)"
					if right := a.rightForm("explain", word); right != "" {
						hint = right
					} else if near := suggest.Name(strings.ToUpper(word), explain.Known()); near != "" {
						hint = "did you mean " + near + "?"
					}
					return &usageError{err: fmt.Errorf("nothing is known of %q", word), hint: hint}
				}
			}
			return nil
		},
	}
}
