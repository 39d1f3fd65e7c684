package luabind_test

import (
	"testing"

	"smtpsh/luabind"
	"smtpsh/luabind/all"
	"smtpsh/luabind/lint"
)

// Any text is compiled, checked or rejected, with a line number and without a crash.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{
		`print("\x41\r\n")`, "#!/usr/bin/smtpsh\nreturn 1", "\xef\xbb\xbfx = 1",
		`"\u{41}"`, `"\z x"`, "for", "a.b.c:d{}", "--[[ ]] x", `x = [==[ ]==]`,
		"goto a ::a::", "\x00", "((((((", `s:mail("a")`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 1<<12 {
			t.Skip()
		}
		_, err := luabind.Compile("f.lua", []byte(src))
		if _, cerr := lint.Check(all.Library(), "f.lua", []byte(src)); (err == nil) != (cerr == nil) {
			t.Fatalf("compiling says %v, checking says %v", err, cerr)
		}
	})
}
