package engine_test

import (
	"errors"
	"strings"
	"testing"

	"smtpsh/engine"
)

func TestWhatIsTooLongIsNotSent(t *testing.T) {
	s, _ := openSandbox(t, "plain", "submission", engine.Options{})
	if _, err := s.Ehlo(t.Context(), "me"); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		strings.Repeat("a", 64) + "@b.example": "",
		strings.Repeat("a", 65) + "@b.example": "local part has 65 octets",
		"a@" + strings.Repeat("b", 256):        "domain has 256 octets",
		"a@" + strings.Repeat("b", 253):        "path has 257 octets",
	} {
		_, err := s.Mail(t.Context(), address)
		if want == "" && err != nil || want != "" && (!errors.Is(err, engine.ErrUsage) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%.20s...: %v, want %q", address, err, want)
		}
		if _, err := s.Rset(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Ehlo(t.Context(), strings.Repeat("a", 256)); !errors.Is(err, engine.ErrUsage) {
		t.Errorf("a long name: %v", err)
	}
	// asked for by hand it goes out
	if r, err := s.Do(t.Context(), "MAIL FROM:<"+strings.Repeat("a", 300)+"@b.example>"); err != nil || r.Positive() {
		t.Errorf("%v, %v", r, err)
	}
}
