package message

import (
	"strings"
	"testing"
)

// TestFromText: the envelope of a finished message, and its bytes.
func TestFromText(t *testing.T) {
	const text = "From: Ann <ann@x.org>\nTo: bob@x.org, eve@x.org\nBcc: sue@x.org\nSubject: hi\n\nhello\n"
	for name, tt := range map[string]struct {
		text, from string
		to         []string
		want       string // from > recipients, or an error
		has, lacks string
	}{
		"from the header":       {text, "", nil, "ann@x.org > bob@x.org eve@x.org sue@x.org", "hello\r\n", "Bcc"},
		"given recipients":      {text, "", []string{"carol@x.org"}, "ann@x.org > carol@x.org", "Bcc: sue@x.org\r\n", ""},
		"the null reverse-path": {text, "<>", []string{"carol@x.org"}, " > carol@x.org", "From: Ann", ""},
		"another sender":        {text, "x@y.org", nil, "x@y.org > bob@x.org eve@x.org sue@x.org", "From: Ann", ""},
		"no recipient":          {"From: a@x.org\n\nx\n", "", nil, "error: no recipient", "", ""},
		"no sender":             {"To: a@x.org\n\nx\n", "", nil, "error: no sender", "", ""},
		"no header":             {"hello", "a@x.org", []string{"b@x.org"}, "error: ", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := FromText(tt.text, tt.from, tt.to)
			if wrong, ok := strings.CutPrefix(tt.want, "error: "); ok {
				if err == nil || !strings.Contains(err.Error(), wrong) {
					t.Errorf("%v, want %q", err, wrong)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := m.From + " > " + strings.Join(m.Rcpts, " "); got != tt.want {
				t.Errorf("envelope %q, want %q", got, tt.want)
			}
			if b := string(m.Bytes); !strings.Contains(b, tt.has) || tt.lacks != "" && strings.Contains(b, tt.lacks) ||
				strings.Count(b, "\n") != strings.Count(b, "\r\n") {
				t.Errorf("%q", b)
			}
		})
	}
}

// TestFitFinished: a finished message is encoded differently only for a server that cannot take it.
func TestFitFinished(t *testing.T) {
	m, err := FromText("From: a@x.org\nTo: b@x.org\nSubject: grüße\nContent-Type: text/plain; charset=utf-8\n\nschön\n", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := m.Fit(Accepts{UTF8: true, EightBit: true}); err != nil || string(b) != string(m.Bytes) {
		t.Errorf("%q, %v", b, err)
	}
	b, err := m.Fit(Accepts{})
	if err != nil || strings.ContainsFunc(string(b), func(r rune) bool { return r > 127 }) || !strings.Contains(string(b), "=?utf-8?") {
		t.Errorf("%q, %v", b, err)
	}
}
