package lessons

import (
	"fmt"
	"strings"
)

// Rehearsal plays a lesson with the lines that its file contains: for each step first
// Wrong, which must not reach the goal, then Play, which must. Authors test a lesson
// with it, and the tests of this package play the course.
type Rehearsal struct {
	course *Course
	queue  []string
	step   int  // index of the step that is played
	wrong  bool // Play of this step was queued
	fault  string
}

// Rehearse returns a Rehearsal that begins at the first step.
func (c *Course) Rehearse() *Rehearsal { return &Rehearsal{course: c, step: -1} }

// Next returns the next line to type. It returns false at the end of the lesson or after
// a fault.
func (h *Rehearsal) Next() (string, bool) {
	for len(h.queue) == 0 {
		if !h.advance() {
			return "", false
		}
	}
	line := h.queue[0]
	h.queue = h.queue[1:]
	return line, true
}

// advance checks the result of the lines before and queues the next ones. It returns
// false at the end of the lesson or after a fault.
func (h *Rehearsal) advance() bool {
	steps := h.course.Lesson.Steps
	switch {
	case h.step < 0:
		h.step = 0
	case !h.wrong && h.course.step == h.step:
		h.wrong = true
		h.queue = strings.Split(steps[h.step].Play, "\n")
		return true
	case !h.wrong:
		h.fault = fmt.Sprintf("step %d: the lines of wrong reach the goal, and they must not", h.step+1)
		return false
	case h.course.step != h.step+1:
		h.fault = fmt.Sprintf("step %d: the lines of play do not reach the goal: %s", h.step+1, steps[h.step].Goal)
		return false
	default:
		h.step++
	}
	if h.step == len(steps) {
		return false
	}
	h.wrong = false
	if steps[h.step].Wrong != "" {
		h.queue = strings.Split(steps[h.step].Wrong, "\n")
	}
	return true
}

// Fault describes the step that did not behave as the lesson file says, or returns "".
// It is valid after Next has returned false.
func (h *Rehearsal) Fault() string { return h.fault }
