package repl

import (
	"slices"
	"strconv"

	"smtpsh/engine/saslmech"
	"smtpsh/engine/verb"
)

// snapshot is the state of the session for completion. It is taken before a line is
// read, because the session must not be used while listen runs.
type snapshot struct {
	verbs     []string // those that are allowed now first
	mechs     []string
	has       map[string]string // the offered extensions, with their parameters
	user      string
	addresses []string // typed before, the latest last
	sessions  []string // numbers of the open sessions
}

func (r *REPL) snapshot() snapshot {
	now := verb.Greeted
	snap := snapshot{has: map[string]string{}}
	if r.sessions.current.usable() {
		s := r.sessions.current.smtp
		now = phase(s)
		for _, c := range s.Capabilities() {
			snap.has[c.Keyword] = c.Params
		}
		snap.mechs, snap.user = s.Capabilities().Mechanisms(), s.User()
	}
	for _, sess := range r.sessions.list {
		snap.sessions = append(snap.sessions, strconv.Itoa(sess.number))
	}
	r.mu.Lock()
	snap.addresses = slices.Clone(r.completion.addresses)
	r.mu.Unlock()
	if box := r.box(); box != nil { // the accounts of the sandbox, before the addresses that were typed
		for _, a := range box.Profile().Accounts {
			if !slices.Contains(snap.addresses, a.User) {
				snap.addresses = append([]string{a.User}, snap.addresses...)
			}
		}
	}
	var legal, others []string
	for _, v := range verb.Verbs() {
		_, offered := snap.has[v.Extension]
		switch {
		case v.Rare:
		case v.Phases.Has(now) && (v.Extension == "" || offered):
			legal = append(legal, v.Name)
		default:
			others = append(others, v.Name)
		}
	}
	snap.verbs = append(legal, others...)
	if len(snap.has) == 0 {
		for _, m := range saslmech.Mechanisms() {
			snap.mechs = append(snap.mechs, m.Name)
		}
	}
	return snap
}
