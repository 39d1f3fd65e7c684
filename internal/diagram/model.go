package diagram

import (
	"encoding/base64"
	"fmt"
	"strings"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/internal/explain"
	"smtpsh/transcript"
)

// Kind is the kind of a row of a diagram.
type Kind uint8

// The kinds of row.
const (
	Note     Kind = iota // an event, such as a finding, between both lines
	Sent                 // from the client to the server
	Received             // from the server to the client
	TLS                  // the start of TLS, between both lines
	Break                // the start of another session
)

// Row is one line of a diagram. Its texts are masked and escaped.
type Row struct {
	Kind  Kind
	At    float64 // seconds since the start
	Took  float64 // time to the reply in seconds; 0 if unknown
	Text  string
	Hover string // the explanation of the row
	Code  int    // reply code; 0 for other rows
	TLS   bool   // sent over TLS
	Group int    // commands that were sent together have the same number; 0 for none
}

// Diagram is a sequence diagram of one or more sessions.
type Diagram struct {
	Title string
	Rows  []Row
}

// builder turns records into rows.
type builder struct {
	d       Diagram
	tls     map[string]bool
	from    map[string]explain.Provider
	partial map[string][]string // lines of a reply that is not complete
	content map[string]*tally
	command map[string][]string // commands that wait for their replies
	open    []int               // rows of commands since the last reply
	groups  int
	message bool // the last row is a message
}

// tally counts the bytes and lines of a message that is being sent.
type tally struct {
	octets, lines int
	at            float64
}

// New makes a diagram of records, in their order.
func New(title string, records []transcript.Record) *Diagram {
	b := &builder{
		d: Diagram{Title: title}, tls: map[string]bool{},
		from: map[string]explain.Provider{}, partial: map[string][]string{},
		content: map[string]*tally{}, command: map[string][]string{},
	}
	for i := range records {
		b.add(&records[i])
	}
	b.part()
	return &b.d
}

func (b *builder) add(r *transcript.Record) {
	if len(b.d.Rows) > 0 && r.Event == event.Connected.String() {
		b.part()
		b.tls[r.Session], b.command[r.Session], b.partial[r.Session] = false, nil, nil
		b.row(r, Row{Kind: Break, Text: "another session"})
	}
	data := text(r)
	if r.Content && (r.Event == event.LineSent.String() || r.Event == event.ChunkSent.String()) {
		t := b.content[r.Session]
		if t == nil {
			t = &tally{at: r.At}
			b.content[r.Session] = t
		}
		t.octets += len(data)
		t.lines += strings.Count(data, "\n")
		return
	}
	if b.endContent(r) {
		b.message = true
	}
	switch r.Event {
	case event.LineSent.String():
		line := strings.TrimRight(data, "\r\n")
		b.command[r.Session] = append(b.command[r.Session], line)
		ended := b.message
		if b.message = false; line == "." && ended {
			return // the row of the message includes the dot
		}
		b.open = append(b.open, len(b.d.Rows))
		b.row(r, Row{Kind: Sent, Text: transcript.VisibleLine(data), Hover: explain.Command(line)})
	case event.ChunkSent.String():
		b.row(r, Row{Kind: Sent, Text: transcript.VisibleLine(data) + " (no line end)", Hover: "Bytes that are not a complete line."})
	case event.LineReceived.String():
		b.part()
		b.partial[r.Session] = append(b.partial[r.Session], strings.TrimRight(data, "\r\n"))
	case event.ReplyDone.String():
		b.reply(r)
	case event.TLSDone.String():
		b.part()
		if r.TLS == "" {
			b.row(r, Row{Kind: Note, Text: "TLS failed: " + transcript.Escape(r.Error)})
			return
		}
		b.tls[r.Session] = true
		b.row(r, Row{Kind: TLS, Text: transcript.Escape(r.TLS), Hover: "From here on all bytes are encrypted."})
	case event.Connected.String():
		b.row(r, Row{Kind: Note, Text: "connected to " + transcript.Escape(or(r.Addr, r.Target))})
	case event.DialFailed.String():
		b.row(r, Row{Kind: Note, Text: "no connection to " + transcript.Escape(r.Addr)})
	case event.Finding.String():
		b.row(r,
			Row{
				Kind: Note, Text: "finding: " + transcript.Escape(r.Text),
				Hover: "The standard forbids this. The session continued.",
			})
	case event.Closed.String():
		b.part()
		b.row(r, Row{Kind: Note, Text: strings.TrimSpace("closed " + transcript.Escape(or(r.Error, r.Text)))})
	}
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// text returns the bytes of a wire record.
func text(r *transcript.Record) string {
	if r.Data != nil {
		return *r.Data
	}
	b, _ := base64.StdEncoding.DecodeString(r.Base64) // bytes that are not text, such as a TLS record
	return string(b)
}

func (b *builder) row(r *transcript.Record, row Row) {
	row.At, row.TLS = r.At, b.tls[r.Session]
	b.d.Rows = append(b.d.Rows, row)
}

// part ends a series of commands without a reply between them. More than one command is a
// group.
func (b *builder) part() {
	if len(b.open) > 1 {
		b.groups++
		for _, i := range b.open {
			b.d.Rows[i].Group = b.groups
		}
	}
	b.open = b.open[:0]
}

// endContent adds a row for the message that has been sent, and reports whether there was
// one.
func (b *builder) endContent(r *transcript.Record) bool {
	t := b.content[r.Session]
	if t == nil || r.Event == event.Progress.String() {
		return false
	}
	delete(b.content, r.Session)
	row := Row{
		Kind:  Sent,
		Text:  "the message, " + plural(t.octets, "byte") + " in " + plural(t.lines, "line"),
		Hover: "The message: header, empty line, body, and a line with a single dot. The envelope decides where it goes, not the message.",
	}
	b.row(r, row)
	b.d.Rows[len(b.d.Rows)-1].At = t.at
	return true
}

// reply adds one row for all lines of a reply.
func (b *builder) reply(r *transcript.Record) {
	lines := b.partial[r.Session]
	delete(b.partial, r.Session)
	if len(lines) == 0 {
		return
	}
	command := ""
	if waiting := b.command[r.Session]; len(waiting) > 0 {
		command, b.command[r.Session] = waiting[0], waiting[1:]
	}
	row := Row{Kind: Received, Text: transcript.Escape(lines[0]), Code: r.Code, Took: r.Took}
	if len(lines) > 1 {
		row.Text = transcript.Escape(lines[0]) + " (+" + plural(len(lines)-1, "line") + ")"
	}
	rep := reply.Parse([]byte(strings.Join(lines, "\r\n") + "\r\n"))
	if command == "" && b.from[r.Session] == "" {
		b.from[r.Session] = explain.ProviderOf(rep)
	}
	row.Hover = explain.Reply(rep, command, explain.Context{From: b.from[r.Session]})
	if len(lines) > 1 {
		row.Hover += "\n"
		hello := strings.HasPrefix(strings.ToUpper(command), "EHLO") || strings.HasPrefix(strings.ToUpper(command), "LHLO")
		for i, l := range lines {
			row.Hover += "\n" + transcript.Escape(l)
			if keyword, _, _ := strings.Cut(strings.TrimLeft(l[min(3, len(l)):], "- "), " "); hello && i > 0 {
				if about := explain.Capability(keyword); about != "" {
					row.Hover += "\n    " + about
				}
			}
		}
	}
	if command != "" {
		row.Hover = "Answers " + transcript.Escape(command) + "\n" + row.Hover
	}
	b.row(r, row)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
