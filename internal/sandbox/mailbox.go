package sandbox

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"
)

// Message is a message that the server has accepted, with its envelope.
type Message struct {
	ID         int
	From       string
	MailParams []string
	Rcpts      []Rcpt
	// Data is the message with its original line endings and without stuffed dots. It is
	// nil if the message is in a temporary file, which requires [Options].Spill. Content
	// and Reader return the content of every message.
	Data     []byte
	Time     time.Time
	Service  string
	HELO     string
	Client   string // address that XCLIENT or a PROXY protocol header gave; "" for none
	User     string // user who had logged in; "" for none
	TLS      bool
	Chunked  bool // sent with BDAT
	BareEnds bool // has a bare CR or LF

	file  *spill // the content, if Data is nil
	taken int64  // bytes of memory that it uses
	prdr  bool   // MAIL had PRDR
	kept  bool   // the store has it and gives taken back
}

// Size returns the length of the content in bytes.
func (m Message) Size() int64 {
	if m.file != nil {
		return m.file.size
	}
	return int64(len(m.Data))
}

// Reader returns a reader of the content. A read fails if the message has been dropped or
// its temporary file cannot be read.
func (m Message) Reader() io.Reader {
	if m.file != nil {
		return m.file.reader()
	}
	return bytes.NewReader(m.Data)
}

// Content returns the whole content, which may be large. It fails like Reader.
func (m Message) Content() ([]byte, error) {
	if m.file == nil {
		return m.Data, nil
	}
	b := make([]byte, m.file.size)
	if _, err := io.ReadFull(m.file.reader(), b); err != nil {
		return nil, fmt.Errorf("message %d: %w", m.ID, err)
	}
	return b, nil
}

// maxHeader is the part of a message that is searched for its header, in bytes.
const maxHeader = 256 << 10

// head returns the first maxHeader bytes of the content, or nil if they cannot be read.
func (m Message) head() []byte {
	if m.file == nil {
		return m.Data[:min(len(m.Data), maxHeader)]
	}
	return m.file.head()
}

// maxNamed is the number of recipients that a summary lists.
const maxNamed = 10

// Summary returns one line with number, sender, recipients, size and subject. It lists ten
// recipients and counts the others. The text comes from the client, so the caller must
// escape control characters before it shows the text.
func (m Message) Summary() string {
	var to []string
	for _, r := range m.Rcpts[:min(len(m.Rcpts), maxNamed)] {
		to = append(to, "<"+r.Address+">")
	}
	if more := len(m.Rcpts) - len(to); more > 0 {
		to = append(to, fmt.Sprintf("and %d more", more))
	}
	s := fmt.Sprintf("%d  <%s> to %s, %d bytes", m.ID, m.From, strings.Join(to, " "), m.Size())
	if subject := m.Subject(); subject != "" {
		s += ": " + subject
	}
	return s
}

// Subject returns the first Subject field, unfolded but not decoded; "" if there is none.
func (m Message) Subject() string {
	found := false
	var b strings.Builder
	for line := range headerLines(m.head()) {
		switch {
		case found && (line[0] == ' ' || line[0] == '\t'):
			b.WriteString(" " + strings.TrimSpace(line))
		case found:
			return b.String()
		case len(line) > 8 && strings.EqualFold(line[:8], "Subject:"):
			found = true
			b.WriteString(strings.TrimSpace(line[8:]))
		}
	}
	return b.String()
}

// Envelope returns the envelope and how the message was received, one item on each line.
func (m Message) Envelope() string {
	var b strings.Builder
	path := func(verb, address string, params []string) {
		b.WriteString(verb + "<" + address + ">")
		for _, p := range params {
			b.WriteString(" " + p)
		}
		b.WriteByte('\n')
	}
	path("MAIL FROM:", m.From, m.MailParams)
	for _, r := range m.Rcpts {
		path("RCPT TO:", r.Address, r.Params)
	}
	how := "DATA"
	if m.Chunked {
		how = "BDAT"
	}
	security := "without TLS"
	if m.TLS {
		security = "with TLS"
	}
	fmt.Fprintf(&b, "by %s %s at %s, service %s, client name %s", how, security, m.Time.UTC().Format(time.RFC3339), m.Service, m.HELO)
	if m.Client != "" {
		fmt.Fprintf(&b, " [%s]", m.Client)
	}
	if m.User != "" {
		fmt.Fprintf(&b, ", user %s", m.User)
	}
	return b.String() + "\n"
}

// Rcpt is one accepted recipient.
type Rcpt struct {
	Address string
	Params  []string
}
