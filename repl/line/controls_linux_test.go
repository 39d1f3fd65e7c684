package line

import (
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"
)

// within adds the begin and end markers that a terminal sends with a paste.
func within(s string) string { return strings.Replace(bracketed, "%", s, 1) }

// No byte of a paste is a key. The line contains every byte, the screen gets no control
// character, and the line is not drawn for every character.
func TestPasteContainsNoKeys(t *testing.T) {
	var all strings.Builder
	for c := range byte(0x20) {
		if !lineEnd(c) {
			all.WriteByte(c)
		}
	}
	all.WriteString("\x7f\u009b31m\u202e\u200b")
	for _, tt := range []struct{ name, typed, want string }{
		{"every control byte", within("NOOP " + all.String() + " end"), "NOOP " + all.String() + " end"},
		{"every control byte twice, with no text", within(all.String() + all.String()), all.String() + all.String()},
		{"one byte alone", within("\x03"), "\x03"},
		{"the end of input on an empty line", within("\x04"), "\x04"},
		{"one letter", within("x"), "x"},
		{"nothing", within(""), ""},
		{"a key Up", "NO" + within("\x1b[A") + "OP", "NO\x1b[AOP"},
		{
			"colours",
			within("NOOP " + strings.Repeat("\x1b[1;31mred\x1b[0m text ", 5500)),
			"NOOP " + strings.Repeat("\x1b[1;31mred\x1b[0m text ", 5500),
		},
		{"titles", within(strings.Repeat("\x1b]0;x\x07", 3333)), strings.Repeat("\x1b]0;x\x07", 3333)},
		{"form feeds", within(strings.Repeat("\f", 20000)), strings.Repeat("\f", 20000)},
		{"keys Up", within(strings.Repeat("\x1b[A", 20000)), strings.Repeat("\x1b[A", 20000)},
		{"ends of input", within(strings.Repeat("\x04", 20000)), strings.Repeat("\x04", 20000)},
		{"a bracket that is none", within("a\x1b[201b\x1b[20\x1b[201"), "a\x1b[201b\x1b[20\x1b[201"},
		{"a first bracket within", within("a\x1b[200~b"), "a\x1b[200~b"},
		{"after half a key", "ab\x1b" + within("NOOP\x03"), "abNOOP\x03"},
		{"taken away with keys", within("ab\x03\x04") + "\x7f\x7f", "ab"},
		{"in a search of the history", "\x12" + within("first one"), "the first one"},
		{"in a search of the history, with controls", "\x12first o" + within("\x1b[A"), "the first one\x1b[A"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := openTTY(t)
			r := open(t, p, "")
			defer r.Close()
			r.Remember("the first one")
			r.Remember("another")
			p.pastes(tt.typed + "\r")
			if got, err := r.ReadLine("> "); err != nil || got != tt.want {
				t.Fatalf("%d bytes, %v, want %d: %.120q", len(got), err, len(tt.want), got)
			}
			if strings.Count(tt.want, "\x03") == 1 {
				p.sees("␃")
			}
			p.mu.Lock()
			screen := p.screen.String()
			p.mu.Unlock()
			if len(screen) > 32<<10 {
				t.Errorf("the screen got %d bytes", len(screen))
			}
			for _, drawn := range []string{"\x1b[1;31m", "\x1b]", "\f", "\x1b[A" + "\x1b[A", "\x04", "\x03", "\u009b", "\u202e", "\x1b[200~"} {
				if strings.Contains(screen, drawn) {
					t.Errorf("%q was drawn", drawn)
				}
			}
		})
	}
}

// Only line ends end the lines of a paste. After the paste, keys work again.
func TestOnlyLineEndsEndPastedLines(t *testing.T) {
	p := openTTY(t)
	r := open(t, p, "")
	defer r.Close()
	p.pastes(within("NOOP \x03\r\nRSET\x00\rVRFY\n\n\x1b[A") + "\x7f\x7f\x7f!\r")
	for _, want := range []string{"NOOP \x03", "RSET\x00", "VRFY", "", "!"} {
		read(t, r, "> ", want)
	}
	p.types("\x04")
	if _, err := r.ReadLine("> "); err != io.EOF {
		t.Fatalf("^D: %v", err)
	}
}

// A recalled line with control characters is drawn without them.
func TestHistoryDrawsNoControlCharacters(t *testing.T) {
	p := openTTY(t)
	r := open(t, p, "")
	defer r.Close()
	r.Remember("NOOP \x1b]0;x\x07\x1b[2J")
	p.types("\x1b[A\r")
	read(t, r, "> ", "NOOP \x1b]0;x\x07\x1b[2J")
	p.sees("␛]0;x␇␛[2J")
	p.mu.Lock()
	defer p.mu.Unlock()
	if strings.Contains(p.screen.String(), "\x1b]") {
		t.Errorf("%q", p.screen.String())
	}
}

// ^C after a silence ends a paste without an end marker. Lines can be typed again.
func TestCtrlCEndsUnterminatedPaste(t *testing.T) {
	p := openTTY(t)
	r := open(t, p, "")
	defer r.Close()
	p.pastes("\x1b[200~NOOP\rhalf a line\x04\x1b[20")
	read(t, r, "> ", "NOOP")
	k := r.(*terminal).keys
	go func() {
		p.sees("half a line␄")
		k.mu.Lock()
		k.lull = 0
		k.mu.Unlock()
		p.types("\x03")
	}()
	if got, err := r.ReadLine("> "); !errors.Is(err, ErrInterrupt) {
		t.Fatalf("%q, %v", got, err)
	}
	p.sees("the paste had no end")
	p.types("x\x7fRSET\r")
	read(t, r, "> ", "RSET")
}

// A pasted line beyond MaxLine is ignored, and the next line is read.
func TestIgnoresTooLongPastedLine(t *testing.T) {
	p := openTTY(t)
	r := open(t, p, "")
	defer r.Close()
	p.pastes(within("NOOP " + strings.Repeat("x", MaxLine+100) + "\r\nRSET\r\n"))
	if got, err := r.ReadLine("> "); !errors.Is(err, ErrInterrupt) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	p.sees("longer than 1 048 576 bytes and is ignored")
	read(t, r, "> ", "RSET")
	k := r.(*terminal).keys
	k.mu.Lock()
	defer k.mu.Unlock()
	if cap(k.pending) > 4*MaxLine {
		t.Errorf("%d bytes are kept", cap(k.pending))
	}
	for c, part := range k.folds.parts {
		if len(part) > MaxLine {
			t.Errorf("%U stands for %d bytes", c, len(part))
		}
	}
}

// The end marker of a paste is not a part of the pasted password.
func TestPasswordFromPaste(t *testing.T) {
	for typed, want := range map[string]string{
		within("AUTH LOGIN\r\nhunter2") + "\r":   "hunter2",
		within("AUTH LOGIN\rhunter2\r"):          "hunter2",
		within("AUTH LOGIN\nhunt\x03\x7f\x04er"): "hunt\x03\x7f\x04er",
	} {
		p := openTTY(t)
		r := open(t, p, "")
		p.pastes(typed)
		read(t, r, "> ", "AUTH LOGIN")
		if !strings.HasSuffix(typed, "\r") && !strings.HasSuffix(typed, "\r"+pasteEnd) {
			p.types("\r")
		}
		if got, err := r.Password("password: "); err != nil || got != want {
			t.Errorf("%q: %q, %v", typed, got, err)
		}
		p.types("RSET\r")
		read(t, r, "> ", "RSET")
		r.Close()
	}
}

// A special character is shown as another one, one column wide.
func TestPictureOfSpecialCharacters(t *testing.T) {
	for c := range rune(0x2100) {
		if !special(c) {
			continue
		}
		if got := picture(string(c)); special(got) || !unicode.IsPrint(got) {
			t.Errorf("%U is shown as %U", c, got)
		}
	}
}

// While a line of a paste runs, later bytes of the paste are not signals, and ^C drops the
// rest of the paste.
func TestReadsRestOfPasteBeforeReturningLine(t *testing.T) {
	p := openTTY(t)
	r := open(t, p, "")
	defer r.Close()
	var lines []string
	for range 1000 {
		lines = append(lines, "NOOP \x03\x1a\x1c "+strings.Repeat("x", 20))
	}
	p.pastes(within(strings.Join(lines, "\r") + "\r"))
	for i, want := range lines[:500] {
		if i == 1 { // the terminal has no bytes left that could be signals
			if n := waiting(r.(*terminal).fd); n > 0 {
				t.Fatalf("%d bytes of the paste are not read", n)
			}
		}
		read(t, r, "> ", want)
	}
	r.(*terminal).interrupted()
	p.sees("the rest of the paste is ignored, lines: 500")
	p.types("RSET\x7f\x7f\x7f\x7fNOOP\r")
	read(t, r, "> ", "NOOP")
}
