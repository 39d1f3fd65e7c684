package docgen_test

import (
	"regexp"
	"testing"

	"smtpsh/internal/docgen"
)

// TestReferenceIsInPlainEnglish fails if a page contains a phrase that readers had to read
// twice.
func TestReferenceIsInPlainEnglish(t *testing.T) {
	riddles := regexp.MustCompile(`(?i)\bso-manieth|\bso many\b|\bserver bears|\bstay here\b|\bsaid in EHLO|\bno run may fail|\bserver ` +
		`wants\b|\bgo on with a server\b`)
	pages, err := docgen.Pages()
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) < 8 {
		t.Fatalf("only %d pages", len(pages))
	}
	for _, p := range pages {
		for _, found := range riddles.FindAllString(string(p.Text), -1) {
			t.Errorf("%s says %q", p.Name, found)
		}
	}
}
