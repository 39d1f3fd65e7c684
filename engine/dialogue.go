package engine

import (
	"smtpsh/engine/reply"
)

// dialogue is the part of a session with the results of commands outside of transactions.
type dialogue struct {
	greeting  *reply.Reply
	caps      Capabilities
	hello     string // the accepted verb: EHLO, HELO or LHLO
	helloName string // its argument
	state     State
	delivered bool // the last reply accepted a message
	tolerate  Tolerance
}
