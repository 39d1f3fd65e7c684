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

// Options sets what is run and how.
type Options struct {
	// Filter has parts of names, exact names, /regular expressions/ or FILE:LINE; a test
	// must match one of them.
	Filter []string
	// Names are exact names; a test must have one of them.
	Names []string
	// Target names the server in reports, TargetNote adds what it is.
	Target, TargetNote string
	Tags               []string // a test must have one of them
	ExcludeTags        []string
	Shuffle            bool
	Seed               uint64
	Jobs               int
	Repeat             int
	Retry              int
	FailFast           bool
	Timeout            time.Duration // of each test
	Level              Level         // the least binding level whose tests fail the run; "" is must
	// List loads the files and runs nothing.
	List bool
	// Sources parse the files; the first that recognises a file is used.
	Sources []Source
}

// FileRun is one file with its results.
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

// Unique reports whether no other test of the file has the same name.
func (r *FileRun) Unique(t *Test) bool { return r.names[t.Full()] <= 1 }

// Summary has the counts of all files.
type Summary struct {
	Passed, Failed, Broken, Skipped, Pending int
	Files                                    int
	BadFiles                                 []*FileRun // that could not be read
	Only                                     int        // tests that are marked with only
	Missing                                  int        // broken tests that only lack a variable
	Unmatched                                []string   // names that no test has
	Seed                                     uint64
	Target, TargetNote                       string
	Took                                     time.Duration
	Interrupted                              bool
	Cut                                      []string // tests that were running then
	Verdicts
}

// OK reports whether nothing failed.
func (s *Summary) OK() bool {
	return s.Failed == 0 && s.Broken == 0 && len(s.BadFiles) == 0 && !s.Interrupted && !s.NothingTried()
}

// Ran returns the number of tests that were run.
func (s *Summary) Ran() int { return s.Passed + s.Failed + s.Broken + s.Warned }

// Reporter receives the events of a run. Its methods are called one at a time.
type Reporter interface {
	// Started is called when a test begins; several can run at once.
	Started(f *File, t *Test)
	// Done is called when a test has ended.
	Done(f *File, r *Result)
	// File is called when a file has ended, in the order of the files.
	File(r *FileRun)
	// End is called once.
	End(s *Summary) error
}

// runner is a run in progress.
type runner struct {
	o         Options
	reporters []Reporter
	filters   []*filter

	mu    sync.Mutex
	sum   Summary
	done  map[int]*FileRun // waiting to be reported in order
	next  int
	stop  context.CancelFunc
	outer context.Context // of the whole run
	only  bool
	limit sessionLimit
}

// ErrNoTest is the error of a run without tests.
var ErrNoTest = errors.New("no test was selected")

// Run runs the tests of files. The error is a mistake in the options, or of a reporter;
// failures are in the summary.
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

// anyOnly reports whether a test of any file is marked with only. Files are loaded twice
// only if they contain the word.
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

// open loads a file within the time limit of a test.
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

// ErrNoTests is the error of a file that defines no test.
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

// chooseFrom stores which tests of a file will run, and which of them are only listed
// because they run on request.
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
			t.Skip = "only on request: " + t.OnRequest
			if own := t.OwnTags(); len(own) > 0 {
				t.Skip += "; run it with --tags " + own[0]
			}
		}
	}
}

// notRun adds tests that did not run because of an interrupt to the reports.
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

// result counts a result. It reports whether to continue.
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
		if run.File.OwnServers {
			r.sum.ownPassed++
		}
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
		if res.Status == Untried && run.File.OwnServers {
			r.sum.ownUntried++
		}
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

// report reports a file when all before it were reported.
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
