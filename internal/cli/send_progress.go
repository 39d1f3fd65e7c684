package cli

import (
	"bufio"
	"fmt"
	"io"

	"smtpsh/engine/event"
	"smtpsh/transcript"
)

// longMessage is the size in bytes from which send shows its progress.
const longMessage = 4 << 20

// progress returns an observer that shows on a terminal how much of a long message has been
// sent, or nil.
func (s *sending) progress() event.Observer {
	if !s.Terminal(s.Stderr) || s.app.out.quiet || s.flags.sessions > 1 {
		return nil
	}
	shown := false
	return event.Func(func(e *event.Event) {
		switch {
		case e.Kind == event.Progress && e.Sent >= longMessage && e.Sent != e.Total:
			shown = true
			fmt.Fprintf(s.Stderr, "\r  %.0f MB sent\x1b[K", float64(e.Sent)/1e6)
		case shown && e.Kind != event.ChunkSent:
			shown = false
			fmt.Fprint(s.Stderr, "\r\x1b[K")
		}
	})
}

// shown is a text for standard output: escaped if that is a terminal.
func (a *app) shown(s string) string {
	if a.Terminal(a.Stdout) {
		return transcript.EscapeText(s)
	}
	return s
}

// printLines prints a message with the line ends of text files; on a terminal its control
// bytes are escaped.
func (a *app) printLines(r io.Reader) error {
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := in.ReadSlice('\n')
		text := string(line)
		end := ""
		if n := len(text); n > 0 && text[n-1] == '\n' {
			text, end = text[:n-1], "\n"
		}
		if n := len(text); n > 0 && text[n-1] == '\r' {
			text = text[:n-1]
		}
		if _, werr := io.WriteString(a.Stdout, a.shown(text)+end); werr != nil {
			return werr
		}
		switch err {
		case nil, bufio.ErrBufferFull:
		case io.EOF:
			return nil
		default:
			return err
		}
	}
}
