package luapat

import "strings"

// classEnd returns the index after the single-character class that begins at p.
func (m *matcher) classEnd(p int) int {
	switch m.pat[p] {
	case '%':
		if p+1 >= len(m.pat) {
			fail("the pattern ends with %%; write %%%% for the character itself")
		}
		return p + 2
	case '[':
		i := p + 1
		if i < len(m.pat) && m.pat[i] == '^' {
			i++
		}
		for first := true; ; first = false {
			if i >= len(m.pat) {
				fail("a ] is missing")
			}
			switch {
			case m.pat[i] == ']' && !first:
				return i + 1
			case m.pat[i] == '%':
				i += 2
			default:
				i++
			}
		}
	}
	return p + 1
}

// single reports whether the character at s is in the class pat[p:end].
func (m *matcher) single(s, p, end int) bool {
	if s >= len(m.src) {
		return false
	}
	c := m.src[s]
	switch m.pat[p] {
	case '.':
		return true
	case '%':
		return class(c, m.pat[p+1])
	case '[':
		return m.set(c, p, end-1)
	}
	return c == m.pat[p]
}

// set reports whether c is in the set pat[p:last+1], which begins with [ and ends with ].
func (m *matcher) set(c byte, p, last int) bool {
	p++
	found := true
	if m.pat[p] == '^' {
		found = false
		p++
	}
	for p < last {
		switch {
		case m.pat[p] == '%':
			if class(c, m.pat[p+1]) {
				return found
			}
			p += 2
		case p+2 < last && m.pat[p+1] == '-':
			if m.pat[p] <= c && c <= m.pat[p+2] {
				return found
			}
			p += 3
		default:
			if m.pat[p] == c {
				return found
			}
			p++
		}
	}
	return !found
}

// class implements %a, %d and the other classes; a letter in upper case means the opposite.
// Only ASCII characters are in classes, no bytes above 127.
func class(c, name byte) bool {
	lower := name | 0x20
	var in bool
	switch lower {
	case 'a':
		in = letter(c)
	case 'c':
		in = c < 0x20 || c == 0x7f
	case 'd':
		in = digit(c)
	case 'l':
		in = 'a' <= c && c <= 'z'
	case 'p':
		in = '!' <= c && c <= '~' && !letter(c) && !digit(c)
	case 's':
		in = c == ' ' || '\t' <= c && c <= '\r'
	case 'u':
		in = 'A' <= c && c <= 'Z'
	case 'w':
		in = letter(c) || digit(c)
	case 'x':
		in = digit(c) || 'a' <= c|0x20 && c|0x20 <= 'f'
	case 'z':
		in = c == 0
	default:
		return c == name
	}
	if !letter(name) {
		return c == name
	}
	return in == (name == lower)
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func digit(c byte) bool  { return '0' <= c && c <= '9' }

// Plain reports whether a pattern has no special character, so that a plain search finds
// the same.
func Plain(pat string) bool { return !strings.ContainsAny(pat, "^$*+?.([%-") }
