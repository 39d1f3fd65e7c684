package diagram

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"smtpsh/transcript"
)

// TextOptions configures [Diagram.Text].
type TextOptions struct {
	Width int // columns; at least 60
	Color bool
}

// margin is the width of the time and the bracket, in columns.
const margin = 10

// Text writes the diagram as text. It returns the error of w.
func (d *Diagram) Text(w io.Writer, o TextOptions) error {
	width := max(60, o.Width)
	p := &painter{inner: width - margin - 2, color: o.Color}
	p.line(strings.Repeat(" ", margin) + "client" + strings.Repeat(" ", p.inner-10) + "server")
	for i, r := range d.Rows {
		p.row(d, i, r)
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

type painter struct {
	b     strings.Builder
	inner int // columns between client and server
	color bool
}

func (p *painter) line(s string) { p.b.WriteString(strings.TrimRight(s, " ") + "\n") }

func (p *painter) row(d *Diagram, i int, r Row) {
	lane := "│"
	if r.TLS {
		lane = "║"
	}
	left := fmt.Sprintf("%8.3f %s", r.At, bracket(d, i))
	switch r.Kind {
	case Break:
		p.line(strings.Repeat(" ", margin) + center(" "+r.Text+" ", "╌", p.inner+2))
	case TLS:
		p.line(left + p.paint("\x1b[32m", "╞"+center(" "+fit(r.Text, p.inner-6)+" ", "═", p.inner)+"╡"))
	case Note:
		p.line(left + lane + center(" "+fit(r.Text, p.inner-4)+" ", " ", p.inner) + lane)
	case Sent:
		text := fit(r.Text, p.inner-6)
		p.line(left + lane + "─ " + p.paint("\x1b[1m", text) + " " + strings.Repeat("─", p.inner-4-utf8.RuneCountInString(text)) + ">" + lane)
	case Received:
		text := fit(r.Text, p.inner-6)
		took := ""
		if r.Took >= noticeable {
			took = " " + duration(r.Took) + " "
			text = fit(r.Text, p.inner-6-utf8.RuneCountInString(took)-2)
		}
		dashes := p.inner - 4 - utf8.RuneCountInString(text) - utf8.RuneCountInString(took)
		if len(text) >= 3 {
			text = p.paint(transcript.CodeColour(text[0]), text) // one span of colour, as in transcripts
		}
		p.line(left + lane + "<─" + took + strings.Repeat("─", dashes) + " " + text + " " + lane)
	}
}

// noticeable is the shortest time of a reply that is shown, in seconds.
const noticeable = 0.0005

// bracket returns the part of the bracket that joins commands sent together.
func bracket(d *Diagram, i int) string {
	g := d.Rows[i].Group
	if g == 0 {
		return " "
	}
	above := i > 0 && d.Rows[i-1].Group == g
	below := i+1 < len(d.Rows) && d.Rows[i+1].Group == g
	switch {
	case above && below:
		return "┃"
	case above:
		return "┗"
	}
	return "┏"
}

func (p *painter) paint(color, s string) string {
	if !p.color || color == "" {
		return s
	}
	return color + s + "\x1b[0m"
}

// fit shortens a text to n characters.
func fit(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	return string(r[:max(0, n-2)]) + ".."
}

func center(s, fill string, n int) string {
	room := n - utf8.RuneCountInString(s)
	if room <= 0 {
		return s
	}
	return strings.Repeat(fill, room/2) + s + strings.Repeat(fill, room-room/2)
}

// duration formats a number of seconds for people.
func duration(s float64) string {
	switch {
	case s < 0.0995:
		return fmt.Sprintf("%.0f ms", s*1000)
	case s < 9.95:
		return fmt.Sprintf("%.1f s", s)
	}
	return fmt.Sprintf("%.0f s", s)
}
