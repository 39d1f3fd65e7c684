// Package concepts explains the words of mail that are no reply code, command, extension,
// parameter or mechanism: SPF, null MX, port 587, the limit of 512 bytes, greylisting.
// Each [Concept] has a definition of one sentence, an example, what usually goes wrong, and
// lines to type that show it. smtpsh explain, :explain and docs/glossary.md come from this
// table. Begin with [Lookup].
package concepts
