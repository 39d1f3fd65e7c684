package verb

import (
	"slices"
	"strings"
)

// Verb describes one SMTP command (RFC 5321 section 4.1.1).
type Verb struct {
	Name      string // the command word in capitals
	Syntax    string // the whole command line
	Phases    Phase  // where a server should accept it
	Extension string // EHLO keyword that must be offered; "" for the verbs of RFC 5321 and for LHLO
	OK        []int  // usual positive codes, ascending
	Fail      []int  // usual negative codes, ascending
	Group     string // place in a pipelined group: "anywhere" or "last" (RFC 2920 section 3.1)
	RFC       string // where it is defined, items separated by "; "
	Summary   string // one line without full stop
	Explain   string // one paragraph
	Try       string // common mistakes
	Example   string // one line as the client sends it
	Rare      bool   // known, but rare on today's servers
}

// Verbs returns every command: first those of the session, then those of a mail
// transaction, then the rare ones. The caller owns the slice.
func Verbs() []Verb {
	all := slices.Concat(sessionVerbs, mailVerbs, rareVerbs)
	for i := range all {
		all[i] = all[i].clone()
	}
	return all
}

// Lookup finds a command by its word in any case (RFC 5321 section 2.4).
func Lookup(name string) (Verb, bool) {
	for _, table := range [][]Verb{mailVerbs, sessionVerbs, rareVerbs} {
		for i := range table {
			if strings.EqualFold(table[i].Name, name) {
				return table[i].clone(), true
			}
		}
	}
	return Verb{}, false
}

// clone returns v with its own slices.
func (v Verb) clone() Verb {
	v.OK = slices.Clone(v.OK)
	v.Fail = slices.Clone(v.Fail)
	return v
}
