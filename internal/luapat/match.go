package luapat

import (
	"errors"
	"fmt"
	"strings"
)

// Capture is a range of the subject, or a position when the pattern had "()".
type Capture struct {
	From, To int
	Position bool
}

const (
	maxCaptures = 32
	maxDepth    = 220 // limit of nested captures and repetitions in one pattern
	stepsToAsk  = 4096

	open     = -1 // a capture whose end was not reached yet
	position = -2
)

// matcher is one match in progress.
type matcher struct {
	src, pat string
	caps     []struct{ start, length int }
	depth    int
	steps    int
	ask      func() error
}

// fault passes an error out of the recursion.
type fault struct{ err error }

func fail(format string, args ...any) { panic(fault{fmt.Errorf(format, args...)}) }

// Find returns the first match of pat in src at or after init: the whole match first, then
// the captures; nil if there is none. ask, which can be nil, is called from time to time;
// its error ends the search. Other errors name what is wrong with the pattern.
func Find(src, pat string, init int, ask func() error) (caps []Capture, err error) {
	m := &matcher{src: src, pat: pat, ask: ask}
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(fault)
			if !ok {
				panic(r)
			}
			caps, err = nil, f.err
		}
	}()
	anchor := strings.HasPrefix(pat, "^")
	p := 0
	if anchor {
		p = 1
	}
	for s := init; s <= len(src); s++ {
		m.caps = m.caps[:0]
		if e := m.match(s, p); e >= 0 {
			return m.result(s, e), nil
		}
		if anchor {
			break
		}
	}
	return nil, nil
}

func (m *matcher) result(from, to int) []Capture {
	out := make([]Capture, 1, len(m.caps)+1)
	out[0] = Capture{From: from, To: to}
	for _, c := range m.caps {
		switch c.length {
		case position:
			out = append(out, Capture{From: c.start, To: c.start, Position: true})
		case open:
			fail("a capture is not closed: a ) is missing")
		default:
			out = append(out, Capture{From: c.start, To: c.start + c.length})
		}
	}
	return out
}

func (m *matcher) step() {
	if m.steps++; m.steps%stepsToAsk == 0 && m.ask != nil {
		if err := m.ask(); err != nil {
			panic(fault{err})
		}
	}
}

// match tries the pattern from p on at position s. It returns where the match ends, or -1.
func (m *matcher) match(s, p int) int {
	if m.depth++; m.depth > maxDepth {
		fail("the pattern is too deeply nested")
	}
	defer func() { m.depth-- }()
	for p < len(m.pat) {
		m.step()
		switch m.pat[p] {
		case '(':
			if strings.HasPrefix(m.pat[p:], "()") {
				return m.capture(s, p+2, position)
			}
			return m.capture(s, p+1, open)
		case ')':
			return m.closeCapture(s, p+1)
		case '$':
			if p+1 == len(m.pat) {
				if s == len(m.src) {
					return s
				}
				return -1
			}
		case '%':
			if p+1 < len(m.pat) {
				next, handled, ok := m.special(s, p)
				if handled {
					if !ok {
						return -1
					}
					s, p = next.s, next.p
					continue
				}
			}
		}
		end := m.classEnd(p)
		suffix := byte(0)
		if end < len(m.pat) {
			suffix = m.pat[end]
		}
		switch suffix {
		case '?':
			if m.single(s, p, end) {
				if e := m.match(s+1, end+1); e >= 0 {
					return e
				}
			}
			p = end + 1
		case '*':
			return m.longest(s, p, end, 0)
		case '+':
			return m.longest(s, p, end, 1)
		case '-':
			return m.shortest(s, p, end)
		default:
			if !m.single(s, p, end) {
				return -1
			}
			s, p = s+1, end
		}
	}
	return s
}

type place struct{ s, p int }

// special handles %b, %f and back references, which allow no repetition.
func (m *matcher) special(s, p int) (next place, handled, ok bool) {
	switch c := m.pat[p+1]; {
	case c == 'b':
		if p+3 >= len(m.pat) {
			fail("%%b needs two characters, as in %%b()")
		}
		e := m.balance(s, m.pat[p+2], m.pat[p+3])
		return place{e, p + 4}, true, e >= 0
	case c == 'f':
		p += 2
		if p >= len(m.pat) || m.pat[p] != '[' {
			fail("%%f needs a set, as in %%f[%%w]")
		}
		end := m.classEnd(p)
		var before, here byte
		if s > 0 {
			before = m.src[s-1]
		}
		if s < len(m.src) {
			here = m.src[s]
		}
		return place{s, end}, true, !m.set(before, p, end-1) && m.set(here, p, end-1)
	case '0' <= c && c <= '9':
		i := int(c) - '1'
		if i < 0 || i >= len(m.caps) || m.caps[i].length == open {
			fail("%%%c names a capture that is not there", c)
		}
		text := ""
		if m.caps[i].length >= 0 {
			text = m.src[m.caps[i].start : m.caps[i].start+m.caps[i].length]
		}
		return place{s + len(text), p + 2}, true, strings.HasPrefix(m.src[s:], text)
	}
	return place{}, false, false
}

func (m *matcher) balance(s int, first, last byte) int {
	if s >= len(m.src) || m.src[s] != first {
		return -1
	}
	nest := 1
	for i := s + 1; i < len(m.src); i++ {
		m.step()
		switch m.src[i] {
		case last:
			if nest--; nest == 0 {
				return i + 1
			}
		case first:
			nest++
		}
	}
	return -1
}

func (m *matcher) longest(s, p, end, least int) int {
	n := 0
	for m.single(s+n, p, end) {
		m.step()
		n++
	}
	for ; n >= least; n-- {
		m.step()
		if e := m.match(s+n, end+1); e >= 0 {
			return e
		}
	}
	return -1
}

func (m *matcher) shortest(s, p, end int) int {
	for {
		m.step()
		if e := m.match(s, end+1); e >= 0 {
			return e
		}
		if !m.single(s, p, end) {
			return -1
		}
		s++
	}
}

func (m *matcher) capture(s, p, length int) int {
	if len(m.caps) >= maxCaptures {
		fail("more than %d captures", maxCaptures)
	}
	m.caps = append(m.caps, struct{ start, length int }{s, length})
	n := len(m.caps)
	e := m.match(s, p)
	if e < 0 {
		m.caps = m.caps[:n-1]
	}
	return e
}

func (m *matcher) closeCapture(s, p int) int {
	for i := len(m.caps) - 1; i >= 0; i-- {
		if m.caps[i].length != open {
			continue
		}
		m.caps[i].length = s - m.caps[i].start
		e := m.match(s, p)
		if e < 0 {
			m.caps[i].length = open
		}
		return e
	}
	fail("a ) closes nothing")
	return -1
}

// ErrStopped is an error for ask without a more exact reason.
var ErrStopped = errors.New("stopped")
