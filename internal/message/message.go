package message

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Spec describes the message that [Build] composes.
type Spec struct {
	From        string // mailbox, "ann@example.org" or "Ann <ann@example.org>"
	To, Cc, Bcc []string
	ReplyTo     string
	Subject     string
	Text        string
	HTML        string
	Attachments []Attachment
	Headers     []Field   // further fields, in order
	ID          string    // Message-ID without brackets (default: generated)
	Date        time.Time // Date (default: now)
}

// Field is one header field.
type Field struct{ Name, Value string }

// Attachment is one attached file.
type Attachment struct {
	Name string
	Type string // media type (default: from the extension of Name)
	Data []byte
	// Open, if not nil, returns the content instead of Data.
	Open func() (io.ReadCloser, error)
}

// Message is a composed message with its envelope.
type Message struct {
	From  string   // reverse-path
	Rcpts []string // forward-paths: To, Cc and Bcc without duplicates
	ID    string   // with brackets
	Bytes []byte   // the message with CRLF line ends

	ascii    []byte    // the message with A-labels, if it differs from Bytes
	asciiErr error     // why there is no such message
	finished *Finished // of a message that was not composed here
}

// For returns the message for a server. utf8 tells whether the server offers SMTPUTF8. If
// not, the domains in the header are A-labels (RFC 5891), as in the envelope. For returns
// an error if the header then still requires SMTPUTF8 (RFC 6532), because of a local part.
func (m *Message) For(utf8 bool) ([]byte, error) {
	switch {
	case utf8 || m.ascii == nil && m.asciiErr == nil:
		return m.Bytes, nil
	case m.asciiErr != nil:
		return nil, m.asciiErr
	}
	return m.ascii, nil
}

// NeedsUTF8 reports whether Bytes requires a server that offers SMTPUTF8.
func (m *Message) NeedsUTF8() bool { return m.ascii != nil || m.asciiErr != nil }

// Build composes a message. It returns an error that names the field if a value contains
// CR, LF or NUL, or cannot be folded into lines of at most 998 bytes (RFC 5322 section
// 2.1.1).
func Build(s Spec) (*Message, error) {
	var b bytes.Buffer
	m, h, top, err := s.compose(&b)
	if err != nil {
		return nil, err
	}
	m.Bytes = b.Bytes()
	if isASCII(top) {
		return m, nil
	}
	plain, err := h.write(asciiOnly)
	if err != nil {
		return nil, err
	}
	if isASCII(plain) {
		m.ascii = slices.Concat([]byte(plain), m.Bytes[len(top):])
	} else {
		m.asciiErr = h.notASCII()
	}
	return m, nil
}

// Compose is Build for a message that is not kept in memory: it writes the message to w.
// Bytes of the result is nil. Errors: those of Build, of w, and of the attachments.
func Compose(w io.Writer, s Spec) (*Message, error) {
	out := bufio.NewWriterSize(w, lineBlock)
	m, _, _, err := s.compose(out)
	if err == nil {
		err = out.Flush()
	}
	return m, err
}

// compose writes a message and returns its envelope, its header, and the header as text.
func (s Spec) compose(w io.Writer) (*Message, *head, string, error) {
	if err := s.check(); err != nil {
		return nil, nil, "", err
	}
	h, err := s.head()
	if err != nil {
		return nil, nil, "", err
	}
	m := &Message{From: h.from[0].address, ID: h.id}
	known := map[string]bool{}
	for _, list := range [][]mailbox{h.to, h.cc, h.bcc} {
		for _, r := range list {
			if !known[r.address] {
				known[r.address] = true
				m.Rcpts = append(m.Rcpts, r.address)
			}
		}
	}
	if len(m.Rcpts) == 0 {
		return nil, nil, "", errors.New("to: at least one recipient is required (to, cc or bcc)")
	}
	top, err := h.write(withUTF8)
	if err != nil {
		return nil, nil, "", err
	}
	if _, err := io.WriteString(w, top); err != nil {
		return nil, nil, "", err
	}
	if err := s.body(w); err != nil {
		return nil, nil, "", err
	}
	return m, h, top, nil
}

// check returns an error for a value that would start another header field.
func (s Spec) check() error {
	fields := map[string]string{"from": s.From, "subject": s.Subject, "reply_to": s.ReplyTo, "id": s.ID}
	for _, l := range [][]string{s.To, s.Cc, s.Bcc} {
		for _, a := range l {
			fields["recipient "+a] = a
		}
	}
	for _, a := range s.Attachments {
		fields["attachment name"] = a.Name
		fields["attachment type"] = a.Type
		if strings.ContainsAny(a.Name+a.Type, "\r\n\x00") {
			break
		}
	}
	for _, f := range s.Headers {
		fields["header "+f.Name] = f.Value
		if !validName(f.Name) {
			return fmt.Errorf("headers: %q is not a field name", f.Name)
		}
		if own, ok := ownFields[strings.ToLower(f.Name)]; ok {
			return fmt.Errorf("headers: %s is set with %s", f.Name, own)
		}
	}
	for name, v := range fields {
		if strings.ContainsAny(v, "\r\n\x00") {
			return fmt.Errorf("%q: the value has a CR, LF or NUL", strings.SplitN(name, "\n", 2)[0])
		}
	}
	return nil
}

// ownFields maps the fields that Headers must not set to the part of Spec that sets them.
var ownFields = map[string]string{
	"from": "from", "to": "to", "cc": "cc", "bcc": "bcc", "reply-to": "reply_to", "subject": "subject", "date": "date", "message-id": "id",
	"mime-version": "the message itself", "content-type": "text, html and attach", "content-transfer-encoding": "text, html and attach",
}

// validName reports whether s is a field name (RFC 5322 section 3.6.8).
func validName(s string) bool {
	for _, c := range []byte(s) {
		if c < 33 || c > 126 || c == ':' {
			return false
		}
	}
	return s != ""
}

func newID(from string) (string, error) {
	var b [12]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	_, domain := splitAddress(asciiDomain(from))
	if domain == "" {
		domain = "localhost"
	}
	return fmt.Sprintf("%x.%s@%s", time.Now().Unix(), hex.EncodeToString(b[:]), domain), nil
}
