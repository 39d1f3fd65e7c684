package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"smtpsh/internal/transcript"
	"smtpsh/internal/wholefile"
	"smtpsh/luabind"
	"smtpsh/scripts"
)

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIR]",
		Short: "begin a folder of tests: a first test, and definitions for editors",
		Long: `init writes a first test, the definitions that editors with lua-language-server
complete and check from, and their configuration. Files that exist stay as they
are, except the definitions, which are brought up to date.`,
		Example: "  smtpsh init mail-tests && smtpsh test mail-tests",
		Args:    a.args(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			return a.initDir(dir)
		},
	}
}

func (a *app) initDir(dir string) error {
	fail := func(err error) error {
		return &usageError{err: fmt.Errorf("init: %w", err), hint: "name a folder that can be written"}
	}
	if err := os.MkdirAll(filepath.Join(dir, ".smtpsh"), 0o755); err != nil {
		return fail(err)
	}
	var meta bytes.Buffer
	if err := luabind.WriteLuaCATS(&meta); err != nil {
		return err
	}
	if err := wholefile.Replace(filepath.Join(dir, ".smtpsh", "smtpsh.lua"), meta.Bytes(), 0o644); err != nil {
		return fail(err)
	}
	fmt.Fprintln(a.Stdout, "wrote  "+transcript.Escape(filepath.ToSlash(filepath.Join(dir, ".smtpsh", "smtpsh.lua"))))
	for _, f := range initFiles {
		path := filepath.Join(dir, f.name)
		err := wholefile.Create(path, []byte(f.text), 0o644)
		if errors.Is(err, fs.ErrExist) {
			fmt.Fprintln(a.Stdout, "stays  "+transcript.Escape(filepath.ToSlash(path)))
			continue
		}
		if err != nil {
			return fail(err)
		}
		fmt.Fprintln(a.Stdout, "wrote  "+transcript.Escape(filepath.ToSlash(path)))
	}
	fmt.Fprintf(a.Stdout, "run it:  smtpsh test %s\n", transcript.Escape(quoteShell(dir)))
	return nil
}

// initFiles is what smtpsh init writes. The order is that of the output.
var initFiles = []struct{ name, text string }{
	{".luarc.json", `{
  "runtime.version": "Lua 5.1",
  "workspace.library": [".smtpsh"],
  "diagnostics.globals": ["describe", "it", "pending", "before_all", "after_all", "before_each", "after_each", "expect", "check"]
}
`},
	{"first_test.lua", scripts.FirstTest},
}
