package event

import (
	"crypto/tls"
	"time"

	"smtpsh/engine/reply"
	"smtpsh/engine/secret"
)

// Event is one thing that happened in a session. Which fields are filled
// depends on the Kind.
type Event struct {
	Kind    Kind
	Time    time.Time
	Session string // label of the session, for logs that hold several

	Data    []byte        // exact bytes of a wire event
	Secrets []secret.Span // the parts of Data that are credentials, in order
	Content bool          // Data is part of a message, not a command or a reply

	Verb   string
	Reply  *reply.Reply
	Defect reply.DefectKind
	Took   time.Duration

	Addr     string
	Target   string // of Connected: the target as the caller gave it
	From, To string
	Sent     int64
	Total    int64
	Text     string
	Failed   bool // of AuthStep: the exchange fails at this step, which its lines do not show
	TLS      *tls.ConnectionState
	Err      error
}

// Masked returns Data with every secret replaced by [secret.Mask]. Without secrets
// it returns Data itself.
func (e *Event) Masked() []byte { return secret.MaskSpans(e.Data, e.Secrets) }

// Observer receives the events of a session.
type Observer interface {
	// Observe is called once for each event, in wire order, from one goroutine
	// at a time. The event and all that it points to are valid only during
	// the call, except Reply, TLS and Err, which may be kept.
	Observe(e *Event)
}

// Func is a function that is an Observer.
type Func func(e *Event)

// Observe calls f.
func (f Func) Observe(e *Event) { f(e) }

// Tee returns an Observer that passes each event to all given observers, in order.
// It drops nil observers; if none remains it returns nil, so that a session without
// observers has no cost.
func Tee(observers ...Observer) Observer {
	var kept tee
	for _, o := range observers {
		if o != nil {
			kept = append(kept, o)
		}
	}
	switch len(kept) {
	case 0:
		return nil
	case 1:
		return kept[0]
	}
	return kept
}

type tee []Observer

func (t tee) Observe(e *Event) {
	for _, o := range t {
		o.Observe(e)
	}
}
