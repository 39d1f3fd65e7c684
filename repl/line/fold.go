package line

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// folds folds long lines, because readline draws the whole line for every key. A part of
// the line that is far from its ends and from the cursor is replaced in readline's buffer
// by one character, which is shown as "…". One key moves over it or deletes it. The line
// that ReadLine returns has all parts.
//
// A paste arrives as one such character too. It is unfolded when it is in the line, so
// that the line is drawn once for the whole paste.
type folds struct {
	mu      sync.Mutex
	parts   map[rune]string // a part can contain such characters itself
	next    rune
	free    []rune          // characters that can be used again
	singles map[string]rune // the characters that replace a single character
}

// These private-use characters replace folded parts; the one before them is wakeRune. No
// keyboard sends them. If a text contains one of them, that character is folded.
const (
	firstFold = '\U000F0001'
	lastFold  = '\U000FFFFD'
)

const (
	maxEdited = 800 // a longer line is folded, in characters
	unfolded  = 150 // characters that are shown at each end, and on each side of the cursor
)

func newFolds() *folds {
	f := &folds{parts: map[rune]string{}, singles: map[string]rune{}, next: firstFold}
	for r := range rune(0x80) { // reserve a replacement for each special ASCII character
		if special(r) {
			f.put(string(r))
		}
	}
	return f
}

// reserved reports whether keys and folds use a character themselves.
func reserved(r rune) bool { return r >= firstFold-1 && r <= lastFold }

// special reports whether a character must be replaced in the buffer: a reserved one, a
// control character, or one that changes how the text around it is shown.
func special(r rune) bool {
	//mutant:no-control-octet-of-a-line-is-drawn is "unicode.Cc, unicode.Cf, " ""
	return reserved(r) || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// picture returns the character, one column wide, that is shown for a special one.
func picture(s string) rune {
	switch r, _ := utf8.DecodeRuneInString(s); {
	case r == '\t':
		return ' '
	case r < 0x20:
		return '\u2400' + r // its symbol, as ␛
	case r == 0x7f:
		return '␡'
	}
	return '␦'
}

// put returns the character that replaces a part. It returns false if no character is
// free; then the part stays unfolded.
func (f *folds) put(part string) (rune, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r, ok := f.singles[part]; ok {
		return r, true
	}
	r := f.next
	switch n := len(f.free); {
	case n > 0:
		r, f.free = f.free[n-1], f.free[:n-1]
	case r > lastFold:
		return 0, false
	default:
		f.next++
	}
	f.parts[r] = part
	if single(part) {
		f.singles[part] = r
	}
	return r, true
}

// part returns the text that a character replaces.
func (f *folds) part(r rune) (string, bool) {
	if !reserved(r) {
		return "", false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.parts[r]
	return s, ok
}

func (f *folds) forget(r rune) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.parts, r)
	f.free = append(f.free, r)
}

// expand returns a line with all folded parts unfolded.
func (f *folds) expand(line []rune) string {
	var b strings.Builder
	//mutant:a-line-that-is-shown-in-part-is-sent-whole is "f.write(&b, " "b.WriteString("
	f.write(&b, string(line))
	return b.String()
}

// write expands s. The recursion ends because a part contains only older parts. A part of
// one character is written as it is.
func (f *folds) write(b *strings.Builder, s string) {
	for from := 0; from < len(s); {
		i := strings.IndexFunc(s[from:], reserved)
		if i < 0 {
			b.WriteString(s[from:])
			return
		}
		b.WriteString(s[from : from+i])
		r, n := utf8.DecodeRuneInString(s[from+i:])
		switch part, ok := f.part(r); {
		case !ok:
			b.WriteRune(r)
		case single(part):
			b.WriteString(part)
		default:
			f.write(b, part)
		}
		from += i + n
	}
}

func single(part string) bool {
	_, n := utf8.DecodeRuneInString(part)
	return n == len(part)
}

// unfold returns the characters of a text. Each special character is folded.
func (f *folds) unfold(text string) []rune {
	out := []rune(text)
	for i, r := range out {
		if !special(r) {
			continue
		}
		if stand, ok := f.put(string(r)); ok {
			out[i] = stand
		} else {
			out[i] = utf8.RuneError
		}
	}
	return out
}

// fold shortens a line of more than maxEdited characters. It returns the new line and the
// new position of the cursor.
func (f *folds) fold(line []rune, pos int) ([]rune, int) {
	if len(line) <= maxEdited {
		return line, pos
	}
	keep := [][2]int{{0, unfolded}, {max(0, pos-unfolded), min(len(line), pos+unfolded)}, {len(line) - unfolded, len(line)}}
	out := make([]rune, 0, 4*unfolded+2)
	done, cursor := 0, pos
	for _, k := range keep {
		from, to := max(done, k[0]), k[1]
		if from >= to {
			continue
		}
		gap := line[done:from]
		if len(gap) > 1 {
			r, ok := f.put(string(gap))
			if !ok {
				return line, pos
			}
			if pos >= from {
				cursor -= len(gap) - 1
			}
			gap = []rune{r}
		}
		out = append(out, gap...)
		out = append(out, line[from:to]...)
		done = to
	}
	return out, cursor
}

// entry returns a line in the form that is added to readline's history.
func (f *folds) entry(line string) string {
	if !strings.ContainsFunc(line, special) && utf8.RuneCountInString(line) <= maxEdited {
		return line
	}
	short, _ := f.fold(f.unfold(line), 0)
	return string(short)
}

// OnChange implements readline.Listener. It unfolds a paste that has arrived, and folds a
// line that is too long. It runs on readline's goroutine after each key.
func (f *folds) OnChange(line []rune, pos int, key rune) ([]rune, int, bool) {
	changed := false
	if pos > 0 && pos <= len(line) && line[pos-1] == key {
		if text, ok := f.part(key); ok && !single(text) {
			f.forget(key)
			whole := f.unfold(text)
			line = slices.Concat(line[:pos-1], whole, line[pos:])
			pos += len(whole) - 1
			changed = true
		}
	}
	if len(line) > maxEdited { //mutant:a-long-line-is-shown-in-part never
		line, pos = f.fold(line, pos)
		changed = true
	}
	return line, pos, changed
}

// Paint implements readline.Painter. It draws every folded part one column wide.
func (f *folds) Paint(line []rune, _ int) []rune {
	if !slices.ContainsFunc(line, reserved) {
		return line
	}
	out := slices.Clone(line)
	for i, r := range out {
		if reserved(r) {
			out[i] = '…'
			if part, _ := f.part(r); single(part) {
				out[i] = picture(part)
			}
		}
	}
	return out
}

// note returns a text with the number of characters that were not shown; "" for none.
func (f *folds) note(line []rune, text string) string {
	n, folded := utf8.RuneCountInString(text)-len(line), 0
	for _, r := range line {
		if part, ok := f.part(r); ok && !single(part) {
			folded++
		}
	}
	if folded == 0 {
		return ""
	}
	return fmt.Sprintf("   … replaces %s characters of the line\n", grouped(n+folded))
}

// grouped formats a number with a space between groups of three digits.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return s
}
