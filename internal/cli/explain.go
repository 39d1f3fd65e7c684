package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"smtpsh/internal/explain"
	"smtpsh/internal/suggest"
	"smtpsh/luabind/all"
	"smtpsh/luabind/docs"
	"smtpsh/scripts"
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

func (a *app) luaMetaCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "lua-meta",
		Short:   "print the LuaCATS definitions of the Lua functions, for editors",
		Example: "  smtpsh lua-meta > smtpsh.lua",
		Args:    a.args(0, 0),
		RunE:    func(*cobra.Command, []string) error { return docs.WriteLuaCATS(a.Stdout, all.Library()) },
	}
}
