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

// body is what readData found.
type body struct {
	data     []byte
	size     int64 // octets of the message, also those not kept
	bareEnds bool  // a CR or LF on its own was seen
	longLine bool  // a line of more than 1000 octets (RFC 5321 section 4.5.3.1.6)
}

// readData reads a message up to CRLF dot CRLF and takes stuffed dots away
// (RFC 5321 section 4.5.2). It is deliberately literal: only CRLF is a line end,
// so LF.LF or CR.CR never ends the data. Beyond max octets it reads on and keeps
// nothing.
func readData(r io.ByteReader, max int64) (body, error) {
	const (
		lineStart = iota // behind CRLF
		dot              // behind CRLF "."
		dotCR            // behind CRLF "." CR
		inside           // within a line
		cr               // behind a CR within a line
	)
	var b body
	state, length := lineStart, 0
	keep := func(cs ...byte) {
		b.size += int64(len(cs))
		if b.size <= max {
			b.data = append(b.data, cs...)
		}
	}
	for {
		c, err := r.ReadByte()
		if err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return b, err
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
			// the dot was stuffed; it is dropped and the rest of the line stands
		case dotCR:
			if c == '\n' {
				return b, nil
			}
			// ". CR x": the dot goes, the CR is a lonely one
			b.bareEnds = true
			keep('\r')
			if c == '\r' {
				state = cr
				continue
			}
		case cr:
			if c == '\n' {
				keep('\r', '\n')
				b.longLine = b.longLine || length > 1000
				state = lineStart
				continue
			}
			b.bareEnds = true
			keep('\r')
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
		}
		keep(c)
		state = inside
	}
}
