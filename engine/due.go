package engine

import (
	"fmt"
	"time"
)

// dueReplies is the part of a session that knows which replies are due, and how much of
// the next one has come.
type dueReplies struct {
	queue         []sent // commands whose replies were not read yet
	raw           rawState
	nothingDue    bool // the wait under way is for a reply that answers no command
	reportedLines int  // lines of an unfinished reply that the observer knows
	repeatedLines int  // how many of them come again when reading goes on
}

// sent is a command on its way.
type sent struct {
	verb, arg       string
	line            string // masked
	out             []byte // in place of line: nothing in it is secret
	sentAt          time.Time
	op              string // the step, where no command is answered
	rcpt            string // the recipient whose reply it is: LMTP sends one for each
	nth, repliesDue int    // which of how many replies to one message it is
}

// step names what is waited for, in errors.
func (q *sent) step() string {
	switch {
	case q.op != "":
		return q.op
	case q.repliesDue > 1:
		return fmt.Sprintf("reply to the end of the message for %s (%d of %d replies had come)", q.rcpt, q.nth-1, q.repliesDue)
	case q.rcpt != "":
		return "reply to the end of the message for " + q.rcpt
	case q.verb == endOfData:
		return "reply to the end of the message"
	}
	return "reply to " + q.verb
}

// text is the line, masked.
func (q *sent) text() string {
	if q.out != nil {
		return string(q.out)
	}
	return q.line
}
