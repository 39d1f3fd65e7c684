// Package secret finds and masks what must not be shown: passwords, tokens and the
// lines of a login. Begin with [Set] and [Source].
//
//   - [Set] holds the secrets that a program knows. It finds them in a text, also in Base64
//     and in other encodings, and masks them.
//   - [Span] is a range of bytes that holds a secret. [MaskSpans] replaces spans by [Mask].
//   - [Lines] finds lines that may hold a secret that nobody has named: one table has the
//     patterns, each with a name ([Patterns]).
//   - [Source] says where a secret is: @prompt, @env:X, @file:PATH, @cmd:COMMAND or @netrc:HOST. The
//     package has the grammar only; the program has the [Readers].
package secret
