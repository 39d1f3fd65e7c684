package docgen_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smtpsh/internal/docgen"
)

const dir = "../../docs/reference"

func TestReferenceIsFresh(t *testing.T) {
	pages, err := docgen.Pages()
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) < 8 {
		t.Fatalf("only %d pages", len(pages))
	}
	known := map[string]bool{}
	for _, p := range pages {
		known[p.Name] = true
		have, err := os.ReadFile(filepath.Join(dir, p.Name))
		if err != nil {
			t.Errorf("%v; run: go generate ./...", err)
			continue
		}
		if !bytes.Equal(have, p.Text) {
			t.Errorf("%s is stale at line %d; run: go generate ./...", p.Name, firstDifference(have, p.Text))
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !known[f.Name()] {
			t.Errorf("docs/reference/%s is not a generated page; remove it", f.Name())
		}
	}
}

func firstDifference(a, b []byte) int {
	la, lb := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
	for i := range min(len(la), len(lb)) {
		if la[i] != lb[i] {
			return i + 1
		}
	}
	return min(len(la), len(lb)) + 1
}
