package repl

import "smtpsh/engine/event"

// saw receives every event of a session of the prompt. It records, shows and explains it.
func (r *REPL) saw(sess *session, e *event.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.recording.observe(e)
	sess.observe(e)
	if e.Kind == event.ReplyDone {
		if e.Reply.Completed() && (e.Verb == "MAIL" || e.Verb == "RCPT") {
			r.completion.remember(e.Reply.Command)
		}
		r.lesson.addReply(e.Reply)
	}
	r.screen.show(sess, e)
}

// sawOther receives every event of a session that only Lua uses.
func (r *REPL) sawOther(e *event.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.recording.observe(e)
	r.screen.showOther(e)
}
