package repl_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"smtpsh/engine"
	"smtpsh/internal/dialer"
	"smtpsh/internal/lessons"
	"smtpsh/internal/transcript"
	"smtpsh/repl"
	"smtpsh/repl/line"

	"time"
)

// learn holds a lesson over typed lines.
func learn(t *testing.T, school *lessons.School, d *dialer.Dialer, c *lessons.Course, p *person) (string, error) {
	t.Helper()
	err := repl.Run(t.Context(), repl.Options{
		Dialer: d, Target: c.Lesson.Server, Show: transcript.TextOptions{ContentLines: -1}, School: school, Lesson: c, Lua: &host{d},
		In: func(line.Complete) (line.Reader, error) { return p, nil },
	})
	return p.out.String(), err
}

var stepMark = regexp.MustCompile(`\(step (\d+) of (\d+);`)

// Every lesson is played to its end, with the wrong turn of each step first, which
// must not reach the goal, and a hint.
func TestEveryLessonIsPlayed(t *testing.T) {
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
			p := &person{}
			for n, step := range c.Lesson.Steps {
				if step.Wrong == "" {
					t.Errorf("step %d has no wrong turn", n+1)
				}
				p.typed = append(p.typed, lines(step.Wrong)...)
				p.typed = append(p.typed, ":lesson", ":hint", "# step")
				p.typed = append(p.typed, strings.Split(step.Play, "\n")...)
			}
			out, err := learn(t, s, d, c, p)
			if err != nil || !strings.Contains(out, "Finished.") || !s.Progress.Done(e.Name) {
				t.Fatalf("%v\n%s", err, out)
			}
			// the goal is told when a step begins, and again after its wrong turn
			var told []string
			for _, m := range stepMark.FindAllStringSubmatch(out, -1) {
				told = append(told, m[1])
			}
			var want []string
			for n := range c.Lesson.Steps {
				want = append(want, fmt.Sprint(n+1), fmt.Sprint(n+1))
			}
			if strings.Join(told, " ") != strings.Join(want, " ") {
				t.Errorf("goals were told as %v\n%s", told, out)
			}
			for l := range strings.Lines(out) {
				if n := len([]rune(strings.TrimRight(l, "\n"))); n > 80 && !strings.HasPrefix(l, "S: ") && !strings.HasPrefix(l, "C: ") {
					t.Errorf("%d columns: %s", n, l)
				}
			}
		})
	}
}
