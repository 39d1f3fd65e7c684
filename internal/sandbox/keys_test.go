package sandbox_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"smtpsh/internal/sandbox"
)

// onlyIn lists keys that the code uses in some profiles only.
var onlyIn = map[string]string{
	"no-argument": "plain", "bare-line-end": "plain", "bare-in-data": "plain",
	"no-such-list": "plain", "lhlo-only": "plain", "relay-denied": "plain",
	"ehlo-refused": "gmail", "auth-xoauth-dead": "gmail",
	"mx-relay-denied": "gmail", "mail-loop": "gmail", "duplicate-header": "gmail",
	"auth-app-password": "gmail",
}

// TestEveryKeyHasARow checks that the tables have a row for each key in the sources.
func TestEveryKeyHasARow(t *testing.T) {
	keys := map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	pattern := regexp.MustCompile(`(?:say\(|situation\(|refusal\{|return |key = )"([a-z]+(?:-[a-z0-9]+)+|noop|rset|help|quit|vrfy|helo)"`)
	for _, f := range files {
		if matched, _ := filepath.Match("*_test.go", f); matched {
			continue
		}
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range pattern.FindAllStringSubmatch(string(src), -1) {
			keys[m[1]] = true
		}
	}
	if len(keys) < 40 {
		t.Fatalf("only %d keys were found in the sources", len(keys))
	}
	for _, name := range []string{"gmail", "plain"} {
		p, err := sandbox.LookupProfile(name)
		if err != nil {
			t.Fatal(err)
		}
		rows := map[string]bool{}
		for _, s := range p.Situations() {
			rows[s.Key] = true
		}
		for k := range keys {
			if only, ok := onlyIn[k]; !rows[k] && (!ok || only == name) {
				t.Errorf("%s has no reply for %s", name, k)
			}
		}
	}
}
