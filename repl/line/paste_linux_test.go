package line

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// written counts the bytes written to the screen.
func (p *tty) written() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.screen.Len()
}

// pastes types a text while lines are read, because a terminal buffers only a few thousand
// bytes.
func (p *tty) pastes(s string) {
	p.t.Helper()
	from := p.written()
	go func() {
		for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
			p.mu.Lock()
			reads := strings.Contains(p.screen.String()[from:], pasteOn)
			p.mu.Unlock()
			if reads { // before that the terminal accepts at most 4095 bytes
				break
			}
		}
		p.types(s)
	}()
}

const bracketed = "\x1b[200~%\x1b[201~"

// A long paste arrives complete and is not drawn for every character, with and without
// paste markers.
func TestLongPasteIsComplete(t *testing.T) {
	alphabet := "abcdefghijklmnopqrstuvwxyz0123456789 漢ß😀."
	long := strings.Repeat(alphabet, 100<<10/len(alphabet))
	lines := strings.Split(strings.TrimRight(strings.Repeat("NOOP "+strings.Repeat("x", 74)+"\r", 1280), "\r"), "\r")
	for _, tt := range []struct {
		name   string
		typed  string
		want   []string
		screen int // at most, in bytes
	}{
		{"one line", long + "\r", []string{long}, 64 << 10},
		{"one line in brackets", strings.ReplaceAll(bracketed, "%", long) + "\r", []string{long}, 32 << 10},
		{"one line whose end is pasted", strings.ReplaceAll(bracketed, "%", long+"\r"), []string{long}, 32 << 10},
		{"many lines", strings.Join(lines, "\r") + "\r", lines, 1280 * 600},
		{"many lines in brackets", strings.ReplaceAll(bracketed, "%", strings.Join(lines, "\r\n")+"\r\n"), lines, 1280 * 600},
		{
			"a line as AUTH has them", "AUTH PLAIN " + strings.Repeat("QUJD", 2000) + "\r",
			[]string{"AUTH PLAIN " + strings.Repeat("QUJD", 2000)}, 16 << 10,
		},
		{"in two lines", long + "\r" + long + "\r", []string{long, long}, 128 << 10},
		{"twice in one line", strings.ReplaceAll(bracketed+bracketed, "%", long) + "\r", []string{long + long}, 64 << 10},
		{"edited at its end", strings.ReplaceAll(bracketed, "%", long) + "XY\x7fZ\r", []string{long + "XZ"}, 64 << 10},
		{
			"edited at its beginning",
			strings.ReplaceAll(bracketed, "%", long) + "\x01X\x1b[C\x1b[CY\r",
			[]string{"Xab" + "Y" + long[2:]}, 64 << 10,
		},
		{
			"behind a word",
			"NOOP \x1b[D\x1b[D\x1b[C" + strings.ReplaceAll(bracketed, "%", long) + "\x05!\r",
			[]string{"NOOP" + long + " !"}, 64 << 10,
		},
		{"taken away and given back", "A" + strings.ReplaceAll(bracketed, "%", long) + "\x01\x0bB\x19\r", []string{"BA" + long}, 64 << 10},
		{"tabs", strings.ReplaceAll(bracketed, "%", "a\tb\t\tc") + "\r", []string{"a\tb\t\tc"}, 4 << 10},
		{
			"characters that the editor uses",
			"\U000F0001\U000F0000x" + strings.ReplaceAll(bracketed, "%", "\U000F0000\U000F0001\U000FFFFD") + "\r",
			[]string{"\U000F0001\U000F0000x\U000F0000\U000F0001\U000FFFFD"}, 4 << 10,
		},
		{
			"no UTF-8",
			strings.ReplaceAll(bracketed, "%", strings.Repeat("\xe4\xf6", 20)) + "\r",
			[]string{strings.Repeat("\ufffd\ufffd", 20)}, 16 << 10,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := openTTY(t)
			r := open(t, p, "")
			defer r.Close()
			p.pastes(tt.typed)
			for i, want := range tt.want {
				got, err := r.ReadLine("> ")
				if err != nil || got != want {
					t.Fatalf("line %d: %d bytes, %v, want %d; %.80q", i, len(got), err, len(want), got)
				}
			}
			if n := p.written(); n > tt.screen {
				t.Errorf("the screen got %d bytes, more than %d", n, tt.screen)
			}
			if len(tt.want[0]) > maxEdited {
				p.sees("…")
				p.sees(" characters of the line")
			}
		})
	}
}

// The history returns a long line whole. In the next run it does so if the line is not
// too long for the file.
func TestHistoryReturnsLongLineWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	kept, long := strings.Repeat("kept ", 400), strings.Repeat("long ", 20000)
	p := openTTY(t)
	r := open(t, p, path)
	for _, l := range []string{"NOOP", kept, long, "RSET"} {
		r.Remember(l)
	}
	p.types("\x1b[A\x1b[A!\r")
	read(t, r, "> ", long+"!")
	p.types("\x12kept ke\r") // a search of the history
	if got, err := r.ReadLine("> "); got != kept {
		t.Fatalf("%d bytes, %v, want %d: %q", len(got), err, len(kept), got[len(got)-40:])
	}
	if n := p.written(); n > 64<<10 {
		t.Errorf("the screen got %d bytes", n)
	}
	r.Close()
	r = open(t, p, path)
	defer r.Close()
	for _, want := range []string{"RSET", kept, "NOOP"} {
		p.types(strings.Repeat("\x1b[A", map[string]int{"RSET": 1, kept: 2, "NOOP": 3}[want]) + "\r")
		read(t, r, "> ", want)
		r.KeepOut()
	}
}

// ^C discards a long line, and completion works with it.
func TestCtrlCDiscardsLongLine(t *testing.T) {
	p := openTTY(t)
	r := open(t, p, "")
	defer r.Close()
	go func() {
		p.sees("first> ")
		p.types(strings.Repeat("x", 5000) + "\t\x01\t\x05")
		p.sees("xx…xx")
		p.types("\x03")
		p.sees("second> ")
		p.types("NOOP\r")
	}()
	if got, err := r.ReadLine("first> "); err != ErrInterrupt {
		t.Fatalf("%q, %v", got, err)
	}
	read(t, r, "second> ", "NOOP")
}

func BenchmarkPaste(b *testing.B) {
	for name, text := range map[string]string{
		"line":  strings.Repeat("x", 100<<10) + "\r",
		"lines": strings.Repeat(strings.Repeat("x", 79)+"\r", 1280),
	} {
		b.Run(name, func(b *testing.B) {
			p := openTTY(b)
			r, err := NewTerminal(p.slave, p.slave, "", nil)
			if err != nil {
				b.Fatal(err)
			}
			defer r.Close()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				p.pastes(text)
				for range strings.Count(text, "\r") {
					if _, err := r.ReadLine("> "); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(p.written())/float64(b.N), "screen-bytes/op")
		})
	}
}
