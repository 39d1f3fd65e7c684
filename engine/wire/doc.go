// Package wire converts bytes to lines and replies, and messages to bytes that are safe to
// send over SMTP.
//
// [Reader] reads raw lines and whole replies within [Limits]. It keeps line endings
// unchanged and does not check replies, so that callers can show exactly what arrived.
// Existing readers do not fit: they hide defects, such as a bare LF or a continuation line
// with another code, or reject valid replies, such as a bare "250".
//
// [TextWriter] ends every line with CRLF. For DATA it also stuffs dots; BDAT needs no
// dot-stuffing. No combination of bare CR, bare LF and dots in its input can end DATA
// early.
//
// The package sets no deadlines and imports only the standard library. Begin with Reader
// and TextWriter.
package wire
