// Package reply holds the replies of SMTP servers: the code, the enhanced status code, the
// text, the exact bytes, and their defects.
//
// [Parse] makes a [Reply] from raw lines. Raw keeps every byte, Defects lists violations
// (mixed codes, a bare LF, 8-bit text), and the methods Lines and Text return the text
// without the codes. A reply of any code is a value; a [Want] is a condition on it ("2xx",
// "5.7.*", "250|251").
//
// The other part of the package is a dictionary: [LookupStatus] explains every basic reply
// code and [LookupEnhanced] every enhanced one, with the usual cause and what to try next.
// [LookupStatusFor] and [LookupEnhancedFor] explain them as the reply to a command. The
// documentation, the prompt and test reports read these tables.
//
// The package imports only the standard library and does no I/O. Begin with Parse.
package reply
