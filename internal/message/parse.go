package message

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	netmail "net/mail"
	"strings"
	"time"

	gomessage "github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"

	"smtpsh/internal/lazyregexp"
)

// Parsed is a message as [Parse] has read it.
type Parsed struct {
	Text        string // the first plain text, decoded
	HTML        string // the first HTML, decoded
	Attachments []Attachment
	Body        []byte   // everything after the header, unchanged
	Defects     []string // descriptions of errors in the message

	fields []Field
}

// maxParts limits the number of parts of a message, against hostile messages.
const maxParts = 1000

// maxNested limits the number of multiparts of a message, because the library reads each
// line once for every multipart around it.
const maxNested = 100

// maxHeader limits the header in bytes. Servers accept much less.
const maxHeader = 1 << 20

// Parse reads a message. It adds errors in the message to Defects and continues. It
// returns an error only if there is no header field.
func Parse(raw []byte) (*Parsed, error) {
	p := &Parsed{}
	header, body, found := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !found {
		header, body, _ = bytes.Cut(raw, []byte("\n\n"))
	}
	p.Body = body
	if len(header) > maxHeader {
		p.defect("the header has %d bytes; only the first %d bytes were read, without the body", len(header), maxHeader)
		p.readFields(string(header[:maxHeader]))
		return p, nil
	}
	p.readFields(string(header))
	if len(p.fields) == 0 {
		return nil, errors.New("the message has no header field")
	}
	if n := len(boundary().FindAllIndex(raw, maxNested+1)); n > maxNested {
		p.defect("more than %d multiparts", maxNested)
		return p, nil
	}
	r, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil && (r == nil || !gomessage.IsUnknownCharset(err) && !gomessage.IsUnknownEncoding(err)) {
		p.defect("the structure cannot be read: %v", err)
		return p, nil
	}
	for n := 0; ; n++ {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		if err != nil && (part == nil || !gomessage.IsUnknownCharset(err) && !gomessage.IsUnknownEncoding(err)) {
			p.defect("a part cannot be read: %v", err)
			return p, nil
		}
		if n >= maxParts {
			p.defect("more than %d parts", maxParts)
			return p, nil
		}
		p.part(part)
	}
}

var boundary = lazyregexp.New(`(?i)\bboundary\s*[=*]`)

func (p *Parsed) defect(format string, args ...any) {
	p.Defects = append(p.Defects, fmt.Sprintf(format, args...))
}

// readFields reads the header without the library, which drops invalid fields.
func (p *Parsed) readFields(header string) {
	var folded strings.Builder // the continuation lines of the last field
	end := func() {
		if n := len(p.fields); n > 0 && folded.Len() > 0 {
			p.fields[n-1].Value += folded.String()
			folded.Reset()
		}
	}
	for line := range strings.SplitSeq(strings.ReplaceAll(header, "\r\n", "\n"), "\n") {
		if line == "" {
			continue
		}
		if line[0] == ' ' || line[0] == '\t' {
			if len(p.fields) > 0 {
				folded.WriteString("\n" + line)
			}
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			p.defect("a header line is not a field: %.60q", line)
			continue
		}
		end()
		p.fields = append(p.fields, Field{strings.TrimSpace(name), value})
	}
	end()
	for i := range p.fields {
		p.fields[i].Value = unfold(p.fields[i].Value)
	}
}

func (p *Parsed) part(part *mail.Part) {
	data, err := io.ReadAll(part.Body)
	if err != nil {
		p.defect("a part cannot be decoded: %v", err)
	}
	switch h := part.Header.(type) {
	case *mail.InlineHeader:
		kind, _, _ := h.ContentType()
		switch {
		case (kind == "text/plain" || kind == "") && p.Text == "":
			p.Text = string(data)
		case kind == "text/html" && p.HTML == "":
			p.HTML = string(data)
		default:
			p.Attachments = append(p.Attachments, Attachment{Type: kind, Data: data})
		}
	case *mail.AttachmentHeader:
		kind, _, _ := h.ContentType()
		name, err := fileName(h)
		if err != nil {
			p.defect("a file name cannot be read: %v", err)
		}
		p.Attachments = append(p.Attachments, Attachment{Name: name, Type: kind, Data: data})
	}
}

// fileName returns the name of an attachment. It decodes encoded words, which many programs
// write although RFC 2047 section 5 forbids them, unless the name is written as in RFC 2231.
func fileName(h *mail.AttachmentHeader) (string, error) {
	if _, of, err := mime.ParseMediaType(h.Get("Content-Disposition")); err == nil && of["filename"] != "" {
		if strings.Contains(strings.ToLower(h.Get("Content-Disposition")), "filename*") {
			return of["filename"], nil
		}
	}
	return h.Filename()
}

// All returns the values of all fields with a name, from top to bottom, with encoded words
// decoded (RFC 2047).
func (p *Parsed) All(name string) []string {
	var out []string
	dec := new(mime.WordDecoder)
	for _, f := range p.fields {
		if strings.EqualFold(f.Name, name) {
			v, err := dec.DecodeHeader(f.Value)
			if err != nil {
				v = f.Value
			}
			out = append(out, v)
		}
	}
	return out
}

// Get returns the value of the first field with a name, or "".
func (p *Parsed) Get(name string) string {
	if all := p.All(name); len(all) > 0 {
		return all[0]
	}
	return ""
}

// Addresses returns the addresses of a field without display names. Quoted local parts keep
// their quotes. Fields that cannot be parsed are skipped.
func (p *Parsed) Addresses(name string) []string {
	var out []string
	for _, f := range p.fields {
		if !strings.EqualFold(f.Name, name) {
			continue
		}
		list, err := parseMailboxes(f.Value)
		if err != nil {
			continue
		}
		for _, m := range list {
			out = append(out, m.address)
		}
	}
	return out
}

// Date returns the time of the Date field, or false if it is missing or invalid.
func (p *Parsed) Date() (time.Time, bool) {
	d, err := netmail.ParseDate(p.Get("Date"))
	return d, err == nil
}
