package repl

import (
	"fmt"
	"strings"

	"smtpsh/internal/inspect"
	"smtpsh/transcript"
)

// These limits keep a long message from filling the screen or a log. Of a longer message
// the beginning is shown, and the number of bytes that are left out.
const (
	maxShownOctets = 32 << 10
	maxShownLines  = 200
)

// maxLongLine is the largest part of one line that is shown, in bytes.
const maxLongLine = 2000

// extent is how much of a message is shown.
type extent int

const (
	beginning  extent = iota // within the limits above
	everything               // every byte
)

// showMessage prints a message of the sandbox. It prints the whole message with a pager
// or for :mailbox N all, otherwise the beginning.
func (r *REPL) showMessage(head string, m *inspect.Message, extent extent) {
	_, rows := r.in.Size()
	whole := extent == everything || r.in.Terminal() && r.settings.paging && rows > 0 && r.screen.pager() != nil
	var b strings.Builder
	b.WriteString(head)
	line := transcript.VisibleLine
	if r.settings.show.Terminal {
		line = transcript.ScreenLine
	}
	lines, octets := 0, 0
	for l := range strings.Lines(string(m.Data)) {
		if !whole && (lines == maxShownLines || octets+min(len(l), maxLongLine) > maxShownOctets) {
			break
		}
		lines++
		octets += len(l)
		if !whole && len(l) > maxLongLine {
			fmt.Fprintf(&b, "   %s... (%d bytes)\n", transcript.Escape(l[:maxLongLine]), len(l))
			continue
		}
		b.WriteString("   " + line(l) + "\n")
	}
	if left := len(m.Data) - octets; left > 0 {
		fmt.Fprintf(&b, "*  %d more bytes are not shown; :mailbox %d all shows them\n", left, m.ID)
	}
	if m.Size > len(m.Data) {
		fmt.Fprintf(&b, "*  the sandbox returned only %d of %d bytes\n", len(m.Data), m.Size)
	}
	r.screen.page(b.String())
}
