package lessons

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"smtpsh/engine/reply"
	"smtpsh/internal/sandbox"
	"smtpsh/luabind"
	"smtpsh/luabind/lessonmod"
)

// Course is a lesson that a learner has begun.
type Course struct {
	Entry  Entry
	Lesson *lessonmod.Lesson

	vm     *luabind.VM
	school *School
	step   int
	hints  int // number of hints given in this step
	state  lessonmod.At
	// remarked identifies the latest remark and its cause, so that it is not repeated.
	remarked string

	reached, skipped int       // numbers of steps
	stepBegan        time.Time // when the step began
	// latest has the ID of each server's last message. since is a copy of it from the
	// beginning of the step.
	latest, since map[*sandbox.Server]int
}

// Close closes the lesson's Lua VM.
func (c *Course) Close() { c.vm.Close() }

// Begin starts the first step and its time measurement. Messages that box has already
// received do not count as the learner's.
func (c *Course) Begin(box *sandbox.Server) {
	c.latest = map[*sandbox.Server]int{}
	c.noteLastMessage(box)
	c.next()
}

// noteLastMessage stores the ID of a server's last message.
func (c *Course) noteLastMessage(box *sandbox.Server) {
	if box == nil || c.latest == nil {
		return
	}
	if msgs := box.Messages(); len(msgs) > 0 {
		c.latest[box] = msgs[len(msgs)-1].ID
	}
}

// next resets the state for a new step.
func (c *Course) next() {
	c.hints, c.state, c.remarked = 0, lessonmod.At{}, ""
	c.since = maps.Clone(c.latest)
	c.stepBegan = time.Now()
}

// Finished reports whether no step remains. Skipped steps count here.
func (c *Course) Finished() bool { return c.step >= len(c.Lesson.Steps) }

// Skipped reports whether the learner skipped a step. Such a lesson is not stored as
// finished.
func (c *Course) Skipped() bool { return c.skipped > 0 }

// Goal returns the goal of the current step, or "" when the lesson is finished.
func (c *Course) Goal() string {
	if c.Finished() {
		return ""
	}
	return c.Lesson.Steps[c.step].Goal
}

// Step returns the position in the lesson, such as "step 2 of 4".
func (c *Course) Step() string {
	return fmt.Sprintf("step %d of %d", min(c.step+1, len(c.Lesson.Steps)), len(c.Lesson.Steps))
}

// Asks reports whether the goal is a question.
func (c *Course) Asks() bool { return !c.Finished() && c.Lesson.Steps[c.step].Asks }

// Title returns the lesson's title, with its number if it has one.
func (c *Course) Title() string {
	if c.Entry.Number > 0 {
		return fmt.Sprintf("Lesson %d: %s", c.Entry.Number, c.Lesson.Title)
	}
	return c.Lesson.Title
}

// Hint returns the next hint. After the last hint it repeats that one.
func (c *Course) Hint() string {
	if c.Finished() {
		return ""
	}
	all := c.Lesson.Steps[c.step].Hints
	h := all[min(c.hints, len(all)-1)]
	if c.hints++; c.hints >= len(all) {
		h += " (That was the last hint.)"
	}
	return h
}

// Verdict is the result of a line that the learner typed.
type Verdict struct {
	Reached  bool   // the goal of the step is reached
	Well     string // the lesson's text for a reached goal
	Remark   string // the lesson's text for another result
	Finished bool   // no step remains
	Next     string // name of the next unfinished lesson, or ""
	Unkept   error  // the error of storing the progress, or nil
}

// maxSaid limits the number of lines and replies that a check sees.
const maxSaid = 200

// Check evaluates the current step after a line. replies are the ones since the last
// call. An error is a mistake in the lesson file.
func (c *Course) Check(ctx context.Context, state lessonmod.At, replies []*reply.Reply) (Verdict, error) {
	if c.Finished() {
		return Verdict{}, nil
	}
	state.Said = append(c.state.Said, state.Line)
	state.Replies = append(c.state.Replies, replies...)
	state.Fresh, state.Since = replies, c.since[state.Server]
	c.noteLastMessage(state.Server)
	if len(state.Said) > maxSaid {
		state.Said = state.Said[len(state.Said)-maxSaid/2:]
	}
	if len(state.Replies) > maxSaid {
		state.Replies = state.Replies[len(state.Replies)-maxSaid/2:]
	}
	c.state = state
	step := c.Lesson.Steps[c.step]
	done, err := c.Lesson.Done(ctx, step, state)
	if err != nil {
		return Verdict{}, err
	}
	if !done {
		v := Verdict{}
		if v.Remark, err = c.Lesson.Remark(ctx, step, state); err != nil {
			return v, err
		}
		// Without this check the same remark would be repeated after every line.
		about := fmt.Sprint(v.Remark, len(state.Messages()), lastRefusal(state.Replies))
		if about == c.remarked {
			v.Remark = ""
		}
		c.remarked = about
		if step.Asks && state.Answer != "" && v.Remark == "" {
			v.Remark = "That is not the right answer."
		}
		return v, nil
	}
	return c.reach(), nil
}

// lastRefusal returns the number of replies up to and including the latest negative one,
// or 0 without one.
func lastRefusal(replies []*reply.Reply) int {
	for i := len(replies) - 1; i >= 0; i-- {
		if !replies[i].Positive() {
			return i + 1
		}
	}
	return 0
}

// reach stores the progress and continues with the next step.
func (c *Course) reach() Verdict {
	v := Verdict{Reached: true, Well: c.Lesson.Steps[c.step].Well}
	c.step++
	c.reached++
	took := time.Since(c.stepBegan)
	c.next()
	v.Finished = c.Finished()
	if c.Entry.Number == 0 {
		return v
	}
	v.Unkept = c.school.Progress.Keep(c.Entry.Name, c.reached, len(c.Lesson.Steps), took)
	if v.Finished {
		v.Next = c.school.Next(c.Entry.Number)
	}
	return v
}

// Done reports whether the lesson is stored as finished, now or in an earlier run.
func (c *Course) Done() bool { return c.Entry.Number > 0 && c.school.Progress.Done(c.Entry.Name) }

// Skip skips the current step. The lesson is then not stored as finished.
func (c *Course) Skip() {
	c.step++
	c.skipped++
	c.next()
}

// Paragraphs splits a text of a lesson at blank lines.
func Paragraphs(text string) []string { return strings.Split(text, "\n\n") }
