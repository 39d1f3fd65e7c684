package reply

import (
	"slices"
	"sort"
)

// Status explains one basic reply code, the three-digit number at the start
// of every reply line (RFC 5321 section 4.2).
type Status struct {
	Code     int
	Name     string // short title
	Heard    string // the commands or moments of this reply
	Meaning  string // the meaning
	Cause    string // what usually causes it
	Try      string // what to do next
	RFC      string // where it is defined, items separated by "; "
	Standing string // "standard", "registry", "listed", "historic", "draft" or "experimental"
}

// Statuses returns every known basic reply code in ascending order. The
// caller owns the slice.
func Statuses() []Status {
	return slices.Concat(basicPositive, basicTransient, basicPermanent)
}

// LookupStatus returns the explanation of a basic reply code. It returns false for a code
// that this package does not know; a client then uses only the first digit (RFC 5321
// section 4.3.2).
func LookupStatus(code int) (Status, bool) {
	table := basicTable(code / 100)
	i := sort.Search(len(table), func(i int) bool { return table[i].Code >= code })
	if i < len(table) && table[i].Code == code {
		return table[i], true
	}
	return Status{}, false
}

// basicTable returns the sorted table with the codes of one class.
func basicTable(class int) []Status {
	switch class {
	case 2, 3:
		return basicPositive
	case 4:
		return basicTransient
	case 5:
		return basicPermanent
	}
	return nil
}

// ClassOf returns the explanation of the first digit of a reply code (RFC 5321 section
// 4.2.1). Both results are empty for a number outside 200 to 599.
func ClassOf(code int) (name, meaning string) {
	switch code / 100 {
	case 2:
		return "positive completion",
			"The server did what the command requested. Continue with the next command."
	case 3:
		return "positive intermediate",
			"The server accepts the command but needs more before it can act: the message after DATA, or the next line of a login."
	case 4:
		return "transient negative",
			"The server rejected the command this time. The same command can succeed later."
	case 5:
		return "permanent negative",
			"The server rejected the command and will reject it again. Change something before you try again."
	}
	return "", ""
}

// CategoryOf returns the explanation of the second digit of a reply code (RFC 5321 section
// 4.2.1). Both results are empty for a number outside 200 to 599.
func CategoryOf(code int) (name, meaning string) {
	if code < 200 || code > 599 {
		return "", ""
	}
	switch code / 10 % 10 {
	case 0:
		return "syntax",
			"The reply is about the wording of the command: unknown, badly written, badly timed or not offered here."
	case 1:
		return "information",
			"The reply carries text for a person, such as help or a status report."
	case 2:
		return "connections",
			"The reply is about the connection or the host itself: opening, closing, or not being in service."
	case 3:
		return "authentication",
			"RFC 5321 gives this digit no meaning. The AUTH and STARTTLS extensions use it for logins and for encryption that must come first."
	case 5:
		return "mail system",
			"The reply is about the mail itself: addresses, mailboxes, storage, and the acceptance of a message."
	}
	return "unspecified",
		"RFC 5321 gives this digit no meaning. Only the first digit counts."
}
