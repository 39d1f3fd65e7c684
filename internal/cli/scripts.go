package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"smtpsh/scripts"
)

func (a *app) scriptsCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "scripts [NAME]",
		Short:   "list the bundled scripts, or print one",
		Example: "  smtpsh scripts\n  smtpsh scripts tls-report > my.lua",
		Args:    a.args(0, 1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return scripts.Names(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				s, ok := scripts.Lookup(strings.TrimSuffix(args[0], ".lua"))
				if !ok {
					return a.noScript("scripts", args[0])
				}
				_, err := a.Stdout.Write(s.Source)
				return err
			}
			for _, s := range scripts.All() {
				fmt.Fprintf(a.Stdout, "%-14s %s\n%-14s %s\n", s.Name, s.Summary, "", s.Usage)
			}
			return nil
		},
	}
}
