package sandbox

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"
)

// Message is what was received in one transaction.
type Message struct {
	ID         int
	From       string
	MailParams []string
	Rcpts      []Rcpt
	// Data is the message, dots unstuffed, line endings as they came. It is nil when the
	// message is in a temporary file, which only servers with [Options].Spill have;
	// Content and Reader have all messages.
	Data     []byte
	Time     time.Time
	Service  string
	HELO     string
	User     string // who had logged in
	TLS      bool
	Chunked  bool // came by BDAT
	BareEnds bool // has a CR or LF on its own

	file  *spill // the content, if Data is nil
	taken int64  // what it takes of the memory
	kept  bool   // by the store, which gives that back
}

// Size is the length of the content in octets.
func (m Message) Size() int64 {
	if m.file != nil {
		return m.file.size
	}
	return int64(len(m.Data))
}

// Reader reads the content. Its error is that the message has been dropped, or that its
// temporary file cannot be read.
func (m Message) Reader() io.Reader {
	if m.file != nil {
		return m.file.reader()
	}
	return bytes.NewReader(m.Data)
}

// Content returns the whole content, which may be large. The error is that of Reader.
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

// maxHeader is how much of a message is searched for its header.
const maxHeader = 256 << 10

// head is the beginning of the content; nil if it cannot be read.
func (m Message) head() []byte {
	if m.file == nil {
		return m.Data[:min(len(m.Data), maxHeader)]
	}
	return m.file.head()
}

// maxNamed is how many recipients a summary names.
const maxNamed = 10

// Summary is the message on one line: number, sender, recipients, size, subject. Of many
// recipients it names ten and counts the others. The words are the client's: whoever shows them escapes control bytes.
func (m Message) Summary() string {
	var to []string
	for _, r := range m.Rcpts[:min(len(m.Rcpts), maxNamed)] {
		to = append(to, "<"+r.Address+">")
	}
	if more := len(m.Rcpts) - len(to); more > 0 {
		to = append(to, fmt.Sprintf("and %d more", more))
	}
	s := fmt.Sprintf("%d  <%s> to %s, %d octets", m.ID, m.From, strings.Join(to, " "), m.Size())
	if subject := m.Subject(); subject != "" {
		s += ": " + subject
	}
	return s
}

// Subject is the first Subject field as it was sent, unfolded; "" without one.
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

// Envelope writes out everything next to the content, one field a line.
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
	security := "plain"
	if m.TLS {
		security = "TLS"
	}
	fmt.Fprintf(&b, "by %s over %s at %s, service %s, HELO %s", how, security, m.Time.UTC().Format(time.RFC3339), m.Service, m.HELO)
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
