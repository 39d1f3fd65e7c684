// Package reply holds what an SMTP server says: the three-digit code, the
// enhanced status code, the text, the exact bytes, and the defects found in
// them.
//
// A [Reply] is made from raw lines by [Parse]. Nothing is thrown away: Raw
// keeps every byte as it came, Defects lists what was wrong with it (mixed
// codes, a bare LF, eight-bit text), and the methods Lines and Text give the
// words without the codes. A reply of any code is a value; whether it is
// welcome is for the caller to say, with [Want] ("2xx", "5.7.*", {250, 251}).
//
// The other half of the package is a dictionary: [LookupStatus] explains every
// basic reply code and [LookupEnhanced] every enhanced one, with the usual
// cause and what to try next; [LookupStatusFor] and [LookupEnhancedFor] as the
// answer to a command. The tables are plain data; documentation, the
// prompt and test reports all read them.
//
// The package imports the standard library only and does no I/O.
package reply
