package netrc

import (
	"strings"
	"testing"
)

// TestFind: entries of a file, and the errors of wrong ones.
func TestFind(t *testing.T) {
	const file = "# mail\nmachine mx.example.org login ann password one\n" +
		"machine mx.example.org\n\tlogin bob\n\tpassword \"two words \\\"\"\n" +
		"machine other.example.org password three\nmacdef init\ncd /\nmachine hidden password no\n\n" +
		"default login anybody password four\n"
	for name, tt := range map[string]struct{ file, machine, user, want string }{
		"the first of a machine": {file, "mx.example.org", "", "ann one"},
		"of a user":              {file, "MX.example.org", "bob", `bob two words "`},
		"without a user":         {file, "other.example.org", "carol", " three"},
		"the default":            {file, "unknown.example.org", "", "anybody four"},
		"not in a macro":         {file, "hidden", "", "anybody four"},
		"no entry":               {"machine a login b password c", "x", "", "none"},
		"of another user":        {"machine a login b password c", "a", "x", "none"},
		"an empty file":          {"", "a", "", "none"},
		"Windows line ends":      {"machine a login b password c\r\n", "a", "", "b c"},
		"no value":               {"machine a\nlogin", "a", "", "error: line 2: a value is missing after login"},
		"no machine":             {"login x", "a", "", "error: line 1: login must follow machine or default"},
		"another word":           {"machine a\nsecret-word", "a", "", "error: line 2: expected machine"},
		"an open quotation mark": {"machine a password \"secret", "a", "", "error: line 1: a quotation mark is not closed"},
	} {
		t.Run(name, func(t *testing.T) {
			l, ok, err := Find(tt.file, tt.machine, tt.user)
			got := l.User + " " + l.Password
			switch {
			case err != nil:
				got = "error: " + err.Error()
			case !ok:
				got = "none"
			}
			if !strings.HasPrefix(got, tt.want) || strings.Contains(got, "secret") {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// FuzzFind: no file makes the parser panic.
func FuzzFind(f *testing.F) {
	f.Add("machine a login b password \"c\\\"\"\nmacdef x\n\ndefault")
	f.Fuzz(func(_ *testing.T, text string) { Find(text, "a", "b") })
}
