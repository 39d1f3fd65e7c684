package message

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"
)

// entity is a message or a part of one (RFC 2045 section 2.4). The offsets are those of the
// whole message.
type entity struct {
	begin, body, end int64 // of the header, of the body, and after it
	fields           []rawField
	kind             string // media type in lower case
	boundary         string // of a multipart
	encoding         string // Content-Transfer-Encoding in lower case; "" if there is none
	parts            []*entity
	eightBit         bool // bytes above 127 in the body, without those of parts
	long             bool // a line of more than 998 bytes there
	headUTF8         bool // bytes above 127 in the header
	headLong         bool
	broken           string // why the header cannot be changed, or ""
}

// rawField is a header field as written.
type rawField struct {
	name string // as written
	raw  string // with the name, each line with CRLF
	line int    // the number of its first line
	from int    // where it begins in the text of the header
}

// value returns the unfolded value.
func (f rawField) value() string {
	_, v, _ := strings.Cut(f.raw, ":")
	return unfold(v)
}

// is reports whether the field has one of the names.
func (f rawField) is(names ...string) bool {
	for _, n := range names {
		if strings.EqualFold(f.name, n) {
			return true
		}
	}
	return false
}

// get returns the value of the first field with a name, or "".
func (e *entity) get(name string) string {
	for _, f := range e.fields {
		if f.is(name) {
			return f.value()
		}
	}
	return ""
}

// has reports whether there is a field with a name.
func (e *entity) has(name string) bool {
	for _, f := range e.fields {
		if f.is(name) {
			return true
		}
	}
	return false
}

// within calls f for the entity and all parts in it, until f returns false.
func (e *entity) within(f func(*entity) bool) bool {
	if !f(e) {
		return false
	}
	for _, p := range e.parts {
		if !p.within(f) {
			return false
		}
	}
	return true
}

// scan reads a message to its end and finds its structure. Errors: a header that is too
// long, a line of the header that is no field, and those of the reader.
type scan struct {
	lines  *lineSource
	needs  Needs
	open   []*entity // the entities around the current line, the outermost first
	inHead bool      // the current line belongs to the header of the innermost one
	head   int       // bytes of all headers so far
	parts  int
	length int          // of the current line
	prior  int64        // offset of the end of the last line, before its line end
	line   int          // number of the current line
	text   bytes.Buffer // the current header
	// simple is set if the message has more parts or levels than a person would write. The
	// rest is then one body, which cannot be encoded.
	simple bool
}

// maxDepth limits how deep parts are nested.
const maxDepth = 50

func (s *scan) run() (*entity, error) {
	root := &entity{kind: "text/plain"}
	s.open, s.inHead = []*entity{root}, true
	for {
		p, err := s.lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := s.add(p); err != nil {
			return nil, err
		}
	}
	if s.line > 0 && !s.lines.whole { // the last line has no end: one is added
		s.needs.Size += 2
	}
	if s.inHead {
		s.endHead(s.lines.at)
	}
	for _, e := range s.open {
		e.end = s.lines.at
	}
	return root, nil
}

// add takes the next piece of a line.
func (s *scan) add(p piece) error {
	e := s.open[len(s.open)-1]
	if p.first {
		s.line++
		s.length = 0
		if s.delimiter(p) {
			return s.count(p, nil)
		}
		e = s.open[len(s.open)-1]
	}
	if s.inHead && p.first && len(p.text) == 0 {
		s.endHead(p.at + int64(p.end))
		return s.count(p, nil)
	}
	if s.inHead {
		if err := s.field(e, p); err != nil {
			return err
		}
	}
	return s.count(p, e)
}

// count adds a piece to what the message needs. e is the entity whose text it is, nil for
// delimiters.
func (s *scan) count(p piece, e *entity) error {
	s.length += len(p.text)
	s.needs.Size += int64(len(p.text))
	if p.end > 0 {
		s.needs.Size += 2
		s.prior = p.at + int64(len(p.text))
	}
	if s.length > lineMost {
		if s.needs.LongLine == 0 || s.needs.LongLine == s.line {
			s.needs.LongLine, s.needs.LongLength = s.line, s.length
		}
		if e != nil && s.inHead {
			e.headLong = true
		} else if e != nil {
			e.long = true
		}
	}
	if s.needs.NUL == 0 && bytes.IndexByte(p.text, 0) >= 0 {
		s.needs.NUL = s.line
	}
	if e == nil || e.eightBit && !s.inHead || isASCIIBytes(p.text) {
		return nil
	}
	if s.inHead {
		s.needs.HeaderUTF8, e.headUTF8 = true, true
	} else {
		s.needs.EightBit, e.eightBit = true, true
	}
	return nil
}

// field adds a line of a header.
func (s *scan) field(e *entity, p piece) error {
	if s.head += len(p.text) + p.end; s.head > maxHeader {
		return fmt.Errorf("line %d: the header has more than %d bytes; is an empty line missing after it?", s.line, maxHeader)
	}
	text := string(p.text) + "\r\n"
	switch {
	case len(e.fields) == 0:
	case !p.first: // more of a long line
		s.text.Truncate(s.text.Len() - len("\r\n"))
		s.text.WriteString(text)
		return nil
	case p.text[0] == ' ' || p.text[0] == '\t':
		s.text.WriteString(text)
		return nil
	}
	name, _, ok := strings.Cut(string(p.text), ":")
	name = strings.TrimRight(name, " \t")
	switch {
	case ok && validName(name):
		s.addField(e, rawField{name: name, line: s.line}, text)
		return nil
	case len(s.open) > 1: // a part: it matters only if the part must be encoded
		e.broken = fmt.Sprintf("line %d is not a header field", s.line)
		s.addField(e, rawField{line: s.line}, text)
		return nil
	case s.line == 1 && strings.HasPrefix(text, "From "):
		return errors.New("line 1 is the separator of a mailbox file (mbox), not a header field: delete it")
	}
	return fmt.Errorf("line %d is not a header field: %.60q; a header line is Name: value, and an empty line ends the header",
		s.line, strings.TrimSpace(text))
}

// addField begins a field. Its text is complete at the end of the header.
func (s *scan) addField(e *entity, f rawField, text string) {
	f.from = s.text.Len()
	s.text.WriteString(text)
	e.fields = append(e.fields, f)
}

// endHead ends the header of the innermost entity. body is the offset of the text after it.
func (s *scan) endHead(body int64) {
	e := s.open[len(s.open)-1]
	s.inHead, e.body = false, body
	text := s.text.String()
	s.text.Reset()
	for i := range e.fields {
		end := len(text)
		if i+1 < len(e.fields) {
			end = e.fields[i+1].from
		}
		e.fields[i].raw = text[e.fields[i].from:end]
	}
	kind, params, err := mime.ParseMediaType(e.get("Content-Type"))
	switch {
	case err == nil:
		e.kind = kind
	case e.has("Content-Type"):
		e.kind = "application/octet-stream" // RFC 2045 section 5.2 has text/plain, but the text is not known
	}
	e.encoding = strings.ToLower(strings.TrimSpace(e.get("Content-Transfer-Encoding")))
	if len(s.open) >= maxDepth || s.parts >= maxParts {
		s.simple = true
	}
	if s.simple {
		return
	}
	switch {
	case strings.HasPrefix(e.kind, "multipart/") && params["boundary"] != "":
		e.boundary = params["boundary"]
	case (e.kind == "message/rfc822" || e.kind == "message/global") && identity(e.encoding):
		s.begin(e, body)
	}
}

// begin opens a part of an entity.
func (s *scan) begin(of *entity, at int64) {
	s.parts++
	kind := "text/plain"
	if of.kind == "multipart/digest" {
		kind = "message/rfc822"
	}
	part := &entity{begin: at, body: at, kind: kind}
	of.parts = append(of.parts, part)
	s.open, s.inHead = append(s.open, part), true
}

// delimiter ends and begins parts if a line is a delimiter of a multipart around it (RFC
// 2046 section 5.1.1). It reports whether it was one.
func (s *scan) delimiter(p piece) bool {
	if s.simple || !bytes.HasPrefix(p.text, []byte("--")) {
		return false
	}
	text := bytes.TrimRight(p.text[2:], " \t")
	for i := len(s.open) - 1; i >= 0; i-- {
		e := s.open[i]
		if e.boundary == "" {
			continue
		}
		rest, ok := bytes.CutPrefix(text, []byte(e.boundary))
		if !ok || len(rest) > 0 && string(rest) != "--" {
			continue
		}
		if s.inHead && i < len(s.open)-1 {
			s.endHeadEarly(p.at)
		}
		for _, inner := range s.open[i+1:] {
			inner.end = max(s.prior, inner.body)
		}
		s.open, s.inHead = s.open[:i+1], false
		if len(rest) == 0 {
			s.begin(e, p.at+int64(len(p.text)+p.end))
		} else {
			e.boundary = "" // what follows is the epilogue
		}
		return true
	}
	return false
}

// endHeadEarly ends a header that has no empty line after it.
func (s *scan) endHeadEarly(at int64) {
	e, open := s.open[len(s.open)-1], s.open
	s.endHead(at)
	s.open, e.parts, e.boundary = open, nil, ""
}

// identity reports whether a transfer encoding leaves the text as it is (RFC 2045 section
// 6.2).
func identity(encoding string) bool {
	switch encoding {
	case "", "7bit", "8bit", "binary":
		return true
	}
	return false
}

func isASCIIBytes(b []byte) bool {
	for len(b) >= 8 {
		if (b[0]|b[1]|b[2]|b[3]|b[4]|b[5]|b[6]|b[7])&0x80 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}
