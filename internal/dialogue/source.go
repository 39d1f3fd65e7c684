package dialogue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"smtpsh/engine"
	"smtpsh/internal/testrun"
)

// Source finds the tests of dialogue files: each file is one test.
type Source struct {
	// Player returns the player of a file.
	Player func(f *testrun.File) Player
}

// Named reports whether a file in a folder is a dialogue, by its name.
func (Source) Named(name string) bool { return HasExtension(name) }

// Recognises reports whether a file is a dialogue.
func (Source) Recognises(name string, src []byte) bool { return Recognise(name, src) }

// Open parses a dialogue.
func (s Source) Open(_ context.Context, f *testrun.File) (testrun.Suite, error) {
	script, err := Parse(f.Name, string(f.Source))
	if err != nil {
		wrong := fileError(f.Name, err, nil).(*FileError)
		return nil, &testrun.FileError{Text: wrong.Error(), Source: wrong.source, Hint: wrong.hint, Err: wrong}
	}
	name := script.Title
	if name == "" {
		name = BaseName(f.Name)
	}
	return &suite{player: s.Player(f), script: script, test: &testrun.Test{
		Name: name, Tags: testrun.NameTags(name), File: f.Name, Line: 1, EndLine: bytes.Count(f.Source, []byte("\n")) + 1, Retry: -1,
	}}, nil
}

// suite is the one test of a dialogue file.
type suite struct {
	player Player
	script *Script
	test   *testrun.Test
}

// Tests returns the test.
func (s *suite) Tests() []*testrun.Test { return []*testrun.Test{s.test} }

// Shuffle has nothing to change.
func (s *suite) Shuffle(*rand.Rand) {}

// Discard has nothing to close.
func (s *suite) Discard() {}

// Run plays the dialogue.
func (s *suite) Run(ctx context.Context, tests []*testrun.Test, o testrun.RunOptions) {
	for _, t := range tests {
		if !o.Done(o.Attempts(ctx, t, s.attempt)) {
			return
		}
	}
}

// attempt plays the dialogue once.
func (s *suite) attempt(ctx context.Context, limit time.Duration) *testrun.Result {
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, limit, &testrun.TimeoutError{Limit: limit})
		defer cancel()
	}
	logs, err := s.player.Play(ctx, s.script)
	if end, ok := ctx.Deadline(); ok && err != nil && !time.Now().Before(end) {
		<-ctx.Done() // a wait noticed it before the context's own timer
	}
	r := &testrun.Result{Test: s.test, Status: testrun.Passed}
	for _, l := range logs {
		if len(l.Entries()) > 0 {
			r.Conversations = append(r.Conversations, l)
		}
	}
	if err == nil && ctx.Err() == nil {
		return r
	}
	f, e := &testrun.Failure{Place: testrun.Place{File: s.script.Name}, What: "stopped", Message: "stopped"}, &FileError{}
	if errors.As(fileError(s.script.Name, err, nil), &e) {
		f = failure(e)
	}
	f.Stopped = context.Cause(ctx)
	if e.Setup && f.Stopped == nil {
		r.Status, r.Reason = testrun.Untried, fmt.Sprintf("line %d prepares the test: %s", f.Line, f.Message)
		switch {
		case errors.Is(err, engine.ErrDial):
			r.Because = "dial"
		case errors.Is(err, engine.ErrTLS):
			r.Because = "tls"
		}
		return r
	}
	r.Status, r.Failures = testrun.Broken, []*testrun.Failure{f}
	if e.Unmet || f.Stopped != nil {
		r.Status = testrun.Failed
	}
	return r
}

// failure converts an error of a dialogue for reports.
func failure(e *FileError) *testrun.Failure {
	f := &testrun.Failure{
		Place: testrun.Place{File: e.File, Line: e.Line}, Kind: e.Kind, Message: e.Message,
		Want: e.Want, Got: e.Got, Hint: e.hint, Missing: e.Missing, Reply: e.Reply,
	}
	if !e.Unmet {
		f.What = e.Message
	}
	return f
}
