package repl_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/internal/dialer"
	"smtpsh/internal/lessons"
	"smtpsh/repl"
	"smtpsh/repl/line"
	"smtpsh/transcript"
)

// rehearsal is a line.Reader that types the lines of a lesson.
type rehearsal struct {
	*person
	lines *lessons.Rehearsal
}

func (r *rehearsal) ReadLine(string) (string, error) {
	if text, ok := r.lines.Next(); ok {
		return text, nil
	}
	return "", io.EOF
}

// Plays every lesson to its end. It first plays the wrong answer of each step, which must
// not reach the goal.
func TestEveryLessonCanBeFinished(t *testing.T) {
	entries := lessons.Entries()
	if len(entries) < 15 {
		t.Fatalf("only %d lessons", len(entries))
	}
	for i, e := range entries {
		if e.Number != i+1 || e.Title == "" {
			t.Errorf("%d: %+v", i, e.Name)
		}
		t.Run(e.Name, func(t *testing.T) {
			d := &dialer.Dialer{Options: engine.Options{Timeouts: engine.UniformTimeouts(20 * time.Second)}}
			defer d.Close()
			s := school(d)
			c, err := s.Open(t.Context(), e.Name)
			if err != nil {
				t.Fatal(err)
			}
			for n, step := range c.Lesson.Steps {
				if step.Wrong == "" {
					t.Errorf("step %d has no wrong answer", n+1)
				}
			}
			p := &rehearsal{&person{}, c.Rehearse()}
			err = repl.Run(t.Context(), repl.Options{
				Dialer: d, Target: c.Lesson.Server, Show: transcript.TextOptions{ContentLines: -1}, School: s, Lesson: c, Lua: &host{d},
				In: func(line.Complete) (line.Reader, error) { return p, nil },
			})
			out := p.out.String()
			if err != nil || p.lines.Fault() != "" || !strings.Contains(out, "Finished.") || !s.Progress.Done(e.Name) {
				t.Fatalf("%v, %s\n%s", err, p.lines.Fault(), out)
			}
			for l := range strings.Lines(out) {
				if n := len([]rune(strings.TrimRight(l, "\n"))); n > 80 && !strings.HasPrefix(l, "S: ") && !strings.HasPrefix(l, "C: ") {
					t.Errorf("%d columns: %s", n, l)
				}
			}
		})
	}
}
