package message

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	netmail "net/mail"
	"path/filepath"
	"slices"
	"strings"
	"time"

	gomessage "github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"
)

// Spec says what a message is to be.
type Spec struct {
	From        string // mailbox, "ann@example.org" or "Ann <ann@example.org>"
	To, Cc, Bcc []string
	ReplyTo     string
	Subject     string
	Text        string
	HTML        string
	Attachments []Attachment
	Headers     []Field   // further fields, in order
	ID          string    // Message-ID without brackets; made when empty
	Date        time.Time // now when zero
}

// Field is one header field.
type Field struct{ Name, Value string }

// Attachment is one attached file.
type Attachment struct {
	Name string
	Type string // media type; found by the name when empty
	Data []byte
}

// Message is a composed message with its envelope.
type Message struct {
	From  string   // reverse-path
	Rcpts []string // forward-paths: To, Cc and Bcc without duplicates
	ID    string   // with brackets
	Bytes []byte   // the message with CRLF line ends
}

// Build composes a message. Errors name the field concerned; a field with CR,
// LF or NUL is refused.
func Build(s Spec) (*Message, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	var h mail.Header
	m := &Message{}
	from, err := addresses("from", []string{s.From})
	if err != nil {
		return nil, err
	}
	if len(from) != 1 {
		return nil, errors.New("from: want exactly one mailbox")
	}
	m.From = from[0].Address
	date := s.Date
	if date.IsZero() {
		date = time.Now()
	}
	id := strings.Trim(s.ID, "<>")
	if id == "" {
		if id, err = newID(m.From); err != nil {
			return nil, err
		}
	}
	m.ID = "<" + id + ">"
	// the library puts each new field on top, so the last ones come first
	h.AddRaw([]byte("MIME-Version: 1.0\r\n"))
	if len(s.Attachments) == 0 && s.HTML == "" {
		h.SetContentType("text/plain", map[string]string{"charset": "utf-8"})
		h.Set("Content-Transfer-Encoding", transferEncoding(s.Text))
	}
	for _, f := range slices.Backward(s.Headers) {
		h.SetText(f.Name, f.Value)
	}
	h.AddRaw([]byte("Message-ID: " + m.ID + "\r\n"))
	if s.Subject != "" {
		h.SetSubject(s.Subject)
	}
	if s.ReplyTo != "" {
		list, err := addresses("reply_to", []string{s.ReplyTo})
		if err != nil {
			return nil, err
		}
		h.SetAddressList("Reply-To", list)
	}
	shown := map[string][]*mail.Address{}
	for _, l := range []struct {
		field string
		list  []string
	}{{"To", s.To}, {"Cc", s.Cc}, {"Bcc", s.Bcc}} {
		list, err := addresses(strings.ToLower(l.field), l.list)
		if err != nil {
			return nil, err
		}
		shown[l.field] = list
		for _, a := range list {
			m.addRcpt(a.Address)
		}
	}
	if len(m.Rcpts) == 0 {
		return nil, errors.New("to: at least one recipient is needed (to, cc or bcc)")
	}
	for _, field := range []string{"Cc", "To"} { // Bcc is for the envelope alone
		if len(shown[field]) > 0 {
			h.SetAddressList(field, shown[field])
		}
	}
	h.SetAddressList("From", from)
	h.SetDate(date)
	var b bytes.Buffer
	if err := s.body(&b, h); err != nil {
		return nil, err
	}
	m.Bytes = b.Bytes()
	return m, nil
}

func (m *Message) addRcpt(address string) {
	for _, r := range m.Rcpts {
		if r == address {
			return
		}
	}
	m.Rcpts = append(m.Rcpts, address)
}

// check refuses what would become a field of its own.
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

// ownFields are made from other parts of a Spec.
var ownFields = map[string]string{
	"from": "from", "to": "to", "cc": "cc", "bcc": "bcc", "reply-to": "reply_to", "subject": "subject", "date": "date", "message-id": "id",
	"mime-version": "the message itself", "content-type": "text, html and attach", "content-transfer-encoding": "text, html and attach",
}

// validName is RFC 5322 section 3.6.8.
func validName(s string) bool {
	for _, c := range []byte(s) {
		if c < 33 || c > 126 || c == ':' {
			return false
		}
	}
	return s != ""
}

func addresses(field string, list []string) ([]*mail.Address, error) {
	var out []*mail.Address
	for _, s := range list {
		parsed, err := netmail.ParseAddressList(s)
		if err != nil {
			return nil, fmt.Errorf("%s: %q is not a mailbox: %s", field, s, strings.TrimPrefix(err.Error(), "mail: "))
		}
		out = append(out, parsed...)
	}
	return out, nil
}

func newID(from string) (string, error) {
	var b [12]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	_, domain, _ := strings.Cut(from, "@")
	if domain == "" {
		domain = "localhost"
	}
	return fmt.Sprintf("%x.%s@%s", time.Now().Unix(), hex.EncodeToString(b[:]), domain), nil
}

// body writes header and parts: one text part alone, alternatives, or a mixed
// message with attachments.
func (s Spec) body(w io.Writer, h mail.Header) error {
	if len(s.Attachments) == 0 && s.HTML == "" {
		return writePart(func() (io.WriteCloser, error) { return mail.CreateSingleInlineWriter(w, h) }, crlf(s.Text))
	}
	mw, err := mail.CreateWriter(w, h)
	if err != nil {
		return err
	}
	if s.HTML == "" { // one text needs no list of alternatives
		var ih mail.InlineHeader
		ih.SetContentType("text/plain", map[string]string{"charset": "utf-8"})
		ih.Set("Content-Transfer-Encoding", transferEncoding(s.Text))
		if err := writePart(func() (io.WriteCloser, error) { return mw.CreateSingleInline(ih) }, crlf(s.Text)); err != nil {
			return err
		}
		return s.attach(mw)
	}
	iw, err := mw.CreateInline()
	if err != nil {
		return err
	}
	for _, p := range []struct{ kind, text string }{{"text/plain", s.Text}, {"text/html", s.HTML}} {
		if p.text == "" {
			continue
		}
		var ih mail.InlineHeader
		ih.SetContentType(p.kind, map[string]string{"charset": "utf-8"})
		ih.Set("Content-Transfer-Encoding", transferEncoding(p.text))
		if err := writePart(func() (io.WriteCloser, error) { return iw.CreatePart(ih) }, crlf(p.text)); err != nil {
			return err
		}
	}
	if err := iw.Close(); err != nil {
		return err
	}
	return s.attach(mw)
}

// attach adds the attachments and ends the message.
func (s Spec) attach(mw *mail.Writer) error {
	for _, a := range s.Attachments {
		var ah mail.AttachmentHeader
		kind := a.Type
		if kind == "" {
			kind = mime.TypeByExtension(filepath.Ext(a.Name))
		}
		if kind == "" {
			kind = "application/octet-stream"
		}
		base, params, err := mime.ParseMediaType(kind)
		if err != nil {
			return fmt.Errorf("attach: %q is not a media type", kind)
		}
		ah.SetContentType(base, params)
		ah.SetFilename(a.Name)
		ah.Set("Content-Transfer-Encoding", "base64")
		if err := writePart(func() (io.WriteCloser, error) { return mw.CreateAttachment(ah) }, a.Data); err != nil {
			return err
		}
	}
	return mw.Close()
}

func writePart(create func() (io.WriteCloser, error), data []byte) error {
	p, err := create()
	if err != nil {
		if gomessage.IsUnknownEncoding(err) {
			return fmt.Errorf("body: %w", err)
		}
		return err
	}
	if _, err := p.Write(data); err != nil {
		return err
	}
	return p.Close()
}

// transferEncoding leaves plain short-lined ASCII readable on the wire.
func transferEncoding(text string) string {
	for line := range strings.Lines(text) {
		if len(line) > 900 {
			return "quoted-printable"
		}
	}
	for _, c := range []byte(text) {
		if c >= 0x80 || c == 0 {
			return "quoted-printable"
		}
	}
	return "7bit"
}

func crlf(s string) []byte {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	if s != "" && !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	return []byte(strings.ReplaceAll(s, "\n", "\r\n"))
}
