// Package transcript writes and stores the events of sessions as transcripts.
//
// The notation is that of the RFCs: "C:" marks lines of the client, "S:" lines of
// the server, and "*" other events. Begin with [Text], which writes transcripts for
// people. [JSON] writes one object a line for programs. [Log] keeps a transcript of
// limited size in memory for reports. All of them mask secrets by default and
// escape control bytes of the peer with [Escape].
package transcript
