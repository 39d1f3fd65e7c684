package lessons

import (
	"fmt"
	"strings"
)

// Rehearsal types a lesson's own lines: the wrong answer of each step, which must not
// reach the goal, then the way that does. It is how a teacher tries a lesson, and a
// test.
type Rehearsal struct {
	course *Course
	queue  []string
	step   int  // being played, from 0
	wrong  bool // the wrong answer of the step was played
	fault  string
}

// Rehearse begins one.
func (c *Course) Rehearse() *Rehearsal { return &Rehearsal{course: c, step: -1} }

// Next is the line to type, false at the end of the lesson or after a fault.
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

// advance looks where the learner stands and takes the lines that follow.
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
		h.fault = fmt.Sprintf("step %d: its wrong answer reaches the goal already", h.step+1)
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

// Fault says what went otherwise than the lesson means it, "" for nothing. It is
// known when Next has returned false.
func (h *Rehearsal) Fault() string { return h.fault }
