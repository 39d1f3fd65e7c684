package cli

import (
	"github.com/spf13/cobra"

	"smtpsh/luabind/all"
	"smtpsh/luabind/docs"
)

func (a *app) luaMetaCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "lua-meta",
		Short:   "print LuaCATS definitions of the Lua functions for editors",
		Example: "  smtpsh lua-meta > smtpsh.lua",
		Args:    a.args(0, 0),
		RunE:    func(*cobra.Command, []string) error { return docs.WriteLuaCATS(a.Stdout, all.Library()) },
	}
}
