// Package event is the stream of everything that happens in a session.
//
// The engine passes each byte that it sends or receives, and each decision, as an
// [Event] to one [Observer], in wire order. Transcripts, the prompt, recorders and
// reports read this stream, so they always agree with each other and with the wire.
// Begin with Event and [Kind].
//
// There are two families. Wire events (LineSent, LineReceived, ChunkSent,
// ChunkReceived) carry exact bytes. Dialogue events (Dialing, Connected,
// CommandStart, ReplyDone, TLSDone, AuthStep, StateChange, Finding, Closed ...)
// report what the bytes mean.
//
// The engine marks secrets: [Event.Secrets] lists the byte ranges of Data that hold
// credentials. An observer masks them with [Event.Masked] unless the user asks to
// see them.
//
// # Rules for observers
//
// Observe is called synchronously from the goroutine that does the I/O, never from
// two at once for one session. The *Event and its slices are valid during the call
// only: copy what you keep. An observer must not call the session. A nil Observer
// costs nothing. Package eventtest checks an observer against these rules.
package event
