//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package line

import (
	"strings"
	"unicode/utf8"
)

// The first two keys edit a search of the history; the others begin one.
const (
	backspace = 0x08
	rubout    = 0x7f
	ctrlR     = 0x12
	ctrlS     = 0x13
)

func control(c byte) bool { return c < 0x20 || c == rubout }

const leastRun = 16 // a text of this many characters is returned as one; nobody types as many at once

// run returns a text that has arrived at once as one character that replaces it. It
// returns 0 and removes nothing if the text is shorter than leastRun characters.
func (k *keys) run(p []byte) int {
	k.gather()
	n := k.text()
	text := string([]rune(string(k.pending[:n]))) // replace invalid UTF-8, as for single keys
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

// gather reads the bytes that wait in the terminal, up to the first control character.
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

// text returns the number of pending bytes before the first control character, in whole
// characters.
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

// partial returns the number of bytes of the last character that have arrived.
func (k *keys) partial() int {
	n := len(k.pending)
	for i := 1; i <= min(n, utf8.UTFMax); i++ {
		if utf8.RuneStart(k.pending[n-i]) {
			return i
		}
	}
	return min(n, 1)
}
