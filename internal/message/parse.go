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

// Parsed is a message that was read: what a server or a mailbox gives back.
type Parsed struct {
	Text        string // the first plain text, decoded
	HTML        string // the first HTML, decoded
	Attachments []Attachment
	Body        []byte   // all behind the header, as it came
	Defects     []string // what was wrong, in words

	fields []Field
}

// maxParts bounds the parts of a message; some are made to nest without end.
const maxParts = 1000

// maxNested bounds the multiparts of a message: the library reads each line once for
// every multipart around it.
const maxNested = 100

// maxHeader bounds the header, in octets: servers take far less.
const maxHeader = 1 << 20

// Parse reads a message. It reads on where something is wrong, and notes it; the
// error is a text that has no header at all.
func Parse(raw []byte) (*Parsed, error) {
	p := &Parsed{}
	header, body, found := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !found {
		header, body, _ = bytes.Cut(raw, []byte("\n\n"))
	}
	p.Body = body
	if len(header) > maxHeader {
		p.defect("the header has %d octets; the first %d were read, and nothing of the body", len(header), maxHeader)
		p.readFields(string(header[:maxHeader]))
		return p, nil
	}
	p.readFields(string(header))
	if len(p.fields) == 0 {
		return nil, errors.New("there is no header field in it")
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

// readFields reads the header by itself: the library drops what is wrong.
func (p *Parsed) readFields(header string) {
	var folded strings.Builder // the lines of the last field behind its first
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
			p.defect("a line of the header is no field: %.60q", line)
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

// fileName is the name of an attached file. An encoded word in it, which RFC 2047
// section 5 forbids and many write, is decoded; what was written by RFC 2231 is not.
func fileName(h *mail.AttachmentHeader) (string, error) {
	if _, of, err := mime.ParseMediaType(h.Get("Content-Disposition")); err == nil && of["filename"] != "" {
		if strings.Contains(strings.ToLower(h.Get("Content-Disposition")), "filename*") {
			return of["filename"], nil
		}
	}
	return h.Filename()
}

// All returns the fields of a name from top to bottom, RFC 2047 words decoded.
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

// Get returns the first field of a name; "" without one.
func (p *Parsed) Get(name string) string {
	if all := p.All(name); len(all) > 0 {
		return all[0]
	}
	return ""
}

// Addresses returns the mailboxes of a field, without names, quoted local parts
// with their quotes; fields that cannot be read give none.
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

// Date is the Date field; false when there is none that can be read.
func (p *Parsed) Date() (time.Time, bool) {
	d, err := netmail.ParseDate(p.Get("Date"))
	return d, err == nil
}
