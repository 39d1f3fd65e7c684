package explain_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"smtpsh/engine/reply"
	"smtpsh/internal/explain"
)

func TestWords(t *testing.T) {
	for word, want := range map[string]string{
		"550": "550  ", "5.7.26": "5.7.26  ", "x.7.26": "x.7.26  ",
		"CHUNKING": "an extension", "chunking": "an extension", "RCPT": "a command",
		"XOAUTH2": "a way to log in",
		"SIZE":    "a parameter of MAIL", "550 5.7.1": "5.7.1  ", "555": "555  ",
		"587": "a port", "512": "a limit", "null mx": "a term of mail", "sandbox": "a word of smtpsh",
		"599": "no standard names", "5.99.99": "not in the registry",
		"AUTH":  "a parameter of MAIL",
		"2.X.X": "Success", "4.x.x": "transient failure",
		"5.7.X": "Security or policy", "x.1.x": "Addressing",
		"2.5.2": "Success", "4.1.1": "transient failure", "2.1.5": "2.X.X Success",
	} {
		var b strings.Builder
		if ok, err := explain.Word(&b, word); err != nil || !ok || !strings.Contains(b.String(), want) {
			t.Errorf("%s: %v, %v\n%s", word, ok, err, b.String())
		}
	}
	for _, word := range []string{"", "nothing", "5", "5.7", "1234", "199", "9.9.9", "X.X.X", "3.X.X", "9.7.X", "2.X", "2.X.1", "2.9.X"} {
		var b strings.Builder
		if ok, _ := explain.Word(&b, word); ok || b.Len() > 0 {
			t.Errorf("%q was explained:\n%s", word, b.String())
		}
	}
}

func TestExplanationsFitTheScreen(t *testing.T) {
	words := explain.Known()
	if len(words) < 120 {
		t.Fatalf("only %d words", len(words))
	}
	for _, word := range words {
		var b strings.Builder
		if ok, err := explain.Word(&b, word); !ok || err != nil {
			t.Errorf("%s is known but not explained: %v", word, err)
		}
		for l := range strings.Lines(b.String()) {
			l = strings.TrimSuffix(l, "\n")
			if utf8.RuneCountInString(l) > 100 && strings.Contains(strings.TrimSpace(l), " ") && !strings.HasPrefix(l, strings.ToUpper(word)) {
				t.Errorf("%s: a line of %d characters: %s", word, len(l), l)
			}
			if strings.TrimRight(l, " ") != l {
				t.Errorf("%s: spaces at the end of %q", word, l)
			}
		}
	}
}

// TestExplainKeepsTheClass: the explanation of an enhanced code with a class lists only
// reply codes of that class and never calls a success a failure.
func TestExplainKeepsTheClass(t *testing.T) {
	for _, st := range reply.EnhancedStatuses() {
		for _, class := range []string{"2", "4", "5"} {
			var b strings.Builder
			if ok, err := explain.Word(&b, class+st.Code[1:]); !ok || err != nil {
				t.Fatalf("%s is not explained", class+st.Code[1:])
			}
			for l := range strings.Lines(b.String()) {
				codes, isList := strings.CutPrefix(strings.TrimSpace(l), "with ")
				if !isList {
					continue
				}
				for c := range strings.SplitSeq(strings.TrimSpace(codes), ", ") {
					if c[0] >= '0' && c[0] <= '9' && c[:1] != class {
						t.Errorf("%s is said to come with %s", class+st.Code[1:], c)
					}
				}
			}
			if class == "2" && strings.Contains(b.String(), "Permanent failure") {
				t.Errorf("%s: %s", st.Code, b.String())
			}
		}
	}
}

func TestPhrases(t *testing.T) {
	for words, want := range map[string]string{
		"RCPT XOAUTH2": "RCPT|XOAUTH2", "null MX 550": "null MX|550", "550 5.7.26": "550|5.7.26",
		"one click unsubscribe DSN": "one click unsubscribe|DSN",
		"EHLO name null":            "EHLO name|null", "": "",
	} {
		if got := strings.Join(explain.Phrases(strings.Fields(words)), "|"); got != want {
			t.Errorf("%s: %s, want %s", words, got, want)
		}
	}
}

// For an unknown word the hint is the intended name or words by meaning, never a name that
// only looks a little like it.
func TestUnknownWords(t *testing.T) {
	for word, want := range map[string]string{
		"STARTLS": "did you mean STARTTLS?", "recieved": "did you mean Received?", "EHO": "did you mean EHLO?", "dkimm": "did you mean DKIM?",
		"newsletter": "related words: alignment, bulk sender", "DNSSEC": "related words: DANE",
		"xyzzy": "try a code", "DATE": "did you mean DATA?",
		"": "try a code", "\x1b[2J": "try a code",
	} {
		if got := explain.Unknown(word); !strings.HasPrefix(got, want) {
			t.Errorf("%q: %s, want %s", word, got, want)
		}
	}
}
