package line

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// A folded line is short and shows both ends and the part around the cursor. Expanding it
// returns the whole line.
func TestFoldShortensLongLines(t *testing.T) {
	long := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteRune('a' + rune(i%26))
		}
		return b.String()
	}
	for _, tt := range []struct {
		name  string
		text  string
		pos   int
		shown int
	}{
		{"empty", "", 0, 0},
		{"short", "NOOP", 2, 4},
		{"as long as may be", long(maxEdited), 7, maxEdited},
		{"one more", long(maxEdited + 1), 0, 2*unfolded + 1},
		{"cursor at the end", long(100_000), 100_000, 2*unfolded + 1},
		{"cursor at the beginning", long(100_000), 0, 2*unfolded + 1},
		{"cursor in the middle", long(100_000), 50_000, 4*unfolded + 2},
		{"cursor near the end", long(100_000), 100_000 - unfolded - 10, 3*unfolded + 11},
		{"wide characters", strings.Repeat("漢😀", 1000), 1000, 4*unfolded + 2},
		{"characters that folds use", strings.Repeat("\U000F0000\U000F0001\U000FFFFD", 500), 750, 4*unfolded + 2},
		{"tabs", strings.Repeat("a\tb", 500), 0, 2*unfolded + 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFolds()
			line, pos := f.fold(f.unfold(tt.text), tt.pos)
			if got := f.expand(line); got != tt.text {
				t.Fatalf("%d bytes come back of %d", len(got), len(tt.text))
			}
			if len(line) != tt.shown {
				t.Errorf("%d characters are shown, want %d", len(line), tt.shown)
			}
			if before := f.expand(line[:pos]); before != string([]rune(tt.text)[:tt.pos]) {
				t.Errorf("before the cursor are %d bytes", len(before))
			}
			if painted := f.Paint(line, 0); strings.ContainsFunc(string(painted), reserved) || len(painted) != len(line) {
				t.Errorf("painted as %q", string(painted))
			}
		})
	}
}

// After random typing, pasting and deleting, the line is the same as in an editor without
// folds, except that one key deletes a whole folded part.
func TestFoldedLineSurvivesEditing(t *testing.T) {
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 1))
		f := newFolds()
		var line []rune // the buffer of readline
		pos := 0
		for range 60 {
			key := rune(1)
			switch rng.IntN(6) {
			case 0: // a paste
				text := strings.Repeat(string(rune('a'+rng.IntN(26)))+"\tß\U000F0002", 1+rng.IntN(900))
				key, _ = f.put(text)
				want := f.expand(line[:pos]) + text + f.expand(line[pos:])
				line = append(append(append([]rune(nil), line[:pos]...), key), line[pos:]...)
				pos++
				line, pos = change(f, line, pos, key)
				same(t, f, line, want)
			case 1: // a key
				key = rune('A' + rng.IntN(26))
				want := f.expand(line[:pos]) + string(key) + f.expand(line[pos:])
				line = append(append(append([]rune(nil), line[:pos]...), key), line[pos:]...)
				pos++
				line, pos = change(f, line, pos, key)
				same(t, f, line, want)
			case 2: // backspace
				if pos > 0 {
					want := f.expand(line[:pos-1]) + f.expand(line[pos:])
					line = append(append([]rune(nil), line[:pos-1]...), line[pos:]...)
					pos--
					line, pos = change(f, line, pos, key)
					same(t, f, line, want)
				}
			default: // the cursor moves
				want := f.expand(line)
				pos = rng.IntN(len(line) + 1)
				line, pos = change(f, line, pos, key)
				same(t, f, line, want)
			}
			if len(line) > maxEdited || pos > len(line) {
				t.Fatalf("seed %d: %d characters are shown, the cursor is at %d", seed, len(line), pos)
			}
		}
	}
}

func change(f *folds, line []rune, pos int, key rune) ([]rune, int) {
	if l, p, ok := f.OnChange(line, pos, key); ok {
		return l, p
	}
	return line, pos
}

func same(t *testing.T, f *folds, line []rune, want string) {
	t.Helper()
	if got := f.expand(line); got != want {
		t.Fatalf("the line has %d characters, want %d", utf8.RuneCountInString(got), utf8.RuneCountInString(want))
	}
}

// Without free characters lines are not folded.
func TestKeepsLineWholeWithoutFreeCharacters(t *testing.T) {
	f := newFolds()
	f.next = lastFold + 1
	text := strings.Repeat("x", 3000)
	if got := f.entry(text); got != text {
		t.Errorf("%d bytes are left of %d", len(got), len(text))
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1 000", 98304: "98 304", 1234567: "1 234 567"} {
		if got := grouped(n); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
}
