package deliver

import "slices"

// Rule is a check that can be left out.
type Rule string

// The rules.
const (
	Size      Rule = "size"
	EightBit  Rule = "8bit"
	UTF8      Rule = "utf8"
	LongLines Rule = "long-lines"
	NUL       Rule = "nul"
	Early     Rule = "second-reply"
	Codes     Rule = "codes"
	BareCR    Rule = "bare-cr"
	Mechanism Rule = "mechanism"
)

// Info describes a rule.
type Info struct {
	Rule Rule
	Doc  string // what happens without the rule
	RFC  string
}

// Rules lists all rules.
var Rules = []Info{
	{Size, "send a message that is larger than the server's SIZE limit, without SIZE=", "RFC 1870"},
	{EightBit, "send bytes above 127 in a body although the server does not offer 8BITMIME", "RFC 6152"},
	{UTF8, "send bytes above 127 in a header although the server does not offer SMTPUTF8", "RFC 6531"},
	{LongLines, "send lines of more than 998 bytes", "RFC 5321 section 4.5.3.1.6"},
	{NUL, "send NUL bytes", "RFC 5322 section 4.1"},
	{Early, "do not look for a second reply after the message", "RFC 5321 section 4.2"},
	{Codes, "accept any 2yz code where the standard has certain codes: 220 as greeting, 250 to EHLO, 250 to 252 to MAIL and RCPT, 250 " +
		"to the message", "RFC 5321 section 4.3.2"},
	{BareCR, "accept a CR inside a line of the greeting and of the reply to EHLO", "RFC 5321 section 2.3.8"},
	{Mechanism, "try the mechanism of --mech although the server does not offer it", "RFC 4954 section 4"},
}

// Known reports whether there is a rule with the name.
func Known(name string) bool {
	return slices.ContainsFunc(Rules, func(i Info) bool { return string(i.Rule) == name })
}
