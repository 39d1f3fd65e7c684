package testscripts

import (
	"fmt"
	"strings"
	"testing"
)

// drawn returns the number of bytes that the screen has received.
func (x *terminal) drawn() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.raw.Len()
}

// A long pasted line is shown in part, is sent completely, and can be edited. The screen
// receives about as much as it shows.
func TestPastesLongLine(t *testing.T) {
	for _, tt := range []struct {
		name, before, after string
	}{
		{"in brackets", "\x1b[200~", "\x1b[201~"},
		{"without brackets", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := start(t, nil, "smtpsh", "sandbox:plain")
			x.atPrompt()
			from := x.drawn()
			x.keys(tt.before + `#"` + strings.Repeat("abcdefghij", 10_000) + `"` + tt.after)
			x.sees("…")
			x.keys("\x01=\x05 + 1\r")
			x.sees("=  100001")
			x.sees("characters of the line")
			if n := x.drawn() - from; n > 64<<10 {
				t.Errorf("the screen got %d bytes", n)
			}
			x.atPrompt()
			x.keys("\x1b[A\x7f2\r") // from the history
			x.sees("=  100002")
			x.leaves()
		})
	}
}

// A pasted message of many lines arrives unchanged.
func TestPastesLongMessage(t *testing.T) {
	x := start(t, nil, "smtpsh", "sandbox:plain")
	x.types("EHLO me", "MAIL FROM:<a@example.org>", "RCPT TO:<bob@sandbox.test>")
	x.keys("DATA\r")
	x.sees("data>")
	x.atPrompt()
	from := x.drawn()
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, "line %d\t%s\r\n", i, strings.Repeat("x", 90))
	}
	x.keys("\x1b[200~Subject: pasted\r\n\r\n" + b.String() + ".\r\n\x1b[201~")
	x.sees("message 1 accepted")
	if n := x.drawn() - from; n > 10*b.Len() {
		t.Errorf("the screen got %d bytes for %d", n, b.Len())
	}
	x.atPrompt()
	x.keys(`:lua local d = smtp.sandbox("sandbox:plain"):messages()[1].data print(select(2, d:gsub("line %d+\t" .. ("x"):rep(90) .. ` +
		`"\r\n", "")) .. " lines")` + "\r")
	x.sees("1000 lines")
	x.leaves()
}

// An error at the prompt repeats only a part of a long value.
func TestErrorsOfLongValuesAtThePrompt(t *testing.T) {
	x := start(t, nil, "smtpsh", "sandbox:plain")
	x.atPrompt()
	for _, row := range [][2]string{
		{`:lua error(("x"):rep(1000000))`, "bytes)"},
		{`:lua error(("word "):rep(200000))`, "bytes)"},
		{`:lua error({message = "short", hint = ("word "):rep(200000)})`, "typed: short"},
	} {
		l := row[0]
		from := x.drawn()
		x.keys(l + "\r")
		x.sees(row[1])
		x.atPrompt()
		if n := x.drawn() - from; n > 20<<10 { // most of it is the typed line
			t.Errorf("%s: the screen got %d bytes", l, n)
		}
		x.keys("\x0c")
		x.atPrompt()
	}
	x.leaves()
}
