package sandbox

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxCommand is the longest command line that is read: the 12288 octets that
// RFC 4954 section 4 wants for AUTH.
const maxCommand = 12288

var errLineTooLong = errors.New("line too long")

// readCommand reads one line up to LF and returns it without its ending. clean
// is false when the ending was not CRLF. An over-long line is read to its end and
// dropped.
func readCommand(r *bufio.Reader) (line []byte, clean bool, err error) {
	line, err = r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = r.ReadSlice('\n')
		}
		if err != nil {
			return nil, false, err
		}
		return nil, true, errLineTooLong
	}
	if err != nil {
		return nil, false, err
	}
	if body, ok := bytes.CutSuffix(line, []byte("\r\n")); ok {
		return body, bytes.IndexByte(body, '\r') < 0, nil
	}
	return line[:len(line)-1], false, nil
}

// readData reads a message up to CRLF dot CRLF into b and takes stuffed dots away
// (RFC 5321 section 4.5.2). It is deliberately literal: only CRLF is a line end,
// so LF.LF or CR.CR never ends the data.
func readData(r io.ByteReader, b *body) error {
	const (
		lineStart = iota // behind CRLF
		dot              // behind CRLF "."
		dotCR            // behind CRLF "." CR
		inside           // within a line
		cr               // behind a CR within a line
	)
	state, length := lineStart, 0
	for {
		c, err := r.ReadByte()
		if err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		length++
		switch state {
		case lineStart:
			length = 1
			switch c {
			case '.':
				state = dot
				continue
			case '\r':
				state = cr
				continue
			}
		case dot:
			if c == '\r' {
				state = dotCR
				continue
			}
			length-- // the dot was stuffed; it is dropped and the rest of the line stands
		case dotCR:
			if c == '\n' {
				return nil
			}
			// ". CR x": the dot goes, the CR is a lonely one
			b.bareEnds = true
			b.put('\r')
			if c == '\r' {
				state = cr
				continue
			}
		case cr:
			if c == '\n' {
				b.put('\r')
				b.put('\n')
				b.longest = max(b.longest, length)
				state = lineStart
				continue
			}
			b.bareEnds = true
			b.put('\r')
			if c == '\r' {
				continue
			}
		case inside:
			if c == '\r' {
				state = cr
				continue
			}
		}
		if c == '\n' {
			b.bareEnds = true
			b.longest, length = max(b.longest, length), 0
		}
		b.put(c)
		state = inside
	}
}
