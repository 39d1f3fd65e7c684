package sandbox

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// gmailCSV has the recorded replies of Gmail, one per row. The columns from and until are
// the years in which the row is the reply; an empty one sets no limit. The years of two
// rows with the same key do not overlap.
//
// Evidence W means seen on the wire in a public transcript, D documented by Google,
// U unverified. Each profile of the span gets the row, but only profiles of the years in
// the column seen mark it as seen.
//
//go:embed gmail_replies.csv
var gmailCSV string

// gmailMaxRcpts is Google's documented limit of recipients for SMTP. It is unverified
// that recipient 101 gets the reply 452.
const gmailMaxRcpts = 100

// gmailExtra are situations that no public source shows (evidence U). Their texts are
// guesses in Google's style.
var gmailExtra = []Situation{
	{Key: "auth-canceled", Stage: "starttls", Evidence: "U", When: "* in AUTH", Reply: "501 5.7.0 Authentication canceled. {id} - gsmtp"},
	{Key: "auth-syntax", Stage: "starttls", Evidence: "U", When: "AUTH without a mechanism", Reply: "501 5.5.2 Syntax error. {id} - gsmtp"},
	{
		Key: "auth-line-too-long", Stage: "starttls", Evidence: "U",
		When:  "an AUTH response of more than 12288 bytes",
		Reply: "500 5.5.6 Authentication exchange line is too long. {id} - gsmtp",
	},
	{
		Key: "nested-mail", Stage: "starttls", Evidence: "U",
		When:  "MAIL inside a transaction",
		Reply: "503 5.5.1 Bad sequence of commands. {id} - gsmtp",
	},
	{
		Key: "param-unknown", Stage: "starttls", Evidence: "U",
		When:  "an unknown parameter of MAIL or RCPT",
		Reply: "555 5.5.2 Syntax error. {id} - gsmtp",
	},
	{Key: "param-value", Stage: "starttls", Evidence: "U", When: "invalid parameter value", Reply: "555 5.5.2 Syntax error. {id} - gsmtp"},
	{
		Key: "param-twice", Stage: "starttls", Evidence: "U",
		When:  "a parameter that is given twice",
		Reply: "555 5.5.2 Syntax error. {id} - gsmtp",
	},
	{Key: "param-needs-ehlo", Stage: "starttls", Evidence: "U", When: "a parameter after HELO", Reply: "555 5.5.2 Syntax error. {id} - gsmtp"},
	{
		Key: "rcpt-needs-utf8", Stage: "starttls", Evidence: "U",
		When:  "non-ASCII recipient without SMTPUTF8",
		Reply: "553 5.6.7 The recipient address <{addr}> needs SMTPUTF8. {id} - gsmtp",
	},
	{
		Key: "mx-relay-denied", Stage: "starttls", Evidence: "U",
		When:  "a recipient of a domain that the MX does not serve",
		Reply: "550 5.7.1 Relaying denied. {id} - gsmtp",
	},
	{Key: "argument-missing", Stage: "starttls", Evidence: "U", When: "VRFY without a name", Reply: "501 5.5.2 Syntax error. {id} - gsmtp"},
	{
		Key: "bdat-syntax", Stage: "starttls", Evidence: "U",
		When:  "BDAT with wrong syntax",
		Reply: "501 5.5.4 Syntax error in BDAT, closing connection. {id} - gsmtp",
	},
	{
		Key: "bdat-after-failure", Stage: "starttls", Evidence: "U",
		When:  "BDAT after a rejected chunk",
		Reply: "503 5.5.1 Bad sequence of commands. {id} - gsmtp",
	},
	{Key: "line-too-long", Stage: "starttls", Evidence: "U", When: "a very long command", Reply: "500 5.5.2 Line too long. {id} - gsmtp"},
	{
		Key: "binary-needs-bdat", Stage: "starttls", Evidence: "U",
		When:  "never: BINARYMIME is not offered",
		Reply: "503 5.5.1 Bad sequence of commands. {id} - gsmtp",
	},
}

// gmailAccounts are the users of the gmail profiles.
var gmailAccounts = []Account{
	{User: "alice@gmail.com", Password: "abcdefghijklmnop", Note: "logs in with her app password"},
	{
		User: "bob@gmail.com", Password: "bbbbccccddddeeee", Ordinary: "bob-ordinary",
		Situation: "auth-app-password",
		Note:      "his ordinary password gets 534 5.7.9: Gmail requires his app password",
	},
	{User: "carol@gmail.com", Token: "ya29.carol-good", Note: "logs in with an OAuth token (XOAUTH2, OAUTHBEARER)"},
	{
		User: "dave@gmail.com", Token: "ya29.dave-new", Expired: "ya29.dave-expired",
		Note: "his old token has expired: it gets 334 with JSON, then 535 5.7.8",
	},
	{User: "erin@gmail.com", Password: "eeeeffffgggghhhh", Situation: "auth-web-login", Note: "must first log in with a browser: 534 5.7.9"},
	{
		User: "frank@gmail.com", Password: "ffffgggghhhhiiii",
		Situation: "daily-limit",
		Note:      "logs in, but has reached the daily limit: gets 550 5.4.5 after the message",
	},
	{User: "grace@gmail.com", Password: "gggghhhhiiiijjjj", Situation: "auth-too-many", Note: "has tried to log in too often: gets 454 4.7.0"},
}

// today stands for the current year. The profile gmail has the newest reply of each key.
const today = 9999

// gmailPeriods are the first and the last year of each profile. A new period begins where
// one of Google's replies changed.
var gmailPeriods = map[string][2]int{
	"gmail": {2024, today}, "gmail-2023": {2023, 2023}, "gmail-2020": {2019, 2022}, "gmail-2018": {2016, 2018},
	"gmail-2015": {2015, 2015}, "gmail-2014": {2014, 2014}, "gmail-2012": {2011, 2013}, "gmail-2010": {2008, 2010},
}

// gmailRows reads the recorded replies of a period. For each key it returns the newest
// row whose years overlap the period.
func gmailRows(from, until int) ([]Situation, error) {
	records, err := csv.NewReader(strings.NewReader(gmailCSV)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("recorded replies: %w", err)
	}
	var rows []Situation
	begun := map[string]int{}
	for _, r := range records[1:] {
		first, last, err := years(r[1], r[2])
		if err != nil {
			return nil, fmt.Errorf("recorded replies, %s: %w", r[0], err)
		}
		if first > until || last < from {
			continue
		}
		evidence, err := evidenceIn(r[5], r[6], from, until)
		if err != nil {
			return nil, fmt.Errorf("recorded replies, %s: %w", r[0], err)
		}
		s := Situation{Key: r[0], Service: r[3], Stage: r[4], Evidence: evidence, Seen: r[6], When: r[7], Source: r[8], Reply: r[9]}
		at := slices.IndexFunc(rows, func(x Situation) bool { return x.Key == s.Key })
		switch {
		case at < 0:
			rows = append(rows, s)
		case first > begun[s.Key]:
			rows[at] = s
		default:
			continue
		}
		begun[s.Key] = first
	}
	return rows, nil
}

// years reads the span of a row. An empty text sets no limit.
func years(from, until string) (first, last int, err error) {
	first, last = 0, today
	if from != "" {
		if first, err = strconv.Atoi(from); err != nil {
			return 0, 0, err
		}
	}
	if until != "" {
		if last, err = strconv.Atoi(until); err != nil {
			return 0, 0, err
		}
	}
	return first, last, nil
}

// gmail makes a profile with the replies of its years.
func gmail(name string) (*Profile, error) {
	period := gmailPeriods[name]
	rows, err := gmailRows(period[0], period[1])
	if err != nil {
		return nil, err
	}
	t := newTable(append(rows, gmailExtra...))
	host, _ := t.find("greeting-submission")
	submission := Service{
		Name: "submission", Port: 587, Host: strings.Fields(host.Reply)[1],
		greeting: "greeting-submission", hello: "ehlo-587-plain", helloTLS: "ehlo-tls",
		idPart: "sm", starttls: true, needTLS: true, needAuth: true, login: true,
	}
	submission.offer(t, "ehlo-tls")
	submissions := submission
	submissions.Name, submissions.Port, submissions.Implicit = "submissions", 465, true
	mx := Service{
		Name: "mx", Port: 25, Host: "mx.google.com", greeting: "greeting-mx",
		hello: "ehlo-mx", helloTLS: "", idPart: "si", starttls: true,
	}
	mx.offer(t, "ehlo-mx")
	// The EHLO list of the relay is unverified: no source shows more than its HELO reply.
	relay := Service{
		Name: "relay", Port: 587, Host: "smtp-relay.gmail.com",
		greeting: "greeting-relay", idPart: "sm", starttls: true, relay: true,
		refuseNames: true,
	}
	relay.offer(t, "ehlo-587-plain")
	hello, _ := t.find("ehlo-tls")
	return &Profile{
		Services: []Service{submission, submissions, mx, relay}, Accounts: gmailAccounts,
		table: t, bareIDs: period[1] < 2014, google: true, newID: googleIDs(period[1]), maxRcpts: gmailMaxRcpts,
		mechanisms: mechanismsIn(hello.Reply),
	}, nil
}

// offer reads the extensions and the size limit of a service from its EHLO reply, so that
// the server behaves as its reply announces.
func (d *Service) offer(t *table, key string) {
	hello, _ := t.find(key)
	for _, l := range strings.Split(hello.Reply, "\n")[1:] {
		keyword, value, _ := strings.Cut(l[4:], " ")
		switch keyword {
		case "AUTH":
			continue // It depends on TLS whether AUTH is offered.
		case "SIZE":
			d.maxSize, _ = strconv.ParseInt(value, 10, 64)
		}
		d.extensions = append(d.extensions, keyword)
	}
}

// mechanismsIn returns the SASL mechanisms in an EHLO reply.
func mechanismsIn(hello string) []string {
	for l := range strings.SplitSeq(hello, "\n") {
		if words := strings.Fields(l[4:]); words[0] == "AUTH" {
			return words[1:]
		}
	}
	return nil
}
