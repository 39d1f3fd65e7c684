package luabind

import (
	"io"
	"regexp"
	"regexp/syntax"
	"unicode/utf8"
)

// maxExpression limits the length of a regular expression, in bytes.
const maxExpression = 4 << 10

// maxInstructions limits the number of its instructions: x{1,1000} has a thousand.
const maxInstructions = 20_000

// directWork is the estimated number of steps up to which the regexp package searches
// directly, which is fast but cannot be stopped. For more, it reads the text from a reader
// that ends when the script is stopped.
const directWork = 1 << 24

// expression is a regular expression of a script.
type expression struct {
	Re   *regexp.Regexp
	text string
	size int            // instructions: the work for each character
	next *regexp.Regexp // finds the match after the first character of a text
	m    *Meter
}

// Expression compiles argument i.
func (c *Call) Expression(i int) (*expression, error) {
	text := c.Text(i)
	if len(text) > maxExpression {
		return nil, UsageError("%s: the expression has %d bytes, and %d are allowed", c.Func.Full(), len(text), maxExpression)
	}
	x := &expression{text: text, m: c.Meter()}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err == nil {
		var prog *syntax.Prog
		if prog, err = syntax.Compile(tree.Simplify()); err == nil {
			x.size = len(prog.Inst)
		}
	}
	if err == nil && x.size > maxInstructions {
		return nil, UsageError("%s: the expression needs %d steps for each character, and at most %d are allowed: use smaller numbers in {}",
			c.Func.Full(), x.size, maxInstructions)
	}
	if err == nil {
		x.Re, err = regexp.Compile(text)
	}
	if err != nil {
		return nil, UsageError("%s: %v", c.Func.Full(), err)
	}
	return x, nil
}

// First returns the positions of the first match and its groups in s, or nil. The error is
// the reason why the script is stopped.
func (x *expression) First(s string) ([]int, error) {
	if len(s) < directWork/x.size {
		return x.Re.FindStringSubmatchIndex(s), x.m.Add(len(s))
	}
	return x.read(x.Re, s)
}

func (x *expression) read(re *regexp.Regexp, s string) ([]int, error) {
	r := &stoppable{s: s, m: x.m, cost: x.size}
	at := re.FindReaderSubmatchIndex(r)
	return at, r.err
}

// Each calls f with the positions of each match in turn. As in the regexp package, an empty
// match directly after another one does not count.
func (x *expression) Each(s string, f func(at []int) error) error {
	if len(s) < 1<<12 && len(s)*len(s) < directWork/x.size { // in the worst case each match examines all remaining text
		for _, at := range x.Re.FindAllStringSubmatchIndex(s, -1) {
			if err := f(at); err != nil {
				return err
			}
		}
		return x.m.Add(len(s))
	}
	at, err := x.First(s)
	for behind := -1; at != nil && err == nil; {
		if at[1] > at[0] || at[0] != behind {
			if err := f(at); err != nil {
				return err
			}
		}
		behind = at[1]
		from := at[1]
		if at[1] == at[0] { // an empty match: continue at the next character
			_, n := utf8.DecodeRuneInString(s[from:])
			if from += n; n == 0 {
				return nil
			}
		}
		at, err = x.from(s, from)
	}
	return err
}

// from finds the first match that begins at or after a byte of s. The text before counts
// for ^ and \b, so the search begins one character earlier.
func (x *expression) from(s string, i int) ([]int, error) {
	if x.next == nil {
		var err error
		// groups keep their numbers without the group around the whole expression
		if x.next, err = regexp.Compile(`\A(?s:.)(?s:.*?)(` + x.text + `)`); err != nil {
			return nil, UsageError("%v", err)
		}
	}
	_, n := utf8.DecodeLastRuneInString(s[:i])
	at, err := x.read(x.next, s[i-n:])
	if at == nil || err != nil {
		return nil, err
	}
	at = at[2:]
	for k := range at {
		if at[k] >= 0 {
			at[k] += i - n
		}
	}
	return at, nil
}

// Group returns the text of the group with the positions at[i] and at[i+1]; "" if it is not
// part of the match.
func Group(s string, at []int, i int) string {
	if at[i] < 0 {
		return ""
	}
	return s[at[i]:at[i+1]]
}

// stoppable reads a text character by character until the script is stopped.
type stoppable struct {
	s    string
	m    *Meter
	cost int // of one character
	err  error
}

// ReadRune implements io.RuneReader.
func (r *stoppable) ReadRune() (rune, int, error) {
	if r.err == nil {
		r.err = r.m.Add(1 + r.cost/4)
	}
	if r.err != nil || r.s == "" {
		return 0, 0, io.EOF
	}
	c, n := utf8.DecodeRuneInString(r.s)
	r.s = r.s[n:]
	return c, n, nil
}
