package repl

import "strings"

// lessonWords are commands that a learner may write without their colon: no server knows
// them, and a lesson asks for them all the time. The value says whether something may
// follow.
var lessonWords = map[string]bool{"hint": false, "skip": false, "answer": true, "lesson": true}

// withoutColon gives the command of a lesson that was meant, "" for none.
func (r *REPL) withoutColon(text string) string {
	if !r.lesson.underWay() {
		return ""
	}
	word, rest, _ := strings.Cut(text, " ")
	more, ok := lessonWords[strings.ToLower(word)]
	if !ok || !more && strings.TrimSpace(rest) != "" {
		return ""
	}
	return strings.TrimSpace(":" + strings.ToLower(word) + " " + rest)
}
