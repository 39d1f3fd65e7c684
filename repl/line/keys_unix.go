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

// wakeRune is put among the keys when something is to be printed. It is a
// private-use character that no keyboard sends.
const wakeRune = '\U000F0000'

// keys is the only reader of the terminal. While the gate is closed it does not
// touch it, so that what is typed ahead stays in the kernel for whoever reads
// next: a password prompt, an editor.
type keys struct {
	fd       int
	mu       sync.Mutex
	cond     *sync.Cond
	open     bool // a line is wanted
	closed   bool
	woken    bool
	pending  []byte
	pasting  bool      // between the brackets of a paste
	fresh    bool      // the paste has just begun
	size     int       // octets of the line that were pasted
	skipping bool      // the line has become too long: its rest is not taken
	ahead    bool      // the last bracket of the paste is among what is pending
	latest   time.Time // when an octet was read
	lull     time.Duration
	escape   bool // the last byte given out was within an escape sequence
	cr       bool // the last byte given out was a CR
	search   bool // the history is searched: its keys come one by one
	folds    *folds
	r, w     *os.File
	suspend  func()
	say      func(string) // tells a line to the person
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

// kick ends a wait for keys.
func (k *keys) kick() {
	k.cond.Broadcast()
	k.w.Write([]byte{0}) //nolint:errcheck // a full pipe wakes as well
}

// admit lets the terminal be read.
func (k *keys) admit() { k.setOpen(true) }

// shut lets nobody read the terminal, until admit.
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

// Read gives readline the next keys, never beyond the end of a line: after one it
// does not ask again until the next line is wanted.
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

// markers takes the brackets of a paste out of what was typed.
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

// take gives out one key.
func (k *keys) take(p []byte) int {
	c := k.pending[0]
	if c == '\n' && k.cr { // CRLF is one line end, as text from Windows is pasted
		k.cr, k.pending = false, k.pending[1:]
		return 0
	}
	switch c {
	case 0: // readline would take it for the end
		k.pending = k.pending[1:]
		return 0
	case 26: // ^Z: readline's own way can leave the prompt dead
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
		return 0 // the rest of a sequence is there: look at it whole
	}
	if c == 0x1b && len(k.pending) == 2 && k.pending[1] == '[' && k.arrives() {
		return 0
	}
	if c == 0x1b && len(k.pending) == 3 && k.pending[2] == '2' && k.arrives() {
		return 0 // perhaps the bracket of a paste
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

// finalByte ends an escape sequence.
func finalByte(c byte) bool { return c >= 0x40 && c != '[' && c != 'O' || c < 0x20 }

// arrives reads one more byte if it is there within a moment, as the bytes of one
// key are.
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
		k.r.Read(b[:]) //nolint:errcheck // it only says that somebody kicked
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
		k.pending = k.pending[:0] // the line is given up with it
	}
	k.pending = append(k.pending, b[0])
	return nil
}
