package concepts_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"smtpsh/engine"
	"smtpsh/internal/concepts"
)

// source is the form of a source: documents, or a name and a year where no standard exists.
var source = regexp.MustCompile(`^(?:no standard|smtpsh|` + document + `)(?:; ` + document + `)*$`)

const document = `(?:RFC \d+(?: section \d+(?:\.\d+)*)?|CVE-\d+-\d+|IANA [A-Z][\w ]+|Internet-Draft [\w-]+|[A-Z][\w. ]+, (?:.*, )?\d{4})`

func TestEveryConceptIsComplete(t *testing.T) {
	seen := map[string]string{}
	groups := map[concepts.Group]int{}
	for _, c := range concepts.All() {
		groups[c.Group]++
		for _, f := range []struct{ what, text string }{
			{"definition", c.Definition}, {"example", c.Example}, {"what goes wrong", c.Wrong},
			{"lines to type", c.Here}, {"shows", c.Shows},
		} {
			if strings.TrimSpace(f.text) == "" {
				t.Errorf("%s: no %s", c.Name, f.what)
			}
		}
		if !source.MatchString(c.Source) {
			t.Errorf("%s: the source %q has no known form", c.Name, c.Source)
		}
		if strings.HasSuffix(c.Definition, ".") || strings.Contains(c.Definition, ". ") {
			t.Errorf("%s: the definition is not one sentence without a full stop: %s", c.Name, c.Definition)
		}
		for _, text := range []string{c.Text, c.Wrong} {
			if text != "" && !strings.HasSuffix(text, ".") {
				t.Errorf("%s: no full stop after %q", c.Name, text)
			}
		}
		for _, name := range append([]string{c.Name}, c.Also...) {
			if other := seen[strings.ToLower(name)]; other != "" {
				t.Errorf("%q names %s and %s", name, other, c.Name)
			}
			seen[strings.ToLower(name)] = c.Name
		}
	}
	for _, g := range concepts.Groups() {
		if groups[g] < 5 {
			t.Errorf("%s has %d concepts", g, groups[g])
		}
		delete(groups, g)
	}
	if len(groups) > 0 {
		t.Errorf("groups that are not listed: %v", groups)
	}
}

func TestLookup(t *testing.T) {
	for name, want := range map[string]string{
		"spf": "SPF", "Null-MX": "null MX", "  null   mx ": "null MX", "block lists": "block list", "RBL": "block list",
		"port 587": "587", "993": "143", "timeouts": "limits", "TLSA": "DANE", "<>": "null reverse-path", "dot stuffing": "dot-stuffing",
	} {
		if c, ok := concepts.Lookup(name); !ok || c.Name != want {
			t.Errorf("%q: %q, %v", name, c.Name, ok)
		}
	}
	for _, name := range []string{"", " ", "s", "nothing", "58", "5877"} {
		if c, ok := concepts.Lookup(name); ok {
			t.Errorf("%q is %s", name, c.Name)
		}
	}
}

func TestAboutFindsByMeaning(t *testing.T) {
	for word, want := range map[string]string{
		"newsletter": "bulk sender", "logo": "BIMI", "footer": "mailing list", "DNSSEC": "DANE",
		"signature": "DKIM", "complaints": "feedback loop",
	} {
		if got := concepts.About(word, 5); !slices.Contains(got, want) {
			t.Errorf("%s: %v does not have %s", word, got, want)
		}
	}
	if got := concepts.About("e", 5); len(got) > 0 {
		t.Errorf("one letter finds %v", got)
	}
}

func minutes(what string, n float64) string { return fmt.Sprintf("%s %g minutes", what, n) }

// The page of limits has the time limits that the engine uses.
func TestLimitsAreTheEngines(t *testing.T) {
	c, _ := concepts.Lookup("limits")
	d := engine.DefaultTimeouts
	for _, want := range []string{
		minutes("greeting", d.Greeting.Minutes()), minutes("MAIL and RCPT", d.Command.Minutes()), minutes("reply to DATA", d.Data.Minutes()),
		minutes("each block of the message", d.Block.Minutes()), minutes("reply to the end of the message", d.Final.Minutes()),
	} {
		if !strings.Contains(c.Text, want) {
			t.Errorf("%q is not in %q", want, c.Text)
		}
	}
}

// TestAbbreviationsHaveTheirLongForm: a name that is an abbreviation says what it stands
// for.
func TestAbbreviationsHaveTheirLongForm(t *testing.T) {
	abbreviation := regexp.MustCompile(`^[A-Z]{2,}(-[A-Z]+)?$`)
	found := 0
	for _, c := range concepts.All() {
		if !abbreviation.MatchString(c.Name) {
			continue
		}
		found++
		if c.Long == "" {
			t.Errorf("%s has no long form", c.Name)
		}
	}
	if found < 15 {
		t.Errorf("only %d abbreviations", found)
	}
}
