package reply

import (
	"slices"
	"strings"
)

// EnhancedStatus explains one enhanced status code, one subject or one class
// (RFC 3463 section 2; the registry rules are in RFC 5248).
type EnhancedStatus struct {
	Code    string // "X.7.26"; a subject is "X.7.X", a class "5.X.X"
	Name    string // registered name
	Basic   string // reply codes named with it: "451, 550", "any", "5xx", or "" when none is given
	Meaning string // the meaning
	Cause   string // what usually causes it
	Try     string // what to do next
	RFC     string // where it is defined, items separated by "; "
}

// EnhancedStatuses returns the enumerated codes in numeric order. The caller
// owns the slice.
func EnhancedStatuses() []EnhancedStatus {
	return slices.Concat(
		enhancedAddress,
		enhancedMailbox,
		enhancedNetwork,
		enhancedProtocol,
		enhancedContent,
		enhancedSecurity,
		enhancedPolicy,
	)
}

// EnhancedSubjects returns one row for each value of the second number, in
// numeric order. The caller owns the slice.
func EnhancedSubjects() []EnhancedStatus {
	return slices.Clone(enhancedSubjects)
}

// EnhancedClasses returns one row for each value of the first number, in
// numeric order. The caller owns the slice.
func EnhancedClasses() []EnhancedStatus {
	return slices.Clone(enhancedClasses)
}

// LookupEnhanced returns the row for a code such as "5.7.26" or "X.7.26". The tables list a
// code once for all classes (RFC 3463 section 2). With a class of 2, 4 or 5 the texts are
// those for success, delay or rejection.
func LookupEnhanced(code string) (EnhancedStatus, bool) {
	class, subject, detail, ok := splitEnhanced(code)
	if !ok {
		return EnhancedStatus{}, false
	}
	row, ok := findEnhanced(enhancedTable(subject), "X."+subject+"."+detail)
	if !ok {
		return EnhancedStatus{}, false
	}
	return ofClass(row, class), true
}

// LookupEnhancedSubject returns the row for the second number of a code such as "5.7.26" or
// "X.7.X" (RFC 3463 section 2).
func LookupEnhancedSubject(code string) (EnhancedStatus, bool) {
	_, subject, _, ok := splitEnhanced(code)
	if !ok {
		return EnhancedStatus{}, false
	}
	return findEnhanced(enhancedSubjects, "X."+subject+".X")
}

// LookupEnhancedClass returns the row for the first number of a code such as "5.7.26" or
// "5.X.X" (RFC 3463 section 2).
func LookupEnhancedClass(code string) (EnhancedStatus, bool) {
	class, _, _, ok := splitEnhanced(code)
	if !ok {
		return EnhancedStatus{}, false
	}
	return findEnhanced(enhancedClasses, class+".X.X")
}

// splitEnhanced splits a code at its dots. Each part is a number of one to three digits or
// the letter X in any case; the class is 2, 4, 5 or X.
func splitEnhanced(code string) (class, subject, detail string, ok bool) {
	parts := strings.Split(strings.ToUpper(code), ".")
	if len(parts) != 3 {
		return "", "", "", false
	}
	for _, part := range parts {
		if part != "X" && !isShortNumber(part) {
			return "", "", "", false
		}
	}
	switch parts[0] {
	case "2", "4", "5", "X":
		return parts[0], parts[1], parts[2], true
	}
	return "", "", "", false
}

// isShortNumber reports whether s is a number of one to three digits without
// a leading zero (RFC 3463 section 2).
func isShortNumber(s string) bool {
	if s == "" || len(s) > 3 || len(s) > 1 && s[0] == '0' {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}

// enhancedTable returns the rows of a subject. If two subjects share a table, it returns
// both.
func enhancedTable(subject string) []EnhancedStatus {
	switch subject {
	case "0", "1":
		return enhancedAddress
	case "2", "3":
		return enhancedMailbox
	case "4":
		return enhancedNetwork
	case "5":
		return enhancedProtocol
	case "6":
		return enhancedContent
	case "7":
		return slices.Concat(enhancedSecurity, enhancedPolicy)
	}
	return nil
}

// findEnhanced searches rows for an exact code.
func findEnhanced(rows []EnhancedStatus, code string) (EnhancedStatus, bool) {
	for _, row := range rows {
		if row.Code == code {
			return row, true
		}
	}
	return EnhancedStatus{}, false
}
