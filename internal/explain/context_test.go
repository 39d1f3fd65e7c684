package explain

import (
	"strconv"
	"strings"
	"testing"

	"smtpsh/engine/reply"
	"smtpsh/engine/verb"
)

// TestStepsOnlyWhereTheyExist: a hint names STARTTLS or AUTH only if the server offers it
// and it is not done yet.
func TestStepsOnlyWhereTheyExist(t *testing.T) {
	for _, tt := range []struct {
		s         *Session
		want, not string
	}{
		{nil, "If EHLO offers STARTTLS", "STARTTLS, then"},
		{&Session{OffersTLS: true}, "STARTTLS, then EHLO again, then log in", "465"},
		{&Session{OffersTLS: true, OffersAuth: true}, "STARTTLS, then EHLO again", "465"},
		{&Session{TLS: true, OffersAuth: true}, "Log in with AUTH", "STARTTLS"},
		{&Session{TLS: true, OffersTLS: true, OffersAuth: true}, "Log in with AUTH", "STARTTLS"},
		{&Session{OffersAuth: true}, "Log in with AUTH", "STARTTLS"},
		{&Session{OffersTLS: true, LoggedIn: true}, "STARTTLS, then EHLO again. Then repeat", "log in"},
		{&Session{}, "neither STARTTLS nor AUTH", "then log in"},
		{&Session{TLS: true}, "offers no AUTH", "STARTTLS"},
		{&Session{LoggedIn: true, OffersAuth: true}, "offers no STARTTLS", "log in"},
		{&Session{TLS: true, LoggedIn: true, OffersAuth: true}, "read the text", "STARTTLS"},
	} {
		for _, raw := range []string{
			"530 5.7.0 not yet\r\n", "530 5.7.0 Must issue a STARTTLS command first\r\n",
			"530 5.7.1 Authentication required\r\n", "538 5.7.11 encryption required\r\n",
			"523 5.7.10 encryption needed\r\n",
		} {
			command := "MAIL FROM:<a@example.org>"
			if raw[1] != '3' || raw[2] != '0' {
				command = "AUTH PLAIN"
			}
			got := strings.Join(strings.Fields(Why(reply.Parse([]byte(raw)), command, Context{Session: tt.s})), " ")
			_, advice, _ := strings.Cut(got, " try ")
			advice = strings.Split(advice, " 5")[0]
			if !strings.Contains(advice, tt.want) || strings.Contains(advice, tt.not) {
				t.Errorf("%+v, %q: want %q and not %q: %s", tt.s, raw, tt.want, tt.not, advice)
			}
		}
	}
}

// TestWholeWords: only whole words match, at any place.
func TestWholeWords(t *testing.T) {
	for _, tt := range []struct {
		text, mark string
		want       bool
	}{
		{"marble", "rbl", false}, {"an rbl.", "rbl", true}, {"rbl-2", "rbl", true},
		{"greylisted", "greylist*", true}, {"greylisted", "greylist", false},
		{"ungreylisted", "greylist*", false}, {"spf=pass", "spf", true},
		{"rbls and rbl", "rbl", true}, {"", "rbl", false}, {"ärbl", "rbl", false},
		{"rblé", "rbl", false},
		{"see ?p=nosuchuser x", "p=nosuchuser", true},
		{"see ?p=nosuchusers", "p=nosuchuser", false},
	} {
		if got := hasWords(tt.text, tt.mark); got != tt.want {
			t.Errorf("%q in %q: %v", tt.mark, tt.text, got)
		}
	}
}

// TestProviderSigns: a host or link in a reply identifies its provider, an address does
// not.
func TestProviderSigns(t *testing.T) {
	for text, want := range map[string]Provider{
		"220 smtp.gmail.com ESMTP x.1 - gsmtp":                   Google,
		"220 mx.google.com ESMTP x":                              Google,
		"220 AM0.outlook.com Microsoft ESMTP MAIL Service ready": Microsoft,
		"220 mta.yahoodns.net ESMTP ready":                       Yahoo,
		"220 mx01.mail.icloud.com ESMTP":                         Apple, "550 <ann@icloud.com>: no": "",
		"550 5.1.1 <bob@outlook.com> unknown": "",
		"220 mail.acme.com ESMTP":             "", "220 notgoogle.com ESMTP": "",
		"550 5.1.1 <bob@yahoo.com> see senders.yahooinc.com": Yahoo,
	} {
		if got := ProviderOf(reply.Parse([]byte(text + "\r\n"))); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestRulesAreWellFormed: each rule has texts, and its codes can occur.
func TestRulesAreWellFormed(t *testing.T) {
	for _, table := range [][]rule{googleRules, microsoftRules, yahooRules, appleRules, heardRules} {
		for _, u := range table {
			if u.means == "" || u.try == "" && u.means != needsTLS && u.means != needsLogin || len(u.marks) == 0 && u.codes == "" && !u.many {
				t.Errorf("%+v", u)
			}
			for _, m := range u.marks {
				if m != strings.ToLower(m) || m == "" {
					t.Errorf("the mark %q is not in lower case", m)
				}
			}
			for c := range strings.FieldsSeq(u.codes) {
				if c != "-" && c != "*" && !strings.Contains(c, ".") {
					t.Errorf("code %q of %q", c, u.means)
				}
			}
			for v := range strings.FieldsSeq(u.verbs) {
				if _, ok := verb.Lookup(v); !ok && v != "." && v != "connect" {
					t.Errorf("verb %q of %q", v, u.means)
				}
			}
		}
	}
}

// TestCodesOutOfPlace: a code that the tables have for one command has no meaning in reply
// to another one.
func TestCodesOutOfPlace(t *testing.T) {
	for code, verbs := range only {
		st, ok := reply.LookupStatus(code)
		if !ok {
			t.Fatalf("%d has no row", code)
		}
		raw := []byte(strconv.Itoa(code) + " x\r\n")
		if got := Why(reply.Parse(raw), "NOOP", Context{}); strings.Contains(got, st.Cause) || !strings.Contains(got, " only") {
			t.Errorf("%d to NOOP:\n%s", code, got)
		}
		if got := Why(reply.Parse(raw), verbs[0], Context{}); strings.Contains(got, "as an answer to") {
			t.Errorf("%d to %s:\n%s", code, verbs[0], got)
		}
	}
}

// TestNamesOfReplies: the short name of a reply is that of its code, unless a provider uses
// the code differently or the code answers another command than in the tables.
func TestNamesOfReplies(t *testing.T) {
	for _, tt := range []struct{ raw, command, want string }{
		{"550 5.1.1 no", "RCPT TO:<a@b>", "Bad destination mailbox address"},
		{"550 no", "RCPT TO:<a@b>", "Mailbox unavailable or rejected by policy"},
		{
			"550 5.7.30 Basic authentication is not supported for Client Submission.",
			"AUTH LOGIN",
			"Microsoft: Exchange Online does not accept logins with a password (PLAIN, LOGIN)",
		},
		{
			"550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found",
			"RCPT TO:<a@b>",
			"Microsoft: This mailbox does not exist: the directory has no such address",
		},
		{"550 5.7.30 this relay has no REQUIRETLS", "MAIL FROM:<a@b>", "REQUIRETLS support required"},
		{"524 no", "RCPT TO:<a@b>", ""}, {"524 no", "AUTH PLAIN", "Encryption required for the mechanism (number only)"},
		{"250 2.5.2 ok", "VRFY x", "Success, with the detail of a failure"}, {"250 2.1.5 Flushed", "RSET", "Success"}, {"599 x", "NOOP", ""},
	} {
		r := reply.ParseFor([]byte(tt.raw+"\r\n"), []byte(tt.command))
		if got := Name(r); got != tt.want {
			t.Errorf("%q to %s: %q, want %q", tt.raw, tt.command, got, tt.want)
		}
	}
	if Name(nil) != "" {
		t.Error("nothing has a name")
	}
}
