package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/internal/dialogue"
	"smtpsh/internal/exit"
	"smtpsh/internal/explain"
	"smtpsh/internal/load"
	"smtpsh/internal/wholefile"
	"smtpsh/luabind"
	"smtpsh/luabind/smtpmod"
	"smtpsh/scripts"
)

// loadFlags are the flags of smtpsh load.
type loadFlags struct {
	load.Plan
	expect      []string
	json, pages []string
	also, agree []string
	keepFailing bool
}

func (a *app) loadCommand() *cobra.Command {
	f := &loadFlags{}
	var expectations []*load.Expectation
	cmd := &cobra.Command{
		Use:   "load SCRIPT [ARG...]",
		Short: "run a script in many sessions at once and report how the server copes",
		Long: `load runs a Lua script repeatedly in many sessions at once. It reports rates,
latency percentiles for each verb and phase, replies by code, and errors.

If a script ends with "return function(n) ... end", it is set up once for each
session, and each run calls the function. Otherwise each run is the whole script.
The output of scripts is not shown. Bundled scripts:
` + wrapList(scripts.LoadNames()) + `

Without --rate each session begins its next run when its previous run has ended (closed
model). With --rate runs begin at that rate even if the server is slow (open model).
The latencies whole and failed then count from the planned start of the run, so that a
server that stalls is visible, and so does wait. The others do not include the wait
for a session.

In the report, a name in upper case is a verb: the time from the command to its
reply. The dot is the end of a message. Names in lower case are the phases that are
listed below as LATENCY.

load contacts only hosts of --server and --also. A public host requires
--yes-i-may-load HOST. --expect THRESHOLD decides the exit status: a METRIC, then
<, <=, =, >= or >, then a value, such as rate>100. METRIC is:

` + explain.Columns(load.Metrics()) + `
LATENCY is a verb in upper or lower case (dot for the end of a message) or one of:

` + explain.Columns(load.LatencyNames()) + `
The line "client" of the report shows the client itself. Timer lag is how late its
timers were: if it is as large as the latencies, they are not reliable.

Any failed run makes the exit status 1, unless --expect sets a limit on "failed"
or "errors". If no session can be set up at the start, the exit status is that of
the failure, for example 4 without a connection.`,
		Example: `  smtpsh load keep-alive --server 127.0.0.1:2525 --sessions 50 --duration 30s
  smtpsh load one-message --server mx.test:25 --rate 200 --duration 1m --report-html load.html
  smtpsh load my.lua --messages 10000 --expect 'p99(rcpt)<200ms' --expect 'refused<1%'`,
		Args: a.args(1, -1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveDefault
			}
			return scripts.LoadNames(), cobra.ShellCompDirectiveDefault
		},
		PreRunE: func(cmd *cobra.Command, _ []string) error {
			for _, flag := range []string{"rate", "duration", "messages", "sessions"} {
				if g := cmd.Flags().Lookup(flag); g.Changed && strings.Trim(g.Value.String(), "0.s") == "" {
					return &usageError{err: fmt.Errorf("--%s: must be positive", flag), hint: "omit it for the default"}
				}
			}
			for _, text := range f.expect {
				e, err := load.ParseExpectation(text)
				if err != nil {
					return &usageError{err: fmt.Errorf("--expect: %w", err), hint: "smtpsh load --help lists the metrics"}
				}
				expectations = append(expectations, e)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if a.conn.proxy != "" {
				return &usageError{
					err:  errors.New("load and --proxy cannot be combined: smtpsh could not check which address gets the load"),
					hint: "run smtpsh load on a machine that reaches the server directly",
				}
			}
			if f.keepFailing {
				f.GiveUp = -1
			}
			if f.Drain == 0 { // zero would mean the default of the plan
				f.Drain = 1
			}
			if err := f.Check(); err != nil {
				return &usageError{err: err, hint: "see smtpsh load --help"}
			}
			if !cmd.Flags().Changed("max-memory") { // sessions and histograms need the rest of the memory
				a.vars.memory += int64(f.Sessions)/8 + 8*int64(runtime.GOMAXPROCS(0))
			}
			return a.load(cmd.Context(), f, expectations, args)
		},
	}
	fl := cmd.Flags()
	fl.IntVar(&f.Sessions, "sessions", 0,
		fmt.Sprintf("`NUMBER` of sessions (default: %d; with --rate: as many as needed, up to "+
			"%d)", load.DefaultSessions, load.DefaultOpenSessions))
	fl.Float64Var(&f.Rate, "rate", 0, "`RUNS` to start each second, even if the server is slow")
	timeVar(fl, &f.Duration, "duration", 0,
		fmt.Sprintf("time in which new runs start, such as 30s (default: %v; with --messages: no limit)", load.DefaultDuration))
	fl.Int64Var(&f.Messages, "messages", 0, "stop after `NUMBER` runs or messages, whichever comes first")
	timeVar(fl, &f.Ramp, "ramp", 0, "time in which the number of sessions or the rate grows to its full value")
	timeVar(fl, &f.Warmup, "warmup", 0, "time at the start that the report excludes")
	timeVar(fl, &f.Drain, "drain", load.DefaultDrain, "time limit for runs that are active at the end")
	fl.StringArrayVar(&f.expect, "expect", nil, "`THRESHOLD` that must hold, such as 'p99(rcpt)<200ms' or 'refused<1%'; can be repeated")
	fl.BoolVar(&f.keepFailing, "keep-failing", false, fmt.Sprintf("continue even if every run fails in the first %v", load.DefaultGiveUp))
	fl.StringArrayVar(&f.json, "report-json", nil, "write the report as JSON to `FILE`")
	fl.StringArrayVar(&f.pages, "report-html", nil, "write the report as an HTML page with plots to `FILE`")
	fl.StringArrayVar(&f.also, "also", nil, "`HOST` that the script may contact in addition to the host of --server")
	fl.StringArrayVar(&f.agree, "yes-i-may-load", nil, "confirm that you are allowed to run a load test against the public `HOST`")
	return cmd
}

// wrapList writes words separated by commas, wrapped to the width.
func wrapList(words []string) string {
	return strings.Join(explain.Wrap(strings.Join(words, ", ")+".", 78), "\n")
}

func (a *app) load(ctx context.Context, f *loadFlags, expectations []*load.Expectation, args []string) error {
	if err := a.requireServer(""); err != nil {
		return err
	}
	name, src, err := a.readScriptFor("load", args[0])
	if err != nil {
		return err
	}
	if dialogue.Recognise(name, src) {
		return &usageError{err: fmt.Errorf("%s is a dialogue; load runs only Lua scripts", name), hint: "play the dialogue from a " +
			"script with s:play"}
	}
	if err := checkReports(reportFlag{"--report-json", f.json}, reportFlag{"--report-html", f.pages}); err != nil {
		return err
	}
	who, err := a.newConsent(ctx, f)
	if err != nil {
		return err
	}
	ctx, over := a.limits().Bound(ctx)
	defer over()
	contacted := &targets{}
	announcer := &targetAnnouncer{a: a, bundled: true}
	var workers []*load.Worker
	for i := range min(runtime.GOMAXPROCS(0), f.Sessions) {
		rec := &load.Recorder{}
		worker := strconv.Itoa(i+1) + "."
		vm := luabind.New(&loadHost{scriptHost: &scriptHost{app: a, out: io.Discard, target: announcer}, rec: rec, worker: worker, who: who,
			targets: contacted},
			a.luaOptions(args[0]))
		defer vm.Close()
		if err := a.checkArgs(vm, name, src, args[1:]); err != nil {
			return err
		}
		program, err := vm.Program(name, src, args[1:])
		if err != nil {
			return err
		}
		leashed, slack := vm.Leash(ctx) // all runs share the script
		defer slack()
		ctx = leashed
		defer vm.Heed(ctx)()
		if i == 0 {
			defer func() { a.unusedArgs(vm, args[1:]) }()
		}
		workers = append(workers, &load.Worker{Program: program, Recorder: rec})
	}
	line := a.progressLine()
	report, err := load.Run(ctx, workers, f.Plan, line.show)
	line.clear()
	if err != nil {
		return err
	}
	report.Version, report.Script, report.Target = strings.TrimPrefix(versionText(), "smtpsh "), name, contacted.text()
	if a.conn.dialer.Target == "" && strings.HasPrefix(report.Target, "sandbox:") {
		report.TargetNote = noServer
	}
	report.Client.Sandbox = a.conn.dialer.Started()
	for _, e := range expectations {
		report.Expectations = append(report.Expectations, e.Judge(report))
	}
	return errors.Join(a.writeReports(report, f), a.judge(ctx, report, expectations))
}

// writeReports writes the report in all requested forms.
func (a *app) writeReports(r *load.Report, f *loadFlags) error {
	text := a.Stdout
	for _, path := range f.json {
		if path == "-" { // standard output is then for a program
			text = a.Stderr
		}
	}
	if err := r.Text(text, a.out.show.Color); err != nil {
		return err
	}
	page := func() ([]byte, error) { return r.HTML(), nil }
	for _, form := range []struct {
		flag  string
		paths []string
		make  func() ([]byte, error)
	}{{"--report-json", f.json, r.JSON}, {"--report-html", f.pages, page}} {
		for _, path := range form.paths {
			b, err := form.make()
			if err == nil && path == "-" {
				_, err = a.Stdout.Write(b)
			} else if err == nil {
				err = wholefile.Replace(path, b, 0o600)
			}
			if err != nil {
				return &usageError{err: fmt.Errorf("%s: %w", form.flag, err), hint: "name a file in a writable folder with free disk space"}
			}
		}
	}
	return nil
}

// judge returns the error that sets the exit status of a report.
func (a *app) judge(ctx context.Context, r *load.Report, expectations []*load.Expectation) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	unmet, failures := 0, false
	for i, v := range r.Expectations {
		failures = failures || expectations[i].AboutFailures()
		if !v.Met {
			unmet++
		}
	}
	switch {
	case unmet > 0:
		return &loadFailure{text: fmt.Sprintf("%d of %d expectations were not met", unmet, len(expectations))}
	case r.Counts.Runs == r.Counts.Failed && r.Counts.Failed+r.Counts.SessionFailures > 0:
		return &loadFailure{fmt.Sprintf("every run failed: %s", firstError(r)), "run the script once with smtpsh run to see the transcript"}
	case r.Counts.Failed > 0 && !failures:
		return &loadFailure{fmt.Sprintf("%d of %d runs failed", r.Counts.Failed, r.Counts.Runs), "set a limit with --expect 'failed<1%'"}
	case r.Counts.SessionFailures > 0 && !failures:
		return &loadFailure{
			fmt.Sprintf("%d sessions failed during set-up or at the end", r.Counts.SessionFailures),
			"set a limit with --expect 'errors<1%'",
		}
	case r.Counts.Runs == 0:
		return &loadFailure{"no run ended", "use a longer --duration or --drain"}
	}
	a.unused()
	return nil
}

// firstError returns the most frequent error of a load.
func firstError(r *load.Report) string {
	most, text := int64(0), "see the errors above"
	for _, kind := range slices.Sorted(maps.Keys(r.Errors)) {
		if f := r.Errors[kind]; f.Count > most {
			most, text = f.Count, f.Example
		}
	}
	return text
}

// loadFailure is a load that did not meet its expectations.
type loadFailure struct{ text, hint string }

func (e *loadFailure) Error() string { return e.text }

// ExitStatus returns the status of an expectation that was not met.
func (e *loadFailure) ExitStatus() int { return exit.Failed }

// Hint names the expectation, or where to look.
func (e *loadFailure) Hint() string { return e.hint }

// progressLine shows the progress of a load on a terminal.
func (a *app) progressLine() *progressLine {
	f, ok := a.Stderr.(*os.File)
	if !ok || a.out.quiet || a.Terminal == nil || !a.Terminal(a.Stderr) || a.Getenv("TERM") == "dumb" {
		return &progressLine{}
	}
	return &progressLine{w: f, width: func() int {
		w, _, err := term.GetSize(int(f.Fd()))
		if err != nil || w < 20 {
			return 80
		}
		return w
	}}
}

type progressLine struct {
	w     io.Writer
	width func() int
	shown bool
}

func (p *progressLine) show(l *load.Snapshot) {
	if p.w == nil {
		return
	}
	line := []rune(l.Line())
	if room := p.width() - 1; len(line) > room {
		line = line[:room]
	}
	fmt.Fprintf(p.w, "\r%s\x1b[K", string(line))
	p.shown = true
}

func (p *progressLine) clear() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

// loadHost is the host of scripts that count what their sessions do.
type loadHost struct {
	*scriptHost
	rec     *load.Recorder
	worker  string
	who     *consent
	targets *targets
}

// Print discards the output of scripts.
func (h *loadHost) Print(string) {}

// Options adds the check of addresses to the options for connections without a session.
func (h *loadHost) Options() engine.Options {
	o := h.scriptHost.Options()
	o.DialContext, o.Proxy = h.who.dial, nil
	return o
}

func (h *loadHost) Dial(ctx context.Context, target string, change func(*engine.Options, *engine.Target)) (*engine.Session, error) {
	if !smtpmod.IsOwnServer(ctx) {
		if err := h.who.named(h.conn.dialer.Resolve(target)); err != nil {
			return nil, err
		}
		h.target.announce(target)
	}
	return h.conn.dialer.Dial(ctx, target, func(o *engine.Options, t *engine.Target) {
		h.targets.add(t.String())
		o.Observer = event.Tee(h.rec.Track(), h.app.out.logSink)
		o.DialContext, o.Control = nil, h.who.control(t.Host)
		if change != nil {
			change(o, t)
		}
		o.Proxy = nil                // only addresses that the user has agreed to may be contacted
		o.Label = h.worker + o.Label // each interpreter counts its own sessions
	})
}
