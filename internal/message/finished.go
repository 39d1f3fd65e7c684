package message

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Finished is a message that somebody else has written, for example a file. It is never
// read into memory: only its header is. Begin with [ReadFinished].
type Finished struct {
	src   io.ReaderAt
	size  int64
	root  *entity
	needs Needs
}

// Needs is what a message requires of a server.
type Needs struct {
	Size       int64 // bytes, with CRLF at the end of each line (RFC 1870 section 5)
	EightBit   bool  // a body has bytes above 127, which need 8BITMIME (RFC 6152)
	HeaderUTF8 bool  // a header has such bytes, which need SMTPUTF8 (RFC 6532)
	LongLine   int   // number of the first line of more than 998 bytes (RFC 5321 section 4.5.3.1.6); 0 if there is none
	LongLength int   // bytes of that line
	NUL        int   // number of the first line with a NUL, which no message may have; 0 if there is none
}

// whole is the source of a message that must keep its size: an end before it is an error, so
// that a file that was cut is not sent as a complete message.
type whole struct {
	src  io.ReaderAt
	size int64
}

// ReadAt reads at a position.
func (w whole) ReadAt(b []byte, at int64) (int, error) {
	n, err := w.src.ReadAt(b, at)
	if err == io.EOF && at+int64(n) < w.size {
		err = fmt.Errorf("the message is shorter than it was when it was opened: %w", io.ErrUnexpectedEOF)
	}
	return n, err
}

// ReadFinished reads a message once and finds its structure and what it needs. Errors: a
// message without a header, a line of the header that is no field, a header of more than
// 1 MiB, and those of src.
func ReadFinished(src io.ReaderAt, size int64) (*Finished, error) {
	src = whole{src, size}
	s := &scan{lines: newLineSource(io.NewSectionReader(src, 0, size))}
	root, err := s.run()
	if err != nil {
		return nil, err
	}
	if len(root.fields) == 0 {
		return nil, errors.New("the message has no header: it must begin with fields such as Subject: hello, and an empty line")
	}
	return &Finished{src, size, root, s.needs}, nil
}

// Needs returns what the message requires of a server.
func (f *Finished) Needs() Needs { return f.needs }

// Reader returns a reader of the whole message. Several can be used at once.
func (f *Finished) Reader() *io.SectionReader { return io.NewSectionReader(f.src, 0, f.size) }

// Has reports whether the header has a field with the name.
func (f *Finished) Has(name string) bool { return f.root.has(name) }

// Get returns the unfolded value of the first field with the name, or "".
func (f *Finished) Get(name string) string { return f.root.get(name) }

// Signed returns the name of the field that signs the message, or "". A change of the
// message makes the signature invalid.
func (f *Finished) Signed() string {
	for _, name := range []string{"DKIM-Signature", "ARC-Seal"} {
		if f.root.has(name) {
			return name
		}
	}
	return ""
}

// resent returns the fields of the newest Resent block (RFC 5322 section 3.6.6): it is the
// first one. It returns nil if the message was not sent again.
func (f *Finished) resent() []rawField {
	var out []rawField
	for _, field := range f.root.fields {
		isResent := len(field.name) > 7 && strings.EqualFold(field.name[:7], "Resent-")
		switch {
		case isResent:
			for _, known := range out {
				if known.is(field.name) { // the next block begins
					return out
				}
			}
			out = append(out, field)
		case len(out) > 0 && field.is("Received", "Return-Path"):
			return out
		}
	}
	return out
}

// Sender returns the reverse-path that the header gives, as sendmail -t does: the mailbox of
// Sender, or else the first one of From; of the Resent fields if there are any. It returns
// "" if there is none.
func (f *Finished) Sender() (string, error) {
	fields, prefix := f.root.fields, ""
	if block := f.resent(); block != nil {
		fields, prefix = block, "Resent-"
	}
	for _, name := range []string{prefix + "Sender", prefix + "From"} {
		for _, field := range fields {
			if !field.is(name) {
				continue
			}
			list, err := addressesOf(field)
			if err != nil {
				return "", err
			}
			if len(list) > 0 {
				return list[0], nil
			}
		}
	}
	return "", nil
}

// Recipients returns the mailboxes of To, Cc and Bcc, without duplicates; of the Resent
// fields if there are any.
func (f *Finished) Recipients() ([]string, error) {
	fields, prefix := f.root.fields, ""
	if block := f.resent(); block != nil {
		fields, prefix = block, "Resent-"
	}
	var out []string
	known := map[string]bool{}
	for _, field := range fields {
		if !field.is(prefix+"To", prefix+"Cc", prefix+"Bcc") {
			continue
		}
		list, err := addressesOf(field)
		if err != nil {
			return nil, err
		}
		for _, a := range list {
			if !known[a] {
				known[a] = true
				out = append(out, a)
			}
		}
	}
	return out, nil
}

// addressesOf returns the mailboxes of a field. A field without any, such as an empty group,
// is no error.
func addressesOf(field rawField) ([]string, error) {
	value := strings.TrimSpace(field.value())
	if value == "" || strings.HasSuffix(strings.ReplaceAll(value, " ", ""), ":;") && !strings.Contains(value, "@") {
		return nil, nil
	}
	list, err := mailboxes(field.name, []string{value})
	if err != nil {
		return nil, fmt.Errorf("line %d: %w", field.line, err)
	}
	var out []string
	for _, m := range list {
		out = append(out, m.address)
	}
	return out, nil
}

// Edit returns the message without the fields that have one of the names, and with others
// before its header. The names and values of added must be valid: no CR, LF or NUL.
func (f *Finished) Edit(remove []string, added ...Field) (*Finished, error) {
	var b strings.Builder
	for _, field := range added {
		if !validName(field.Name) || strings.ContainsAny(field.Value, "\r\n\x00") {
			return nil, fmt.Errorf("%q: %q is not a header field", field.Name, field.Value)
		}
		b.WriteString(fold(field.Name, unstructured(field.Name, field.Value, syntax(structuredField(field.Name)))))
	}
	for _, field := range f.root.fields {
		if !field.is(remove...) {
			b.WriteString(field.raw)
		}
	}
	b.WriteString("\r\n")
	return f.withHead(b.String())
}

// withHead returns the message with another header, which ends with its empty line.
func (f *Finished) withHead(head string) (*Finished, error) {
	src := &joined{head: head, rest: f.src, from: f.root.body}
	return ReadFinished(src, int64(len(head))+f.size-f.root.body)
}

// Missing returns the fields that every message must have and this one does not: Date (RFC
// 5322 section 3.6), and Message-ID, which it should have. The Message-ID has the domain of
// the sender.
func (f *Finished) Missing(sender string, now time.Time) ([]Field, error) {
	var out []Field
	if !f.root.has("Date") {
		out = append(out, Field{"Date", now.Format("Mon, 02 Jan 2006 15:04:05 -0700")})
	}
	if !f.root.has("Message-ID") {
		id, err := newID(sender)
		if err != nil {
			return nil, err
		}
		out = append(out, Field{"Message-ID", "<" + id + ">"})
	}
	return out, nil
}

// joined is a text followed by the rest of a source.
type joined struct {
	head string
	rest io.ReaderAt
	from int64
}

// ReadAt reads from the text, the source, or both.
func (j *joined) ReadAt(p []byte, at int64) (int, error) {
	n := 0
	if at < int64(len(j.head)) {
		if n = copy(p, j.head[at:]); n == len(p) {
			return n, nil
		}
	}
	m, err := j.rest.ReadAt(p[n:], j.from+at+int64(n)-int64(len(j.head)))
	return n + m, err
}
