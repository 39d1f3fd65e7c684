package explain_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"smtpsh/internal/explain"
)

func TestWords(t *testing.T) {
	for word, want := range map[string]string{
		"550": "550  ", "5.7.26": "5.7.26  ", "x.7.26": "x.7.26  ", "CHUNKING": "an extension", "chunking": "an extension", "RCPT": "a command", "XOAUTH2": "a way to log in",
		"SIZE": "a parameter of MAIL", "550 5.7.1": "5.7.1  ", "555": "555  ", "599": "no standard names", "5.99.99": "not in the registry", "AUTH": "a parameter of MAIL",
	} {
		var b strings.Builder
		if ok, err := explain.Word(&b, word); err != nil || !ok || !strings.Contains(b.String(), want) {
			t.Errorf("%s: %v, %v\n%s", word, ok, err, b.String())
		}
	}
	for _, word := range []string{"", "nothing", "5", "5.7", "1234", "199", "9.9.9"} {
		var b strings.Builder
		if ok, _ := explain.Word(&b, word); ok || b.Len() > 0 {
			t.Errorf("%q was explained:\n%s", word, b.String())
		}
	}
}

func TestEverythingKnownFitsTheScreen(t *testing.T) {
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
