package sandbox

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"strings"
)

// The recorded replies: one row each, with where and when they were seen.
// Evidence W means seen on the wire in a public transcript, D documented by
// Google, U unverified.
//
//go:embed gmail_replies.csv
var gmailCSV string

// Google's sizes as its EHLO replies give them.
const (
	gmailSubmissionSize = 35882577
	gmailMXSize         = 157286400
)

// gmailMaxRcpts is Google's documented limit for SMTP; that the 452 comes at
// number 101 is unverified.
const gmailMaxRcpts = 100

// gmailExtra are situations that no public source shows (evidence U); the texts
// are the sandbox's best guess, in Google's style.
var gmailExtra = []Situation{
	{Key: "auth-canceled", Stage: "starttls", Evidence: "U", When: "* in AUTH", Reply: "501 5.7.0 Authentication canceled. {id} - gsmtp"},
	{Key: "auth-syntax", Stage: "starttls", Evidence: "U", When: "AUTH without a mechanism", Reply: "501 5.5.2 Syntax error. {id} - gsmtp"},
	{Key: "auth-line-too-long", Stage: "starttls", Evidence: "U", When: "very long AUTH response", Reply: "500 5.5.6 Authentication exchange line is too long. {id} - gsmtp"},
	{Key: "nested-mail", Stage: "starttls", Evidence: "U", When: "MAIL inside a transaction", Reply: "503 5.5.1 Bad sequence of commands. {id} - gsmtp"},
	{Key: "param-unknown", Stage: "starttls", Evidence: "U", When: "unknown parameter of MAIL or RCPT", Reply: "555 5.5.2 Syntax error. {id} - gsmtp"},
	{Key: "param-value", Stage: "starttls", Evidence: "U", When: "bad value of a parameter", Reply: "555 5.5.2 Syntax error. {id} - gsmtp"},
	{Key: "rcpt-needs-utf8", Stage: "starttls", Evidence: "U", When: "non-ASCII recipient without SMTPUTF8", Reply: "553 5.6.7 The recipient address <{addr}> needs SMTPUTF8. {id} - gsmtp"},
	{Key: "mx-relay-denied", Stage: "starttls", Evidence: "U", When: "a recipient that the MX does not serve", Reply: "550 5.7.1 Relaying denied. {id} - gsmtp"},
	{Key: "argument-missing", Stage: "starttls", Evidence: "U", When: "VRFY without a name", Reply: "501 5.5.2 Syntax error. {id} - gsmtp"},
	{Key: "bdat-syntax", Stage: "starttls", Evidence: "U", When: "BDAT with wrong syntax", Reply: "501 5.5.4 Syntax error in BDAT, closing connection. {id} - gsmtp"},
	{Key: "bdat-after-failure", Stage: "starttls", Evidence: "U", When: "BDAT after a refused chunk", Reply: "503 5.5.1 Bad sequence of commands. {id} - gsmtp"},
	{Key: "line-too-long", Stage: "starttls", Evidence: "U", When: "a very long command", Reply: "500 5.5.2 Line too long. {id} - gsmtp"},
	{Key: "binary-needs-bdat", Stage: "starttls", Evidence: "U", When: "never: BINARYMIME is not offered", Reply: "503 5.5.1 Bad sequence of commands. {id} - gsmtp"},
}

// gmailAccounts are the users of the gmail profiles.
var gmailAccounts = []Account{
	{User: "alice@gmail.com", Password: "abcdefghijklmnop", Note: "logs in with her app password"},
	{User: "bob@gmail.com", Password: "bbbbccccddddeeee", Ordinary: "bob-ordinary", Situation: "auth-app-password", Note: "his ordinary password gets 534 5.7.9: an app password is wanted"},
	{User: "carol@gmail.com", Token: "ya29.carol-good", Note: "logs in with an OAuth token (XOAUTH2, OAUTHBEARER)"},
	{User: "dave@gmail.com", Token: "ya29.dave-new", Expired: "ya29.dave-expired", Note: "his old token has expired: 334 with JSON, then 535 5.7.8"},
	{User: "erin@gmail.com", Password: "eeeeffffgggghhhh", Situation: "auth-web-login", Note: "must log in with a browser first: 534 5.7.9"},
	{User: "frank@gmail.com", Password: "ffffgggghhhhiiii", Situation: "daily-limit", Note: "logs in, but is over the daily limit: 550 5.4.5 after the message"},
	{User: "grace@gmail.com", Password: "gggghhhhiiiijjjj", Situation: "auth-too-many", Note: "has tried too often: 454 4.7.0"},
}

// eras are the wordings of other years: the suffixes of keys, the newest first.
var eras = map[int][]string{
	0:    nil,
	2020: {"-2020", "-old"},
	2015: {"-2015", "-old"},
	2014: {"-2014", "-2015", "-old"},
	2012: {"-2012", "-2014", "-old"},
	2010: {"-2010", "-2012", "-2014", "-old"},
}

// gmail makes the profile in the wording of a year, 0 for today's.
func gmail(year int) (*Profile, error) {
	records, err := csv.NewReader(strings.NewReader(gmailCSV)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("recorded replies: %w", err)
	}
	rows := make([]Situation, 0, len(records)+len(gmailExtra))
	for _, r := range records[1:] {
		rows = append(rows, Situation{Key: r[0], Door: r[1], Stage: r[2], Evidence: r[3], Seen: r[4], When: r[5], Source: r[6], Reply: r[7]})
	}
	rows = append(rows, gmailExtra...)
	tls := []string{"SIZE", "8BITMIME", "ENHANCEDSTATUSCODES", "PIPELINING", "CHUNKING", "SMTPUTF8"}
	submission := Door{
		Name: "submission", Port: 587, Host: "smtp.gmail.com", greeting: "greeting-submission", hello: "ehlo-587-plain", helloTLS: "ehlo-tls",
		extensions: tls, idPart: "sm", maxSize: gmailSubmissionSize, starttls: true, needTLS: true, needAuth: true, login: true,
	}
	submissions := submission
	submissions.Name, submissions.Port, submissions.Implicit = "submissions", 465, true
	mx := Door{
		Name: "mx", Port: 25, Host: "mx.google.com", greeting: "greeting-mx", hello: "ehlo-mx", helloTLS: "",
		extensions: tls, idPart: "si", maxSize: gmailMXSize, starttls: true,
	}
	// the EHLO list of the relay is unverified: only its HELO was seen
	relay := Door{
		Name: "relay", Port: 587, Host: "smtp-relay.gmail.com", greeting: "greeting-relay",
		extensions: []string{"SIZE", "8BITMIME", "STARTTLS", "ENHANCEDSTATUSCODES", "PIPELINING", "CHUNKING", "SMTPUTF8"}, idPart: "sm",
		maxSize: gmailSubmissionSize, starttls: true, relay: true, refuseNames: true,
	}
	if year != 0 && year < 2015 {
		submission.Host, submissions.Host = mx.Host, mx.Host
	}
	return &Profile{
		Doors: []Door{submission, submissions, mx, relay}, Accounts: gmailAccounts,
		table: newTable(rows), wording: eras[year], bareIDs: year != 0 && year < 2013, google: true, newID: googleID, maxRcpts: gmailMaxRcpts,
		mechanisms: []string{"LOGIN", "PLAIN", "XOAUTH2", "OAUTHBEARER", "PLAIN-CLIENTTOKEN", "XOAUTH"},
	}, nil
}

// googleID makes a session id of the shape that Google's have:
// ffacd0b85a97d-3825fbedfccsm6327686f8f.101 on submission, with "si" at the MX.
func googleID(part string) string {
	const hex = "0123456789abcdef"
	draw := func(n int, from string) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = from[rand.IntN(len(from))]
		}
		return string(b)
	}
	return draw(13, hex) + "-" + draw(11, hex) + part + "1" + draw(6, hex[:10]) + draw(3, hex) + "." + fmt.Sprint(1+rand.IntN(200))
}
