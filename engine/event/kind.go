package event

// Kind says what an [Event] is about.
type Kind uint8

// Kinds of event, with the fields of Event that each of them fills beside
// Kind, Time and Session.
const (
	_             Kind = iota
	Dialing            // Addr: this address is tried now
	DialFailed         // Addr, Err, Took: that one did not answer
	Connected          // Addr, Target, Text (local address), Took
	LineSent           // Data, Secrets: a line with its ending
	LineReceived       // Data, Secrets: a line with its ending
	ChunkSent          // Data, Content: bytes that are not a command line
	ChunkReceived      // Data: bytes that are not a reply, such as injected plaintext
	CommandStart       // Verb: a command is about to be written
	ReplyDone          // Verb, Reply, Took
	TLSStart           // Text: server name that will be asked for
	TLSDone            // TLS, Took, Err when the handshake failed
	AuthStep           // Verb (mechanism), Text: what the exchange does
	StateChange        // From, To
	Progress           // Sent, Total (-1 when not known): octets of a message
	Finding            // Text, Defect: a defect that did not stop the session
	Note               // Text: something a person should know, e.g. an unverified peer
	Closed             // Text, Err: the connection is gone
	numKinds
)

var kindNames = [numKinds]string{
	Dialing:       "dialing",
	DialFailed:    "dial-failed",
	Connected:     "connected",
	LineSent:      "line-sent",
	LineReceived:  "line-received",
	ChunkSent:     "chunk-sent",
	ChunkReceived: "chunk-received",
	CommandStart:  "command",
	ReplyDone:     "reply",
	TLSStart:      "tls-start",
	TLSDone:       "tls-done",
	AuthStep:      "auth-step",
	StateChange:   "state",
	Progress:      "progress",
	Finding:       "finding",
	Note:          "note",
	Closed:        "closed",
}

// Kinds returns every kind, for tables and tests.
func Kinds() []Kind {
	out := make([]Kind, 0, numKinds-1)
	for k := Dialing; k < numKinds; k++ {
		out = append(out, k)
	}
	return out
}

// String gives the name used in JSON lines.
func (k Kind) String() string {
	if k > 0 && k < numKinds {
		return kindNames[k]
	}
	return "unknown"
}

// Wire reports whether the kind carries bytes that crossed the connection.
func (k Kind) Wire() bool { return k >= LineSent && k <= ChunkReceived }
