package event

// Kind is the kind of an [Event].
type Kind uint8

// Kinds of event, with the fields of Event that each of them fills in addition to
// Kind, Time and Session.
const (
	_             Kind = iota
	Dialing            // Addr: the engine begins to connect to this address
	DialFailed         // Addr, Err, Took: the connection to that address failed
	Connected          // Addr, Target, Text (local address), Took
	LineSent           // Data, Secrets: a line with its ending
	LineReceived       // Data, Secrets: a line with its ending
	ChunkSent          // Data, Content: bytes that are not a command line
	ChunkReceived      // Data: bytes that are not a reply, such as injected plaintext
	CommandStart       // Verb: a command is about to be written
	ReplyDone          // Verb, Reply, Took
	TLSStart           // Text: the server name to send (SNI)
	TLSDone            // TLS, Took, Err when the handshake failed
	AuthStep           // Verb (mechanism), Text: the step of the exchange
	StateChange        // From, To
	Progress           // Sent, Total (-1 when not known): octets of a message
	Finding            // Text, Defect: a defect that does not stop the session
	Note               // Text: something that the user should know, such as an unverified server
	Closed             // Text, Err: the connection is closed
	numKinds
)

// kinds has the name of each kind in JSON lines, and what happened.
var kinds = [numKinds]struct{ name, doc string }{
	Dialing:       {"dialing", "an address is tried"},
	DialFailed:    {"dial-failed", "an address did not answer"},
	Connected:     {"connected", "a connection is made"},
	LineSent:      {"line-sent", "a line was sent"},
	LineReceived:  {"line-received", "a line was received"},
	ChunkSent:     {"chunk-sent", "bytes were sent that are not a command line, such as those of a message"},
	ChunkReceived: {"chunk-received", "bytes were received that are not a reply"},
	CommandStart:  {"command", "a command is about to be sent"},
	ReplyDone:     {"reply", "a reply is complete"},
	TLSStart:      {"tls-start", "a TLS handshake begins"},
	TLSDone:       {"tls-done", "a TLS handshake succeeded or failed"},
	AuthStep:      {"auth-step", "a login made a step"},
	StateChange:   {"state", "the session has another state"},
	Progress:      {"progress", "a part of a message was sent"},
	Finding:       {"finding", "the server broke a rule, and the session goes on"},
	Note:          {"note", "a remark for a person"},
	Closed:        {"closed", "the connection is closed"},
}

// Kinds returns every kind, for tables and tests.
func Kinds() []Kind {
	out := make([]Kind, 0, numKinds-1)
	for k := Dialing; k < numKinds; k++ {
		out = append(out, k)
	}
	return out
}

// String returns the name used in JSON lines.
func (k Kind) String() string {
	if k > 0 && k < numKinds {
		return kinds[k].name
	}
	return "unknown"
}

// Doc describes the kind for documentation.
func (k Kind) Doc() string {
	if k > 0 && k < numKinds {
		return kinds[k].doc
	}
	return ""
}

// Wire reports whether the kind carries bytes that crossed the connection.
func (k Kind) Wire() bool { return k >= LineSent && k <= ChunkReceived }
