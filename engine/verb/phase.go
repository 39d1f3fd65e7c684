package verb

import "strings"

// Phase is a set of session states; each bit stands for one state (RFC 5321
// section 4.1.4).
type Phase uint8

const (
	// Greeted is the state after the 220 greeting and before EHLO or HELO.
	Greeted Phase = 1 << iota
	// Ready is the state after EHLO or HELO with no open transaction.
	Ready
	// Mail is the state after an accepted MAIL and before the first
	// accepted RCPT.
	Mail
	// Rcpt is the state after at least one accepted RCPT.
	Rcpt
	// Data is the state after 354, in which lines are message text, not commands.
	Data
	// Chunks is the state after the first BDAT and before the last one (RFC
	// 3030 section 2).
	Chunks

	// Any is every state in which the server reads commands, so all but Data.
	Any = Greeted | Ready | Mail | Rcpt | Chunks
)

// phaseNames holds the name of each bit, lowest bit first.
var phaseNames = [...]string{"greeted", "ready", "mail", "rcpt", "data", "chunks"}

// Has reports whether the set contains every state in q.
func (p Phase) Has(q Phase) bool { return p&q == q }

// String names the states of the set, as in "mail, rcpt". The full set is "any" and the
// empty set is "none".
func (p Phase) String() string {
	switch p {
	case 0:
		return "none"
	case Any:
		return "any"
	}
	var names []string
	for i, name := range phaseNames {
		if p&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "unknown"
	}
	return strings.Join(names, ", ")
}
