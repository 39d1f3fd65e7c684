//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package line

import (
	"bytes"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// wakeRune is sent to readline like a key when there is something to print. It is a
// private-use character that no keyboard sends.
const wakeRune = '\U000F0000'

// keys is the only reader of the terminal. It reads only while open is set. Keys that are
// typed before that stay in the kernel for the next reader, such as a password prompt or
// an editor.
type keys struct {
	fd       int
	mu       sync.Mutex
	cond     *sync.Cond
	open     bool // ReadLine is running
	closed   bool
	woken    bool
	pending  []byte
	pasting  bool      // between the brackets of a paste
	fresh    bool      // the paste has just begun
	size     int       // bytes of the line that were pasted
	skipping bool      // the line is too long: ignore the rest of it
	ahead    bool      // the end marker of the paste is in pending
	latest   time.Time // time of the last byte that was read
	lull     time.Duration
	escape   bool // the last byte returned was within an escape sequence
	cr       bool // the last byte returned was a CR
	search   bool // the user searches the history: return keys one by one
	folds    *folds
	r, w     *os.File
	suspend  func()
	say      func(string) // prints a line for the user
}

func newKeys(fd int, folds *folds) (*keys, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	k := &keys{fd: fd, folds: folds, r: r, w: w, lull: lull}
	k.cond = sync.NewCond(&k.mu)
	return k, nil
}

// kick ends a wait for keys in Read.
func (k *keys) kick() {
	k.cond.Broadcast()
	k.w.Write([]byte{0}) //nolint:errcheck // a full pipe also ends the wait
}

// admit lets Read read the terminal.
func (k *keys) admit() { k.setOpen(true) }

// shut stops Read from reading the terminal, until admit.
func (k *keys) shut() { k.setOpen(false) }

func (k *keys) setOpen(open bool) {
	k.mu.Lock()
	k.open = open
	k.mu.Unlock()
	k.kick()
}

// wake makes the next Read return the wake rune.
func (k *keys) wake() {
	k.mu.Lock()
	k.woken = true
	k.mu.Unlock()
	k.kick()
}

// Close makes every Read return io.EOF.
func (k *keys) Close() error {
	k.mu.Lock()
	k.closed = true
	k.mu.Unlock()
	k.kick()
	return nil
}

// Read returns the next keys to readline, at most up to the end of a line. After that
// readline does not read until the next ReadLine.
func (k *keys) Read(p []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for {
		switch {
		case k.closed:
			return 0, io.EOF
		case !k.open:
			k.cond.Wait()
			continue
		case k.woken && !k.escape:
			k.woken = false
			return copy(p, string(wakeRune)), nil
		}
		k.markers()
		wait := len(k.pending) == 0
		switch {
		case wait:
		case k.pasting: //mutant:nothing-in-a-paste-is-a-key never
			var n int
			if n, wait = k.paste(p); n > 0 {
				return n, nil
			}
		case partialMarker(k.pending):
			wait = true
		default:
			if n := k.take(p); n > 0 {
				return n, nil
			}
		}
		if !wait {
			continue
		}
		if err := k.more(); err != nil {
			return 0, err
		}
	}
}

// markers removes the begin and end markers of a paste from pending.
func (k *keys) markers() {
	for {
		switch {
		case !k.pasting && bytes.HasPrefix(k.pending, []byte(pasteBegin)):
			k.begin()
		case bytes.HasPrefix(k.pending, []byte(pasteEnd)):
			k.pasting, k.ahead, k.pending = false, false, k.pending[len(pasteEnd):]
		default:
			return
		}
	}
}

func partialMarker(b []byte) bool {
	for _, m := range []string{pasteBegin, pasteEnd} {
		if len(b) > 3 && len(b) < len(m) && strings.HasPrefix(m, string(b)) {
			return true
		}
	}
	return false
}

// take returns one key.
func (k *keys) take(p []byte) int {
	c := k.pending[0]
	if c == '\n' && k.cr { // CRLF is one line end; text from Windows has it
		k.cr, k.pending = false, k.pending[1:]
		return 0
	}
	switch c {
	case 0: // readline would treat NUL as the end of input
		k.pending = k.pending[1:]
		return 0
	case 26: // ^Z: readline's own handling can block the prompt
		k.pending = k.pending[1:]
		k.mu.Unlock()
		k.suspend()
		k.mu.Lock()
		k.woken = true
		return 0
	case 0x1b:
		if len(k.pending) > 1 || !k.arrives() {
			break
		}
		return 0 // more of the sequence has arrived: check it again
	}
	if c == 0x1b && len(k.pending) == 2 && k.pending[1] == '[' && k.arrives() {
		return 0
	}
	if c == 0x1b && len(k.pending) == 3 && k.pending[2] == '2' && k.arrives() {
		return 0 // it can be the begin marker of a paste
	}
	if !control(c) && !k.escape && !k.search {
		if n := k.run(p); n > 0 {
			return n
		}
	}
	if control(c) && c != backspace && c != rubout {
		k.search = c == ctrlR || c == ctrlS
	}
	k.escape = c == 0x1b || k.escape && !finalByte(c)
	k.cr = c == '\r'
	p[0] = c
	k.pending = k.pending[1:]
	return 1
}

// finalByte reports whether a byte ends an escape sequence.
func finalByte(c byte) bool { return c >= 0x40 && c != '[' && c != 'O' || c < 0x20 }

// arrives reads one more byte if it comes within 25 ms. The bytes of one key come together.
func (k *keys) arrives() bool {
	if !readable(k.fd, -1, 25) {
		return false
	}
	return k.readByte() == nil
}

// more waits for a byte from the terminal, or for a kick.
func (k *keys) more() error {
	k.mu.Unlock()
	ready := readable(k.fd, int(k.r.Fd()), -1)
	k.mu.Lock()
	if kicked := readable(int(k.r.Fd()), -1, 0); kicked {
		var b [64]byte
		k.r.Read(b[:]) //nolint:errcheck // the bytes have no meaning
	}
	if !ready || !k.open || k.closed {
		return nil
	}
	return k.readByte()
}

func (k *keys) readByte() error {
	var b [1]byte
	n, err := unix.Read(k.fd, b[:])
	switch {
	case err == unix.EINTR || err == unix.EAGAIN:
		return nil
	case err != nil || n == 0:
		return io.EOF
	}
	now := time.Now()
	silent := now.Sub(k.latest)
	k.latest = now
	if k.unending(b[0], silent) {
		k.pending = k.pending[:0] // the line is dropped together with the paste
	}
	k.pending = append(k.pending, b[0])
	return nil
}
