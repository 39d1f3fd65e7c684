package cli

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"smtpsh/engine"
	"smtpsh/internal/exit"
	"smtpsh/internal/shellword"
	"smtpsh/internal/suggest"
	"smtpsh/internal/testrun"
	"smtpsh/internal/wholefile"
	"smtpsh/luabind"
	"smtpsh/scripts"
	"smtpsh/transcript"
)

// testFlags are the flags of smtpsh test.
type testFlags struct {
	testrun.Options
	list, dryRun     bool
	noSkips          bool
	failOn           string
	wait             time.Duration
	junit, tap, json []string
	out              string
}

func (a *app) testCommand() *cobra.Command {
	f := &testFlags{}
	cmd := &cobra.Command{
		Use:   "test PATH... [NAME...]",
		Short: "run test files: *_test.lua and dialogues, *.smtp",
		Long: `test runs the tests in files and folders: Lua files with describe and it, named
*_test.lua, and dialogues of C: and S: lines, named *.smtp. A dialogue is one test.
A name that is not a file can be a bundled suite. FILE:LINE selects the test at that
line. A name after a PATH selects the test with exactly that name.

A test can have a level: must, should or advice. A violated should or advice is a
warning, unless --fail-on sets a lower level. A test that could not be tried is
counted separately, because it shows nothing about its rule.

Exit status: 0 if no test failed; 1 if a test failed or none could be tried (4 if no
connection was possible, 5 if TLS failed each time); 2 if there was nothing to run;
3 if a file has an error.`,
		Example: `  smtpsh test tests/
  smtpsh test submission --server mx.example.org:587 --var user=ann@example.org --secret pass=@prompt
  smtpsh test tests/relay_test.lua --filter 'open relay' --report-junit junit.xml`,
		Args: a.args(1, -1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return scripts.SuiteNames(), cobra.ShellCompDirectiveDefault
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			a.given = cmd.Flags()
			return a.test(cmd.Context(), f, args)
		},
	}
	fl := cmd.Flags()
	fl.StringArrayVar(&f.Filter, "filter", nil,
		"run only tests whose name contains `TEXT` or matches /REGEXP/, or the test at FILE:LINE")
	fl.StringSliceVar(&f.Tags, "tags", nil, "run only tests with one of these `TAGS`")
	fl.StringSliceVar(&f.ExcludeTags, "exclude-tags", nil, "do not run tests with one of these `TAGS`")
	fl.BoolVar(&f.list, "list", false, "list the tests without running them")
	fl.BoolVar(&f.dryRun, "dry-run", false, "like --list, with the tags, time limit, file and line of each test")
	fl.BoolVar(&f.Shuffle, "shuffle", false, "run the tests of each file in random order; --seed repeats an order")
	fl.Uint64Var(&f.Seed, "seed", 0, "`NUMBER` that determines the random order")
	fl.IntVar(&f.Jobs, "jobs", runtime.GOMAXPROCS(0)*2, "`NUMBER` of files to run at once (default: twice the number of processors)")
	fl.IntVar(&f.Repeat, "repeat", 1, "repeat the whole run `N` times")
	fl.IntVar(&f.Retry, "retry", 0, "repeat a failed test up to `N` times")
	fl.BoolVar(&f.FailFast, "fail-fast", false, "stop at the first failure")
	fl.BoolVar(&f.noSkips, "no-skips", false, "for CI: count a test that was skipped or could not be tried as a failure")
	fl.StringVar(&f.failOn, "fail-on", string(testrun.Must),
		"lowest `LEVEL` at which a violated rule fails the test: must, should or advice; below it the test warns (default: must)")
	timeVar(fl, &f.Timeout, "timeout", time.Minute,
		"time limit for each test that does not set its own (default: 1m; --wait limits each wait)")
	timeVar(fl, &f.wait, "wait", 10*time.Second, "time limit for each wait for a server (default: 10s)")
	fl.StringArrayVar(&f.junit, "report-junit", nil, "write a JUnit report to `FILE`")
	fl.StringArrayVar(&f.tap, "report-tap", nil, "write a TAP report to `FILE`")
	fl.StringArrayVar(&f.json, "report-json", nil, "write a JSON report to `FILE`")
	fl.StringVar(&f.out, "out", testrun.OutDir, "`FOLDER` for transcripts of tests that failed or warned; the next run deletes those of the "+
		"last run; empty for none (default: "+testrun.OutDir+")")
	fl.BoolVar(&a.unsafe, "unsafe", false, "let tests use files and programs: io, os.execute, exec")
	return cmd
}

// testFailure is a run in which a test failed. It has already been reported.
type testFailure struct{ code int }

func (*testFailure) Error() string { return "tests failed" }

// ExitStatus returns the status of the worst failure.
func (e *testFailure) ExitStatus() int { return e.code }

func (a *app) test(ctx context.Context, f *testFlags, args []string) error {
	if f.Repeat < 1 || f.Retry < 0 || f.Jobs < 1 {
		return &usageError{err: errors.New("--repeat and --jobs must be at least 1, --retry at least 0"), hint: "omit them for 1 and 0"}
	}
	if f.Timeout <= 0 || f.wait <= 0 {
		return &usageError{err: errors.New("a time limit must be positive"), hint: "write it as 30s or 2m"}
	}
	level, err := testrun.ParseLevel(f.failOn)
	if err != nil {
		return &usageError{err: fmt.Errorf("--fail-on: %q is not a level", f.failOn), hint: "write must, should or advice"}
	}
	f.Level = level
	files, names, err := a.discoverTests(args)
	if err != nil {
		return err
	}
	ownServers := a.ownServers(files)
	if ownServers < len(files) || len(files) == 0 {
		if err := a.requireServer(""); err != nil {
			return err
		}
	}
	a.conn.dialer.Options.Timeouts = engine.UniformTimeouts(f.wait)
	f.List, f.Names = f.list || f.dryRun, names
	if f.Shuffle && f.Seed == 0 {
		f.Seed = rand.Uint64N(1_000_000) + 1
	}
	if !f.Shuffle {
		f.Seed = 0
	}
	out := &lockedWriter{w: a.Stdout}
	f.Sources = a.testSources(func(file *testrun.File) (*scriptHost, luabind.Options) {
		o := a.fileOptions(file)
		o.Unsafe, o.Offline, o.Bundled, o.Reach = a.unsafe, f.List, file.Bundled, a.vars.reach
		return &scriptHost{app: a, out: out, observer: a.out.logSink}, o
	})
	if err := a.checkNames(ctx, files, names); err != nil {
		return err
	}
	if f.List {
		ctx, over := a.limits().Bound(ctx)
		defer over()
		err := a.listTests(ctx, f, files)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return err
	}
	if err := checkReports(reportFlag{"--report-junit", f.junit}, reportFlag{"--report-tap", f.tap}, reportFlag{"--report-json",
		f.json}); err != nil {
		return err
	}
	if f.out != "" && a.given.Changed("out") {
		if err := checkFolder("--out", f.out); err != nil {
			return err
		}
	}
	f.Target, f.TargetNote = a.describeTarget("")
	f.TargetNote = withOwnServers(f.TargetNote, ownServers, len(files))
	if !a.out.quiet {
		fmt.Fprintln(a.Stdout, targetLine(f.Target, f.TargetNote))
	}
	reporters := a.reporters(f)
	ctx, over := luabind.WatchMemory(ctx, a.vars.memory<<20, a.die)
	defer over()
	sum, err := testrun.Run(ctx, files, f.Options, reporters...)
	if memory := new(luabind.MemoryError); errors.As(context.Cause(ctx), &memory) {
		err = memory
	}
	if sum != nil && sum.OK() {
		a.unused()
	}
	var usage *testrun.ReportError
	if err != nil && !errors.As(err, &usage) {
		return &usageError{err: err, hint: "see smtpsh test --help"}
	}
	if errors.Is(err, wholefile.ErrNotOurs) {
		return &usageError{err: err, hint: "remove it, or name another folder with --out FOLDER; --out '' keeps no transcripts"}
	}
	if err != nil {
		return &usageError{err: err, hint: "name a file in a writable folder with free disk space"}
	}
	for _, r := range reporters {
		if k, ok := r.(*testrun.Keeper); ok && len(k.Kept) > 0 {
			fmt.Fprintf(a.Stdout, "the transcripts of failures and warnings are in %s\n", transcript.Escape(filepath.ToSlash(k.Dir)))
		}
	}
	if f.noSkips && sum.Skipped+sum.Untried > 0 && sum.OK() {
		fmt.Fprintf(a.Stderr, "smtpsh: %d tests were skipped, %d could not be tried, and --no-skips was given\n", sum.Skipped, sum.Untried)
		return &testFailure{exit.Failed}
	}
	return a.verdict(sum)
}

// noTests returns the hint if one of the paths has no tests.
func (a *app) noTests(paths []string) string {
	for _, p := range paths {
		if found, err := testrun.Discover(testKinds, []string{p}, bundledSuite); err == nil && len(found) > 0 {
			continue
		}
		if right := a.rightForm("test", p); right != "" {
			return right
		}
		if near := suggest.Name(p, scripts.SuiteNames()); near != "" {
			return "did you mean " + near + "?"
		}
	}
	return "tests are *_test.lua and *.smtp; the bundled suites are " + strings.Join(scripts.SuiteNames(), ", ")
}

// verdict returns the error that sets the exit status of a summary.
func (a *app) verdict(sum *testrun.Summary) error {
	switch {
	case sum.Interrupted:
		return context.Canceled
	case len(sum.BadFiles) > 0:
		for _, f := range sum.BadFiles {
			var fe *testrun.FileError
			if errors.As(f.Err, &fe) && fe.Missing || errors.As(f.Err, new(*testrun.LineError)) {
				return &testFailure{exit.Usage}
			}
		}
		return &testFailure{exit.Script}
	case len(sum.Unmatched) > 0:
		return &usageError{
			err:  fmt.Errorf("%s: no such file, folder or test", sum.Unmatched[0]),
			hint: "smtpsh test --list PATH shows the names of the tests; use --server HOST:PORT to name a server",
		}
	case sum.Missing > 0 && sum.Failed == 0 && sum.Broken == sum.Missing:
		return &testFailure{exit.Usage}
	case sum.NothingTried():
		return &testFailure{a.nothingTried(sum)}
	case !sum.OK():
		return &testFailure{exit.Failed}
	case sum.Ran()+sum.Skipped+sum.Pending+sum.Untried == 0:
		return &usageError{err: testrun.ErrNoTest, hint: "check --filter, --tags and --exclude-tags; --list shows all tests"}
	}
	return nil
}

// nothingTried returns the error of a run without results, with its exit status.
func (a *app) nothingTried(sum *testrun.Summary) int {
	fmt.Fprintln(a.Stderr, "smtpsh: no test could be tried; the result shows nothing about the server")
	if code, ok := exit.OfKind(sum.Because()); ok {
		return code
	}
	return exit.Failed
}

// reporters returns the requested reporters and the one for the terminal.
func (a *app) reporters(f *testFlags) []testrun.Reporter {
	human := &testrun.Human{W: a.Stdout, Color: a.out.show.Color, Quiet: a.out.quiet, Again: a.again}
	if a.Terminal(a.Stdout) && a.Getenv("TERM") != "dumb" && a.Getenv("CI") == "" {
		human.Live = true
		if file, ok := a.Stdout.(*os.File); ok {
			if w, _, err := term.GetSize(int(file.Fd())); err == nil {
				human.Width = w
			}
		}
	}
	list := []testrun.Reporter{human}
	if f.out != "" {
		k := &testrun.Keeper{Dir: f.out, Chosen: a.given.Changed("out")}
		k.Clean()
		list = append(list, k)
	}
	for _, p := range f.junit {
		list = append(list, &testrun.JUnit{Path: p})
	}
	for _, p := range f.tap {
		list = append(list, &testrun.TAP{Path: p})
	}
	for _, p := range f.json {
		list = append(list, &testrun.JSON{Path: p})
	}
	if a.Getenv("GITHUB_ACTIONS") == "true" {
		list = append(list, &testrun.GitHub{W: a.Stdout})
	}
	return list
}

// againSkips are flags that select tests or format the output.
var againSkips = map[string]bool{
	"filter": true, "tags": true, "exclude-tags": true, "shuffle": true,
	"seed": true, "jobs": true, "repeat": true, "fail-fast": true, "retry": true,
	"report-junit": true, "report-tap": true, "report-json": true, "out": true,
	"color": true, "quiet": true, "format": true, "log": true, "timings": true,
}

// again returns the command line that runs one test with the inputs of this run. Secrets
// appear only as sources.
func (a *app) again(file, name string) string {
	words := []string{"smtpsh", "test", shellword.Quote(file)}
	if name != "" {
		words = append(words, "--filter", shellword.Quote(name))
	}
	a.given.VisitAll(func(f *pflag.Flag) {
		if !f.Changed || againSkips[f.Name] {
			return
		}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			for _, v := range list.GetSlice() {
				words = append(words, "--"+f.Name, shellword.Quote(v))
			}
			return
		}
		words = append(words, "--"+f.Name)
		if f.Value.Type() != "bool" {
			words = append(words, shellword.Quote(f.Value.String()))
		}
	})
	return strings.Join(words, " ")
}

// listing writes the tests that would run.
type listing struct {
	a     *app
	long  bool
	count int
	bad   []*testrun.FileRun
}

func (*listing) Started(*testrun.File, *testrun.Test) {}
func (*listing) Done(*testrun.File, *testrun.Result)  {}

// File lists a file's tests.
func (l *listing) File(run *testrun.FileRun) {
	if run.Err != nil {
		l.bad = append(l.bad, run)
		return
	}
	for _, t := range run.Chosen {
		l.count++
		fmt.Fprintf(l.a.Stdout, "%s:%d: %s", transcript.Escape(run.File.Name), t.Line, transcript.Escape(testrun.Title(t)))
		if l.long {
			if t.Timeout > 0 {
				fmt.Fprintf(l.a.Stdout, "  timeout %s", t.Timeout)
			}
			if t.Skip != "" {
				fmt.Fprintf(l.a.Stdout, "  skipped: %s", transcript.Escape(t.Skip))
			}
			if t.Pending {
				fmt.Fprint(l.a.Stdout, "  pending")
			}
		}
		fmt.Fprintln(l.a.Stdout)
	}
}

// End has nothing to add.
func (*listing) End(*testrun.Summary) error { return nil }

func (a *app) listTests(ctx context.Context, f *testFlags, files []*testrun.File) error {
	l := &listing{a: a, long: f.dryRun}
	f.Repeat = 1
	sum, err := testrun.Run(ctx, files, f.Options, l)
	if err != nil {
		return &usageError{err: err, hint: "see smtpsh test --help"}
	}
	if len(l.bad) > 0 {
		if line := new(testrun.LineError); errors.As(l.bad[0].Err, &line) {
			return &usageError{
				err:  fmt.Errorf("%s: %w", line.File, line),
				hint: "smtpsh test --list " + shellword.Quote(line.File) + " shows where tests are",
			}
		}
		return l.bad[0].Err
	}
	if sum.Interrupted {
		return context.Canceled
	}
	if l.count == 0 {
		return &usageError{err: testrun.ErrNoTest, hint: "check --filter, --tags and --exclude-tags"}
	}
	return nil
}
