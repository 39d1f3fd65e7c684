package testrun

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"
)

// Options is what is run and how.
type Options struct {
	// Filter has parts of names, exact names, /regular expressions/ or FILE:LINE; any
	// one is enough.
	Filter []string
	// Names are exact names; any one is enough.
	Names []string
	// Target names the server in reports, TargetNote says what it is.
	Target, TargetNote string
	Tags               []string // any one is enough
	ExcludeTags        []string
	Shuffle            bool
	Seed               uint64
	Jobs               int
	Repeat             int
	Retry              int
	FailFast           bool
	Timeout            time.Duration // of each test
	Level              Level         // the least binding level whose tests fail; "" is must
	// List loads the files and runs nothing.
	List bool
	// Sources read the files; the first that recognises a file does.
	Sources []Source
}

// FileRun is one file and what came of it.
type FileRun struct {
	File    *File
	Err     error // the file could not be read
	Tests   int   // that it defines
	Chosen  []*Test
	Results []*Result
	Begun   time.Time
	Took    time.Duration

	names map[string]int // how many tests have a full name
}

// Unique reports that a test can be told from all others of its file by its name.
func (r *FileRun) Unique(t *Test) bool { return r.names[t.Full()] <= 1 }

// Summary counts what came of all.
type Summary struct {
	Passed, Failed, Broken, Skipped, Pending int
	Files                                    int
	BadFiles                                 []*FileRun // that could not be read
	Only                                     int        // tests that are marked only
	Missing                                  int        // broken tests that lack a variable only
	Unmatched                                []string   // names that no test has
	Seed                                     uint64
	Target, TargetNote                       string
	Took                                     time.Duration
	Interrupted                              bool
	Cut                                      []string // tests that were under way then
	Verdicts
}

// OK reports that nothing failed.
func (s *Summary) OK() bool {
	return s.Failed == 0 && s.Broken == 0 && len(s.BadFiles) == 0 && !s.Interrupted && !s.NothingTried()
}

// Ran is how many tests were run.
func (s *Summary) Ran() int { return s.Passed + s.Failed + s.Broken + s.Warned }

// Reporter is told what happens. Its methods are called one at a time.
type Reporter interface {
	// Started is called when a test begins; several may be under way.
	Started(f *File, t *Test)
	// Done is called when a test has ended.
	Done(f *File, r *Result)
	// File is called when a file is through, in the order of the files.
	File(r *FileRun)
	// End is called once.
	End(s *Summary) error
}

// runner is a run under way.
type runner struct {
	o         Options
	reporters []Reporter
	filters   []*filter

	mu    sync.Mutex
	sum   Summary
	done  map[int]*FileRun // waiting for their turn to be reported
	next  int
	stop  context.CancelFunc
	outer context.Context // of the whole run
	only  bool
	limit sessionLimit
}

// ErrNoTest is a run in which there was nothing to do.
var ErrNoTest = errors.New("no test was selected")

// Run runs the tests of files. The error is a mistake in the options, or of a
// reporter; failures are in the summary.
func Run(ctx context.Context, files []*File, o Options, reporters ...Reporter) (*Summary, error) {
	r := &runner{o: o, reporters: reporters, done: map[int]*FileRun{}}
	for _, f := range o.Filter {
		r.filters = append(r.filters, newFilter(f))
	}
	for _, n := range o.Names {
		r.filters = append(r.filters, &filter{text: n, whole: true})
	}
	r.sum.Seed, r.sum.Target, r.sum.TargetNote = o.Seed, o.Target, o.TargetNote
	begun := time.Now()
	r.outer = ctx
	ctx, r.stop = context.WithCancel(ctx)
	defer r.stop()
	var runs []*FileRun
	for range max(1, o.Repeat) {
		for _, f := range files {
			runs = append(runs, &FileRun{File: f})
		}
	}
	r.only = r.anyOnly(ctx, files)
	queue := make(chan int)
	var workers sync.WaitGroup
	for range max(1, min(o.Jobs, len(runs))) {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for i := range queue {
				r.file(ctx, runs[i])
				r.report(i, runs[i])
			}
		}()
	}
	for i := range runs {
		queue <- i
	}
	close(queue)
	workers.Wait()
	r.sum.Took = time.Since(begun)
	r.sum.Files = len(files)
	r.sum.Interrupted = r.outer.Err() != nil
	r.sum.Notes = r.limit.notes()
	var failed error
	for _, f := range r.filters {
		if f.bad != nil && !f.used && failed == nil {
			failed = f.bad
		} else if f.whole && !f.used {
			r.sum.Unmatched = append(r.sum.Unmatched, f.text)
		}
	}
	for _, rep := range reporters {
		if err := rep.End(&r.sum); err != nil && failed == nil {
			failed = err
		}
	}
	return &r.sum, failed
}

// anyOnly looks whether a test anywhere is marked only. Files say so rarely: they
// are loaded twice only when the word is in one of them.
func (r *runner) anyOnly(ctx context.Context, files []*File) bool {
	for _, f := range files {
		if !strings.Contains(string(f.Source), "only") {
			continue
		}
		suite, err := r.open(ctx, f)
		if err != nil {
			continue
		}
		found := false
		for _, t := range suite.Tests() {
			if t.Only {
				found = true
				r.sum.Only++
			}
		}
		suite.Discard()
		if found {
			return true
		}
	}
	return false
}

// open reads a file within the time that a test has.
func (r *runner) open(ctx context.Context, f *File) (Suite, error) {
	source := of(r.o.Sources, f.Name, f.Source)
	if source == nil {
		return nil, ErrNoTests
	}
	if r.o.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, r.o.Timeout, fmt.Errorf("loading the file exceeded the time limit of %s", r.o.Timeout))
		defer cancel()
	}
	return source.Open(ctx, f)
}

// ErrNoTests is a file that defines no test.
var ErrNoTests = errors.New("the file defines no test")

// file runs one file.
func (r *runner) file(ctx context.Context, run *FileRun) {
	run.Begun = time.Now()
	defer func() { run.Took = time.Since(run.Begun) }()
	if ctx.Err() != nil {
		return
	}
	suite, err := r.open(ctx, run.File)
	if err != nil {
		run.Err = err
		return
	}
	if r.o.Shuffle {
		suite.Shuffle(rand.New(rand.NewPCG(r.o.Seed, 0)))
	}
	tests := suite.Tests()
	if run.Tests = len(tests); run.Tests == 0 {
		run.Err = ErrNoTests
		suite.Discard()
		return
	}
	if r.chooseFrom(run, tests); r.o.List || run.Err != nil || len(run.Chosen) == 0 {
		suite.Discard()
		return
	}
	suite.Run(ctx, run.Chosen, RunOptions{
		Timeout: r.o.Timeout, Retry: r.o.Retry, Level: r.o.Level, enter: r.limit.enter, again: r.limit.again,
		Started: func(t *Test) { r.tell(func(rep Reporter) { rep.Started(run.File, t) }) },
		Done:    func(res *Result) bool { return r.result(ctx, run, res) },
	})
	r.notRun(ctx, run)
}

// chooseFrom notes which tests of a file are to be run, and which of them are only
// named because nobody has asked for them.
func (r *runner) chooseFrom(run *FileRun, tests []*Test) {
	run.Tests, run.names = len(tests), map[string]int{}
	for _, t := range tests {
		run.names[t.Full()]++
	}
	for _, f := range r.filters {
		if f.whole && run.names[f.text] > 0 {
			r.mu.Lock()
			f.used = true
			r.mu.Unlock()
		}
	}
	run.Chosen, run.Err = r.choose(run.File, tests)
	for _, t := range run.Chosen {
		if t.OnRequest != "" && t.Skip == "" && !r.asked(run.File, t) {
			t.Skip = "not run: " + t.OnRequest
			if own := t.OwnTags(); len(own) > 0 {
				t.Skip += "; run it with --tags " + own[0]
			}
		}
	}
}

// notRun puts tests that an interrupt kept from running into the reports.
func (r *runner) notRun(ctx context.Context, run *FileRun) {
	if r.outer.Err() == nil {
		return
	}
	done := map[*Test]bool{}
	for _, res := range run.Results {
		done[res.Test] = true
	}
	for _, t := range run.Chosen {
		if !done[t] {
			res := &Result{Test: t, Status: Skipped, Reason: "not run: interrupted"}
			run.Results = append(run.Results, res)
			r.tell(func(rep Reporter) { rep.Done(run.File, res) })
			r.mu.Lock()
			r.sum.Skipped++
			r.mu.Unlock()
		}
	}
}

// result counts a result. It reports whether to go on.
func (r *runner) result(ctx context.Context, run *FileRun, res *Result) bool {
	if ctx.Err() != nil && (res.Status == Failed || res.Status == Broken) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.sum.Cut = append(r.sum.Cut, res.Test.Full())
		if r.outer.Err() == nil { // stopped by --fail-fast: it was not judged
			return false
		}
		res.Status = Broken
		res.Failures = append([]*Failure{{Place: Place{res.Test.File, res.Test.Line}, What: "interrupted", Message: "interrupted"}},
			res.Failures...)
		run.Results = append(run.Results, res)
		r.sum.Broken++
		for _, rep := range r.reporters {
			rep.Done(run.File, res)
		}
		return false
	}
	run.Results = append(run.Results, res)
	r.tell(func(rep Reporter) { rep.Done(run.File, res) })
	r.mu.Lock()
	defer r.mu.Unlock()
	switch res.Status {
	case Passed:
		r.sum.Passed++
	case Failed:
		r.sum.Failed++
	case Broken:
		r.sum.Broken++
		for _, f := range res.Failures {
			if f.Missing {
				r.sum.Missing++
				break
			}
		}
	case Skipped:
		r.sum.Skipped++
	case Untried, Warned:
		r.sum.count(res)
	case Pending:
		r.sum.Pending++
	}
	if r.o.FailFast && (res.Status == Failed || res.Status == Broken) {
		r.stop()
		return false
	}
	return true
}

func (r *runner) tell(f func(Reporter)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rep := range r.reporters {
		f(rep)
	}
}

// report tells of a file when all before it have been told of.
func (r *runner) report(i int, run *FileRun) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done[i] = run
	for r.done[r.next] != nil {
		run := r.done[r.next]
		delete(r.done, r.next)
		r.next++
		if run.Err != nil {
			r.sum.BadFiles = append(r.sum.BadFiles, run)
		}
		for _, rep := range r.reporters {
			rep.File(run)
		}
	}
}
