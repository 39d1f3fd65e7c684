//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package line

import (
	"bytes"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/chzyer/readline"
)

// Terminals send markers before and after a paste. Between them no byte is a key: every
// byte is text, and only line ends end a line. The text that has arrived is returned to
// readline as one character.

const pasteBegin, pasteEnd = "\x1b[200~", "\x1b[201~"

const (
	mostRun    = 1 << 20                // largest text that is gathered, in bytes
	lull       = time.Second            // after this silence ^C ends a paste whose end marker is missing
	pause      = 100                    // longest pause within a paste, in milliseconds
	mostAhead  = 16 << 20               // largest part of a paste that is read ahead, in bytes
	mostSought = 100                    // longest pasted text that is searched for in the history, in characters
	endSearch  = readline.CharLineEnd   // ends a search of the history and keeps the line found
	endModes   = readline.CharBell      // ends completion and half an escape sequence
	giveUp     = readline.CharInterrupt // discards the line
)

// begin handles the begin marker of a paste.
func (k *keys) begin() {
	k.pending = k.pending[len(pasteBegin):]
	k.pasting, k.fresh = true, true
}

// paste returns the part of a paste that has arrived. It returns 0 if it only removed
// bytes from pending, or if more bytes are needed; then wait is true.
func (k *keys) paste(p []byte) (n int, wait bool) {
	if k.fresh && !k.search {
		k.fresh, k.escape = false, false
		return copy(p, string(rune(endModes))), false
	}
	k.fresh = false
	switch c := k.pending[0]; {
	case c == '\n' && k.cr: // CRLF is one line end
		k.cr, k.pending = false, k.pending[1:]
		return 0, false
	case lineEnd(c):
		k.readAhead()   //mutant:octets-of-a-paste-are-no-signals drop
		if !k.pasting { // ^C ended the paste and is now pending as a key
			return 0, false
		}
		k.cr, k.pending = c == '\r', k.pending[1:]
		p[0] = c
		if k.skipping { // an incomplete line must not be sent
			p[0] = giveUp
		}
		k.search, k.skipping, k.size = false, false, 0
		return 1, false
	}
	k.gatherPaste()
	if !k.pasting { // ^C ended the paste and is now pending as a key
		return 0, false
	}
	size := k.pasted()
	if size == 0 {
		return 0, true
	}
	k.cr = false
	if !k.skipping && k.size+size > MaxLine { //mutant:a-pasted-line-has-a-limit is "MaxLine" "MaxLine<<10"
		k.skipping = true
		k.say("   the line is longer than " + grouped(MaxLine) + " bytes and is ignored\n")
	}
	if k.skipping {
		k.pending = k.pending[size:]
		return 0, false
	}
	text := string([]rune(string(k.pending[:size]))) // replace invalid UTF-8, as for keys
	unusual := strings.ContainsFunc(text, special)
	if k.search && (unusual || utf8.RuneCountInString(text) > mostSought) {
		k.search = false
		p[0] = endSearch
		return 1, false
	}
	if !k.search && (unusual || utf8.RuneCountInString(text) >= leastRun) {
		if r, ok := k.folds.put(text); ok {
			k.size += size
			k.pending = k.pending[size:]
			return copy(p, string(r)), false
		}
	}
	r, one := utf8.DecodeRune(k.pending[:size])
	k.size += one
	k.pending = k.pending[one:]
	return copy(p, string(k.folds.unfold(string(r)))), false
}

func lineEnd(c byte) bool { return c == '\r' || c == '\n' }

// gatherPaste reads the rest of the line or of the paste, up to the first pause.
func (k *keys) gatherPaste() {
	if bytes.ContainsAny(k.pending, "\r\n") || bytes.Contains(k.pending, []byte(pasteEnd)) {
		return
	}
	for len(k.pending) < mostRun && k.pasting {
		n := waiting(k.fd)
		if n == 0 {
			if !readable(k.fd, -1, pause) {
				return
			}
			n = 1
		}
		for range n {
			before := len(k.pending)
			if k.readByte() != nil || len(k.pending) <= before || lineEnd(k.pending[before]) || bytes.HasSuffix(k.pending, []byte(pasteEnd)) {
				return
			}
		}
	}
}

// readAhead reads the rest of a paste before one of its lines is returned. While the line
// runs, the terminal turns ^C and ^Z into signals, even if they are part of the paste.
func (k *keys) readAhead() {
	if k.ahead || bytes.Contains(k.pending, []byte(pasteEnd)) {
		k.ahead = true
		return
	}
	for len(k.pending) < mostAhead && k.pasting {
		n := waiting(k.fd)
		if n == 0 {
			if !readable(k.fd, -1, int(k.lull/time.Millisecond)) {
				return
			}
			n = 1
		}
		for range n {
			before := len(k.pending)
			if k.readByte() != nil || len(k.pending) <= before {
				return
			}
			if bytes.HasSuffix(k.pending, []byte(pasteEnd)) {
				k.ahead = true
				return
			}
		}
	}
}

// drop removes the lines of a paste that were read ahead, and returns their number.
func (k *keys) drop() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	rest := bytes.TrimSuffix(k.pending, []byte(pasteEnd))
	lines := bytes.Count(rest, []byte("\r")) + bytes.Count(bytes.ReplaceAll(rest, []byte("\r\n"), nil), []byte("\n"))
	if n := len(rest); n > 0 && !lineEnd(rest[n-1]) {
		lines++
	}
	k.pasting = k.pasting && !k.ahead
	k.ahead, k.cr, k.size, k.skipping, k.pending = false, false, 0, false, nil
	return lines
}

// octet returns a byte that was read ahead.
func (k *keys) octet() (c byte, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.pending) == 0 {
		return 0, false
	}
	c, k.pending = k.pending[0], k.pending[1:]
	return c, true
}

// pasted returns the number of pending bytes that certainly belong to the line, in whole
// characters.
func (k *keys) pasted() int {
	n := len(k.pending)
	ended := false
	if i := bytes.IndexAny(k.pending, "\r\n"); i >= 0 {
		n, ended = i, true
	}
	if i := bytes.Index(k.pending[:n], []byte(pasteEnd)); i >= 0 {
		n, ended = i, true
	}
	if ended {
		return n
	}
	for i := min(n, len(pasteEnd)-1); i > 0; i-- {
		if strings.HasPrefix(pasteEnd, string(k.pending[n-i:n])) { // it can be the end marker
			return n - i
		}
	}
	if part := k.partial(); n > 0 && !utf8.FullRune(k.pending[n-part:]) {
		n -= part
	}
	return n
}

// unending ends a paste whose end marker is missing, and reports whether it did. It does so
// after a silence of lull, if ^C arrives and nothing after it. Without it ^C would be text,
// and the user could not end the paste.
func (k *keys) unending(c byte, silent time.Duration) bool {
	//mutant:a-paste-without-an-end-can-be-given-up is "giveUp || " "giveUp || true || "
	if !k.pasting || c != giveUp || silent < k.lull || readable(k.fd, -1, 25) {
		return false
	}
	k.pasting, k.skipping, k.size = false, false, 0
	k.say("   the paste had no end; ^C ended it\n")
	return true
}

// leave is called after another program, such as an editor, has read the terminal. If no
// byte is pending, that program has also read the end of the paste.
func (k *keys) leave() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.pending) == 0 && waiting(k.fd) == 0 {
		k.pasting, k.skipping, k.size = false, false, 0
	}
}

// answer adds a byte of a paste to a password that is being typed. It reports whether it
// used the byte. Line ends, and bytes outside of a paste, are left to the caller.
func (k *keys) answer(typed []byte, c byte) (_ []byte, taken bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	silent := time.Since(k.latest)
	k.latest = time.Now()
	switch {
	case c == '\n' && k.cr: // the second byte of the last CRLF
		k.cr = false
		return typed, true
	case lineEnd(c):
		k.cr = c == '\r'
		return typed, false
	}
	k.cr = false
	if !k.pasting || k.unending(c, silent) {
		return typed, false
	}
	if len(typed) < MaxLine { // room for the end marker
		typed = append(typed, c)
	}
	if bytes.HasSuffix(typed, []byte(pasteEnd)) {
		k.pasting, k.ahead = false, false
		typed = typed[:len(typed)-len(pasteEnd)]
	}
	return typed, true
}
