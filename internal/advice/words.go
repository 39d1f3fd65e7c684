package advice

import (
	"strings"

	"smtpsh/engine"
	"smtpsh/engine/tlsinfo"
)

// Surface is the place where a user reads advice and can follow it.
type Surface int

// The surfaces.
const (
	CommandLine Surface = iota // flags
	Prompt                     // commands that begin with a colon, and lines that are sent as typed
	Lua                        // functions and options; the flags of a run are the defaults of its options
	Dialogue                   // lines of a dialogue, which has no options of its own: the flags of its run
	surfaces
)

// Words returns what to try, in one line without a full stop, in the form of a surface. It
// returns "" if the surface has no way to do it, and for no advice. Names from a server are
// in quotes; control bytes in them are not escaped.
func Words(where Surface, list ...engine.Advice) string {
	var clauses []string
	for _, a := range list {
		for clause := range strings.SplitSeq(sentence(a), "; ") {
			if said := fill(clause, where); said != "" {
				clauses = append(clauses, strings.ReplaceAll(said, "{names}", names(a)))
			}
		}
	}
	return strings.Join(clauses, "; ")
}

// sentence returns the text of an advice with its ways in braces.
func sentence(a engine.Advice) string {
	if a.Kind != engine.AdviceTLS {
		return sentences[a.Kind]
	}
	if a.TLS.Kind == tlsinfo.AdviceTrustCA && a.TLS.Name == "" {
		return "add the CA's certificate with {ca}; {insecure}"
	}
	return tlsSentences[a.TLS.Kind]
}

// fill inserts the ways of a surface into a clause; it returns "" if the surface lacks one
// of them.
func fill(clause string, where Surface) string {
	for name, at := range ways {
		if !strings.Contains(clause, "{"+name+"}") {
			continue
		}
		if at[where] == "" {
			return ""
		}
		clause = strings.ReplaceAll(clause, "{"+name+"}", at[where])
	}
	return clause
}

// names returns the names in an advice.
func names(a engine.Advice) string {
	if a.Kind == engine.AdviceTLS {
		return quoted(a.TLS.Name)
	}
	return strings.Join(a.Names, " ")
}
