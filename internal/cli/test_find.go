package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"

	"smtpsh/internal/dialogue"
	"smtpsh/internal/luatest"
	"smtpsh/luabind"
	"smtpsh/luabind/all"
	"smtpsh/luabind/testmod"
	"smtpsh/scripts"
)

// discoverTests finds the files that are named. Beside files that exist, an argument
// that cannot be a path is the exact name of a test.
func (a *app) discoverTests(args []string) (files []*luatest.File, names []string, err error) {
	var paths []string
	var missing error
	for _, arg := range args {
		_, err := luatest.Discover([]string{arg}, bundledSuite)
		if errors.As(err, new(*luatest.MissingError)) {
			if missing == nil {
				missing = err
			}
			if !looksLikePath(arg) {
				names = append(names, arg)
				continue
			}
		}
		paths = append(paths, arg)
	}
	if len(paths) == 0 && missing != nil {
		return nil, nil, &usageError{err: missing, hint: a.noTests(args)}
	}
	if files, err = luatest.Discover(paths, bundledSuite); err != nil {
		return nil, nil, &usageError{err: err, hint: a.noTests(args)}
	}
	return files, names, nil
}

// looksLikePath tells a path that was misspelt from the name of a test.
func looksLikePath(arg string) bool {
	if file, _, ok := luatest.Place(arg); ok {
		arg = file
	}
	ext := path.Ext(arg)
	return strings.ContainsAny(arg, `/\`) && !strings.Contains(arg, " ") || strings.EqualFold(ext, ".lua") || strings.EqualFold(ext, ".txt") || dialogue.HasExtension(arg)
}

// silentHost shows nothing of what files print while they are looked at.
type silentHost struct{ scriptHost }

func (*silentHost) Print(string) {}

// checkNames refuses names that no test has, before any test runs. Where a file cannot
// be looked at without a network, nothing is known of its tests.
func (a *app) checkNames(ctx context.Context, files []*luatest.File, names []string) error {
	if len(names) == 0 {
		return nil
	}
	known := &nameList{}
	ctx, over := a.limits().Bound(ctx)
	defer over()
	_, err := luatest.Run(ctx, files, luatest.Options{List: true, VM: func(file *luatest.File) *luabind.VM {
		return luabind.New(&silentHost{scriptHost{app: a, out: io.Discard}}, luabind.Options{Library: all.Library(), Dir: file.Dir, Lib: scripts.Library(), Offline: true, LuaTime: a.vars.luaLimit(), Limits: a.limits(), Stuck: a.die})
	}}, known)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil || known.incomplete {
		return nil //nolint:nilerr // the run itself will report it
	}
	for _, name := range names {
		if known.has[name] {
			continue
		}
		hint := "smtpsh test --list PATH shows the names of the tests; a server is named with --server HOST:PORT"
		if near := luabind.Suggest(name, known.all); near != "" {
			hint = "did you mean " + quoteShell(near) + "?"
		}
		return &usageError{err: fmt.Errorf("%s: there is no such file, folder or test", name), hint: hint}
	}
	return nil
}

// nameList collects the names of tests.
type nameList struct {
	has        map[string]bool
	all        []string
	incomplete bool
}

// Started is not called for a list.
func (*nameList) Started(*luatest.File, *testmod.Test) {}

// Done is not called for a list.
func (*nameList) Done(*luatest.File, *testmod.Result) {}

// File collects the names of a file.
func (l *nameList) File(run *luatest.FileRun) {
	if l.has == nil {
		l.has = map[string]bool{}
	}
	l.incomplete = l.incomplete || run.Err != nil
	for _, t := range run.Chosen {
		l.has[t.Full()] = true
		l.all = append(l.all, t.Full())
	}
}

// End has nothing to add.
func (*nameList) End(*luatest.Summary) error { return nil }

// bundledSuite finds a suite by its name or by its path in the sources.
func bundledSuite(name string) []*luatest.File {
	var out []*luatest.File
	for _, f := range scripts.Suite(strings.TrimSuffix(filepath.ToSlash(name), "/")) {
		out = append(out, &luatest.File{Name: f.Name, Source: f.Source, Bundled: true})
	}
	return out
}
