//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package testscripts

import (
	"strings"
	"testing"
	"unicode"
)

// A command line that cannot be completed is reported briefly and without control bytes:
// its words come from the user or from a script.
func TestCommandLineThatCannotBeCompleted(t *testing.T) {
	dir := t.TempDir()
	for name, words := range map[string][]string{
		"a title":                 {"run", "--\x1b]0;PWN\x07", ""},
		"a title as a short flag": {"run", "-\x1b]0;PWN\x07", ""},
		"a title as a value":      {"run", "--timeout", "\x1b]0;PWN\x07", ""},
		"a title to be completed": {"run", "--\x1b]0;PWN\x07"},
		"a title as a command":    {"\x1b]0;PWN\x07", "--nope", ""},
		"C1 and bidi":             {"run", "--\u009b31m\u202e", ""},
		"a long flag":             {"run", "--" + strings.Repeat("x", 100<<10), ""},
		"a long flag of controls": {"run", "--" + strings.Repeat("\x1b", 100<<10), ""},
		"a long value":            {"run", "--timeout", strings.Repeat("x", 100<<10), ""},
		"many words":              append(append([]string{"run", "--nope"}, strings.Fields(strings.Repeat("--nope=word ", 5000))...), ""),
	} {
		for _, request := range []string{"__complete", "__completeNoDesc", "--quiet __complete"} {
			errs, status := run(t, fileCommand(t, dir, `smtpsh `+request+` "$@" 2>&1 >/dev/null`, words...))
			if status != 0 || len(errs) > 2<<10 || !strings.Contains(errs, "directive") {
				t.Errorf("%s, %s: status %d, %d bytes: %.300q", name, request, status, len(errs), errs)
			}
			if i := strings.IndexFunc(errs, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
				t.Errorf("%s, %s: %q", name, request, errs[max(0, i-60):])
			}
		}
	}
}
