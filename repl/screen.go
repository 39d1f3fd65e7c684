package repl

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"smtpsh/engine/event"
	"smtpsh/internal/advice"
	"smtpsh/internal/explain"
	"smtpsh/internal/suggest"
	"smtpsh/repl/line"
	"smtpsh/transcript"
)

// printer writes whole lines through the line reader, so that they do not land
// in what is being typed.
type printer struct{ in line.Reader }

func (p printer) Write(b []byte) (int, error) {
	p.in.Print(string(b))
	return len(b), nil
}

// say prints a line of ours; a remark is wrapped to the screen.
func (r *REPL) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if rest, ok := strings.CutPrefix(text, "*  "); ok && r.in.Terminal() {
		r.print(explain.Indent("*  ", rest))
		return
	}
	r.print(text + "\n")
}

// print shows a text of ours; among JSON lines it is one of them.
func (r *REPL) print(text string) {
	if r.opts.JSON && !r.in.Terminal() {
		r.json.Observe(&event.Event{Kind: event.Note, Time: time.Now(), Text: strings.TrimSuffix(text, "\n")})
		return
	}
	r.in.Print(text)
}

// remark prints an explanation beneath a line: dim, and as a comment, so that what
// is copied from the screen can be replayed.
func (r *REPL) remark(text string) {
	var b strings.Builder
	for p := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		b.WriteString(explain.Indent("   # ", p))
	}
	out := strings.ReplaceAll(b.String(), "\n     ", "\n   # ")
	if r.opts.Show.Color {
		out = dim + strings.TrimSuffix(strings.ReplaceAll(out, "\n", plain+"\n"+dim), dim)
	}
	r.print(out)
}

const (
	dim   = "\x1b[2m"
	plain = "\x1b[0m"
)

// show writes an event to the screen, and beneath it what it means to a learner.
// r.mu is held.
func (r *REPL) show(h *held, e *event.Event) {
	terminal := r.in.Terminal()
	if e.Kind == event.Progress {
		r.progress(e)
		return
	}
	if !r.opts.Quiet && !r.hidden(h, e) {
		switch {
		case r.opts.JSON && !terminal:
			r.json.Observe(e)
		case r.pairs != nil && e.Kind == event.LineSent:
			kept := *e
			kept.Data = append([]byte(nil), e.Data...)
			r.pairs.sent = append(r.pairs.sent, kept)
			return
		default:
			r.pair(e)
			if h == r.at && terminal && e.Kind == event.Note && !r.opts.Show.Timings && len(e.Text) > r.columns()-3 {
				r.print(explain.Indent("*  ", transcript.Escape(e.Text)))
			} else if h != r.at {
				other := *e
				other.Session = fmt.Sprint(h.number)
				r.others().Observe(&other)
			} else {
				r.text.Observe(e)
			}
		}
	}
	if r.teaching && !r.opts.JSON && h.tutor != nil {
		if note := h.tutor.Note(e); note != "" {
			r.remark(note)
		}
	}
}

// others is the sink for sessions that are not the current one: it says which.
func (r *REPL) others() *transcript.Text {
	if r.aside == nil {
		o := r.opts.Show
		o.Sessions = true
		r.aside = transcript.NewText(printer{r.in}, o)
	}
	return r.aside
}

// hidden reports an event that the screen shows already, or that is told by the
// error that comes with it. What a person has just typed is not repeated.
func (r *REPL) hidden(h *held, e *event.Event) bool {
	if e.Err != nil && (e.Kind == event.DialFailed && h.session == nil || e.Kind == event.TLSDone && (e.TLS == nil || !e.TLS.HandshakeComplete)) {
		return true
	}
	if e.Kind == event.Closed && e.Err != nil && r.asking && r.entering == "" {
		return true // the error of what was asked says it
	}
	if !r.in.Terminal() {
		return false
	}
	if e.Kind == event.LineSent && r.typed != "" && strings.TrimRight(string(e.Data), "\r\n") == r.typed {
		r.typed = ""
		return true
	}
	return r.composed && e.Kind.Wire() && (e.Content && e.Kind != event.LineReceived || e.Kind == event.LineSent && string(e.Data) == ".\r\n")
}

// pairs shows the commands of a batch each with its reply.
type pairs struct{ sent []event.Event }

// pair writes the command before the first line of its reply.
func (r *REPL) pair(e *event.Event) {
	if r.pairs == nil || e.Kind != event.LineReceived || r.midReply {
		if r.pairs != nil && e.Kind == event.ReplyDone {
			r.midReply = false
		}
		return
	}
	r.midReply = true
	if len(r.pairs.sent) > 0 {
		r.text.Observe(&r.pairs.sent[0])
		r.pairs.sent = r.pairs.sent[1:]
	}
}

// progress shows how much of a long message has gone.
func (r *REPL) progress(e *event.Event) {
	total := e.Total
	if total <= 0 {
		total = r.sending
	}
	if !r.in.Terminal() || total < longMessage {
		return
	}
	const bar = 30
	part := min(1, float64(e.Sent)/float64(total))
	full := int(part * bar)
	r.in.Progress(fmt.Sprintf("   [%s%s] %3.0f %%  %s of %s", strings.Repeat("#", full), strings.Repeat(".", bar-full), part*100, size(e.Sent), size(total)))
}

// longMessage is from where on a message has a line of progress, in octets.
const longMessage = 256 << 10

// size writes octets as people read them.
func size(n int64) string {
	switch {
	case n >= 10<<20:
		return fmt.Sprintf("%d MB", n/1000/1000)
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/1000/1000)
	case n >= 10000:
		return fmt.Sprintf("%d kB", n/1000)
	}
	return fmt.Sprintf("%d octets", n)
}

// complain shows an error with what to try next.
func (r *REPL) complain(err error) {
	r.print(explain.Indent("*  ", transcript.Escape(transcript.BriefText(err.Error()))))
	hint := advice.Hint(err, advice.Prompt)
	if s := r.at; hint == "" && s != nil && s.session != nil && s.session.Err() != nil {
		hint = "the connection is given up; :reconnect opens a new one"
	}
	if hint = suggest.Fresh(hint, err.Error()); hint != "" {
		r.print(explain.Indent("   hint: ", transcript.Escape(transcript.BriefText(hint))))
	}
	if r.givenUpForCert(err) {
		r.print(explain.Indent("   hint: ", ":cert shows the certificates that the server sent"))
	}
}

// page prints a text of ours, with a pager when it is longer than the screen.
func (r *REPL) page(text string) {
	_, rows := r.in.Size()
	if !r.in.Terminal() || !r.paging || rows == 0 || strings.Count(text, "\n") < rows-1 {
		r.print(text)
		return
	}
	pager := r.pager()
	if pager == nil {
		r.print(text)
		return
	}
	err := r.outside(func(in, out *os.File) error {
		cmd := exec.Command(pager[0], pager[1:]...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(text), out, out
		cmd.Env = append(os.Environ(), "LESSSECURE=1", "LESSCHARSET=utf-8")
		return cmd.Run()
	})
	if err != nil { // there is none, or it failed: nothing may be lost
		r.print(text)
	}
}

// pager finds the program that pages: what the environment names, or a usual one.
func (r *REPL) pager() []string {
	for _, p := range []string{r.opts.Pager, "less -FRX", "more"} {
		f := strings.Fields(p)
		if len(f) == 0 {
			continue
		}
		if _, err := exec.LookPath(f[0]); err == nil {
			return f
		}
	}
	return nil
}
