package engine

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// The lengths in octets that every server must accept (RFC 5321 section 4.5.3.1), and that
// clients should not exceed.
const (
	maxCommandLine = 512  // with CRLF, section 4.5.3.1.4
	maxTextLine    = 1000 // with CRLF and without a stuffed dot, section 4.5.3.1.6
)

// allowances are the octets by which an offered extension makes command lines longer (RFC
// 5321 section 4.5.3.1.4): as its document defines it, or else as its parameters require.
var allowances = map[string]map[string]int{
	"SIZE":          {"MAIL": 26},                         // RFC 1870
	"CHECKPOINT":    {"MAIL": 88},                         // RFC 1845
	"DELIVERBY":     {"MAIL": 17},                         // RFC 2852
	"BINARYMIME":    {"MAIL": 16},                         // RFC 3030
	"DSN":           {"MAIL": 128, "RCPT": 560},           // RFC 3461: an ENVID of 100 octets, an ORCPT of 500
	"NO-SOLICITING": {"MAIL": 1000},                       // RFC 3865
	"MTRK":          {"MAIL": 40},                         // RFC 3885
	"CONPERM":       {"MAIL": 8},                          // RFC 4141
	"CONNEG":        {"RCPT": 7},                          // RFC 4141
	"SUBMITTER":     {"MAIL": 340},                        // RFC 4405: a mailbox as xtext
	"FUTURERELEASE": {"MAIL": 34},                         // RFC 4865
	"AUTH":          {"MAIL": 500},                        // RFC 4954
	"UTF8SMTP":      {"MAIL": 460, "RCPT": 460},           // RFC 5336
	"8BITMIME":      {"MAIL": 17},                         // RFC 6152
	"SMTPUTF8":      {"MAIL": 10, "VRFY": 10, "EXPN": 10}, // RFC 6531
	"MT-PRIORITY":   {"MAIL": 15},                         // RFC 6710
	"RRVS":          {"RCPT": 33},                         // RFC 7293
	"REQUIRETLS":    {"MAIL": 11},                         // RFC 8689
	"XCLIENT":       {"XCLIENT": 512},                     // of Postfix
	"XFORWARD":      {"XFORWARD": 512},                    // of Postfix
}

// commandLimit returns the longest command line that the server must accept, with CRLF.
func (s *Session) commandLimit(verb string) int {
	limit := maxCommandLine
	for extension, of := range allowances {
		if n := of[verb]; n > 0 && s.caps.Has(extension) {
			limit += n
		}
	}
	return limit
}

// LineTooLong returns an ErrUsage for a line that is longer than this server must accept:
// 512 octets with CRLF, and what its extensions add (RFC 5321 section 4.5.3.1.4); 12288
// octets for the answer to an AUTH challenge. The verbs and [Session.Pipeline] do not send
// such a line; [Session.Do] and [Session.Write] do.
func (s *Session) LineTooLong(line string) error {
	if len(line)+2 <= maxCommandLine {
		return nil
	}
	word, _, _ := strings.Cut(strings.TrimLeft(line, " \t"), " ")
	return s.tooLongFor(strings.ToUpper(word), len(line))
}

func (s *Session) tooLongFor(verb string, n int) error {
	n += 2
	if n <= maxCommandLine {
		return nil
	}
	if s.state == InAuth {
		if n <= maxResponse {
			return nil
		}
		return lineError("AUTH", n, maxResponse, "RFC 4954 section 4", advise(AdviceLongLine))
	}
	limit := s.commandLimit(verb)
	if n <= limit { //mutant:a-command-line-that-is-too-long-is-not-sent always
		return nil
	}
	op, advice := verb, advise(AdviceLongLine)
	if len(op) > 20 || strings.ContainsFunc(op, func(r rune) bool { return r < 'A' || r > 'Z' }) {
		op = "command"
	}
	if op == "AUTH" {
		advice = advise(AdviceAnswerLater, AdviceLongLine)
	}
	return lineError(op, n, limit, "RFC 5321 section 4.5.3.1.4", advice)
}

func lineError(op string, n, limit int, rfc string, advice []Advice) error {
	return unfit(op, advice, "the line has %d bytes with CRLF, more than the %d that the server must accept (%s)", n, limit, rfc)
}

// AnyLength marks a message whose lines can be longer than servers must accept.
// [Session.Data] and the other methods then send it without a check of the lines.
func AnyLength(content io.Reader) io.Reader { return anyLength{content} }

type anyLength struct{ io.Reader }

// CheckText returns an ErrUsage for a message with a line of more than 998 octets (RFC
// 5321 section 4.5.3.1.6), as [Session.Data] does.
func CheckText(content io.ReadSeeker) error {
	_, err := checkText(content)
	return err
}

// checkText returns an error for a message with a line that is too long. If the content can
// be read twice, it is checked now, before anything is sent. Otherwise it is checked while
// it is read. The reader that checkText returns is the one to send.
func checkText(content io.Reader) (io.Reader, error) {
	var l lineLengths
	switch r := content.(type) {
	case nil:
		return nil, nil
	case anyLength:
		return r.Reader, nil
	case *bytes.Buffer:
		return r, l.add(r.Bytes())
	case *bytes.Reader: // Bytes returns the content without a copy
		at := r.Size() - int64(r.Len())
		whole := new(lineLengths) // checked outside of l, which then needs no buffer
		_, err := r.WriteTo(whole)
		r.Seek(at, io.SeekStart) //nolint:errcheck // this block is within a line
		return r, err
	case io.ReadSeeker:
		at, err := r.Seek(0, io.SeekCurrent)
		if err != nil { // a pipe
			return &lineReader{src: content}, nil
		}
		block := blocks.Get().(*[]byte)
		defer blocks.Put(block)
		for err == nil {
			var n int
			n, err = r.Read(*block)
			if lerr := l.add((*block)[:n]); lerr != nil {
				return nil, lerr
			}
		}
		if _, serr := r.Seek(at, io.SeekStart); serr != nil {
			return nil, &OpError{Op: "message", Kind: ErrUsage, Err: serr}
		}
		if err != io.EOF {
			return nil, &OpError{Op: "message", Kind: ErrUsage, Err: err}
		}
		return r, nil
	}
	return &lineReader{src: content}, nil
}

// lineReader checks the lines that are read through it.
type lineReader struct {
	src     io.Reader
	lengths lineLengths
}

// Read returns an error instead of a block with a line that is too long.
func (l *lineReader) Read(p []byte) (int, error) {
	n, err := l.src.Read(p)
	if lerr := l.lengths.add(p[:n]); lerr != nil {
		return 0, lerr
	}
	return n, err
}

// lineLengths checks the lines of a text in blocks. LF, CR and CRLF end a line, because
// they become line ends when the text is sent.
type lineLengths struct {
	lines int // that are complete
	open  int // bytes of the incomplete line
}

// Write calls add.
func (l *lineLengths) Write(b []byte) (int, error) { return len(b), l.add(b) }

// add checks the next block. It jumps to the farthest position that a line may reach and
// searches backwards for a line end, so that it reads only a part of the bytes.
func (l *lineLengths) add(b []byte) error {
	const most = maxTextLine - 2
	at, open := 0, l.open
	for len(b)-at > most-open { //mutant:a-text-line-that-is-too-long-is-not-sent never
		reach := b[at : at+most-open+1]
		i := bytes.LastIndexByte(reach, '\n')
		if i < 0 {
			i = bytes.LastIndexByte(reach, '\r')
		}
		if i < 0 {
			n, ended := len(b)-at, false
			if end := bytes.IndexAny(b[at:], "\r\n"); end >= 0 {
				n, ended = end, true
			}
			is := fmt.Sprint(open + n)
			if !ended {
				is = "at least " + is
			}
			return unfit("message", advise(AdviceLongText),
				"line %d has %s bytes, more than the %d that servers must accept (RFC 5321 section 4.5.3.1.6)",
				l.lines+bytes.Count(b[:at], lf)+1, is, most)
		}
		at, open = at+i+1, 0
	}
	rest := b[at:]
	if i := max(bytes.LastIndexByte(rest, '\n'), bytes.LastIndexByte(rest, '\r')); i >= 0 {
		rest, open = rest[i+1:], 0
	}
	l.open = open + len(rest)
	l.lines += bytes.Count(b, lf)
	return nil
}

var lf = []byte{'\n'}
