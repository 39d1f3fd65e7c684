package sandbox_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"smtpsh/internal/sandbox"
)

// transcript describes how a recorded session is replayed. The year at the end of its file
// name selects the profile.
type transcript struct {
	service string
	years   []int    // possible years of the session, if the file name has none
	prelude string   // dialogue before the recorded lines
	change  []string // pairs that replace anonymised texts
}

const login = "C: AUTH PLAIN AGFsaWNlQGdtYWlsLmNvbQBhYmNkZWZnaGlqa2xtbm9w\nS: 235"

var transcripts = map[string]transcript{
	"01-587-mail-before-starttls-2024-11.txt": {service: "submission"},
	"02-587-ehlo-after-starttls-2024-11.txt":  {service: "submission", prelude: "S: 220\nC: EHLO x\nS: 250\nC: STARTTLS!"},
	"04-465-noop-first-auth-login-send-2026-06.txt": {service: "submissions", change: []string{
		"<base64 user name>", b64("alice@gmail.com"), "<base64 app password>", b64("abcd efgh ijkl mnop")}},
	"05-465-auth-login-swaks-2020-04.txt": {service: "submissions", change: []string{
		"<base64 user name>", b64("alice@gmail.com"), "<base64 password>", b64("abcdefghijklmnop")}},
	"07-465-bdat-last-2015-05.txt": {service: "submissions",
		prelude: "S: 220\nC: EHLO x\nS: 250\n" + login + "\nC: MAIL FROM:<a@example.com>\nS: 250\nC: RCPT TO:<b@example.com>\nS: 250"},
	"08-465-xoauth2-failure-2012-10.txt": {service: "submissions", change: []string{
		"<base64 initial response with a bad token>", b64("user=dave@gmail.com\x01auth=Bearer ya29.dave-expired\x01\x01")}},
	"10-465-web-login-required-2014-08.txt": {service: "submissions", change: []string{
		"<base64>", b64("\x00erin@gmail.com\x00eeeeffffgggghhhh")}},
	"11-465-auth-login-bad-password-2021-04.txt": {service: "submissions", change: []string{
		"<base64 user name>", b64("alice@gmail.com"), "<base64 password>", b64("wrong")}},
	// it has no date; its SIZE is that of 2018 and later, PIPELINING came in 2014
	"13-25-mx-recipient-check.txt":          {service: "mx", years: []int{2018, 2020, 2023, 2024}},
	"15-25-mx-bad-mail-syntax-2023.txt":     {service: "mx"},
	"17-587-relay-without-auth-2020-03.txt": {service: "relay"},
	"19-25-help-2008-11.txt":                {service: "mx"},
	"20-tls-wrong-order-2010-04.txt": {service: "submissions", change: []string{
		"<base64 user name>", b64("alice@gmail.com"), "<base64 password>", b64("abcdefghijklmnop")}},
	"21-465-auth-plain-session-2016-10.txt": {service: "submissions", change: []string{
		"<base64 of NUL user NUL password>", b64("\x00alice@gmail.com\x00abcdefghijklmnop")}},
	"24-25-mx-swaks-2018-03.txt": {service: "mx"},
}

// fragments of transcript 22, in the order of the file.
var fragments = []transcript{
	{years: []int{2013}, service: "mx", prelude: rcptPrelude("a@example.com"), change: []string{"carol@", "inactive-user@"}},
	{years: []int{2023, 2024}, service: "mx", prelude: rcptPrelude("a@example.com"), change: []string{"carol@", "inactive-user@"}},
	{years: []int{2015}, service: "mx", prelude: dataPrelude("a@example.com", "blocked-content")},
	{years: []int{2024}, service: "mx", prelude: dataPrelude("a@email.example.jp", "spf-hard-fail")},
	{years: []int{2024}, service: "mx", prelude: dataPrelude("a@example.jp", "dmarc-reject")},
}

// yearIn matches the year in the name of a transcript, as in ...-2016-10.txt.
var yearIn = regexp.MustCompile(`-(20[0-9]{2})(-[0-9]{2})?\.txt$`)

// yearsOf returns the possible years of a recorded session.
func (tr transcript) yearsOf(t *testing.T, name string) []int {
	if m := yearIn.FindStringSubmatch(name); m != nil && !strings.HasPrefix(name, "22-") {
		year, err := strconv.Atoi(m[1])
		if err != nil || len(tr.years) > 0 {
			t.Fatalf("%s: the year stands in the name", name)
		}
		return []int{year}
	}
	if len(tr.years) == 0 {
		t.Fatalf("%s has no year", name)
	}
	return tr.years
}

// profileOf returns the profile of a year.
func profileOf(t *testing.T, year int) string {
	for name, period := range sandbox.GmailPeriods {
		if period[0] <= year && year <= period[1] {
			return name
		}
	}
	t.Fatalf("no profile is of %d", year)
	return ""
}

func rcptPrelude(from string) string {
	return "S: 220\nC: EHLO x\nS: 250\nC: MAIL FROM:<" + from + ">\nS: 250"
}

func dataPrelude(from, situation string) string {
	return rcptPrelude(from) + "\nC: RCPT TO:<" + situation + "@gmail.com>\nS: 250\nC: DATA\nS: 354\nC: Subject: x"
}

var (
	idAtEnd  = regexp.MustCompile(` (SESSIONID|[0-9a-z-]+\.[0-9a-f]{1,3})( - gsmtp)?$`)
	address  = regexp.MustCompile(`\[[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+\]`)
	unixTime = regexp.MustCompile(`\b1[0-9]{9}\b`)
)

// mask hides only the parts of a line that differ between sessions.
func mask(line string) string {
	line = idAtEnd.ReplaceAllString(line, " ID$2")
	line = address.ReplaceAllString(line, "[ADDR]")
	return unixTime.ReplaceAllString(line, "TIME")
}

// TestRecordedTranscripts sends to the sandbox what the client sent to Google. The profile of
// the session's year must send exactly Google's replies, except for ids, addresses and times.
func TestRecordedTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) != len(transcripts)+1 {
		t.Fatalf("%d transcripts in testdata, %d set up (%v)", len(files), len(transcripts)+1, err)
	}
	for _, f := range files {
		name := filepath.Base(f)
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(name, "22-") {
			parts := splitFragments(string(text))
			if len(parts) != len(fragments) {
				t.Fatalf("%s has %d fragments, %d are set up", name, len(parts), len(fragments))
			}
			for i, p := range parts {
				for _, year := range fragments[i].yearsOf(t, name) {
					t.Run(name+"/"+string(rune('a'+i))+"/"+profileOf(t, year), func(t *testing.T) { replay(t, profileOf(t, year), fragments[i], p) })
				}
			}
			continue
		}
		tr, ok := transcripts[name]
		if !ok {
			t.Errorf("%s has no entry in the table", name)
			continue
		}
		for _, year := range tr.yearsOf(t, name) {
			t.Run(name+"/"+profileOf(t, year), func(t *testing.T) { replay(t, profileOf(t, year), tr, string(text)) })
		}
	}
}

// splitFragments cuts at comment lines that come after a server line.
func splitFragments(text string) []string {
	var out []string
	seen := false
	for l := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(l, "#"):
			seen = false
			continue
		case !seen:
			out = append(out, "")
			seen = true
		}
		out[len(out)-1] += l
	}
	return out
}

func replay(t *testing.T, profile string, tr transcript, text string) {
	s := start(t, profile)
	c := dial(t, s, tr.service)
	c.dialogue(s, tr.prelude)
	compared := 0
	for l := range strings.Lines(text) {
		l = strings.TrimSuffix(l, "\n")
		switch {
		case strings.HasPrefix(l, "#"):
		case strings.HasPrefix(l, "C: "):
			say := strings.NewReplacer(tr.change...).Replace(strings.TrimPrefix(l, "C: "))
			switch {
			case say == "<header and body lines>":
				say = "Subject: test\r\n\r\nbody"
			case strings.HasPrefix(say, "<30304 octets"):
				c.write(strings.Repeat("x", 30304))
				continue
			case strings.Contains(say, "<base64"):
				t.Fatalf("the table has no entry for %q", l)
			}
			c.write(say + "\r\n")
		case strings.HasPrefix(l, "S: "):
			want := mask(strings.TrimPrefix(l, "S: "))
			if got := mask(c.line()); got != want {
				t.Fatalf("want %q\n got %q", want, got)
			}
			compared++
		default:
			t.Fatalf("line %q", l)
		}
	}
	if compared == 0 {
		t.Fatal("no server line was compared")
	}
}
