package message

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

// FromText makes a message of a finished text: a header, an empty line and a body. Line ends
// become CRLF. Without from, the reverse-path is that of Sender or From; without rcpts, the
// recipients are those of To, Cc and Bcc, and the Bcc field is removed. A reverse-path of "<>" is
// the null reverse-path.
func FromText(text, from string, rcpts []string) (*Message, error) {
	m, err := FromFile(strings.NewReader(text), int64(len(text)), from, rcpts)
	if err != nil {
		return nil, err
	}
	m.Bytes, err = m.Whole()
	return m, err
}

// Whole returns the message with CRLF line ends. It reads a message of [FromFile] into memory.
func (m *Message) Whole() ([]byte, error) {
	if m.Bytes != nil {
		return m.Bytes, nil
	}
	var text strings.Builder
	_, err := io.Copy(&text, m.finished.Reader())
	return crlf(text.String()), err
}

// FromFile is FromText for a message that is not kept in memory. Bytes of the result is nil;
// [Message.Stream] returns the message.
func FromFile(src io.ReaderAt, size int64, from string, rcpts []string) (*Message, error) {
	f, err := ReadFinished(src, size)
	if err != nil {
		return nil, err
	}
	m := &Message{From: from, Rcpts: rcpts, ID: f.Get("Message-ID")}
	switch {
	case from == "<>":
		m.From = ""
	case from == "":
		if m.From, err = f.Sender(); err == nil && m.From == "" {
			err = errors.New("the header has no sender: set from")
		}
	}
	if err == nil && len(rcpts) == 0 {
		if m.Rcpts, err = f.Recipients(); err == nil && len(m.Rcpts) == 0 {
			err = errors.New("the header has no recipient: set to")
		}
		if err == nil && f.Has("Bcc") {
			f, err = f.Edit([]string{"Bcc", "Resent-Bcc"})
		}
	}
	if err != nil {
		return nil, err
	}
	m.finished = f
	return m, nil
}

// Stream returns a message of [FromFile]; nil for another one.
func (m *Message) Stream() *Finished {
	if m.Bytes != nil {
		return nil
	}
	return m.finished
}

// Needs returns what a message of [FromText] needs; the zero value for one that was composed.
func (m *Message) Needs() Needs {
	if m.finished == nil {
		return Needs{}
	}
	return m.finished.Needs()
}

// Fit returns the message in a form that a server accepts. A composed message needs only
// SMTPUTF8; a finished one is encoded differently if that is necessary and possible.
func (m *Message) Fit(a Accepts) ([]byte, error) {
	if m.finished == nil {
		return m.For(a.UTF8)
	}
	if m.finished.Fits(a) {
		return m.Bytes, nil
	}
	var out bytes.Buffer
	if err := m.finished.Reencode(&out, a); err != nil {
		return nil, err
	}
	return crlf(out.String()), nil
}
