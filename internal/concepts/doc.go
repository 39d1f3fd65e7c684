// Package concepts explains the terms of mail that are not reply codes, commands,
// extensions, parameters or mechanisms: SPF, null MX, port 587, the limit of 512 bytes,
// greylisting. Each [Concept] has a definition of one sentence, an example, what usually
// goes wrong, and lines to type that show it. smtpsh explain, :explain and docs/glossary.md
// use this table. Begin with [Lookup].
package concepts
