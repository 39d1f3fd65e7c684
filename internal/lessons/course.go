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

// Course is a lesson under way.
type Course struct {
	Entry  Entry
	Lesson *lessonmod.Lesson

	vm     *luabind.VM
	school *School
	step   int
	hints  int // given for this step
	state  lessonmod.At
	// remarked is the latest remark, with what it was made of.
	remarked string

	reached, skipped int       // steps
	stepBegan        time.Time // when the step began
	// latest has the number of each server's last message, since what it was when
	// the step began.
	latest, since map[*sandbox.Server]int
}

// Close ends the lesson's Lua.
func (c *Course) Close() { c.vm.Close() }

// Begin starts the clock. What box has received until then belongs to the lesson and
// is nobody's achievement.
func (c *Course) Begin(box *sandbox.Server) {
	c.latest = map[*sandbox.Server]int{}
	c.noteLastMessage(box)
	c.next()
}

// noteLastMessage notes the last message of a server.
func (c *Course) noteLastMessage(box *sandbox.Server) {
	if box == nil || c.latest == nil {
		return
	}
	if msgs := box.Messages(); len(msgs) > 0 {
		c.latest[box] = msgs[len(msgs)-1].ID
	}
}

// next begins a step.
func (c *Course) next() {
	c.hints, c.state, c.remarked = 0, lessonmod.At{}, ""
	c.since = maps.Clone(c.latest)
	c.stepBegan = time.Now()
}

// Finished reports whether the lesson is at its end, also when steps were skipped.
func (c *Course) Finished() bool { return c.step >= len(c.Lesson.Steps) }

// Skipped reports whether a step was given up: then the lesson does not count as
// finished.
func (c *Course) Skipped() bool { return c.skipped > 0 }

// Goal is what is to be achieved now, "" when the lesson is finished.
func (c *Course) Goal() string {
	if c.Finished() {
		return ""
	}
	return c.Lesson.Steps[c.step].Goal
}

// Step says which step it is: "step 2 of 4".
func (c *Course) Step() string {
	return fmt.Sprintf("step %d of %d", min(c.step+1, len(c.Lesson.Steps)), len(c.Lesson.Steps))
}

// Asks reports whether the goal is a question.
func (c *Course) Asks() bool { return !c.Finished() && c.Lesson.Steps[c.step].Asks }

// Title is the lesson's with its number.
func (c *Course) Title() string {
	if c.Entry.Number > 0 {
		return fmt.Sprintf("Lesson %d: %s", c.Entry.Number, c.Lesson.Title)
	}
	return c.Lesson.Title
}

// Hint gives the next hint; after the last one it repeats that.
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

// Verdict is what a line has brought about.
type Verdict struct {
	Reached  bool   // the goal of the step
	Well     string // what the lesson says to that
	Remark   string // what it says to something else
	Finished bool   // the lesson has come to its end
	Next     string // the name of the lesson after it, "" for none
	Unkept   error  // why the progress could not be stored
}

// maxSaid bounds what a check looks back on.
const maxSaid = 200

// Check looks at where the learner stands after a line. replies are those since
// the last call. The error is a mistake in the lesson.
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
		// a remark is made again only about another refusal or message
		about := fmt.Sprint(v.Remark, len(state.Messages()), lastRefusal(state.Replies))
		if about == c.remarked {
			v.Remark = ""
		}
		c.remarked = about
		if step.Asks && state.Answer != "" && v.Remark == "" {
			v.Remark = "That is not it."
		}
		return v, nil
	}
	return c.reach(), nil
}

// lastRefusal counts the replies up to the latest that is negative.
func lastRefusal(replies []*reply.Reply) int {
	for i := len(replies) - 1; i >= 0; i-- {
		if !replies[i].Positive() {
			return i + 1
		}
	}
	return 0
}

// reach goes on to the next step. What is said about the lesson and what is stored of it
// come from the same counts.
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

// Done reports whether the lesson counts as finished: now, or from an earlier time.
func (c *Course) Done() bool { return c.Entry.Number > 0 && c.school.Progress.Done(c.Entry.Name) }

// Skip gives the step up. The lesson does not count as finished then.
func (c *Course) Skip() {
	c.step++
	c.skipped++
	c.next()
}

// Paragraphs parts a text of a lesson.
func Paragraphs(text string) []string { return strings.Split(text, "\n\n") }
