package concepts

import (
	"slices"
	"strings"
	"sync"
)

// Concept is one thing that learners ask about.
type Concept struct {
	Name  string
	Long  string   // the words that the name abbreviates; empty for other names
	Also  []string // other names that find it, in any case
	Group Group
	// Definition is one sentence that stands alone: "a DNS record that ...". It begins
	// in lower case and has no full stop, because it follows the name.
	Definition string
	Text       string // more, in full sentences; may be empty
	Example    string
	Wrong      string // what usually goes wrong
	// Here has the lines to type. Those that begin with "smtpsh" are for a shell, the
	// others for the prompt. Tests run them against the sandbox.
	Here   string
	Shows  string   // a part of what the lines print
	Source string   // RFC and section, a registry, or a page with its date
	Avoid  []string // words that this project does not use for it
}

// Group is a part of the glossary.
type Group string

// The groups, in the order of the glossary.
const (
	Protocol Group = "The protocol"
	Address  Group = "Addresses and messages"
	Delivery Group = "Delivery"
	Sender   Group = "Checks of the sender"
	Security Group = "Encryption and login"
	Refusal  Group = "Rejections and reputation"
	Port     Group = "Ports"
	Limit    Group = "Limits and timeouts"
	Product  Group = "Words of smtpsh"
)

// Groups returns the groups in the order of the glossary.
func Groups() []Group {
	return []Group{Protocol, Address, Delivery, Sender, Security, Refusal, Port, Limit, Product}
}

// Kind returns what a concept of the group is, in two or three words: "a port".
func (g Group) Kind() string {
	switch g {
	case Port:
		return "a port"
	case Limit:
		return "a limit"
	case Product:
		return "a word of smtpsh"
	}
	return "a term of mail"
}

// Lines returns the lines of Here for the prompt and those for a shell.
func (c Concept) Lines() (prompt, shell []string) {
	for line := range strings.Lines(c.Here) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "smtpsh ") {
			shell = append(shell, line)
		} else {
			prompt = append(prompt, line)
		}
	}
	return prompt, shell
}

// All returns the concepts, group by group.
var All = sync.OnceValue(func() []Concept {
	return slices.Concat(protocol(), addresses(), delivery(), senders(), security(), refusals(), ports(), limits(), products())
})

// byName maps the normal form of each name to its concept.
var byName = sync.OnceValue(func() map[string]Concept {
	m := map[string]Concept{}
	for _, c := range All() {
		for _, name := range append([]string{c.Name}, c.Also...) {
			m[normal(name)] = c
		}
	}
	return m
})

// Lookup returns the concept of a name. Case, hyphens and a final s do not matter:
// "Null-MX", "null mx" and "block lists" are found.
func Lookup(name string) (Concept, bool) {
	name = normal(name)
	c, ok := byName()[name]
	if !ok && len(name) > 3 {
		c, ok = byName()[strings.TrimSuffix(name, "s")]
	}
	return c, ok
}

// normal returns a name in lower case with single spaces between its words.
func normal(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return r == ' ' || r == '-' || r == '_' || r == '\t'
	}), " ")
}

// Names returns the names that completion offers.
func Names() []string {
	var out []string
	for _, c := range All() {
		out = append(out, c.Name)
	}
	return out
}

// About returns the names of at most n concepts whose texts have a word, first those that
// have it in their definition. A word that is in more than n further texts is too common.
func About(word string, n int) []string {
	word = normal(word)
	if len(word) < 3 {
		return nil
	}
	var first, second []string
	for _, c := range All() {
		switch {
		case hasWord(c.Name+" "+strings.Join(c.Also, " ")+" "+c.Definition, word):
			first = append(first, c.Name)
		case hasWord(c.Text+" "+c.Example+" "+c.Wrong, word):
			second = append(second, c.Name)
		}
	}
	if len(second) > n { // a common word shows nothing
		second = nil
	}
	all := append(first, second...)
	return all[:min(n, len(all))]
}

// hasWord reports whether a text has words that begin with those of another text.
func hasWord(text, word string) bool {
	plain := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	joined := " " + strings.Join(plain, " ") + " "
	if len(word) < 5 { // the beginning of a long word is another word: "foo" is not "footer"
		return strings.Contains(joined, " "+word+" ")
	}
	return strings.Contains(joined, " "+word)
}
