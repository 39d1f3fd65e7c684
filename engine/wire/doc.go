// Package wire turns bytes into lines and replies, and messages into bytes
// that are safe to put on an SMTP connection.
//
// [Reader] reads raw lines and whole replies within [Limits]; it keeps line
// endings as they came and judges nothing, so that the layers above can show
// what really arrived. It is our own because the readers at hand either hide
// defects (a bare LF passes, a continuation line with another code becomes
// text) or refuse legal replies (a bare "250").
//
// [TextWriter] makes every line end in CRLF and stuffs dots, for DATA, or only
// the first, for BDAT. No combination of bare CR, bare LF and dots in its input
// can end DATA early.
//
// The package sets no deadlines and imports only the standard library.
package wire
