package saslmech

import (
	"slices"
	"strings"
)

// Info describes one SASL mechanism (RFC 4422 section 3), whether this package supports it
// or not.
type Info struct {
	Name     string // as in the AUTH line of the EHLO reply
	RFC      string // where it is defined, items separated by "; "
	Standing string // "standard", "limited" (IANA: of limited use), "obsolete but common", "historic", "vendor" or "dead"
	First    string // who speaks first: "client", "server", or "unknown"
	Exchange string // how the exchange goes
	Initial  string // form of the initial response
	Example  string // an example as SMTP lines, separated by " / "
	Explain  string // plain words: what it is and what it protects
	Try      string // when to use it and what to do if it fails
	Gmail    string // whether Gmail accepts it: "inside TLS", "listed, not usable" or "no"
	Spoken   bool   // this package supports it
}

// Catalogue returns every known mechanism: those with a password first, then those with a
// token, then the others. The caller owns the slice.
func Catalogue() []Info {
	return slices.Concat(passwordInfos, tokenInfos, otherInfos)
}

// LookupInfo finds a mechanism by its name in any case.
func LookupInfo(name string) (Info, bool) {
	for _, table := range [][]Info{passwordInfos, tokenInfos, otherInfos} {
		for i := range table {
			if strings.EqualFold(table[i].Name, name) {
				return table[i], true
			}
		}
	}
	return Info{}, false
}

// Known reports whether a word, in any case, is the name of a mechanism that
// [LookupInfo] finds.
func Known(word string) bool {
	_, ok := LookupInfo(word)
	return ok
}
