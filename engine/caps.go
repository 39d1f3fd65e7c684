package engine

import (
	"slices"
	"strings"

	"smtpsh/engine/reply"
)

// Capability is one line of an EHLO or LHLO reply: a keyword and its parameters.
type Capability struct {
	Keyword string // in capitals; what follows a "=" in it is as sent
	Params  string // the rest of the line, as sent
}

// Capabilities lists what a server offered in its last EHLO or LHLO reply, in the server's
// order (RFC 5321 section 4.1.1.1).
type Capabilities []Capability

// ParseCapabilities reads the lines after the first one. It skips empty lines. It keeps a
// keyword that the grammar does not allow, in capitals up to a "=": the value in
// "XVERP=Courier" keeps its case. All lines about AUTH become one entry with every
// mechanism once, including those in the form "AUTH=PLAIN LOGIN", which is older than the
// standard.
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
		name, value, hasValue := strings.Cut(keyword, "=")
		one := Capability{Keyword: strings.ToUpper(name), Params: strings.TrimSpace(params)}
		switch {
		case one.Keyword == "AUTH" && hasValue:
			one.Params = strings.TrimSpace(value + " " + one.Params)
		case hasValue:
			one.Keyword += "=" + value
		}
		if one.Keyword == "AUTH" {
			if i := slices.IndexFunc(caps, func(k Capability) bool { return k.Keyword == "AUTH" }); i >= 0 {
				caps[i].Params = union(caps[i].Params, one.Params)
				continue
			}
			if repeats(one.Params) {
				one.Params = union(one.Params, "")
			}
		}
		caps = append(caps, one)
	}
	return caps
}

// repeats reports whether a word occurs in a list, in any case.
func repeats(list string) bool {
	n := 0
	for w := range strings.FieldsSeq(list) {
		i := 0
		for before := range strings.FieldsSeq(list) {
			if i++; i > n {
				break
			}
			if strings.EqualFold(before, w) {
				return true
			}
		}
		n++
	}
	return false
}

// union joins two lists of words without duplicates, in any case.
func union(a, b string) string {
	var out []string
	for _, w := range strings.Fields(a + " " + b) {
		if !slices.ContainsFunc(out, func(o string) bool { return strings.EqualFold(o, w) }) {
			out = append(out, w)
		}
	}
	return strings.Join(out, " ")
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
	params, _ := c.Params(keyword)
	for _, p := range strings.Fields(params) {
		if strings.EqualFold(p, word) {
			return true
		}
	}
	return false
}

// Mechanisms returns the SASL mechanisms in capitals, each once.
func (c Capabilities) Mechanisms() []string {
	params, _ := c.Params("AUTH")
	return strings.Fields(strings.ToUpper(params))
}
