package repl

import "strings"

// lessonWords are commands that learners often type without the colon. They are accepted,
// because no server has commands with these names. The value is true if arguments can
// follow.
var lessonWords = map[string]bool{"hint": false, "skip": false, "answer": true, "lesson": true}

// withoutColon returns the command of the lesson that the user meant, "" for none.
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
