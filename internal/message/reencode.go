package message

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"
	"unicode/utf8"
)

// Accepts is what a server accepts in a message.
type Accepts struct {
	UTF8     bool // SMTPUTF8 (RFC 6531)
	EightBit bool // 8BITMIME (RFC 6152)
	// AnyLength leaves lines of more than 998 bytes as they are.
	AnyLength bool
}

// Fits reports whether a server accepts the message as it is: bytes above 127 and long
// lines.
func (f *Finished) Fits(a Accepts) bool {
	return (a.AnyLength || f.needs.LongLine == 0) && (a.UTF8 || !f.needs.HeaderUTF8) && (a.EightBit || !f.needs.EightBit)
}

// Reencode writes the message in a form that the server accepts: bodies in quoted-printable
// or base64, texts in header fields as encoded words (RFC 2047), parameters as in RFC 2231,
// and domains as A-labels. Parts that need no change stay as they are, octet for octet.
// Reencode returns an error that names the line or the part if this is not possible: a
// mailbox whose local part is not ASCII, a signed part, or a text in an unknown character
// set.
func (f *Finished) Reencode(w io.Writer, a Accepts) error {
	out := bufio.NewWriterSize(w, lineBlock)
	r := &reencoder{f: f, to: a, w: out}
	if err := r.entity(f.root, wholeMessage); err != nil {
		return err
	}
	return out.Flush()
}

// reencoder is one run of Reencode.
type reencoder struct {
	f  *Finished
	to Accepts
	w  *bufio.Writer
}

func (r *reencoder) headChanges(e *entity) bool {
	return e.headLong && !r.to.AnyLength || e.headUTF8 && !r.to.UTF8
}

func (r *reencoder) bodyChanges(e *entity) bool {
	return e.long && !r.to.AnyLength || e.eightBit && !r.to.EightBit
}

// changes reports whether the entity or a part of it must be changed.
func (r *reencoder) changes(e *entity) bool {
	return !e.within(func(p *entity) bool { return !r.headChanges(p) && !r.bodyChanges(p) })
}

// place tells whether an entity is the message itself.
type place bool

const (
	wholeMessage place = true
	aPart        place = false
)

// entity writes an entity.
func (r *reencoder) entity(e *entity, at place) error {
	if !r.changes(e) {
		return r.copy(e.begin, e.end)
	}
	encoding, err := r.encodingFor(e)
	if err != nil {
		return err
	}
	if err := r.head(e, encoding, at); err != nil {
		return err
	}
	if len(e.parts) > 0 {
		return r.parts(e)
	}
	if encoding == "" || !r.bodyChanges(e) {
		return r.copy(e.body, e.end)
	}
	return r.encode(e, encoding)
}

// encodingFor returns the Content-Transfer-Encoding that the entity gets, or "" if it keeps
// its own.
func (r *reencoder) encodingFor(e *entity) (string, error) {
	multipart := strings.HasPrefix(e.kind, "multipart/")
	switch {
	case e.kind == "multipart/signed" || e.kind == "multipart/encrypted":
		for _, p := range e.parts {
			if r.changes(p) {
				return "", fmt.Errorf("%s: a part of %s must be encoded for this server, and its signature would then be invalid",
					r.name(p), e.kind)
			}
		}
	case multipart && len(e.parts) == 0 && r.bodyChanges(e):
		return "", fmt.Errorf("%s: the %s has no parts that can be read", r.name(e), e.kind)
	}
	if len(e.parts) > 0 {
		if r.bodyChanges(e) {
			return "", fmt.Errorf("%s: the text between the parts of the %s must be encoded, and no encoding is possible there",
				r.name(e), e.kind)
		}
		if e.encoding == "8bit" && !r.to.EightBit {
			return "7bit", nil
		}
		return "", nil
	}
	if !r.bodyChanges(e) {
		return "", nil
	}
	switch {
	case strings.HasPrefix(e.kind, "message/"):
		return "", fmt.Errorf("%s: a %s must be encoded for this server, and no encoding is allowed for it (RFC 2046 section 5.2)",
			r.name(e), e.kind)
	case e.encoding == "base64" || e.encoding == "quoted-printable":
		return e.encoding, nil
	case !identity(e.encoding):
		return "", fmt.Errorf("%s: unknown Content-Transfer-Encoding %.40q", r.name(e), e.encoding)
	case strings.HasPrefix(e.kind, "text/"):
		return "quoted-printable", nil
	}
	return "base64", nil
}

// name names an entity in errors.
func (r *reencoder) name(e *entity) string {
	if len(e.fields) > 0 {
		return fmt.Sprintf("the part with the header in line %d", e.fields[0].line)
	}
	return "a part without a header"
}

// head writes the header of an entity with another encoding, "" for its own.
func (r *reencoder) head(e *entity, encoding string, at place) error {
	if e.broken != "" {
		return errors.New(e.broken)
	}
	if at == wholeMessage && encoding != "" && !e.has("MIME-Version") {
		r.w.WriteString("MIME-Version: 1.0\r\n") //nolint:errcheck // Flush reports it
	}
	for _, f := range e.fields {
		if encoding != "" && f.is("Content-Transfer-Encoding") {
			continue
		}
		text, err := r.field(f)
		if err != nil {
			return err
		}
		r.w.WriteString(text) //nolint:errcheck // as above
	}
	if encoding == "" {
		_, err := r.w.WriteString("\r\n")
		return err
	}
	if !e.has("Content-Type") && len(e.parts) == 0 && e.eightBit {
		ok, err := r.validUTF8(e)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("%s: it has bytes above 127 that are not UTF-8, and no Content-Type names its character set; add one, for example "+
				"Content-Type: text/plain; charset=iso-8859-1", r.name(e))
		}
		r.w.WriteString("Content-Type: text/plain; charset=utf-8\r\n") //nolint:errcheck // as above
	}
	r.w.WriteString("Content-Transfer-Encoding: " + encoding + "\r\n\r\n") //nolint:errcheck // as above
	return nil
}

// field returns a header field in a form that the server accepts.
func (r *reencoder) field(f rawField) (string, error) {
	long := tooLongLine(f.raw) && !r.to.AnyLength
	if r.to.UTF8 && !long || isASCII(f.raw) && !long {
		return f.raw, nil
	}
	value := f.value()
	if !utf8.ValidString(value) {
		return "", fmt.Errorf("line %d: %s has bytes above 127 that are not UTF-8", f.line, f.name)
	}
	tokens, err := r.tokens(f.name, value)
	if err != nil {
		return "", fmt.Errorf("line %d: %w", f.line, err)
	}
	text := fold(f.name, tokens)
	if tooLongLine(text) {
		return "", fmt.Errorf("line %d: %s cannot be folded into lines of at most %d bytes (RFC 5322 section 2.1.1)", f.line, f.name, lineMost)
	}
	return text, nil
}

// tokens returns a value as tokens that the server accepts.
func (r *reencoder) tokens(name, value string) ([]token, error) {
	lower := strings.ToLower(name)
	ascii := isASCII(value) || r.to.UTF8 // only the lines are too long
	switch {
	case lower == "content-type" || lower == "content-disposition":
		kind, params, err := mime.ParseMediaType(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return withParams(kind, params), nil
	case ascii && !isASCII(value):
		return words(value), nil
	case ascii && structuredField(name) || ascii && ownAddress(lower):
		return words(value), nil
	case ownAddress(lower) || addressFields[lower]:
		if writtenAddresses(value) == nil {
			return nil, fmt.Errorf("%s: a group with letters outside ASCII needs a server that offers SMTPUTF8", name)
		}
		list, err := mailboxes(name, []string{value})
		if err != nil {
			return nil, err
		}
		tokens := addressList(name, list, asciiOnly)
		for _, t := range tokens {
			if !isASCII(t.text) {
				return nil, fmt.Errorf("%s: %q is not ASCII, and the server does not offer SMTPUTF8", name, strings.Trim(t.text, "<>,"))
			}
		}
		return tokens, nil
	case structuredField(name) && lower != "content-description":
		return nil, fmt.Errorf("%s is not ASCII, and this field allows no encoded words (RFC 2047 section 5); the server does not offer SMTPUTF8",
			name)
	}
	if decoded, err := new(mime.WordDecoder).DecodeHeader(value); err == nil {
		value = decoded
	}
	if strings.ContainsAny(value, "\r\n\x00") {
		return nil, fmt.Errorf("%s: an encoded word has a CR, LF or NUL", name)
	}
	return unstructured(name, value, freeText), nil
}

// ownAddress reports whether a field of a message has mailboxes.
func ownAddress(lower string) bool {
	switch lower {
	case "from", "to", "cc", "bcc", "reply-to", "resent-bcc":
		return true
	}
	return false
}

// parts writes the parts of an entity and the text between them.
func (r *reencoder) parts(e *entity) error {
	at := e.body
	for _, p := range e.parts {
		if err := r.copy(at, p.begin); err != nil {
			return err
		}
		if err := r.entity(p, aPart); err != nil {
			return err
		}
		at = p.end
	}
	return r.copy(at, e.end)
}

func (r *reencoder) copy(from, to int64) error {
	_, err := io.Copy(r.w, io.NewSectionReader(r.f.src, from, to-from))
	return err
}

// body returns a reader of the body of an entity.
func (r *reencoder) body(e *entity) io.Reader {
	return io.NewSectionReader(r.f.src, e.body, e.end-e.body)
}

// encode writes the body of an entity in an encoding.
func (r *reencoder) encode(e *entity, encoding string) error {
	var body io.Reader = r.body(e)
	switch e.encoding { // a body that was encoded wrongly, for example in long lines
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	var w io.WriteCloser
	if encoding == "base64" {
		w = base64.NewEncoder(base64.StdEncoding, &lineWrapper{w: r.w})
	} else {
		w = quotedprintable.NewWriter(r.w)
	}
	_, err := io.Copy(w, body)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return fmt.Errorf("%s: the body cannot be encoded again: %w", r.name(e), err)
	}
	return nil
}

// validUTF8 reports whether a body is UTF-8.
func (r *reencoder) validUTF8(e *entity) (bool, error) {
	in := bufio.NewReaderSize(r.body(e), lineBlock)
	for {
		c, n, err := in.ReadRune()
		switch {
		case errors.Is(err, io.EOF):
			return true, nil
		case err != nil:
			return false, err
		case c == utf8.RuneError && n == 1:
			return false, nil
		}
	}
}

// lineWrapper breaks a text into lines of 76 bytes (RFC 2045 section 6.8).
type lineWrapper struct {
	w      io.Writer
	column int
}

// Write writes a part of the text.
func (l *lineWrapper) Write(p []byte) (int, error) {
	const width = 76
	done := 0
	for done < len(p) {
		if l.column == width {
			if _, err := io.WriteString(l.w, "\r\n"); err != nil {
				return done, err
			}
			l.column = 0
		}
		n := min(width-l.column, len(p)-done)
		if _, err := l.w.Write(p[done : done+n]); err != nil {
			return done, err
		}
		done, l.column = done+n, l.column+n
	}
	return done, nil
}
