package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"smtpsh/internal/dialogue"
	"smtpsh/internal/shellword"
	"smtpsh/internal/suggest"
	"smtpsh/internal/testrun"
	"smtpsh/luabind"
	"smtpsh/luabind/all"
	"smtpsh/luabind/testmod"
	"smtpsh/scripts"
)

// discoverTests finds the named files. An argument after existing files that cannot be a
// path is the exact name of a test.
func (a *app) discoverTests(args []string) (files []*testrun.File, names []string, err error) {
	var paths []string
	var missing error
	for _, arg := range args {
		_, err := testrun.Discover(testKinds, []string{arg}, bundledSuite)
		if errors.As(err, new(*testrun.MissingError)) {
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
	if files, err = testrun.Discover(testKinds, paths, bundledSuite); err != nil {
		return nil, nil, &usageError{err: err, hint: a.noTests(args)}
	}
	return files, names, nil
}

// looksLikePath reports whether a word is probably a misspelled path and not the name of a
// test.
func looksLikePath(arg string) bool {
	if file, _, ok := testrun.ParsePlace(arg); ok {
		arg = file
	}
	ext := path.Ext(arg)
	return strings.ContainsAny(arg, `/\`) && !strings.Contains(arg, " ") || strings.EqualFold(ext, ".lua") || strings.EqualFold(ext, ".txt") ||
		dialogue.HasExtension(arg)
}

// checkNames returns an error for names that no test has, before any test runs. Tests of a
// file that cannot be listed without a network are unknown.
func (a *app) checkNames(ctx context.Context, files []*testrun.File, names []string) error {
	if len(names) == 0 {
		return nil
	}
	known := &nameList{}
	ctx, over := a.limits().Bound(ctx)
	defer over()
	sources := a.testSources(func(file *testrun.File) (*scriptHost, luabind.Options) {
		o := a.fileOptions(file)
		o.Offline = true
		return &scriptHost{app: a, out: io.Discard, silent: true}, o
	})
	_, err := testrun.Run(ctx, files, testrun.Options{List: true, Sources: sources}, known)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil || known.incomplete {
		return nil //nolint:nilerr // the run reports it
	}
	for _, name := range names {
		if known.has[name] {
			continue
		}
		hint := "smtpsh test --list PATH shows the names of the tests; use --server HOST:PORT to name a server"
		if near := suggest.Name(name, known.all); near != "" {
			hint = "did you mean " + shellword.Quote(near) + "?"
		}
		return &usageError{err: fmt.Errorf("%s: no such file, folder or test", name), hint: hint}
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
func (*nameList) Started(*testrun.File, *testrun.Test) {}

// Done is not called for a list.
func (*nameList) Done(*testrun.File, *testrun.Result) {}

// File collects the names of a file.
func (l *nameList) File(run *testrun.FileRun) {
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
func (*nameList) End(*testrun.Summary) error { return nil }

// bundledSuite finds a suite by its name or by its path in the sources.
func bundledSuite(name string) []*testrun.File {
	var out []*testrun.File
	for _, f := range scripts.Suite(strings.TrimSuffix(filepath.ToSlash(name), "/")) {
		out = append(out, &testrun.File{Name: f.Name, Source: f.Source, Bundled: true})
	}
	return out
}

// testKinds are the kinds of test files, by name and content.
var testKinds = []testrun.Source{dialogue.Source{}, testmod.Source{}}

// isTest reports whether a file in a folder is a test, by its name.
func isTest(name string) bool {
	return slices.ContainsFunc(testKinds, func(s testrun.Source) bool { return s.Named(name) })
}

// fileOptions returns the options of the VM of a test file.
func (a *app) fileOptions(file *testrun.File) luabind.Options {
	return luabind.Options{
		Library: all.Library(), Dir: file.Dir, Lib: scripts.Library(),
		LuaTime: a.vars.luaLimit(), Limits: a.limits(), Stuck: a.die,
	}
}

// testSources returns the kinds of test files. setup returns the host of a file and what
// its scripts may use.
func (a *app) testSources(setup func(file *testrun.File) (*scriptHost, luabind.Options)) []testrun.Source {
	return []testrun.Source{
		dialogue.Source{Player: func(file *testrun.File) dialogue.Player {
			host, o := setup(file)
			return a.player(host, o)
		}},
		testmod.Source{VM: func(file *testrun.File) *luabind.VM {
			host, o := setup(file)
			return luabind.New(host, o)
		}},
	}
}
