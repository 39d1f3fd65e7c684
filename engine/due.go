package engine

import (
	"fmt"
	"time"
)

// dueReplies is the part of a session that knows which replies are missing, and how much of
// the next one was received.
type dueReplies struct {
	queue         []sent // commands whose replies were not read yet
	raw           rawState
	nothingDue    bool // the session is waiting for a reply that answers no command
	reportedLines int  // lines of an incomplete reply that the observer has received
	repeatedLines int  // the number of these lines that are read again when reading continues
}

// sent is a command whose reply is missing.
type sent struct {
	verb, arg       string
	line            string // masked
	out             []byte // used instead of line: it contains no secret
	sentAt          time.Time
	op              string // the name of the step, if no command is answered
	rcpt            string // the recipient of the reply: LMTP sends one for each
	nth, repliesDue int    // which of several replies to one message it is
}

// step names the wait, for errors.
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

// text returns the line, masked.
func (q *sent) text() string {
	if q.out != nil {
		return string(q.out)
	}
	return q.line
}
