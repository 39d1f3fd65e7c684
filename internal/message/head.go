package message

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// head contains the header fields except the MIME fields.
type head struct {
	from, to, cc, bcc, replyTo []mailbox
	subject, id                string
	date                       time.Time
	fields                     []Field
}

// head parses the mailboxes and generates a missing Date and Message-ID.
func (s Spec) head() (*head, error) {
	h := &head{subject: s.Subject, date: s.Date, fields: s.Headers}
	for _, l := range []struct {
		field string
		list  []string
		into  *[]mailbox
	}{
		{"from", []string{s.From}, &h.from}, {"to", s.To, &h.to}, {"cc", s.Cc, &h.cc},
		{"bcc", s.Bcc, &h.bcc}, {"reply_to", []string{s.ReplyTo}, &h.replyTo},
	} {
		if l.field == "reply_to" && s.ReplyTo == "" {
			continue
		}
		var err error
		if *l.into, err = mailboxes(l.field, l.list); err != nil {
			return nil, err
		}
	}
	if len(h.from) != 1 {
		return nil, fmt.Errorf("from: must be exactly one mailbox")
	}
	if h.date.IsZero() {
		h.date = time.Now()
	}
	id := strings.Trim(s.ID, "<>")
	if id == "" {
		var err error
		if id, err = newID(h.from[0].address); err != nil {
			return nil, err
		}
	}
	h.id = "<" + id + ">"
	for _, f := range h.fields {
		if err := f.fits(); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// fits returns an error for a non-ASCII value that a structured field cannot contain, such
// as a URI or a message identifier: encoded words are not allowed there (RFC 2047 section 5).
func (f Field) fits() error {
	if !structuredField(f.Name) || printable(f.Value) || strings.EqualFold(f.Name, "Content-Description") {
		return nil
	}
	if addressFields[strings.ToLower(f.Name)] {
		if _, err := mailboxes(f.Name, []string{f.Value}); err != nil {
			return err
		}
		return nil
	}
	return fmt.Errorf("%s: the value is not printable ASCII, and this field allows no encoded words (RFC 2047 section 5); write "+
		"A-labels for a domain and %%XX for other bytes of a URI",
		f.Name)
}

// field is a header field as tokens.
type field struct {
	name   string
	tokens []token
}

// charset tells whether a header may contain UTF-8 (RFC 6532).
type charset bool

const (
	asciiOnly charset = true
	withUTF8  charset = false
)

// list returns the header fields in order, without Bcc, which is only in the envelope. For
// asciiOnly, domains are A-labels.
func (h *head) list(to charset) []field {
	out := []field{{"Date", words(h.date.Format("Mon, 02 Jan 2006 15:04:05 -0700"))}}
	for _, l := range []struct {
		name string
		list []mailbox
	}{{"From", h.from}, {"To", h.to}, {"Cc", h.cc}, {"Reply-To", h.replyTo}} {
		if len(l.list) > 0 {
			out = append(out, field{l.name, addressList(l.name, l.list, to)})
		}
	}
	if h.subject != "" {
		out = append(out, field{"Subject", unstructured("Subject", h.subject, freeText)})
	}
	out = append(out, field{"Message-ID", words(h.id)})
	for _, f := range h.fields {
		tokens := unstructured(f.Name, f.Value, syntax(structuredField(f.Name)))
		if addressFields[strings.ToLower(f.Name)] && !isASCII(f.Value) {
			if list, err := parseMailboxes(f.Value); err == nil {
				tokens = addressList(f.Name, list, to)
			}
		}
		out = append(out, field{f.Name, tokens})
	}
	return out
}

// write returns the folded header.
func (h *head) write(to charset) (string, error) {
	var b strings.Builder
	for _, f := range h.list(to) {
		text := fold(f.name, f.tokens)
		if tooLongLine(text) {
			return "", fmt.Errorf("%s: the value cannot be folded into lines of at most %d bytes (RFC 5322 section 2.1.1)", f.name, lineMost)
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

// notASCII returns an error that names the field that requires SMTPUTF8, or nil.
func (h *head) notASCII() error {
	for _, f := range h.list(asciiOnly) {
		if i := slices.IndexFunc(f.tokens, func(t token) bool { return !isASCII(t.text) }); i >= 0 {
			return fmt.Errorf("%s: %q is not ASCII, and the server does not offer SMTPUTF8", f.name, strings.Trim(f.tokens[i].text, "<>,"))
		}
	}
	return nil
}
