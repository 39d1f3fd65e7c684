package sandbox

import (
	"fmt"
	"strings"
)

// Service is one listener of a server and its rules, such as submission on port 587.
type Service struct {
	Name     string // submission, submissions, mx, relay or lmtp
	Port     int    // the standard port of the service
	Implicit bool   // TLS from the start
	Host     string // host name in the greeting and in EHLO replies
	LMTP     bool

	starttls    bool // STARTTLS is offered
	needTLS     bool // mail and AUTH are rejected before TLS
	needAuth    bool // MAIL is rejected before AUTH
	login       bool // AUTH is supported
	relay       bool // any recipient is accepted without a login
	extensions  []string
	hello       string // key of the EHLO reply before TLS; "" if the table has no text for it
	helloTLS    string
	greeting    string
	idPart      string // "sm" or "si" in Google's session ids
	maxSize     int64
	refuseNames bool // EHLO with localhost or an address literal is rejected
}

// Profile is a kind of server: its services, its accounts and its table of replies.
type Profile struct {
	Name     string
	Summary  string
	Detail   string // deliberate weaknesses, in sentences; "" for none
	Services []Service
	// Accounts are the users that can log in.
	Accounts []Account

	table      *table
	bareIDs    bool // session ids without " - gsmtp", as until 2013
	google     bool // behaves like Gmail: spaces at the colon, 502, order of checks
	newID      func(part string) string
	mechanisms []string
	maxRcpts   int
	closed     bool            // VRFY and EXPN reveal nothing
	flaws      map[string]bool // added by addFlaws
}

// Situations returns the profile's table of replies.
func (p *Profile) Situations() []Situation { return append([]Situation(nil), p.table.rows...) }

// service returns a service by name. The empty name returns the first service.
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

// situation returns the row for a key.
func (p *Profile) situation(key string) Situation {
	s, ok := p.table.find(key)
	if !ok {
		// A key without a row is a mistake in this package. TestEveryKeyHasARow finds it.
		return Situation{Key: key, Reply: "451 4.3.5 the sandbox has no reply for " + key}
	}
	return s
}

// profiles makes each profile on demand, because parsing the tables takes time.
var profiles = []struct {
	name, summary string
	make          func() (*Profile, error)
}{
	{"gmail", "smtp.gmail.com, its MX and the Workspace relay, with current replies", gmailAs("gmail")},
	{"gmail-2023", "gmail with the replies of 2023", gmailAs("gmail-2023")},
	{"gmail-2020", "gmail with the replies of 2019 to 2022", gmailAs("gmail-2020")},
	{"gmail-2018", "gmail with the replies of 2016 to 2018", gmailAs("gmail-2018")},
	{"gmail-2015", "gmail as in 2015: another list of mechanisms, a lower size limit on the MX", gmailAs("gmail-2015")},
	{"gmail-2014", "gmail as in August 2014: another host name, no PIPELINING", gmailAs("gmail-2014")},
	{"gmail-2012", "gmail as in 2011 to 2013: fewer extensions, shorter session ids", gmailAs("gmail-2012")},
	{"gmail-2010", "gmail as in 2008 to 2010: no XOAUTH2", gmailAs("gmail-2010")},
	{
		"plain",
		"a small RFC 5321 server with the usual extensions; requires neither TLS nor a login (compare strict)",
		func() (*Profile, error) { return plain(), nil },
	},
	{"strict", "like plain, but requires TLS and a login and offers no weak mechanisms", func() (*Profile, error) { return strict(), nil }},
	{"lmtp", "an LMTP server for local delivery: LHLO, one reply for each recipient", func() (*Profile, error) { return lmtp(), nil }},
}

func gmailAs(name string) func() (*Profile, error) {
	return func() (*Profile, error) { return gmail(name) }
}

// ProfileNames returns the names of the profiles and a one-line summary of each.
func ProfileNames() (names, summaries []string) {
	for _, p := range profiles {
		names = append(names, p.name)
		summaries = append(summaries, p.summary)
	}
	return names, summaries
}

// LookupProfile makes a profile from its name, with faults as in "strict+open-relay". An
// unknown name is an error that lists the known names.
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
