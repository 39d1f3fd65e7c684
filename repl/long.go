package repl

import (
	"fmt"
	"strings"

	"smtpsh/internal/inspect"
	"smtpsh/transcript"
)

// A text of megabytes is of no use on a screen and floods a log. What is longer than
// this is shown in part, and how much is missing is said.
const (
	mostOctets = 32 << 10
	mostLines  = 200
)

// maxLongLine bounds a single line of a message on a screen.
const maxLongLine = 2000

// shorten shows only the beginning of a long message that comes from a pipe or a file
// while it is sent. The function that it returns ends that.
func (r *REPL) shorten(octets int64) (back func()) {
	if r.in.Terminal() || octets <= mostOctets || r.opts.Show.ContentLines >= 0 {
		return func() {}
	}
	short := r.opts.Show
	short.ContentLines = 0 // its default
	set := func(o transcript.TextOptions) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.text.Set(o)
	}
	set(short)
	return func() { set(r.opts.Show) }
}

// received shows a message of the sandbox: all of it where it is paged or asked for,
// else its beginning.
func (r *REPL) received(head string, m *inspect.Message, whole bool) {
	_, rows := r.in.Size()
	whole = whole || r.in.Terminal() && r.paging && rows > 0 && r.pager() != nil
	var b strings.Builder
	b.WriteString(head)
	line := transcript.VisibleLine
	if r.opts.Show.Terminal {
		line = transcript.ScreenLine
	}
	lines, octets := 0, 0
	for l := range strings.Lines(string(m.Data)) {
		if !whole && (lines == mostLines || octets+min(len(l), maxLongLine) > mostOctets) {
			break
		}
		lines++
		octets += len(l)
		if !whole && len(l) > maxLongLine {
			fmt.Fprintf(&b, "   %s... (%d octets)\n", transcript.Escape(l[:maxLongLine]), len(l))
			continue
		}
		b.WriteString("   " + line(l) + "\n")
	}
	if left := len(m.Data) - octets; left > 0 {
		fmt.Fprintf(&b, "*  %d more octets are not shown; :mailbox %d all shows them\n", left, m.ID)
	}
	if m.Size > len(m.Data) {
		fmt.Fprintf(&b, "*  the sandbox sent %d of its %d octets\n", len(m.Data), m.Size)
	}
	r.page(b.String())
}
