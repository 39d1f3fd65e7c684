package repl

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"smtpsh/engine/event"
	"smtpsh/internal/advice"
	"smtpsh/internal/explain"
	"smtpsh/internal/suggest"
	"smtpsh/repl/line"
	"smtpsh/transcript"
)

// screen is what is printed: the conversation, and texts of smtpsh. Without a terminal it
// is standard output.
type screen struct {
	mu       *sync.Mutex // the prompt's
	in       *input      // prints so that what is typed stays whole
	settings *settings
	current  func() *session // nil before the first

	quiet    bool             // the conversation is left out
	teaches  bool             // explanations may be shown
	json     *transcript.JSON // instead of text; nil for text
	text     *transcript.Text // of the current session
	labelled *transcript.Text // of other sessions; nil until it is needed
	batch    *commandBatch    // nil but while the commands of :pipe are answered
	line     lineState        // of the line that is dealt with
}

// lineState is what the screen knows of the line that is dealt with.
type lineState struct {
	handled  bool   // there is one
	typed    string // it, until it goes out: the terminal shows it already
	composed bool   // the message that goes out was typed
	octets   int64  // of the message that goes out
}

func newScreen(r *REPL) *screen {
	sc := &screen{
		mu: &r.mu, in: r.in, settings: r.settings, quiet: r.opts.Quiet, teaches: !r.opts.JSON,
		current: func() *session { return r.sessions.current },
	}
	if r.opts.JSON && !r.in.Terminal() {
		sc.json = transcript.NewJSON(printer{r.in}, transcript.Masking(r.opts.Show.ShowSecrets))
	}
	sc.text = transcript.NewText(printer{r.in}, r.settings.show)
	return sc
}

// printer writes whole lines through the line reader, so that they do not land
// in what is being typed.
type printer struct{ in line.Reader }

func (p printer) Write(b []byte) (int, error) {
	p.in.Print(string(b))
	return len(b), nil
}

// apply makes settings that have changed take effect.
func (sc *screen) apply() {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.text.Set(sc.settings.show)
	sc.labelled = nil
	sc.fitWidth()
}

// fitWidth lets explanations end where the screen does.
func (sc *screen) fitWidth() { explain.SetWidth(min(sc.columns()-2, maxWidth)) }

// maxWidth is how far explanations go on a wide screen.
const maxWidth = 100

// columns is how wide texts of smtpsh may be.
func (sc *screen) columns() int {
	if sc.settings.width > 0 {
		return sc.settings.width
	}
	columns, _ := sc.in.Size()
	return columns
}

// say prints a line of smtpsh; a remark is wrapped to the screen.
func (sc *screen) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if rest, ok := strings.CutPrefix(text, "*  "); ok && sc.in.Terminal() {
		sc.print(explain.Indent("*  ", rest))
		return
	}
	sc.print(text + "\n")
}

// print shows a text of smtpsh; among JSON lines it is one of them.
func (sc *screen) print(text string) {
	if sc.json != nil {
		sc.json.Observe(&event.Event{Kind: event.Note, Time: time.Now(), Text: strings.TrimSuffix(text, "\n")})
		return
	}
	sc.in.Print(text)
}

// remark prints an explanation beneath a line: dim, and as a comment, so that what
// is copied from the screen can be replayed.
func (sc *screen) remark(text string) {
	var b strings.Builder
	for p := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		b.WriteString(explain.Indent("   # ", p))
	}
	out := strings.ReplaceAll(b.String(), "\n     ", "\n   # ")
	if sc.settings.show.Color {
		out = dim + strings.TrimSuffix(strings.ReplaceAll(out, "\n", plain+"\n"+dim), dim)
	}
	sc.print(out)
}

const (
	dim   = "\x1b[2m"
	plain = "\x1b[0m"
)

func (sc *screen) bold(s string) string {
	if sc.settings.show.Color {
		return "\x1b[1m" + s + plain
	}
	return s
}

// complain shows an error with what to try next.
func (sc *screen) complain(err error) {
	//mutant:errors-at-the-prompt-repeat-no-long-value is "transcript.BriefText(err.Error())" "err.Error()"
	sc.print(explain.Indent("*  ", transcript.Escape(transcript.BriefText(err.Error()))))
	hint := advice.Hint(err, advice.Prompt)
	sess := sc.current()
	if hint == "" && sess != nil && sess.smtp != nil && sess.smtp.Err() != nil {
		hint = "the connection is closed; :reconnect opens a new one"
	}
	if hint = suggest.Fresh(hint, err.Error()); hint != "" {
		sc.print(explain.Indent("   hint: ", transcript.Escape(transcript.BriefText(hint))))
	}
	if sess.failedForCertificate(err) {
		sc.print(explain.Indent("   hint: ", ":cert shows the certificates that the server sent"))
	}
}
