package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"smtpsh/internal/shellword"
	"smtpsh/internal/wholefile"
	"smtpsh/luabind/all"
	"smtpsh/luabind/docs"
	"smtpsh/scripts"
	"smtpsh/transcript"
)

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIR]",
		Short: "create a folder with a first test and definitions for editors",
		Long: `init writes a first test, definitions for editors with lua-language-server, and
their configuration. It keeps files that exist, except the definitions, which it
updates.`,
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
		return &usageError{err: fmt.Errorf("init: %w", err), hint: "name a writable folder"}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fail(err)
	}
	folder, err := wholefile.OpenFolder(dir)
	if err != nil {
		return fail(err)
	}
	defer folder.Close()
	var meta bytes.Buffer
	if err := docs.WriteLuaCATS(&meta, all.Library()); err != nil {
		return err
	}
	if err := writeDefinitions(folder, meta.Bytes()); err != nil {
		if errors.Is(err, wholefile.ErrNotOurs) {
			return &usageError{err: fmt.Errorf("init: %w", err), hint: "remove it, or name another folder"}
		}
		return fail(err)
	}
	fmt.Fprintln(a.Stdout, "wrote  "+transcript.Escape(filepath.ToSlash(filepath.Join(dir, ".smtpsh", "smtpsh.lua"))))
	for _, f := range initFiles {
		path := transcript.Escape(filepath.ToSlash(filepath.Join(dir, f.name)))
		err := folder.Create(f.name, []byte(f.text), 0o644)
		if errors.Is(err, fs.ErrExist) {
			fmt.Fprintln(a.Stdout, "kept   "+path)
			continue
		}
		if err != nil {
			return fail(err)
		}
		fmt.Fprintln(a.Stdout, "wrote  "+path)
	}
	fmt.Fprintf(a.Stdout, "run the test:  smtpsh test %s\n", transcript.Escape(shellword.Quote(dir)))
	return nil
}

// writeDefinitions updates definitions that an earlier run has written; their first line
// shows that. The folder can belong to another user, so links in it are not followed.
func writeDefinitions(folder *wholefile.Folder, meta []byte) error {
	sub, err := folder.Make(".smtpsh", 0o755)
	if err != nil {
		return err
	}
	defer sub.Close()
	first, _, _ := strings.Cut(string(meta), "\n")
	return sub.Replace("smtpsh.lua", first, meta, 0o644)
}

// initFiles are the files that smtpsh init writes, in the order of its output.
var initFiles = []struct{ name, text string }{
	{".luarc.json", `{
  "runtime.version": "Lua 5.1",
  "workspace.library": [".smtpsh"],
  "diagnostics.globals": ["describe", "it", "pending", "before_all", "after_all", "before_each", "after_each", "expect", "check"]
}
`},
	{"first_test.lua", scripts.FirstTest},
}
