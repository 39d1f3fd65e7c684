package sandbox

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxCommand is the length limit of a command line: 12288 bytes, as RFC 4954 section 4
// requires for AUTH.
const maxCommand = 12288

var errLineTooLong = errors.New("line too long")

// readCommand reads one line up to LF and returns it without its line ending. clean is
// false if the ending is not CRLF or the line has a CR inside. A line that is too long is
// read to its end and dropped.
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

// readData reads a message up to CRLF dot CRLF into b and removes stuffed dots (RFC 5321
// section 4.5.2). Only CRLF is a line ending, so LF.LF or CR.CR never ends the data.
func readData(r io.ByteReader, b *body) error {
	const (
		lineStart = iota // after CRLF
		dot              // after CRLF "."
		dotCR            // after CRLF "." CR
		inside           // within a line
		cr               // after a CR within a line
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
			length-- // The dot was stuffed, so it is dropped.
		case dotCR:
			if c == '\n' {
				return nil
			}
			// In ". CR x" the dot was stuffed and the CR is a bare one.
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
