package engine

import (
	"smtpsh/engine/reply"
)

// dialogue is the part of a session that knows what client and server have told each
// other outside a transaction.
type dialogue struct {
	greeting  *reply.Reply
	caps      Capabilities
	hello     string // the verb that was accepted: EHLO, HELO or LHLO
	helloName string // the name that went with it
	state     State
	delivered bool // the last reply accepted a message
}
