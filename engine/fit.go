package engine

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"smtpsh/engine/wire"
)

// contentNeeds is what a message requires of a server.
type contentNeeds struct {
	size       int64 // bytes, with CRLF at the end of each line (RFC 1870 section 5)
	eightBit   bool  // a byte above 127
	headerUTF8 bool  // such a byte in the header
}

// needsWriter finds out what a text with CRLF line ends requires.
type needsWriter struct {
	contentNeeds
	inBody bool
	column int64 // bytes of the line so far, without CR
}

// Write examines a part of the text.
func (w *needsWriter) Write(p []byte) (int, error) {
	w.size += int64(len(p))
	if w.inBody && w.eightBit {
		return len(p), nil
	}
	for _, c := range p {
		switch {
		case c == '\n':
			w.inBody = w.inBody || w.column == 0
			w.column = 0
		case c != '\r':
			w.column++
		}
		if c >= utf8.RuneSelf {
			w.eightBit = true
			w.headerUTF8 = w.headerUTF8 || !w.inBody
		}
	}
	return len(p), nil
}

// needsOf reads a content that can be read twice. It returns false for other contents.
func needsOf(content io.Reader) (contentNeeds, bool, error) {
	if marked, ok := content.(anyLength); ok {
		content = marked.Reader
	}
	var w needsWriter
	text := wire.NewTextWriter(&w, wire.KeepDots)
	switch r := content.(type) {
	case nil:
	case *bytes.Buffer:
		text.Write(r.Bytes()) //nolint:errcheck // needsWriter does not fail
	case io.ReadSeeker:
		start, err := r.Seek(0, io.SeekCurrent)
		if err != nil { // a pipe
			return contentNeeds{}, false, nil
		}
		if _, err = io.Copy(text, r); err == nil {
			_, err = r.Seek(start, io.SeekStart)
		}
		if err != nil {
			return contentNeeds{}, false, &OpError{Op: "message", Kind: ErrUsage, Err: err}
		}
	default:
		return contentNeeds{}, false, nil
	}
	text.Finish() //nolint:errcheck // needsWriter does not fail
	return w.contentNeeds, true, nil
}

// fit checks that the server accepts the content, and returns the parameters of MAIL with
// those that it needs.
func (s *Session) fit(content io.Reader, params []Param) ([]Param, error) {
	needs, known, err := needsOf(content)
	if err != nil || !known {
		return params, err
	}
	params = params[:len(params):len(params)]
	if limit, ok := s.caps.Params("SIZE"); ok {
		most, err := strconv.ParseInt(limit, 10, 64)
		if err == nil && most > 0 && needs.size > most {
			return nil, &OpError{Op: "message", Kind: ErrUsage,
				Err: fmt.Errorf("the message has %d bytes, more than the %d that the server accepts (RFC 1870)", needs.size, most)}
		}
		if !hasParam(params, "SIZE") {
			params = append(params, Param{"SIZE", strconv.FormatInt(needs.size, 10)})
		}
	}
	if needs.headerUTF8 && !hasParam(params, "SMTPUTF8") {
		if !s.Has("SMTPUTF8") {
			return nil, usage("message", "the header section is not ASCII, and the server does not offer SMTPUTF8")
		}
		params = append(params, Param{Key: "SMTPUTF8"})
	}
	if needs.eightBit && !hasParam(params, "BODY") {
		if !s.Has("8BITMIME") {
			return nil, &OpError{
				Op: "message", Kind: ErrUsage,
				Err:    fmt.Errorf("the message has bytes above 127, and the server does not offer 8BITMIME"),
				Advice: advise(AdviceEncode),
			}
		}
		params = append(params, Param{"BODY", "8BITMIME"})
	}
	return params, nil
}
