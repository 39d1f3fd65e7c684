package repl_test

import (
	"strings"
	"testing"
)

// A session that Lua assigns to s becomes the current session, or a note says why not.
func TestSessionInGlobalSBecomesCurrent(t *testing.T) {
	for _, tt := range []struct {
		lines string
		want  []string
		not   string
	}{
		{
			":lua s = smtp.open(\"sandbox:plain\")\nNOOP\n:connections\n:tls\n:caps",
			[]string{
				"s is session 2 of the prompt now, sandbox:plain",
				"[2] sandbox:plain TLS> NOOP", "> 2  sandbox:plain", "version",
				"offered inside TLS",
			},
			"[lua 1] C: NOOP",
		},
		{
			":lua s = smtp.open(\"sandbox:plain\")\n:connections 1\n:connections\n:connections close 2\nNOOP",
			[]string{"> 1  sandbox:gmail", "S: 250 2.0.0 OK"}, "",
		},
		{
			":lua s = smtp.connect(\"sandbox:plain\")\nEHLO me\n=s:has(\"SIZE\")\n:why",
			[]string{"[2] sandbox:plain no TLS> EHLO me", "=  \"67108864\""},
			"keeps its own",
		},
		{
			":lua t = smtp.open(\"sandbox:plain\")\nNOOP\n:lua s = t\nNOOP",
			[]string{"sandbox:gmail no TLS> NOOP", "[2] sandbox:plain TLS> NOOP"}, "",
		},
		{":lua one = s; s = smtp.open(\"sandbox:plain\")\n:lua s = one\n:connections", []string{"> 1  sandbox:gmail"}, ""},
		{":lua s = 5\n:lua s = 6\nNOOP", []string{"s is not a session but a value of type number", "S: 250 2.0.0 OK"}, ""},
		{
			":lua s = smtp.open(\"sandbox:plain\"); s:close()\nNOOP\n=s.peer",
			[]string{"*  the session in s is closed; the prompt keeps its", "S: 250 2.0.0 OK"},
			"[2]",
		},
		{"QUIT\n:lua s = smtp.open(\"sandbox:plain\")\nNOOP", []string{"[2] sandbox:plain TLS> NOOP"}, ""},
		{
			":lua s = smtp.open(\"sandbox:plain\"); smtp.spawn(function() s:eof(5) end); smtp.sleep(0.05)\nNOOP",
			[]string{"*  another task is using the session in s; the prompt"},
			"[2]",
		},
		{
			":lua local s = smtp.open(\"sandbox:plain\")\nNOOP",
			[]string{"*  the prompt uses only a session in the global s, for", "sandbox:gmail no TLS> NOOP"},
			"[2]",
		},
		{":lua t = smtp.open(\"sandbox:plain\")\n:lua x = 1\nNOOP", []string{"*  the prompt uses only a session in the global s, for"}, "[2]"},
		{":lua s = nil\nNOOP", []string{"a value of type nil"}, "nothing"},
		{"=smtp.open(\"sandbox:plain\"):close()", []string{"[lua 1]"}, "takes only"},
		{":lua x = 1\n=x\n=s.peer", []string{"=  1"}, "prompt keeps"},
	} {
		out, err := play(t, &person{terminal: true, typed: append(strings.Split(tt.lines, "\n"), ":q")}, "sandbox:gmail")
		for _, want := range tt.want {
			if err != nil || !strings.Contains(out, want) {
				t.Errorf("%q: lacks %q: %v\n%s", tt.lines, want, err, out)
			}
		}
		if tt.not != "" && strings.Contains(out, tt.not) {
			t.Errorf("%q: has %q\n%s", tt.lines, tt.not, out)
		}
		if strings.Count(out, "takes only") > 1 {
			t.Errorf("%q: it is said twice\n%s", tt.lines, out)
		}
		if strings.Count(out, "s is not a session but a value of type number") > 1 {
			t.Errorf("%q: it is said twice", tt.lines)
		}
	}
	// it ends with QUIT, like the other sessions of the prompt
	out, err := play(t, &person{typed: []string{`:lua s = smtp.open("sandbox:plain")`}}, "sandbox:gmail")
	if err != nil || strings.Count(out, "C: QUIT") != 2 {
		t.Errorf("%v\n%s", err, out)
	}
}
