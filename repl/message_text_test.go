package repl_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Only the beginning of a long message is shown, with the number of missing bytes. The
// stored message is complete.
func TestShowsOnlyTheBeginningOfLongMessages(t *testing.T) {
	var b strings.Builder
	b.WriteString("Subject: long\n\n")
	for i := range 40000 {
		fmt.Fprintf(&b, "line %05d of a message that nobody reads to its end on a screen\n", i)
	}
	long := filepath.Join(t.TempDir(), "long.eml")
	if err := os.WriteFile(long, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	wide := filepath.Join(t.TempDir(), "wide.eml")
	if err := os.WriteFile(wide, []byte("Subject: wide\n\n"+strings.Repeat("x", 900)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	envelope := []string{"EHLO me", "MAIL FROM:<a@example.org>", "RCPT TO:<bob@sandbox.test>"}
	for _, tt := range []struct {
		name   string
		typed  []string
		most   int
		wants  []string
		misses string
	}{
		{
			"sent", []string{":send " + long}, 8 << 10,
			[]string{"line 00005", "more bytes of the message are not shown", "S: 250 2.0.0"},
			"line 39999",
		},
		{
			"typed",
			append([]string{"DATA"}, append(strings.Split(b.String(), "\n"), ".")...),
			8 << 10, []string{"line 00005", "more bytes of the message are not shown"},
			"line 39999",
		},
		{
			"in a chunk",
			append([]string{"BDAT 99000 LAST"}, slices.Repeat([]string{strings.Repeat("y", 97)}, 1000)...),
			8 << 10, []string{"more bytes of the message are not shown"}, "",
		},
		{
			":mailbox N", []string{":send " + long, ":mailbox 1"}, 40 << 10,
			[]string{"more bytes are not shown; :mailbox 1 all shows them"}, "line 39999",
		},
		{":mailbox N all", []string{":send " + long, ":mailbox 1 all"}, 4 << 20, []string{"line 39999"}, "more bytes are " +
			"not shown; :mailbox"},
		{"short", []string{":send " + wide, ":mailbox 1"}, 8 << 10, []string{strings.Repeat("x", 900)}, "not shown"},
		{"wrong argument", []string{":mailbox", ":mailbox 1 al"}, 8 << 10, []string{"no message"}, ""},
	} {
		out, err := play(t, &person{typed: append(append([]string(nil), envelope...), tt.typed...)}, "sandbox:plain/mx")
		if tt.name != "wrong argument" && err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if len(out) > tt.most {
			t.Errorf("%s: %d bytes are shown, want at most %d", tt.name, len(out), tt.most)
		}
		for _, want := range tt.wants {
			if !strings.Contains(out, want) {
				t.Errorf("%s: lacks %q\n%.3000s", tt.name, want, out)
			}
		}
		if tt.misses != "" && strings.Contains(out, tt.misses) {
			t.Errorf("%s: has %q", tt.name, tt.misses)
		}
	}
}

// :send last sends the text that was typed or edited last, and fails without one.
func TestSendLast(t *testing.T) {
	out, err := play(t, &person{terminal: true, typed: []string{
		":send last", "EHLO me", "MAIL FROM:<a@example.org>", "RCPT TO:<bob@sandbox.test>", "DATA", "Subject: once", "", "more", ".",
		"MAIL FROM:<a@example.org>", "RCPT TO:<bob@sandbox.test>", ":send last", ":mailbox 2", ":send ./last", ":q",
	}}, "sandbox:plain/mx")
	for _, want := range []string{"no message has been typed yet", "   Subject: once\n", "last: no such file"} {
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("lacks %q: %v\n%s", want, err, out)
		}
	}
}

// In a lesson its commands work without the colon. Other lines are sent as typed, and if
// the server does not know the command, a note names the command of the prompt.
func TestLessonCommandsNeedNoColon(t *testing.T) {
	for _, tt := range []struct {
		lines     string
		want, not string
	}{
		{":lesson 1\nhint", "running :hint", "C: hint"},
		{":lesson 1\nHINT", "running :hint", "C: HINT"},
		{":lesson 1\nskip", "running :skip", "C: skip"},
		{":lesson 1\nlesson list", "running :lesson list", "C: lesson"},
		{":lesson 15\nanswer something", "running :answer something", "C: answer"},
		{":lesson 1\nhint me", "500", "running :"},
		{":lesson 1\ncaps", "commands of the prompt begin with a colon: :caps", "running :"},
		{"hint", "commands of the prompt begin with a colon: :hint", "running :"},
		{"mailbox 1", "commands of the prompt begin with a colon: :mailbox", "running :"},
		{"XYZZY", "S: 500", "begin with a colon:"},
		{"EHLO me\nHELP", "S: 214", "begin with a colon:"},
	} {
		out, err := play(t, &person{terminal: true, typed: append(strings.Split(tt.lines, "\n"), ":q")}, "sandbox:plain")
		flat := strings.Join(strings.Fields(out), " ")
		if err != nil || !strings.Contains(flat, tt.want) || strings.Contains(flat, tt.not) {
			t.Errorf("%q: want %q, not %q: %v\n%s", tt.lines, tt.want, tt.not, err, out)
		}
	}
}

// An unknown file type is an error that lists the known types.
func TestSaveListsFileTypes(t *testing.T) {
	for _, lines := range []string{"NOOP\n:save x.foo", ":save x", "NOOP\n:save dir.d/x"} {
		out, err := play(t, &person{terminal: true, typed: append(strings.Split(lines, "\n"), ":q")}, "sandbox:plain")
		flat := strings.Join(strings.Fields(out), " ")
		for _, want := range []string{
			"unknown file type", ".smtp (a dialogue", ".lua (a Lua test",
			".jsonl (", ".txt (", ".html (", ".svg (",
		} {
			if err != nil || !strings.Contains(flat, want) {
				t.Errorf("%q: lacks %q: %v\n%s", lines, want, err, out)
			}
		}
	}
}
