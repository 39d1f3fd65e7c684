package engine

import (
	"strings"

	"smtpsh/engine/reply"
)

// Capability is one line of an EHLO reply: a keyword and its parameters.
type Capability struct {
	Keyword string // in capitals
	Params  string // the rest of the line, as sent
}

// Capabilities is what a server offered in its last EHLO or LHLO reply, in the
// server's order (RFC 5321 section 4.1.1.1).
type Capabilities []Capability

// ParseCapabilities reads the lines behind the first. Empty lines are skipped;
// a keyword that the grammar does not allow is kept as it is, in capitals.
func ParseCapabilities(r *reply.Reply) Capabilities {
	lines := r.Lines()
	if len(lines) < 2 {
		return nil
	}
	caps := make(Capabilities, 0, len(lines)-1)
	for _, l := range lines[1:] {
		keyword, params, _ := strings.Cut(strings.TrimSpace(l), " ")
		if keyword == "" {
			continue
		}
		caps = append(caps, Capability{Keyword: strings.ToUpper(keyword), Params: strings.TrimSpace(params)})
	}
	return caps
}

// Has reports whether the keyword is offered, in any case.
func (c Capabilities) Has(keyword string) bool {
	_, ok := c.Params(keyword)
	return ok
}

// Params returns the parameters of a keyword, "" when it has none.
func (c Capabilities) Params(keyword string) (string, bool) {
	for _, k := range c {
		if strings.EqualFold(k.Keyword, keyword) {
			return k.Params, true
		}
	}
	return "", false
}

// HasParam reports whether a keyword is offered with the given word among its
// parameters, as in ("AUTH", "PLAIN").
func (c Capabilities) HasParam(keyword, word string) bool {
	params, ok := c.Params(keyword)
	if strings.EqualFold(keyword, "AUTH") {
		params = strings.Join(c.Mechanisms(), " ")
	} else if !ok {
		return false
	}
	for _, p := range strings.Fields(params) {
		if strings.EqualFold(p, word) {
			return true
		}
	}
	return false
}

// Mechanisms returns the SASL mechanisms in capitals. The pre-standard form
// "AUTH=PLAIN LOGIN" counts, and duplicates are dropped.
func (c Capabilities) Mechanisms() []string {
	var out []string
	seen := map[string]bool{}
	for _, k := range c {
		var words string
		switch {
		case k.Keyword == "AUTH":
			words = k.Params
		case strings.HasPrefix(k.Keyword, "AUTH="):
			words = k.Keyword[len("AUTH="):] + " " + k.Params
		default:
			continue
		}
		for _, w := range strings.Fields(strings.ToUpper(words)) {
			if !seen[w] {
				seen[w] = true
				out = append(out, w)
			}
		}
	}
	return out
}
