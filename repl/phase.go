package repl

import (
	"smtpsh/engine"
	"smtpsh/engine/verb"
)

// phase maps the session's state to the catalogue's.
func phase(s engine.State) verb.Phase {
	switch s {
	case engine.Ready:
		return verb.Ready
	case engine.InMail:
		return verb.Mail
	case engine.InRcpt:
		return verb.Rcpt
	case engine.InChunks:
		return verb.Chunks
	}
	return verb.Greeted
}

// verbsNow lists the verbs that the server should accept in this state first,
// then the others.
func (r *REPL) verbsNow() []string {
	at := verb.Greeted
	var has func(string) bool
	if r.session != nil {
		at = phase(r.session.State())
		has = r.session.Has
	}
	var legal, others []string
	for _, v := range verb.Verbs() {
		switch {
		case v.Rare:
		case v.Phases.Has(at) && (v.Extension == "" || has != nil && has(v.Extension)):
			legal = append(legal, v.Name)
		default:
			others = append(others, v.Name)
		}
	}
	return append(legal, others...)
}
