package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"smtpsh/internal/dialogue"
	"smtpsh/internal/exit"
	"smtpsh/internal/testrun"
	"smtpsh/luabind"
	"smtpsh/luabind/all"
	"smtpsh/luabind/lint"
	"smtpsh/luabind/testmod"
	"smtpsh/transcript"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check PATH...",
		Short: "find mistakes in scripts, tests and dialogues without a network",
		Long: `check parses scripts, tests and dialogues. It finds names that do not exist
(variables, functions, methods, fields, options, SMTP verbs in server:on rules), conditions that
no reply can meet, such as "25O" with the letter O, and s.ehlo() instead of s:ehlo(). It lists all
mistakes of a dialogue. It loads test files too, so that
mistakes in describe and it show. A script makes a dry run: each of its sessions
goes to the sandbox, it changes no files, and its output is not shown. check
reports the Lua errors of this run, but not replies that reject a command. It
contacts no other machine.`,
		Example: "  smtpsh check my.lua tests/relay_test.lua",
		Args:    a.args(1, -1),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.check(cmd.Context(), args) },
	}
}

func (a *app) check(ctx context.Context, args []string) error {
	ctx, over := a.limits().Bound(ctx)
	defer over()
	var first error
	bad := 0
	note := func(err error) {
		if bad++; first == nil {
			first = err
		} else {
			a.complain(err)
		}
	}
	var paths []string
	for _, path := range args {
		info, err := os.Stat(path)
		if err != nil || !info.IsDir() {
			paths = append(paths, path)
			continue
		}
		files, err := testrun.Discover(testKinds, []string{path}, nil)
		if err != nil {
			return &usageError{err: err, hint: "name files, or a folder with *_test.lua and *.smtp"}
		}
		for _, f := range files {
			paths = append(paths, f.Name)
		}
	}
	for _, path := range paths {
		name, src, err := a.readScriptFor("check", path)
		if err != nil {
			return err
		}
		words, err := a.checkOne(ctx, name, path, src)
		if ctx.Err() != nil { // the rest of the file cannot be checked
			return context.Cause(ctx)
		}
		if err != nil {
			note(err)
			continue
		}
		fmt.Fprintf(a.Stdout, "%s: %s\n", transcript.Escape(name), words)
	}
	return first
}

// findings are the mistakes of a file that can be parsed.
type findings struct{ lines []string }

func (f *findings) Error() string { return strings.Join(f.lines, "\n") }

// ExitStatus returns the status of a wrong script.
func (f *findings) ExitStatus() int { return exit.Script }

// dialogueMistakes lists all mistakes of a dialogue. A hint that applies to several is
// given once.
func dialogueMistakes(name string, src []byte) error {
	mistakes := dialogue.Mistakes(name, string(src))
	if len(mistakes) == 0 {
		return nil
	}
	var lines []string
	said := map[string]bool{}
	for _, m := range mistakes {
		lines = append(lines, brief(m.Error()), "  "+quote(m.Source))
		if m.Hint != "" && !said[m.Hint] {
			said[m.Hint] = true
			lines = append(lines, "  hint: "+brief(m.Hint))
		}
	}
	return &findings{lines}
}

func (a *app) checkOne(ctx context.Context, name, path string, src []byte) (string, error) {
	if dialogue.Recognise(name, src) {
		err := dialogueMistakes(name, src)
		if err == nil {
			err = checkIncludes(ctx, path, name, src)
		}
		return "a dialogue without mistakes", err
	}
	found, err := lint.Check(all.Library(), name, src)
	if err != nil && filepath.Ext(name) != ".lua" {
		return "", &usageError{err: err, hint: "the file was read as Lua; the name of a dialogue ends in .smtp"}
	}
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		var lines []string
		for _, f := range found {
			lines = append(lines, brief(fmt.Sprintf("%s:%d: %s", name, f.Line, f.Message)), "  "+quote(f.Source))
		}
		return "", &findings{lines}
	}
	if !isTest(name) {
		return a.dryRun(ctx, name, path, src)
	}
	o := a.luaOptions(path)
	o.Offline = true
	if o.LuaTime < 0 || o.LuaTime > dryTime { // a test file only defines its tests
		o.LuaTime = dryTime
	}
	vm := luabind.New(&scriptHost{app: a, out: a.Stderr}, o)
	defer vm.Close()
	suite, err := testmod.Load(ctx, vm, name, src)
	if err != nil {
		return "", err
	}
	n := len(suite.Tests())
	suite.Close()
	if n == 0 {
		return "", &usageError{err: fmt.Errorf("%s: %w", name, testrun.ErrNoTests), hint: `a test is it("name", function() ... end)`}
	}
	plural := "s"
	if n == 1 {
		plural = ""
	}
	return fmt.Sprintf("%d test%s, no mistakes found", n, plural), nil
}
