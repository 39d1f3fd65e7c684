package sandbox

import (
	"fmt"
	"strings"
)

// Service is one port of a server.
type Service struct {
	Name     string // submission, submissions, mx, relay or lmtp
	Port     int    // where the real thing listens
	Implicit bool   // implicit TLS
	Host     string // the name that the server gives itself
	LMTP     bool

	starttls    bool // STARTTLS is possible
	needTLS     bool // only TLS first
	needAuth    bool // MAIL only after AUTH
	login       bool // AUTH is possible at all
	relay       bool // takes any recipient without login
	extensions  []string
	hello       string // situation of the EHLO reply, when the profile has its text
	helloTLS    string
	greeting    string
	idPart      string // "sm" or "si" in Google's session ids
	maxSize     int64
	refuseNames bool // EHLO localhost and literals are refused
}

// Profile is a way to answer.
type Profile struct {
	Name     string
	Summary  string
	Detail   string // what is deliberate about it; "" where the summary says all
	Services []Service
	// Accounts are the users that can log in.
	Accounts []Account

	table      *table
	bareIDs    bool // no " - gsmtp" behind session ids, as until 2013
	google     bool // Gmail's habits: loose colon, 502, order of checks
	newID      func(part string) string
	mechanisms []string
	maxRcpts   int
	closed     bool            // VRFY and EXPN tell nothing
	flaws      map[string]bool // faults it was given
}

// Situations returns the profile's table.
func (p *Profile) Situations() []Situation { return append([]Situation(nil), p.table.rows...) }

// service finds a service by name; the empty name is the first one.
func (p *Profile) service(name string) (Service, bool) {
	if name == "" {
		return p.Services[0], true
	}
	for _, d := range p.Services {
		if d.Name == name {
			return d, true
		}
	}
	return Service{}, false
}

// situation finds the reply for a key.
func (p *Profile) situation(key string) Situation {
	s, ok := p.table.find(key)
	if !ok {
		// a key without a row is a mistake in this package; a test looks for it
		return Situation{Key: key, Reply: "451 4.3.5 the sandbox has no reply for " + key}
	}
	return s
}

// profiles makes each profile on demand: their tables cost time to read.
var profiles = []struct {
	name, summary string
	make          func() (*Profile, error)
}{
	{"gmail", "smtp.gmail.com, its MX and the Workspace relay, in today's wording", gmailAs("gmail")},
	{"gmail-2023", "gmail with the replies of 2023", gmailAs("gmail-2023")},
	{"gmail-2020", "gmail with the replies of 2019 to 2022", gmailAs("gmail-2020")},
	{"gmail-2018", "gmail with the replies of 2016 to 2018", gmailAs("gmail-2018")},
	{"gmail-2015", "gmail as in 2015: another list of mechanisms, a smaller limit at the MX", gmailAs("gmail-2015")},
	{"gmail-2014", "gmail as in August 2014: another name, no PIPELINING", gmailAs("gmail-2014")},
	{"gmail-2012", "gmail as in 2011 to 2013: fewer extensions, bare session ids", gmailAs("gmail-2012")},
	{"gmail-2010", "gmail as in 2008 to 2010: no XOAUTH2", gmailAs("gmail-2010")},
	{
		"plain",
		"a small RFC 5321 server with every extension, lenient on purpose (compare strict)",
		func() (*Profile, error) { return plain(), nil },
	},
	{"strict", "like plain, but it requires TLS and a login and has no weak mechanisms", func() (*Profile, error) { return strict(), nil }},
	{"lmtp", "local delivery: LHLO, one reply per recipient", func() (*Profile, error) { return lmtp(), nil }},
}

func gmailAs(name string) func() (*Profile, error) {
	return func() (*Profile, error) { return gmail(name) }
}

// ProfileNames lists the profiles with a line on each.
func ProfileNames() (names, summaries []string) {
	for _, p := range profiles {
		names = append(names, p.name)
		summaries = append(summaries, p.summary)
	}
	return names, summaries
}

// LookupProfile makes a profile by name. The error lists the names there are.
func LookupProfile(name string) (*Profile, error) {
	full := name
	name, faults, _ := strings.Cut(name, "+")
	for _, p := range profiles {
		if p.name == name {
			prof, err := p.make()
			if err != nil {
				return nil, err
			}
			if faults != "" {
				if err := prof.addFlaws(strings.Split(faults, "+")); err != nil {
					return nil, err
				}
			}
			prof.Name, prof.Summary = full, p.summary
			return prof, nil
		}
	}
	names, _ := ProfileNames()
	return nil, fmt.Errorf("the sandbox has no profile %q: there are %s", name, strings.Join(names, ", "))
}
