// Package lessons implements the course of smtpsh learn.
//
// A lesson is a Lua file with texts and steps. Each step has a check that looks at the
// session's state, the replies and the mailbox, not at the typed lines. The files of the
// course are embedded; authors can write others. Begin with [School], which lists the
// lessons, stores the progress and opens a lesson as a [Course].
package lessons
