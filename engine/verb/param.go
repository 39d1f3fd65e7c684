package verb

import (
	"slices"
	"strings"
)

// Param describes one parameter that an extension adds to a command, usually
// keyword=value after the address of MAIL or RCPT (RFC 5321 section 4.1.2).
type Param struct {
	Name      string // keyword in capitals
	Verb      string // command that carries it
	Extension string // EHLO keyword that must be offered
	Form      string // how to write it
	Summary   string // one line without full stop
	RFC       string // where it is defined, items separated by "; "
	Example   string // one line as the client sends it
}

// Params returns every parameter, grouped by command. A keyword that several
// commands or extensions define has one row for each. The caller owns the
// slice.
func Params() []Param {
	return slices.Concat(mailParams, rcptParams, queryParams)
}

// ParamsOf returns the parameters of one command, named in any case.
func ParamsOf(verb string) []Param {
	return selectParams(func(p Param) bool { return strings.EqualFold(p.Verb, verb) })
}

// LookupParam returns every row of a parameter, named in any case: none, one, or several if
// it belongs to several commands or extensions.
func LookupParam(name string) []Param {
	return selectParams(func(p Param) bool { return strings.EqualFold(p.Name, name) })
}

// selectParams returns the rows that keep accepts.
func selectParams(keep func(Param) bool) []Param {
	var found []Param
	for _, table := range [][]Param{mailParams, rcptParams, queryParams} {
		for _, p := range table {
			if keep(p) {
				found = append(found, p)
			}
		}
	}
	return found
}

// rcptParams follow the address in RCPT.
var rcptParams = []Param{
	{
		Name:      "NOTIFY",
		Verb:      "RCPT",
		Extension: "DSN",
		Form:      "NOTIFY=NEVER | a list of SUCCESS, FAILURE and DELAY",
		Summary:   "when to report on this recipient: never, or on arrival, failure or delay",
		RFC:       "RFC 3461 section 4.1",
		Example:   "RCPT TO:<bob@example.org> NOTIFY=SUCCESS,FAILURE",
	},
	{
		Name:      "ORCPT",
		Verb:      "RCPT",
		Extension: "DSN",
		Form:      "ORCPT=type;xtext, at most 500 characters",
		Summary:   "the address that the sender wrote first, so that a report names it even after forwarding",
		RFC:       "RFC 3461 section 4.2",
		Example:   "RCPT TO:<bob@mail.example.org> ORCPT=rfc822;bob@example.org",
	},
	{
		Name:      "RRVS",
		Verb:      "RCPT",
		Extension: "RRVS",
		Form:      "RRVS=date-time, then optional ;C or ;R",
		Summary:   "deliver only if the mailbox had the same owner since this date; if the next host does not support the " +
			"check, C sends without it and R rejects",
		RFC:       "RFC 7293",
		Example:   "RCPT TO:<bob@example.org> RRVS=2024-05-01T00:00:00Z;R",
	},
	{
		Name:      "SOLICIT",
		Verb:      "RCPT",
		Extension: "NO-SOLICITING",
		Form:      "SOLICIT=keyword, more keywords after commas",
		Summary:   "label the mail for this recipient as a kind of advertising",
		RFC:       "RFC 3865",
		Example:   "RCPT TO:<bob@example.org> SOLICIT=com.example:ADV",
	},
	{
		Name:      "CONNEG",
		Verb:      "RCPT",
		Extension: "CONNEG",
		Form:      "CONNEG",
		Summary:   "ask which content forms the recipient can handle; the reply lists them",
		RFC:       "RFC 4141 section 5",
		Example:   "RCPT TO:<bob@example.org> CONNEG",
	},
	{
		Name:      "ALT-ADDRESS",
		Verb:      "RCPT",
		Extension: "UTF8SMTP",
		Form:      "ALT-ADDRESS=address",
		Summary:   "an ASCII address to use instead of a non-ASCII recipient; abandoned",
		RFC:       "RFC 5336",
		Example:   "RCPT TO:<bob@example.org> ALT-ADDRESS=bob.ascii@example.org",
	},
}

// queryParams follow the argument of VRFY and EXPN.
var queryParams = []Param{
	{
		Name:      "SMTPUTF8",
		Verb:      "VRFY",
		Extension: "SMTPUTF8",
		Form:      "SMTPUTF8",
		Summary:   "allow UTF-8 in the question and in the reply",
		RFC:       "RFC 6531 section 3.7.4.2",
		Example:   "VRFY bob@example.org SMTPUTF8",
	},
	{
		Name:      "SMTPUTF8",
		Verb:      "EXPN",
		Extension: "SMTPUTF8",
		Form:      "SMTPUTF8",
		Summary:   "allow UTF-8 in the question and in the reply",
		RFC:       "RFC 6531 section 3.7.4.2",
		Example:   "EXPN staff@example.org SMTPUTF8",
	},
	{
		Name:      "UTF8REPLY",
		Verb:      "VRFY",
		Extension: "UTF8SMTP",
		Form:      "UTF8REPLY",
		Summary:   "allow UTF-8 in the reply; replaced by SMTPUTF8",
		RFC:       "RFC 5336",
		Example:   "VRFY bob@example.org UTF8REPLY",
	},
	{
		Name:      "UTF8REPLY",
		Verb:      "EXPN",
		Extension: "UTF8SMTP",
		Form:      "UTF8REPLY",
		Summary:   "allow UTF-8 in the reply; replaced by SMTPUTF8",
		RFC:       "RFC 5336",
		Example:   "EXPN staff@example.org UTF8REPLY",
	},
}
