package message

import (
	"bytes"
	"io"
)

// lineSource reads a message in lines. CRLF, LF and CR end a line, because each becomes a
// CRLF when the message is sent. It keeps one block in memory: a longer line comes in
// pieces.
type lineSource struct {
	r     io.Reader
	buf   []byte
	from  int // the unread bytes are buf[from:to]
	to    int
	at    int64 // the offset of buf[from] in the message
	err   error
	whole bool // the last piece ended its line
}

// lineBlock is the size of the block in bytes.
const lineBlock = 64 << 10

func newLineSource(r io.Reader) *lineSource {
	return &lineSource{r: r, buf: make([]byte, lineBlock), whole: true}
}

// piece is a line, or a part of a long one.
type piece struct {
	text  []byte // without the line end; valid until the next call
	end   int    // the bytes of the line end: 0 if the line goes on, or at the end of the message
	at    int64  // the offset of text
	first bool   // it begins a line
}

// next returns the next piece, and io.EOF after the last one.
func (l *lineSource) next() (piece, error) {
	for {
		window := l.buf[l.from:l.to]
		text, end := cutLine(window, l.err != nil)
		if end == 0 && len(window) < len(l.buf) && l.err == nil { // the line may go on
			l.fill()
			continue
		}
		if len(window) == 0 {
			return piece{}, l.err
		}
		if end == 0 && l.err == nil && window[len(window)-1] == '\r' { // a LF may follow
			text = window[:len(window)-1]
		}
		p := piece{text, end, l.at, l.whole}
		l.whole = end > 0
		l.from += len(text) + end
		l.at += int64(len(text) + end)
		return p, nil
	}
}

// cutLine returns the first line of a window and the length of its end, or the whole window
// and 0. A CR at the end of the window is a line end only at the end of the message.
func cutLine(window []byte, last bool) ([]byte, int) {
	i := bytes.IndexByte(window, '\n')
	line := window
	if i >= 0 {
		line = window[:i]
	}
	j := bytes.IndexByte(line, '\r')
	switch {
	case j < 0 && i < 0:
		return window, 0
	case j < 0:
		return line, 1
	case i >= 0 && j == i-1:
		return line[:j], 2
	case i < 0 && j == len(window)-1 && !last:
		return window, 0
	}
	return line[:j], 1
}

// fill reads more bytes behind the unread ones.
func (l *lineSource) fill() {
	if l.from > 0 {
		copy(l.buf, l.buf[l.from:l.to])
		l.from, l.to = 0, l.to-l.from
	}
	n, err := l.r.Read(l.buf[l.to:])
	l.to += n
	l.err = err
}
