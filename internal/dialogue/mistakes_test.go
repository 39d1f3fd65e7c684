package dialogue_test

import (
	"fmt"
	"strings"
	"testing"

	"smtpsh/internal/dialogue"
)

// TestMistakesAreAllFound: a mistake hides no other one, and correct lines are no mistakes.
func TestMistakesAreAllFound(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"C: NOOP\nS: 250\n", ""},
		{"S: 25O\n:opne x\nC: NOOP\n", "1 2"},
		{"S: 250-a\nC: NOOP\nfoo\nS: 250\n", "1 3"},        // a reply without its end; the line after it is parsed too
		{"S: 250-a\n:wait abc\n", "1 2"},                   // two on consecutive lines
		{"S: 250-a\nS: 25O\nS: 250 b\nbar", "2 4"},         // in the middle of a reply
		{"C: ********\nC: x\nS: 250-y", "1 3"},             // a masked secret; a reply without its end
		{"C: VRFY {id}\nS: 250 {id}\nC: VRFY {id}\n", "1"}, // captured only later
		{"S: 220 {host} ...\nC: EHLO {host}\nC: {{x}} {date} {message-id}\nC: {var:a} {secret:b=c} {server:d}\n", ""},
		{"C: {foo:bar}\nC: {queue-id}\nS: 250 {queue_id}\n", "1 2"},
		{":include other.smtp\nC: VRFY {id}\n", ""}, // the included file can define it
		{":login user=ann pas=x\n:use\n:match words\n:write\nC: NOOP", "1 2 3 4"},
		{"# only a title\n", "1"},
	} {
		var at []string
		for _, m := range dialogue.Mistakes("d.smtp", c.text) {
			at = append(at, fmt.Sprint(m.Line))
		}
		if got := strings.Join(at, " "); got != c.want {
			t.Errorf("%q: mistakes at %q, want %q", c.text, got, c.want)
		}
	}
}

// TestDialoguesAreRecognised: by name in any case, or else by the first line that is not
// empty or a comment; never Lua.
func TestDialoguesAreRecognised(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       bool
	}{
		{"x.smtp", "", true},
		{"x.SMTP", "anything", true},
		{"a/x.Smtp", "", true},
		{"x.lua", "C: NOOP\nS: 250\n", false},
		{"stdin", "C: NOOP\nS: 250\n", true},
		{"stdin", "\n# title\n\nS: 220 ...\n", true},
		{"x.txt", "\ufeffC: NOOP\r\nS: 250\r\n", true},
		{"x.txt", "*  connected to mx\n0.001 S: 220 mx\n", true},
		{"x.txt", "[2] C: NOOP\n", true},
		{"x.txt", "mx C: NOOP\n", true},
		{"x.txt", ":open sandbox:plain\nC: NOOP\n", true},
		{"x.txt", "=== Trying 127.0.0.1:25...\n<-  220 mx\n -> EHLO me\n", true},
		{"stdin", "local s = smtp.open()\n-- C: NOOP\n", false},
		{"stdin", "-- a script\nC:noop()\n", false},
		{"stdin", "#!/usr/bin/env smtpsh run\nprint(1)\n", false},
		{"stdin", "::again::\nC: NOOP", false},
		{"stdin", "", false},
		{"x.txt", "Dear all,\nC: is a drive\n", false},
	} {
		if got := dialogue.Recognise(c.name, []byte(c.text)); got != c.want {
			t.Errorf("%s %q: %v", c.name, c.text, got)
		}
	}
}
