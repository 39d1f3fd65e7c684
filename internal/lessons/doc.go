// Package lessons is the course that smtpsh learn holds at the prompt.
//
// A lesson is a Lua file: texts, and for each step a check of what the learner has
// achieved, by the session's state, the replies and the mailbox, never by what was
// typed. The files of the course are embedded; a teacher adds one by writing
// another, which needs nothing of this package. A [School] has the list and the
// progress that is kept between runs, a [Course] the lesson under way.
package lessons
