package transcript

import (
	"fmt"

	"smtpsh/internal/lazyregexp"
)

// The remarks about parts that a transcript does not show.

func contentOmitted(bytes int64) string {
	return fmt.Sprintf("%d more bytes of the message are not shown", bytes)
}

func replyOmitted(lines, bytes int) string {
	return fmt.Sprintf("%d further lines of the reply are not shown (%d bytes)", lines, bytes)
}

func linesOmitted(lines int) string { return fmt.Sprintf("%d lines are not shown here", lines) }

func onlyLast(lines, of int) string { return fmt.Sprintf("last %d of %d lines", lines, of) }

func lineOmitted(bytes int) string { return fmt.Sprintf("... (%d bytes)", bytes) }

// Earlier versions wrote octets and other words.
var (
	omitted = lazyregexp.New(`^(?:\d+ (?:more |further )?(?:bytes|octets|lines)|last \d+ of \d+ lines)\b`)
	cut     = lazyregexp.New(`\.\.\. \(\d+ (?:bytes|octets)\)$`)
)

// IsOmission reports whether a remark of a transcript, without its mark "*", says that a
// part of the session is not shown. Such a transcript is incomplete.
func IsOmission(remark string) bool { return omitted().MatchString(remark) }

// IsCut reports whether a transcript shows only the beginning of a line.
func IsCut(line string) bool { return cut().MatchString(line) }
