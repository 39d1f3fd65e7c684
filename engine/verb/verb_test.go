package verb

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// rfcItem is the form of one item in an RFC field that cites an RFC.
var rfcItem = regexp.MustCompile(`^RFC \d{3,4}( (section \d+(\.\d+)*|appendix [A-Z](\.\d+)*))?$`)

// checkRFC verifies the form of every item that cites an RFC, and that there
// is at least one unless the source is a vendor or a draft.
func checkRFC(t *testing.T, key, field string, other bool) {
	t.Helper()
	for _, item := range strings.Split(field, "; ") {
		if strings.HasPrefix(item, "RFC") && !rfcItem.MatchString(item) {
			t.Errorf("%s: RFC item %q has an unexpected form", key, item)
		}
	}
	if field == "" || !other && !strings.HasPrefix(field, "RFC ") {
		t.Errorf("%s: no RFC in %q", key, field)
	}
}

// checkText verifies that a field is filled, trimmed and plain ASCII, and
// that it ends with a full stop exactly when it is prose.
func checkText(t *testing.T, key, field string, prose bool) {
	t.Helper()
	if field == "" || field != strings.TrimSpace(field) {
		t.Errorf("%s: field is empty or padded: %q", key, field)
	}
	if strings.HasSuffix(field, ".") != prose {
		t.Errorf("%s: wrong end: %q", key, field)
	}
	if strings.ContainsFunc(field, func(r rune) bool { return r < ' ' || r > '~' }) {
		t.Errorf("%s: field is not plain ASCII: %q", key, field)
	}
}

func checkCodes(t *testing.T, key string, codes []int, low, high int) {
	t.Helper()
	if len(codes) == 0 || !slices.IsSorted(codes) || len(slices.Compact(slices.Clone(codes))) != len(codes) {
		t.Errorf("%s: codes %v are missing, unsorted or repeated", key, codes)
	}
	for _, code := range codes {
		if code < low || code > high {
			t.Errorf("%s: code %d is outside %d to %d", key, code, low, high)
		}
	}
}

func TestVerbsAreComplete(t *testing.T) {
	want := strings.Fields("EHLO HELO LHLO STARTTLS AUTH NOOP HELP VRFY EXPN QUIT MAIL RCPT DATA BDAT RSET " +
		"ETRN ATRN TURN SEND SOML SAML BURL XCLIENT XFORWARD")
	var names []string
	rare := 0
	for _, v := range Verbs() {
		names = append(names, v.Name)
		if v.Rare {
			rare++
		}
		checkText(t, v.Name, v.Syntax, false)
		checkText(t, v.Name, v.Summary, false)
		checkText(t, v.Name, v.Explain, true)
		checkText(t, v.Name, v.Try, true)
		checkText(t, v.Name, v.Example, false)
		checkRFC(t, v.Name, v.RFC, strings.HasPrefix(v.Name, "X"))
		checkCodes(t, v.Name+" OK", v.OK, 200, 399)
		checkCodes(t, v.Name+" Fail", v.Fail, 400, 599)
		for _, line := range []string{v.Syntax, v.Example} {
			if line != v.Name && !strings.HasPrefix(line, v.Name+" ") {
				t.Errorf("%s: line %q does not begin with the verb", v.Name, line)
			}
		}
		if v.Phases == 0 || v.Phases&Data != 0 || !Any.Has(v.Phases) {
			t.Errorf("%s: phases %v", v.Name, v.Phases)
		}
		if v.Group != "anywhere" && v.Group != "last" {
			t.Errorf("%s: group %q", v.Name, v.Group)
		}
		if v.Extension != "" {
			ext, ok := LookupExtension(v.Extension)
			if !ok || !slices.Contains(ext.Verbs, v.Name) {
				t.Errorf("%s: extension %q is missing or does not name the verb", v.Name, v.Extension)
			}
		}
	}
	if !slices.Equal(names, want) {
		t.Errorf("verbs %v, want %v", names, want)
	}
	if rare != 9 {
		t.Errorf("%d rare verbs, want 9", rare)
	}
}

func TestLookup(t *testing.T) {
	for _, name := range []string{"RCPT", "rcpt", "Rcpt"} {
		if v, ok := Lookup(name); !ok || v.Name != "RCPT" {
			t.Errorf("%q: %q, %v", name, v.Name, ok)
		}
	}
	for _, name := range []string{"", " ", "RCPT TO", "RCPT ", "R", "XYZZY", "\x00"} {
		if v, ok := Lookup(name); ok {
			t.Errorf("%q: found %s", name, v.Name)
		}
	}
	for _, v := range Verbs() {
		if got, ok := Lookup(v.Name); !ok || !reflect.DeepEqual(got, v) {
			t.Errorf("%s: lookup gives %+v, %v", v.Name, got, ok)
		}
	}
}

func TestCallersCannotChangeTheTables(t *testing.T) {
	v, _ := Lookup("RCPT")
	v.OK[0], v.Fail[0] = 1, 1
	for _, v := range Verbs() {
		v.OK[0] = 1
	}
	e, _ := LookupExtension("DSN")
	e.Params[0] = "changed"
	for _, e := range Extensions() {
		if len(e.Verbs) > 0 {
			e.Verbs[0] = "changed"
		}
	}
	Params()[0].Name = "changed"
	if v, _ := Lookup("RCPT"); v.OK[0] == 1 || v.Fail[0] == 1 {
		t.Error("a caller changed a verb")
	}
	if e, _ := LookupExtension("DSN"); e.Params[0] == "changed" {
		t.Error("a caller changed the parameters of an extension")
	}
	if e, _ := LookupExtension("AUTH"); e.Verbs[0] == "changed" {
		t.Error("a caller changed the verbs of an extension")
	}
	if Params()[0].Name == "changed" {
		t.Error("a caller changed a parameter")
	}
}

func TestPhaseString(t *testing.T) {
	tests := []struct {
		phase Phase
		want  string
	}{
		{0, "none"},
		{Any, "any"},
		{Greeted, "greeted"},
		{Mail | Rcpt, "mail, rcpt"},
		{Rcpt | Chunks, "rcpt, chunks"},
		{Any | Data, "greeted, ready, mail, rcpt, data, chunks"},
		{1 << 7, "unknown"},
	}
	for _, tt := range tests {
		if got := tt.phase.String(); got != tt.want {
			t.Errorf("%d: %q, want %q", uint8(tt.phase), got, tt.want)
		}
	}
	if !Any.Has(Mail|Rcpt) || Any.Has(Data) || Mail.Has(Mail|Rcpt) {
		t.Error("Has compares wrongly")
	}
}

func TestParamsAreComplete(t *testing.T) {
	rows := Params()
	if len(rows) != 31 {
		t.Errorf("%d parameters, want 31", len(rows))
	}
	seen := map[string]bool{}
	for _, p := range rows {
		key := p.Verb + " " + p.Name + " of " + p.Extension
		if seen[key] {
			t.Errorf("%s: listed twice", key)
		}
		seen[key] = true
		checkText(t, key, p.Form, false)
		checkText(t, key, p.Summary, false)
		checkText(t, key, p.Example, false)
		checkRFC(t, key, p.RFC, slices.Contains([]string{"PRDR", "XVERP", "XOORG"}, p.Name))
		if !strings.HasPrefix(p.Form, p.Name) {
			t.Errorf("%s: form %q", key, p.Form)
		}
		if !strings.HasPrefix(p.Example, p.Verb+" ") || !strings.Contains(p.Example, " "+p.Name) {
			t.Errorf("%s: example %q", key, p.Example)
		}
		if _, ok := Lookup(p.Verb); !ok {
			t.Errorf("%s: no such verb", key)
		}
		ext, ok := LookupExtension(p.Extension)
		if !ok || !slices.Contains(ext.Params, p.Name) {
			t.Errorf("%s: extension is missing or does not name the parameter", key)
		}
		if !slices.Contains(LookupParam(strings.ToLower(p.Name)), p) ||
			!slices.Contains(ParamsOf(strings.ToLower(p.Verb)), p) {
			t.Errorf("%s: not found by name or verb", key)
		}
	}
}

// TestParamExamples checks the keyword=value form of RFC 5321 section 4.1.2.
func TestParamExamples(t *testing.T) {
	form := regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]*(=[!-<>-~]+)?$`)
	for _, p := range Params() {
		for _, word := range strings.Fields(p.Example)[2:] {
			if !strings.HasPrefix(word, "TO:") && !strings.HasPrefix(word, "FROM:") && !form.MatchString(word) {
				t.Errorf("%s: %q is not keyword=value", p.Name, word)
			}
		}
	}
}

func TestParamLookups(t *testing.T) {
	counts := map[string]int{"BODY": 2, "SMTPUTF8": 3, "SOLICIT": 2, "ALT-ADDRESS": 2, "UTF8REPLY": 2, "SIZE": 1, "": 0, "SIZE=1": 0}
	for name, want := range counts {
		if got := len(LookupParam(name)); got != want {
			t.Errorf("%q: %d rows, want %d", name, got, want)
		}
	}
	verbs := map[string]int{"MAIL": 21, "RCPT": 6, "VRFY": 2, "EXPN": 2, "DATA": 0, "": 0}
	for verb, want := range verbs {
		if got := len(ParamsOf(verb)); got != want {
			t.Errorf("%q: %d parameters, want %d", verb, got, want)
		}
	}
}

func TestExtensionsAreComplete(t *testing.T) {
	rows := Extensions()
	registered := 0
	seen := map[string]bool{}
	submissions := []string{"MUST", "SHOULD", "MAY", "MUST NOT", "only", "yes", "no"}
	for _, e := range rows {
		if e.Keyword == "" || e.Keyword != strings.ToUpper(e.Keyword) || seen[e.Keyword] {
			t.Errorf("keyword %q is empty, not in capitals or listed twice", e.Keyword)
		}
		seen[e.Keyword] = true
		if e.Registered {
			registered++
		}
		checkText(t, e.Keyword, e.Explain, true)
		checkText(t, e.Keyword, e.Try, true)
		checkRFC(t, e.Keyword, e.RFC, e.Standing == "vendor" || e.Standing == "expired draft")
		if e.Standing == "" || !slices.Contains(submissions, e.Submission) {
			t.Errorf("%s: standing %q, submission %q", e.Keyword, e.Standing, e.Submission)
		}
		if !strings.HasPrefix(e.Syntax, strings.Fields(e.Keyword)[0]) {
			t.Errorf("%s: syntax %q", e.Keyword, e.Syntax)
		}
		for _, name := range e.Params {
			if !slices.ContainsFunc(LookupParam(name), func(p Param) bool { return p.Extension == e.Keyword }) {
				t.Errorf("%s: parameter %s has no row", e.Keyword, name)
			}
		}
		for _, lookup := range []string{e.Keyword, strings.ToLower(e.Keyword)} {
			if got, ok := LookupExtension(lookup); !ok || !reflect.DeepEqual(got, e) {
				t.Errorf("%s: lookup gives %+v, %v", lookup, got, ok)
			}
		}
	}
	if len(rows) != 55 || registered != 34 {
		t.Errorf("%d extensions, %d of them registered; want 55 and 34", len(rows), registered)
	}
	for _, keyword := range []string{"", " ", "SIZE 1000", "SIZ", "XYZZY"} {
		if e, ok := LookupExtension(keyword); ok {
			t.Errorf("%q: found %s", keyword, e.Keyword)
		}
	}
}
