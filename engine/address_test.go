package engine_test

import (
	"errors"
	"strings"
	"testing"

	"smtpsh/engine"
)

func TestTooLongLinesAreNotSent(t *testing.T) {
	s, _ := openSandbox(t, "plain", "submission", engine.Options{})
	if _, err := s.Ehlo(t.Context(), "me"); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		strings.Repeat("a", 64) + "@b.example": "",
		strings.Repeat("a", 65) + "@b.example": "local part has 65 bytes",
		"a@" + strings.Repeat("b", 256):        "domain has 256 bytes",
		"a@" + strings.Repeat("b", 253):        "path has 257 bytes",
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
	// with Do it is sent
	if r, err := s.Do(t.Context(), "MAIL FROM:<"+strings.Repeat("a", 300)+"@b.example>"); err != nil || r.Positive() {
		t.Errorf("%v, %v", r, err)
	}
}

// A label that is too long as an A-label is an error wherever a name is converted.
func TestLongALabels(t *testing.T) {
	long := strings.Repeat("ü", 60) + ".example"
	fits := strings.Repeat("ü", 50) + ".example"
	whole := strings.Repeat("aaaaaaaaü.", 18) + "example"
	for _, offers := range []string{"S: 250 hi", "S: 250-hi\nS: 250 SMTPUTF8"} {
		s := open(t, fake(t, "S: 220 hi\nC: EHLO\n"+offers+"\nC: MAIL\nS: 250 ok\nC: RCPT\nS: 250 ok\nHANG"), engine.Options{})
		must(t, 250)(s.Ehlo(t.Context(), "me"))
		must(t, 250)(s.Mail(t.Context(), "a@"+fits))
		must(t, 250)(s.Rcpt(t.Context(), "b@"+fits+"."))
		for _, name := range []string{long, long + ".", whole} {
			_, rcpt := s.Rcpt(t.Context(), "a@"+name)
			_, mail := s.Mail(t.Context(), "a@"+name)
			_, ehlo := s.Ehlo(t.Context(), name)
			_, host := engine.ASCIIHost(name)
			for what, err := range map[string]error{"RCPT": rcpt, "MAIL": mail, "EHLO": ehlo, "ASCIIHost": host} {
				if err == nil || !strings.Contains(err.Error(), "RFC 1035") || what != "ASCIIHost" && !errors.Is(err, engine.ErrUsage) {
					t.Errorf("%s %.20s: %v", what, name, err)
				}
			}
		}
	}
}
