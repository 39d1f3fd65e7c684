package message

import (
	"fmt"
	"io"
	"mime"
	"path/filepath"
	"strings"

	gomessage "github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"
)

// body writes the MIME fields and the parts: a single text part, multipart/alternative, or
// multipart/mixed with attachments.
func (s Spec) body(w io.Writer) error {
	var h mail.Header
	h.AddRaw([]byte("MIME-Version: 1.0\r\n"))
	if len(s.Attachments) == 0 && s.HTML == "" {
		h.SetContentType("text/plain", map[string]string{"charset": "utf-8"})
		h.Set("Content-Transfer-Encoding", transferEncoding(s.Text))
	}
	if len(s.Attachments) == 0 && s.HTML == "" {
		return writePart(func() (io.WriteCloser, error) { return mail.CreateSingleInlineWriter(w, h) }, crlf(s.Text))
	}
	mw, err := mail.CreateWriter(w, h)
	if err != nil {
		return err
	}
	if s.HTML == "" { // a single text needs no multipart/alternative
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
			kind = "application/byte-stream"
		}
		base, of, err := mime.ParseMediaType(kind)
		if err != nil {
			return fmt.Errorf("attach: %q is not a media type", kind)
		}
		// The library would write encoded words into the parameters, and RFC 2047
		// section 5 forbids them there.
		ah.Set("Content-Transfer-Encoding", "base64")
		for _, f := range []struct {
			name, value string
			params      map[string]string
		}{{"Content-Disposition", "attachment", map[string]string{"filename": a.Name}}, {"Content-Type", base, of}} {
			field := fold(f.name, withParams(f.value, f.params))
			if tooLongLine(field) {
				return fmt.Errorf("attach: %s of %.60q cannot be folded into lines of at most %d bytes", f.name, a.Name, lineMost)
			}
			ah.AddRaw([]byte(field))
		}
		if err := a.write(func() (io.WriteCloser, error) { return mw.CreateAttachment(ah) }); err != nil {
			return err
		}
	}
	return mw.Close()
}

// write writes the content of an attachment.
func (a Attachment) write(create func() (io.WriteCloser, error)) error {
	if a.Open == nil {
		return writePart(create, a.Data)
	}
	content, err := a.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	p, err := create()
	if err != nil {
		return err
	}
	if _, err := io.Copy(p, content); err != nil {
		return err
	}
	return p.Close()
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

// transferEncoding returns 7bit for ASCII with short lines, else quoted-printable.
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
