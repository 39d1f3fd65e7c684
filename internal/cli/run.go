package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"smtpsh/internal/dialogue"
	"smtpsh/internal/readfile"
	"smtpsh/internal/suggest"
	"smtpsh/luabind"
	"smtpsh/scripts"
)

func (a *app) runCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run SCRIPT [ARG...]",
		Short: "run a Lua script or a dialogue and show the transcript",
		Long: `run runs a Lua script and shows the transcript of its sessions. A file is a dialogue
if its name ends in .smtp, or if it begins with C: or S: lines and its name does not
end in .lua.

SCRIPT is a file, - for standard input, or the name of a bundled script
(smtpsh scripts lists them). Sessions without a target of their own connect to
--server, else to the sandbox.`,
		Example: `  smtpsh run gmail-send
  smtpsh run gmail-send --server smtp.gmail.com:587 --var user=me@gmail.com --secret pass=@prompt
  smtpsh run my.lua --server mx.example.org:25 --timings`,
		Args: a.args(1, -1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveDefault
			}
			return scripts.Names(), cobra.ShellCompDirectiveDefault
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.run(cmd.Context(), args) },
	}
	cmd.Flags().BoolVar(&a.unsafe, "unsafe", false, "let the script use files and programs: io, os.execute, exec")
	return cmd
}

func (a *app) run(ctx context.Context, args []string) error {
	if err := a.requireServer(""); err != nil {
		return err
	}
	name, src, err := a.readScript(args[0])
	if err != nil {
		return err
	}
	out := &lockedWriter{w: a.Stdout}
	host, release := useOneCore(&scriptHost{app: a, out: out, observer: a.out.observer(out)})
	defer release()
	host.target = &targetAnnouncer{a: a, bundled: isBundled(args[0], name)}
	if s, ok := scripts.Lookup(strings.TrimSuffix(name, ".lua")); ok && host.target.bundled && !s.Load {
		host.target.announce("") // scripts for load have a default of their own
	}
	options := a.luaOptions(args[0])
	ctx, over := a.limits().Bound(ctx)
	defer over()
	if dialogue.Recognise(name, src) {
		if len(args) > 1 {
			return &usageError{
				err:  fmt.Errorf("unexpected argument %q: a dialogue has no arguments", shownArg(args[1])),
				hint: "did you mean " + or(meantFlag(args[1]), "--var NAME=VALUE") + "?",
			}
		}
		err := a.player(host, options).Run(ctx, name, src)
		if err == nil {
			a.unused()
		}
		return err
	}
	vm := luabind.New(host, options)
	defer vm.Close()
	if err := a.checkArgs(vm, name, src, args[1:]); err != nil {
		return err
	}
	err = vm.Run(ctx, name, src, args[1:])
	if err == nil {
		a.unused()
		a.unusedArgs(vm, args[1:])
	}
	return err
}

// maxScript limits the size of a script. A message file that is given by mistake is usually
// larger.
const maxScript = 4 << 20

// isBundled reports whether a script belongs to the program.
func isBundled(name, file string) bool {
	_, err := os.Stat(name)
	return name != "-" && errors.Is(err, fs.ErrNotExist) && file != "stdin"
}

// readScript finds a script on disk, on standard input, or in the program.
func (a *app) readScript(name string) (string, []byte, error) { return a.readScriptFor("run", name) }

// readScriptFor is readScript for another command than run. The command is used in hints.
func (a *app) readScriptFor(command, name string) (string, []byte, error) {
	if name == "-" {
		ctx, over := a.conn.reading(a.ctx)
		defer over()
		src, err := readfile.All(ctx, a.Stdin, "the script on standard input", maxScript)
		if errors.As(err, new(*readfile.SizeError)) {
			err = &usageError{err: err, hint: "check that the file is a script"}
		}
		return "stdin", src, err
	}
	src, err := a.readNamed(a.ctx, name, maxScript)
	kind := &readfile.KindError{}
	switch {
	case err == nil:
		return name, src, nil
	case stopped(err):
		return "", nil, err
	case errors.As(err, &kind):
		return "", nil, &usageError{err: fmt.Errorf("script %w", err), hint: or(a.rightForm(command, name), "name a Lua file")}
	case errors.As(err, new(*readfile.SizeError)):
		return "", nil, &usageError{err: fmt.Errorf("script %w", err), hint: "check that the file is a script"}
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", nil, &usageError{err: err, hint: "name a Lua file that can be read"}
	}
	bundled := strings.TrimSuffix(filepath.Base(name), ".lua")
	if bundled == name || filepath.Dir(name) == "scripts" {
		if s, ok := scripts.Lookup(bundled); ok {
			return bundled + ".lua", s.Source, nil
		}
	}
	return "", nil, a.noScript(command, name)
}

// noScript returns the error for a script that does not exist.
func (a *app) noScript(command, name string) error {
	hint := a.rightForm(command, name)
	if near := suggest.Name(strings.TrimSuffix(name, ".lua"), scripts.Names()); hint == "" && near != "" {
		hint = "did you mean " + near + "?"
	}
	if hint == "" && strings.ContainsAny(name, `./\`) {
		hint = "check the path; smtpsh scripts lists the bundled scripts"
	}
	if hint == "" {
		hint = "the bundled ones are " + strings.Join(scripts.Names(), ", ")
	}
	if strings.ContainsAny(name, `./\`) { // the path of a file
		return &usageError{err: fmt.Errorf("%s: this file does not exist", name), hint: hint}
	}
	return &usageError{err: fmt.Errorf("unknown script %s", name), hint: hint}
}

// lockedWriter prevents lines of sessions and of print from mixing.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}
