// Package verb is the phrase book of SMTP: the commands a client can send,
// the parameters it can add to them, and the extensions that unlock both.
//
// An SMTP session is a talk in turns. The client sends one line that begins
// with a verb (EHLO, MAIL, RCPT, DATA ...), and the server answers each with
// a numbered reply. A small set of verbs is part of every server (RFC 5321
// section 4.5.1). Everything else is an extension: the server lists a keyword
// for it in the reply to EHLO, and only then may the client use the new verb
// or the new parameter (RFC 5321 section 4.1.1.1).
//
// The package holds three catalogues and no behaviour:
//
//   - Verbs and Lookup describe commands: how to write them, in which Phase
//     of a session a server accepts them, which reply codes to expect, and
//     what people get wrong with them.
//   - Params, ParamsOf and LookupParam describe what can follow the address
//     in MAIL and RCPT, or the argument of VRFY and EXPN.
//   - Extensions and LookupExtension describe EHLO keywords, both those in
//     the IANA registry and those that are only seen in the wild.
//
// The tables serve help texts, checks and the practice server alike, so that
// all of them tell the same story. Every function hands out copies; a caller
// cannot change the catalogues.
package verb
