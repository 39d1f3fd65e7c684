//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package line

import (
	"strings"
	"unicode/utf8"
)

// Keys that edit a search of the history instead of ending it, and begin one.
const (
	backspace = 0x08
	rubout    = 0x7f
	ctrlR     = 0x12
	ctrlS     = 0x13
)

func control(c byte) bool { return c < 0x20 || c == rubout }

const leastRun = 16 // characters that come as one; a person does not type so many at once

// run gives out what is there of a text as one character, which stands for all of it, when
// it is more than a person types. It returns 0 when it is not, and nothing is taken then.
func (k *keys) run(p []byte) int {
	k.gather()
	n := k.text()
	text := string([]rune(string(k.pending[:n]))) // what is not UTF-8 is replaced, as in keys that come one by one
	if n == 0 || utf8.RuneCountInString(text) < leastRun && !strings.ContainsFunc(text, special) {
		return 0
	}
	r, ok := k.folds.put(text)
	if !ok { //mutant:a-paste-is-drawn-once always
		return 0
	}
	k.cr, k.pending = false, k.pending[n:]
	return copy(p, string(r))
}

// gather reads what waits in the terminal, up to the first key that is no text.
func (k *keys) gather() {
	for len(k.pending) < mostRun && !control(k.pending[len(k.pending)-1]) {
		n := waiting(k.fd)
		if n == 0 {
			wait := 0
			switch {
			case !utf8.FullRune(k.pending[len(k.pending)-k.partial():]):
				wait = pause
			case len(k.pending) > 4*leastRun:
				wait = 10
			}
			if wait == 0 || !readable(k.fd, -1, wait) {
				return
			}
			n = 1
		}
		for range n {
			before := len(k.pending)
			if k.readByte() != nil || len(k.pending) == before || control(k.pending[before]) {
				return
			}
		}
	}
}

// text is how many of the pending octets are a text, in whole characters.
func (k *keys) text() int {
	n := 0
	for n < len(k.pending) && !control(k.pending[n]) {
		n++
	}
	if n == len(k.pending) {
		if part := k.partial(); !utf8.FullRune(k.pending[n-part:]) {
			n -= part
		}
	}
	return n
}

// partial is how many octets the last character has so far.
func (k *keys) partial() int {
	n := len(k.pending)
	for i := 1; i <= min(n, utf8.UTFMax); i++ {
		if utf8.RuneStart(k.pending[n-i]) {
			return i
		}
	}
	return min(n, 1)
}
