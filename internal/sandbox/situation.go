package sandbox

import "strings"

// Situation is one row of a profile's table: a situation and its reply.
type Situation struct {
	Key      string // "mail-before-auth"
	Service  string // where it was seen, as text
	Stage    string // connect, hello, starttls, auth, mail, rcpt, data, content, bdat or any
	Evidence string // W seen on the wire, D documented, U unverified; "" for profiles that imitate no provider
	Seen     string // when it was seen
	When     string // description of the situation
	Source   string
	Reply    string // lines joined by LF, with {placeholders}
}

// Unverified reports whether the reply was neither seen on the wire nor documented by the
// provider.
func (s Situation) Unverified() bool { return strings.HasPrefix(s.Evidence, "U") }

// Code returns the reply code.
func (s Situation) Code() int {
	if len(s.Reply) < 3 {
		return 0
	}
	n := 0
	for _, c := range s.Reply[:3] {
		n = n*10 + int(c-'0')
	}
	return n
}

// Met returns a text that describes how to cause the situation.
func (s Situation) Met() string {
	if s.refuses() {
		switch s.Stage {
		case "auth":
			return "log in as " + s.Key + "@..."
		case "mail":
			return "MAIL FROM:<" + s.Key + "@...>"
		case "rcpt":
			return "RCPT TO:<" + s.Key + "@...>"
		case "any":
			return "MAIL or RCPT with " + s.Key + "@..."
		case "data", "content":
			return "RCPT TO:<" + s.Key + "@...>, then DATA"
		}
	}
	return s.When
}

// refuses reports whether the reply is a rejection. An address can cause only rejections.
func (s Situation) refuses() bool { return s.Code() >= 400 }

// closes reports whether the server closes the connection after the reply.
func (s Situation) closes() bool {
	return s.Code() == 421 || strings.Contains(s.Reply, "closing connection") || strings.Contains(s.Reply, "goodbye")
}

// table finds situations by key.
type table struct {
	rows  []Situation
	index map[string]int
}

func newTable(rows []Situation) *table {
	t := &table{rows: rows, index: make(map[string]int, len(rows))}
	for i, r := range rows {
		t.index[r.Key] = i
	}
	return t
}

func (t *table) find(key string) (Situation, bool) {
	i, ok := t.index[key]
	if !ok {
		return Situation{}, false
	}
	return t.rows[i], true
}

// asked returns the situation whose key is the local part of an address, if it applies at
// the stage. Situations of stage "any" apply at MAIL and RCPT.
func (p *Profile) asked(stage, address string) (Situation, bool) {
	local, _, found := strings.Cut(strings.ToLower(address), "@")
	if !found { // In a host name the first label is the key.
		local, _, _ = strings.Cut(local, ".")
	}
	s, ok := p.table.find(local)
	if !ok || !s.refuses() {
		return Situation{}, false
	}
	if s.Stage == stage || s.Stage == "any" && (stage == "mail" || stage == "rcpt") {
		return p.situation(local), true
	}
	return Situation{}, false
}
