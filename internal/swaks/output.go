package swaks

import (
	"fmt"
	"io"
	"strings"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/transcript"
)

// output writes the lines of a session in the notation of swaks.
type output struct {
	out, err io.Writer
	exact    bool

	noInfo, noSend, noReceive       bool // no hints
	hideInfo, hideSend, hideReceive bool
	suppressData                    bool
	lapse                           string // "" for none, "i" for whole seconds, else "f"
	silent                          int
	failed                          bool // an error was shown
	encrypted                       bool // the session is inside TLS
	raw                             bool
}

// newOutput reads the options about the output.
func newOutput(s *settings, out, errs io.Writer) (*output, error) {
	o := &output{
		out: out, err: errs, exact: s.on("swaks-exact"), suppressData: s.on("suppress-data"), raw: s.on("show-raw-text"),
		noInfo: s.on("no-info-hints") || s.on("no-hints"), noSend: s.on("no-send-hints") || s.on("no-hints"),
		noReceive: s.on("no-receive-hints") || s.on("no-hints"), hideInfo: s.on("hide-informational") || s.on("hide-all"),
		hideSend: s.on("hide-send") || s.on("hide-all"), hideReceive: s.on("hide-receive") || s.on("hide-all"),
	}
	if g, ok := s.last["silent"]; ok {
		o.silent = 1
		if g.has {
			if _, err := fmt.Sscanf(g.value, "%d", &o.silent); err != nil || o.silent < 1 || o.silent > 3 {
				return nil, textf("Unknown argument '%s' to option silent, exiting", g.value)
			}
		}
	}
	if s.on("hide-all") {
		o.silent = 3
	}
	if g, ok := s.last["show-time-lapse"]; ok {
		o.lapse = "f"
		if g.has && g.value != "" {
			if g.value != "i" {
				return nil, textf("Unknown argument '%s' to option show-time-lapse, exiting", g.value)
			}
			o.lapse = "i"
		}
	}
	return o, nil
}

// outcome says whether a line is about an error.
type outcome bool

const (
	good outcome = true
	bad  outcome = false
)

// line writes a line to standard output. A line about an error ends the silence of level 1.
func (o *output) line(text string, about outcome) {
	isError := about == bad
	if isError {
		o.failed = true
	}
	switch {
	case o.silent == 3, o.silent == 2 && !isError, o.silent == 1 && !o.failed:
		return
	}
	if !o.exact {
		text = transcript.Escape(text)
	}
	io.WriteString(o.out, text+"\n") //nolint:errcheck // the program reports a failed output at its end
}

// info writes a remark.
func (o *output) info(text string) {
	if o.hideInfo {
		return
	}
	if !o.noInfo {
		text = "=== " + text
	}
	o.line(text, good)
}

// problem writes an error.
func (o *output) problem(text string) { o.complain("", text) }

// cause writes the cause of the error before it, indented.
func (o *output) cause(text string) { o.complain("\t", text) }

func (o *output) complain(indent, text string) {
	o.failed = true
	if o.silent == 3 {
		return
	}
	if !o.exact {
		text = transcript.Escape(transcript.BriefText(text))
	}
	io.WriteString(o.err, "*** "+indent+text+"\n") //nolint:errcheck // nobody else can be told
}

// sent writes a line of the client.
func (o *output) sent(text string) {
	if o.hideSend {
		return
	}
	hint := " -> "
	if o.encrypted {
		hint = " ~> "
	}
	if o.noSend {
		hint = ""
	}
	o.line(hint+text, good)
}

// got writes a reply, and how long it took.
func (o *output) got(r *reply.Reply, text string, expected bool) {
	o.took(r.Took)
	if o.hideReceive && expected {
		return
	}
	hint := "<-  "
	switch {
	case o.noReceive:
		hint = ""
	case o.encrypted && expected:
		hint = "<~  "
	case o.encrypted:
		hint = "<~* "
	case !expected:
		hint = "<** "
	}
	for line := range strings.Lines(text) {
		o.line(hint+strings.TrimRight(line, "\r\n"), outcome(expected))
	}
}

// took writes the time of a reply.
func (o *output) took(d time.Duration) {
	switch o.lapse {
	case "i":
		o.info(fmt.Sprintf("response in %ds", int(d.Seconds())))
	case "f":
		o.info(fmt.Sprintf("response in %.3fs", d.Seconds()))
	}
}

// showMessage writes the lines of a message.
func (o *output) showMessage(text []byte) {
	lines := strings.Split(strings.TrimSuffix(string(text), "\r\n"), "\n")
	if o.suppressData {
		o.sent(fmt.Sprintf("%d lines sent", len(lines)))
		return
	}
	for _, l := range lines {
		o.sent(strings.TrimSuffix(l, "\r"))
	}
}

// rawBytes shows the bytes of an event in hexadecimal.
func (o *output) rawBytes(e *event.Event) {
	hint, b := "  >", e.Data
	if e.Kind == event.LineReceived || e.Kind == event.ChunkReceived {
		hint = "<  "
	}
	if !o.exact {
		b = e.Masked()
	}
	o.dump(hint, b)
}

// dump writes bytes in hexadecimal.
func (o *output) dump(hint string, b []byte) {
	for from := 0; from < len(b); from += 16 {
		part := b[from:min(from+16, len(b))]
		var hex, text strings.Builder
		for i := range 16 {
			if i > 0 && i%4 == 0 {
				hex.WriteByte(' ')
			}
			if i >= len(part) {
				hex.WriteString("   ")
				text.WriteByte(' ')
				continue
			}
			fmt.Fprintf(&hex, "%02X ", part[i])
			if part[i] > ' ' && part[i] < 0x7f {
				text.WriteByte(part[i])
			} else {
				text.WriteByte('.')
			}
		}
		o.line(fmt.Sprintf("%s %04d: %s   %s", hint, from, hex.String(), text.String()), good)
	}
}
