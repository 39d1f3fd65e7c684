package sandbox_test

import (
	"encoding/csv"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"smtpsh/internal/sandbox"
)

// dated is a row of the recorded replies.
type dated struct {
	key, seen, reply string
	from, until      int
}

func datedRows(t *testing.T) []dated {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(sandbox.GmailCSV)).ReadAll()
	if err != nil || len(records) < 120 {
		t.Fatalf("%d rows, %v", len(records), err)
	}
	year := func(s string, open int) int {
		if s == "" {
			return open
		}
		n, err := strconv.Atoi(s)
		if err != nil || n < 2008 || n > 2100 {
			t.Fatalf("year %q", s)
		}
		return n
	}
	var out []dated
	for _, r := range records[1:] {
		out = append(out, dated{key: r[0], from: year(r[1], 0), until: year(r[2], 9999), seen: r[6], reply: r[9]})
	}
	return out
}

var seenYears = regexp.MustCompile(`^(20[0-9]{2})(?:-(?:(20[0-9]{2})|[0-9]{2})?)?$`)

// span reads when a reply was seen: "2016", "2024-06", "2015-2022", "2024-" or "to about
// 2022"; ok is false where no date is known.
func span(t *testing.T, seen string) (first, last int, ok bool) {
	if seen == "" {
		return 0, 0, false
	}
	if to, found := strings.CutPrefix(seen, "to about "); found {
		last, err := strconv.Atoi(to)
		if err != nil {
			t.Fatalf("seen %q", seen)
		}
		return last, last, true
	}
	m := seenYears.FindStringSubmatch(seen)
	if m == nil {
		t.Fatalf("seen %q", seen)
	}
	first, _ = strconv.Atoi(m[1])
	switch {
	case m[2] != "":
		last, _ = strconv.Atoi(m[2])
	case strings.HasSuffix(seen, "-"):
		last = 9999
	default:
		last = first
	}
	return first, last, true
}

// TestGmailRowsAreOfTheirYears checks that exactly the profiles of its years send each reply,
// that it was seen in these years, and that no year has two replies for one key.
func TestGmailRowsAreOfTheirYears(t *testing.T) {
	rows := datedRows(t)
	profiles := map[string]*sandbox.Profile{}
	for name := range sandbox.GmailPeriods {
		p, err := sandbox.LookupProfile(name)
		if err != nil {
			t.Fatal(err)
		}
		profiles[name] = p
	}
	for i, r := range rows {
		if first, last, ok := span(t, r.seen); ok && (first < r.from || last > r.until && last != 9999 || last == 9999 && r.until != 9999) {
			t.Errorf("%s was seen %s and is given %d to %d", r.key, r.seen, r.from, r.until)
		}
		for _, o := range rows[i+1:] {
			if o.key == r.key && o.from <= r.until && r.from <= o.until {
				t.Errorf("%s: two replies in the years %d to %d", r.key, max(o.from, r.from), min(o.until, r.until))
			}
		}
		for name, period := range sandbox.GmailPeriods {
			text, ok := profiles[name].GmailText(r.key)
			switch inside := r.from <= period[0] && period[1] <= r.until; {
			case inside && (!ok || text != r.reply):
				t.Errorf("%s gives %q to %s instead of the reply of its years, %q", name, text, r.key, r.reply)
			case r.from > period[1] || r.until < period[0]:
				if ok && text == r.reply && !again(rows, r.key, text, period) {
					t.Errorf("%s gives %s the reply of %d to %d", name, r.key, r.from, r.until)
				}
			}
			if first, last, ok := span(t, r.seen); ok && first <= period[0] && period[1] <= last && text != r.reply {
				t.Errorf("%s: %s was seen %s as %q, and %q is given", name, r.key, r.seen, r.reply, text)
			}
		}
	}
	// The periods cover every year exactly once.
	for year := 2008; year <= 2030; year++ {
		n := 0
		for _, p := range sandbox.GmailPeriods {
			if p[0] <= year && year <= p[1] {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d profiles are of %d", n, year)
		}
	}
}

// withoutSpan are the dated rows that are used for all years, with the reason: no source
// shows another text for the key, so the seen text is the best guess for other years.
var withoutSpan = map[string]string{
	"greeting-mx": "seen for ten years without a change", "greeting-relay": "seen twice, with one wording",
	"helo": "seen from 2008 to 2023 without a change", "starttls-ok": "seen from 2010 to 2024 without a change",
	"auth-login-user": "the wording of the LOGIN mechanism", "auth-login-pass": "the wording of the LOGIN mechanism",
	"auth-empty-challenge": "an empty challenge has no wording", "auth-ok": "seen from 2010 to 2026 without a change",
	"auth-web-login": "the first line was the same in 2014", "auth-xoauth2-fail": "seen from 2012 to 2025 without a change",
	"auth-change-identity": "seen in 2008, and in Google's table of today", "mail-ok": "seen from 2010 to 2026 without a change",
	"rcpt-ok": "seen from 2010 to 2026 without a change", "bdat-ok": "seen once, and no other wording is known",
	"unknown-command": "seen from 2014 to 2021 without a change", "unimplemented": "seen once, and no other wording is known",
	"noop": "seen once, and no other wording is known", "rset": "seen from 2016 to 2024 without a change",
	"vrfy": "seen once, and no other wording is known", "quit": "seen from 2008 to 2026 without a change",
	"connection-expired": "seen once, and in Google's table of today", "relay-denied": "seen once, and no other wording is known",
}

// TestGmailRowsWithoutYearCountAsUnseen checks that a dated row has its years or is
// listed with a reason. In a profile of other years its evidence must be unverified.
func TestGmailRowsWithoutYearCountAsUnseen(t *testing.T) {
	open := map[string]bool{}
	for _, r := range datedRows(t) {
		_, _, ok := span(t, r.seen)
		if !ok || r.from != 0 || r.until != 9999 {
			continue
		}
		open[r.key] = true
		if withoutSpan[r.key] == "" {
			t.Errorf("%s was seen %s and is given to all years without a reason", r.key, r.seen)
		}
	}
	for key := range withoutSpan {
		if !open[key] {
			t.Errorf("%s is listed, and is no dated row that is given to all years", key)
		}
	}
	unverified := 0
	for name, period := range sandbox.GmailPeriods {
		p, err := sandbox.LookupProfile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range p.Situations() {
			first, last, ok := span(t, s.Seen)
			if strings.HasPrefix(s.Seen, "to about ") {
				first = 0
			}
			if !ok || s.Evidence == "D" || s.Evidence == "U" {
				continue
			}
			inside := first <= period[1] && period[0] <= last
			if inside == s.Unverified() {
				t.Errorf("%s: %s was seen %s, and its evidence is %q", name, s.Key, s.Seen, s.Evidence)
			}
			if !inside {
				unverified++
			}
		}
	}
	if unverified < 60 {
		t.Errorf("%d replies are marked as unverified in a profile of other years", unverified)
	}
	for _, tt := range []struct{ profile, key, evidence string }{
		{"gmail", "noop", "W"}, {"gmail-2023", "noop", "U, seen"},
		{"gmail-2010", "noop", "U, seen"}, {"gmail", "connection-expired", "W+D"},
		{"gmail-2015", "connection-expired", "D"},
		{"gmail-2023", "auth-web-login", "W"}, {"gmail", "auth-web-login", "U, seen"},
		{"gmail-2015", "bdat-ok", "W"}, {"gmail", "bdat-ok", "U, seen"},
		{"gmail-2020", "vrfy", "W"}, {"gmail-2018", "vrfy", "U, seen"},
	} {
		p, err := sandbox.LookupProfile(tt.profile)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, s := range p.Situations() {
			if s.Key == tt.key {
				got = s.Evidence
			}
		}
		if got != tt.evidence {
			t.Errorf("%s: the evidence of %s is %q, not %q", tt.profile, tt.key, got, tt.evidence)
		}
	}
}

// again reports whether another row of the key has the same text in these years: "354 Go
// ahead" had one space until 2014 and has one again since 2024.
func again(rows []dated, key, text string, period [2]int) bool {
	for _, r := range rows {
		if r.key == key && r.reply == text && r.from <= period[1] && period[0] <= r.until {
			return true
		}
	}
	return false
}

// TestGmailOffersOfTheYears checks the EHLO reply of each year on the wire, and that the
// server behaves as the reply announces.
func TestGmailOffersOfTheYears(t *testing.T) {
	for _, tt := range []struct {
		profile, host, auth, mxSize string
		pipelining, chunking        bool
	}{
		{"gmail-2010", "mx.google.com", "LOGIN PLAIN XOAUTH", "35882577", false, false},
		{"gmail-2012", "mx.google.com", "LOGIN PLAIN XOAUTH XOAUTH2", "35882577", false, false},
		{"gmail-2014", "mx.google.com", "LOGIN PLAIN XOAUTH XOAUTH2 PLAIN-CLIENTTOKEN", "35882577", false, true},
		{"gmail-2015", "smtp.gmail.com", "LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN XOAUTH", "35882577", true, true},
		{"gmail-2018", "smtp.gmail.com", "LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH", "157286400", true, true},
		{"gmail-2020", "smtp.gmail.com", "LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH", "157286400", true, true},
		{"gmail-2023", "smtp.gmail.com", "LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH", "157286400", true, true},
		{"gmail", "smtp.gmail.com", "LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH", "157286400", true, true},
	} {
		t.Run(tt.profile, func(t *testing.T) {
			s := start(t, tt.profile)
			hello := func(service string) string {
				c := dial(t, s, service)
				c.dialogue(s, "S: 220")
				c.write("EHLO client.example\r\n")
				var all []string
				for {
					l := c.line()
					all = append(all, l)
					if l[3] == ' ' {
						return strings.Join(all, "\n")
					}
				}
			}
			submission, mx := hello("submissions"), hello("mx")
			if !strings.HasPrefix(submission, "250-"+tt.host+" at your service") || !strings.Contains(submission, "AUTH "+tt.auth+"\n") {
				t.Errorf("submission: %s", submission)
			}
			if !strings.HasPrefix(mx, "250-mx.google.com at your service") || !strings.Contains(mx, "SIZE "+tt.mxSize) || strings.Contains(mx,
				"AUTH") {
				t.Errorf("mx: %s", mx)
			}
			for _, text := range []string{submission, mx, hello("relay")} {
				if strings.Contains(text, "PIPELINING") != tt.pipelining || strings.Contains(text, "CHUNKING") != tt.chunking || strings.Contains(text,
					"SMTPUTF8") != tt.chunking {
					t.Errorf("extensions: %s", text)
				}
			}
			// The server must reject what it does not offer.
			c := dial(t, s, "submissions")
			c.dialogue(s, "S: 220\nC: EHLO x\nS: 250")
			if want := "S: 504 5.7.4"; !strings.Contains(tt.auth, "XOAUTH2") {
				c.dialogue(s, "C: AUTH XOAUTH2 "+b64("user=carol@gmail.com\x01auth=Bearer ya29.carol-good\x01\x01")+"\n"+want)
			} else {
				c.dialogue(s, "C: AUTH XOAUTH2 "+b64("user=carol@gmail.com\x01auth=Bearer ya29.carol-good\x01\x01")+"\nS: 235 2.7.0 Accepted")
			}
			if !tt.chunking {
				c = dial(t, s, "mx")
				c.dialogue(s, "S: 220\nC: EHLO x\nS: 250\nC: MAIL FROM:<a@example.com> SMTPUTF8\nS: 555")
			}
		})
	}
}

// TestGmailSessionIDsOfTheYears checks that ids have the form of the transcripts of their years.
func TestGmailSessionIDsOfTheYears(t *testing.T) {
	short, long, now := `[a-z]{1,2}[0-9]*s[mi][0-9]{7,9}[a-z]{3}`, `[a-z][0-9]+-20020a[0-9a-f]{26}s[mi][0-9]{6,7}[a-z]{3}`,
		`[0-9a-f]{13}-[0-9a-f]{11}s[mi][0-9]{7}[0-9a-f]{3}`
	seen := map[string]string{ // ids of the transcripts
		"gmail-2012": "v9sm1396104paz.6", "gmail-2014": "ga2sm27432627wjb.44",
		"gmail-2015": "h5sm23980368wjn.20", "gmail-2018": "im3sm19207876wjb.13",
		"gmail-2020": "n13sm7609611qtf.15",
		"gmail-2023": "b9-20020ac24109000000b004fe2ad08fc3si1139642lfi.217",
		"gmail":      "ffacd0b85a97d-3825fbedfccsm6327686f8f.101",
	}
	for name, period := range sandbox.GmailPeriods {
		shape := now
		switch {
		case period[1] <= 2022:
			shape = short
		case period[1] == 2023:
			shape = long
		}
		pattern := regexp.MustCompile(`^(?:` + shape + `)\.[0-9]{1,3}$`)
		if id, ok := seen[name]; ok && !pattern.MatchString(id) {
			t.Errorf("%s: the id %s of the transcript does not have this form", name, id)
		}
		c := dial(t, start(t, name), "mx")
		greeting := strings.Fields(c.line())
		if id := greeting[3]; !pattern.MatchString(id) || !strings.Contains(id, "si") {
			t.Errorf("%s: id %s", name, id)
		}
	}
}
