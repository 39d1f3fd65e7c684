// Package transcript writes and stores the events of sessions as transcripts.
//
// The notation is the one of the RFCs: "C:" is what the client says, "S:" what
// the server says, "*" what happened besides. [Text] writes it for people,
// [JSON] one object a line for programs, [Log] keeps it in memory, bounded, for
// reports. All of them mask secrets unless told otherwise, and none lets a
// control byte of the other side's making through to a terminal: [Escape].
package transcript
