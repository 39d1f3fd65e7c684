package repl

import (
	"slices"
	"strings"
)

// lessonWords are commands that a learner may write without their colon: no server knows
// them, and a lesson asks for them all the time. The value says whether something may
// follow.
var lessonWords = map[string]bool{"hint": false, "skip": false, "answer": true, "lesson": true}

// withoutColon gives the command of a lesson that was meant, "" for none.
func (r *REPL) withoutColon(text string) string {
	if r.course == nil || r.course.Finished() {
		return ""
	}
	word, rest, _ := strings.Cut(text, " ")
	more, ok := lessonWords[strings.ToLower(word)]
	if !ok || !more && strings.TrimSpace(rest) != "" {
		return ""
	}
	return strings.TrimSpace(":" + strings.ToLower(word) + " " + rest)
}

// commandNamed finds a command of ours by its whole name.
func commandNamed(word string) *Command {
	c, _ := find(strings.ToLower(word))
	if c == nil || !slices.Contains(c.Names, strings.ToLower(word)) {
		return nil
	}
	return c
}
