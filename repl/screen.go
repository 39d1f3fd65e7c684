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

// screen prints the transcript and the texts of the prompt. Without a terminal it prints
// to standard output.
type screen struct {
	mu       *sync.Mutex // the prompt's
	in       *input      // prints above the line that is being typed
	settings *settings
	current  func() *session // nil before the first

	quiet    bool             // the transcript is not printed
	teaches  bool             // explanations can be printed
	json     *transcript.JSON // instead of text; nil for text
	text     *transcript.Text // of the current session
	labelled *transcript.Text // of other sessions; nil before its first use
	batch    *commandBatch    // of the current :pipe; nil for none
	line     lineState        // of the current line
}

// lineState is the state of the line that is being run.
type lineState struct {
	handled  bool   // a line is being run
	typed    string // the line until it is sent: the terminal already shows it
	composed bool   // the message that is being sent was typed
	octets   int64  // size of the message that is being sent, in bytes
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

// printer writes whole lines through the line reader, which prints them above the line
// that is being typed.
type printer struct{ in line.Reader }

func (p printer) Write(b []byte) (int, error) {
	p.in.Print(string(b))
	return len(b), nil
}

// apply applies changed settings.
func (sc *screen) apply() {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.text.Set(sc.settings.show)
	sc.labelled = nil
	sc.fitWidth()
}

// fitWidth fits explanations to the width of the screen.
func (sc *screen) fitWidth() { explain.SetWidth(min(sc.columns()-2, maxWidth)) }

// maxWidth is the largest width of explanations, in columns.
const maxWidth = 100

// columns returns the width of the screen, or that of :set width.
func (sc *screen) columns() int {
	if sc.settings.width > 0 {
		return sc.settings.width
	}
	columns, _ := sc.in.Size()
	return columns
}

// say prints a line. On a terminal, a line that begins with "*  " is wrapped.
func (sc *screen) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if rest, ok := strings.CutPrefix(text, "*  "); ok && sc.in.Terminal() {
		sc.print(explain.Indent("*  ", rest))
		return
	}
	sc.print(text + "\n")
}

// print prints a text. With JSON output the text becomes a JSON line.
func (sc *screen) print(text string) {
	if sc.json != nil {
		sc.json.Observe(&event.Event{Kind: event.Note, Time: time.Now(), Text: strings.TrimSuffix(text, "\n")})
		return
	}
	sc.in.Print(text)
}

// remark prints an explanation below a line. It is dim, and a comment, so that lines
// copied from the screen can be replayed.
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

// complain prints an error and its hint.
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
