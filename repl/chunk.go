package repl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"smtpsh/engine"
	"smtpsh/repl/line"
)

// chunk parses the argument of BDAT: a size in bytes, then LAST or nothing.
func chunk(arg string) (size int, last, ok bool) {
	f := strings.Fields(arg)
	if len(f) == 0 || len(f) > 2 || len(f) == 2 && !strings.EqualFold(f[1], "LAST") {
		return 0, false, false
	}
	n, err := strconv.Atoi(f[0])
	if err != nil || n < 0 || n > maxTyped {
		return 0, false, false
	}
	return n, len(f) == 2, true
}

// bdat reads lines, adds CRLF to each, and sends them as one chunk when they have size
// bytes. It sends nothing if the last line makes the chunk longer than size.
func (r *REPL) bdat(ctx context.Context, s *engine.Session, size int, last bool) error {
	var body bytes.Buffer
	for body.Len() < size {
		text, err := r.chunkLine(ctx, fmt.Sprintf("bdat %d> ", size-body.Len()))
		switch {
		case errors.Is(err, line.ErrInterrupt):
			r.screen.say("*  nothing was sent")
			return nil
		case err == io.EOF:
			return &InputError{fmt.Errorf("BDAT announces %d bytes; the input ended after %d", size, body.Len())}
		case err != nil:
			return &InputError{err}
		case r.in.Terminal() && !r.sessions.current.usable(): // already reported when the connection closed
			body.WriteString(text + "\n")
			r.keep(body.Bytes())
			return nil
		}
		if body.Len()+len(text) == size {
			body.WriteString(text) // the last line of a chunk needs no CRLF
		} else {
			body.WriteString(text + "\r\n")
		}
	}
	if body.Len() > size {
		return &InputError{fmt.Errorf("BDAT announces %d bytes, but the lines have %d bytes with CRLF; nothing was sent", size, body.Len())}
	}
	r.screen.line.composed = true
	defer r.screen.shorten(int64(size))()
	return r.answer(s.Bdat(ctx, engine.Chunk{Data: body.Bytes(), Last: last}))
}

// chunkLine reads a line of a chunk.
func (r *REPL) chunkLine(ctx context.Context, prompt string) (string, error) {
	defer r.in.enterMessage()()
	defer r.in.enter(prompt)()
	return r.nextLine(ctx, prompt)
}
