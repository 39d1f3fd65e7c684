package message

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// head is what the header says, besides the fields of MIME.
type head struct {
	from, to, cc, bcc, replyTo []mailbox
	subject, id                string
	date                       time.Time
	fields                     []Field
}

// head reads the mailboxes and makes what was left out.
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
		return nil, fmt.Errorf("from: want exactly one mailbox")
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

// fits refuses a value that has no form in a header: an encoded word has no place in a URI,
// a message identifier or another value of a structured field (RFC 2047 section 5).
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
	return fmt.Errorf("%s: the value is not printable ASCII, and the field has no place for encoded words (RFC 2047 section 5); write "+
		"A-labels for a domain and %%XX for other octets of a URI",
		f.Name)
}

// field is a field of the header with its tokens.
type field struct {
	name   string
	tokens []token
}

// charset says what a header may have (RFC 6532).
type charset bool

const (
	asciiOnly charset = true
	withUTF8  charset = false
)

// list is the header in order, Bcc left out: it is for the envelope alone. For asciiOnly,
// domains are A-labels.
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

// write gives the header's text, folded.
func (h *head) write(to charset) (string, error) {
	var b strings.Builder
	for _, f := range h.list(to) {
		text := fold(f.name, f.tokens)
		if tooLongLine(text) {
			return "", fmt.Errorf("%s: the value cannot be folded into lines of at most %d octets (RFC 5322 section 2.1.1)", f.name, lineMost)
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

// notASCII says which field keeps a message from a server without SMTPUTF8.
func (h *head) notASCII() error {
	for _, f := range h.list(asciiOnly) {
		if i := slices.IndexFunc(f.tokens, func(t token) bool { return !isASCII(t.text) }); i >= 0 {
			return fmt.Errorf("%s: %q is not ASCII, and the server does not offer SMTPUTF8", f.name, strings.Trim(f.tokens[i].text, "<>,"))
		}
	}
	return nil
}
