package verb

import (
	"slices"
	"strings"
)

// Extension describes one EHLO keyword (RFC 5321 section 2.2).
type Extension struct {
	Keyword    string   // first word of the EHLO line, in capitals
	Syntax     string   // the EHLO line, optional parts in brackets
	Verbs      []string // commands that it adds
	Params     []string // parameters that it adds
	RFC        string   // where it is defined, items separated by "; "
	Standing   string   // "standard", "experimental", "obsolete", "vendor" and the like
	Registered bool     // listed as an extension in the IANA registry
	Submission string   // use on submission ports: "MUST", "SHOULD", "MAY", "MUST NOT" (RFC 6409 section 7), "only", "yes" or "no"
	Explain    string   // what it does
	Try        string   // practical hint
}

// Extensions returns every known EHLO keyword: current standards first, then the other
// registered ones, then those of single vendors. The caller owns the slice.
func Extensions() []Extension {
	all := slices.Concat(standardExtensions, historicExtensions, vendorExtensions)
	for i := range all {
		all[i] = all[i].clone()
	}
	return all
}

// LookupExtension finds a keyword in any case (RFC 5321 section 4.1.1.1). The keyword is
// the first word of an EHLO line. Four rows are different: "AUTH=" and "X-EXPS=LOGIN",
// which continue with their value, and the mechanisms "AUTH XOAUTH2" and "AUTH
// PLAIN-CLIENTTOKEN".
func LookupExtension(keyword string) (Extension, bool) {
	for _, table := range [][]Extension{standardExtensions, historicExtensions, vendorExtensions} {
		for i := range table {
			if strings.EqualFold(table[i].Keyword, keyword) {
				return table[i].clone(), true
			}
		}
	}
	return Extension{}, false
}

// clone returns e with its own slices.
func (e Extension) clone() Extension {
	e.Verbs = slices.Clone(e.Verbs)
	e.Params = slices.Clone(e.Params)
	return e
}
