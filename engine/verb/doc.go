// Package verb is the phrase book of SMTP: the commands a client can send,
// the parameters it can add to them, and the extensions that add both.
//
// In an SMTP session the client sends one line that begins with a verb (EHLO,
// MAIL, RCPT, DATA ...), and the server sends a numbered reply to each. A small
// set of verbs is part of every server (RFC 5321 section 4.5.1). Everything else
// is an extension: the server lists a keyword for it in the reply to EHLO. Only
// then may the client use the new verb or the new parameter (RFC 5321 section
// 4.1.1.1).
//
// The package contains three tables and no behaviour:
//
//   - Verbs and Lookup describe commands: their syntax, the Phase of a session
//     in which a server accepts them, the usual reply codes, and common
//     mistakes.
//   - Params, ParamsOf and LookupParam describe what can follow the address
//     in MAIL and RCPT, or the argument of VRFY and EXPN.
//   - Extensions and LookupExtension describe EHLO keywords, both those in
//     the IANA registry and those of single vendors.
//
// Help texts, checks and the sandbox use the same tables. Every function returns
// copies; a caller cannot change the tables. Begin with Lookup.
package verb
