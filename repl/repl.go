package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/internal/dialer"
	"smtpsh/internal/explain"
	"smtpsh/internal/transcript"
	"smtpsh/luabind"
	"smtpsh/repl/line"
)

// Options is how a prompt is set up.
type Options struct {
	Dialer *dialer.Dialer
	Target string
	Out    io.Writer
	// In returns where lines come from; complete proposes how they go on.
	In func(complete line.Complete) (line.Reader, error)
	// Show is how the conversation is written.
	Show transcript.TextOptions
	// JSON writes the conversation as JSON lines instead.
	JSON bool
	// Quiet leaves the conversation out.
	Quiet bool
	// KeepGoing goes on after refused commands that were read from a pipe.
	KeepGoing bool
	// Log is told everything besides, such as a file of --log; may be nil.
	Log event.Observer
}

// REPL is a prompt with its session.
type REPL struct {
	opts Options
	in   line.Reader
	text *transcript.Text
	json *transcript.JSON

	session *engine.Session
	target  string
	last    *reply.Reply
	want    *reply.Want // announced by :expect
	quit    bool
}

// ReplyError is a refused command that ended a run from a pipe.
type ReplyError struct{ Reply *reply.Reply }

// Error quotes the reply.
func (e *ReplyError) Error() string {
	return fmt.Sprintf("%s: the server refuses: %s", What(e.Reply), transcript.Escape(e.Reply.String()))
}

// ExpectError is a reply that was not what :expect had announced.
type ExpectError struct {
	Want  reply.Want
	Reply *reply.Reply
}

// Error says what was wanted and what came.
func (e *ExpectError) Error() string {
	return fmt.Sprintf("%s: want %s, got %s", What(e.Reply), e.Want, transcript.Escape(e.Reply.String()))
}

// hinted is an error of ours with what to try next.
type hinted struct{ msg, hint string }

func (h *hinted) Error() string { return h.msg }

// Hint gives the advice that belongs to an error, "" for none.
func Hint(err error) string {
	var h *hinted
	if errors.As(err, &h) {
		return h.hint
	}
	return ""
}

// What names what a reply answers.
func What(r *reply.Reply) string { return luabind.What(r) }

// InputError is a line that could not be understood, in a run from a pipe.
type InputError struct{ Err error }

// Error is the cause's.
func (e *InputError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *InputError) Unwrap() error { return e.Err }

// Run connects and reads lines to their end. Its error says how the last thing
// failed: a ReplyError, an ExpectError, an InputError, or the engine's.
func Run(ctx context.Context, opts Options) error {
	r := &REPL{opts: opts}
	in, err := opts.In(r.complete)
	if err != nil {
		return err
	}
	r.in = in
	var once sync.Once
	closeIn := func() { once.Do(func() { in.Close() }) }
	defer closeIn()
	defer context.AfterFunc(ctx, closeIn)() // a signal must not leave the terminal raw
	r.text = transcript.NewText(printer{in}, opts.Show)
	r.json = transcript.NewJSON(printer{in}, opts.Show.ShowSecrets)
	if in.Terminal() {
		r.say("Lines go to the server as typed. :help lists our own commands, :q leaves.")
	}
	if err := r.connect(ctx, opts.Target); err != nil {
		return err
	}
	err = r.loop(ctx)
	r.leave(ctx, err)
	return err
}

// printer writes whole lines through the line reader, so that they do not land
// in what is being typed.
type printer struct{ in line.Reader }

func (p printer) Write(b []byte) (int, error) {
	p.in.Print(string(b))
	return len(b), nil
}

// say prints a line of ours.
func (r *REPL) say(format string, args ...any) { r.print(fmt.Sprintf(format, args...) + "\n") }

// print shows a text of ours; among JSON lines it is one of them.
func (r *REPL) print(text string) {
	if r.opts.JSON && !r.in.Terminal() {
		r.json.Observe(&event.Event{Kind: event.Note, Time: time.Now(), Text: strings.TrimSuffix(text, "\n")})
		return
	}
	r.in.Print(text)
}

// connect opens a session and makes it the current one.
func (r *REPL) connect(ctx context.Context, target string) error {
	r.target = r.opts.Dialer.Resolve(target)
	ctx, stop := r.interruptible(ctx)
	defer stop()
	var shown event.Observer
	switch {
	case r.opts.Quiet:
	case r.opts.JSON:
		shown = r.json
	default:
		shown = event.Func(r.show)
	}
	s, err := r.opts.Dialer.Dial(ctx, target, func(o *engine.Options, _ *engine.Target) {
		o.Observer = event.Tee(shown, r.opts.Log, o.Observer)
	})
	if err != nil {
		return err
	}
	r.session = s
	r.last = s.Greeting()
	return r.judge(s.Greeting())
}

// show writes an event to the screen. What a person has just typed is not
// repeated.
func (r *REPL) show(e *event.Event) {
	if e.Err != nil && (e.Kind == event.Closed || e.Kind == event.DialFailed && r.session == nil || e.Kind == event.TLSDone && (e.TLS == nil || !e.TLS.HandshakeComplete)) {
		return // the error itself is told
	}
	if r.in.Terminal() && (e.Kind == event.LineSent && e.Verb != "AUTH" || e.Kind == event.ChunkSent && e.Content) {
		return
	}
	r.text.Observe(e)
}

// interruptible makes ^C end a wait instead of the program.
func (r *REPL) interruptible(ctx context.Context) (context.Context, func()) {
	if !r.in.Terminal() {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt)
	go func() {
		select {
		case <-ch:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() { signal.Stop(ch); cancel() }
}

// loop reads lines until the end.
func (r *REPL) loop(ctx context.Context) error {
	for !r.quit {
		text, err := r.nextLine(ctx, r.prompt())
		switch {
		case errors.Is(err, line.ErrInterrupt):
			continue
		case errors.Is(err, line.ErrTooLong):
			return &InputError{fmt.Errorf("a line is longer than %d octets", line.MaxLine)}
		case ctx.Err() != nil:
			return &engine.OpError{Op: "prompt", Kind: engine.ErrCanceled}
		case err == io.EOF:
			return nil
		case err != nil:
			return &InputError{err}
		}
		if err := r.line(ctx, text); err != nil {
			if !r.in.Terminal() {
				return err
			}
			r.complain(err)
		}
	}
	return nil
}

// nextLine waits for a line or for the end of ctx. On a terminal closing the
// reader ends the wait; a read from a pipe cannot be ended, so it is left behind.
func (r *REPL) nextLine(ctx context.Context, prompt string) (string, error) {
	if r.in.Terminal() || ctx.Done() == nil {
		return r.in.ReadLine(prompt)
	}
	type result struct {
		text string
		err  error
	}
	got := make(chan result, 1)
	go func() {
		text, err := r.in.ReadLine("")
		got <- result{text, err}
	}()
	select {
	case g := <-got:
		return g.text, g.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// line deals with one line.
func (r *REPL) line(ctx context.Context, text string) error {
	ctx, stop := r.interruptible(ctx)
	defer stop()
	waiting := r.session != nil && r.session.State() == engine.InAuth
	if waiting {
		r.in.Remember(text, true)
		return r.verb(ctx, text)
	}
	trimmed := strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(trimmed, ":"):
		r.in.Remember(text, false)
		return r.command(ctx, trimmed)
	case trimmed == "" && r.in.Terminal():
		return nil
	case strings.HasPrefix(trimmed, "#") && !r.in.Terminal(), trimmed == "":
		return nil
	}
	r.in.Remember(text, isSecret(text))
	return r.verb(ctx, text)
}

// isSecret tells lines with credentials in them.
func isSecret(text string) bool {
	f := strings.Fields(text)
	return len(f) > 2 && strings.EqualFold(f[0], "AUTH")
}

// complain shows an error with what to try next.
func (r *REPL) complain(err error) {
	r.print(explain.Indent("*  ", transcript.Escape(err.Error())))
	var op *engine.OpError
	var h *hinted
	hint := ""
	switch {
	case errors.As(err, &h):
		hint = h.hint
	case errors.As(err, &op):
		hint = op.Hint
	}
	if s := r.session; hint == "" && s != nil && s.Err() != nil {
		hint = "the connection is given up; :reconnect opens a new one"
	}
	if hint != "" {
		r.print(explain.Indent("   hint: ", hint))
	}
}

// judge remembers a reply, and in a run from a pipe decides whether it ends.
func (r *REPL) judge(rep *reply.Reply) error {
	r.last = rep
	if r.want != nil {
		w := *r.want
		r.want = nil
		if !w.Match(rep) {
			if r.in.Terminal() || r.opts.KeepGoing {
				r.say("*  want %s, got %d", w, rep.Code)
				return nil
			}
			return &ExpectError{w, rep}
		}
		return nil
	}
	if rep.Positive() || r.in.Terminal() || r.opts.KeepGoing {
		return nil
	}
	return &ReplyError{rep}
}

// leave says QUIT where that is still possible.
func (r *REPL) leave(ctx context.Context, err error) {
	s := r.session
	if s == nil || s.Closed() {
		return
	}
	defer s.Close()
	if s.Err() != nil || s.Unread() > 0 || s.State() == engine.InData || s.State() == engine.InAuth || s.State() == engine.WaitingTLS || s.State() == engine.Closing || ctx.Err() != nil {
		return
	}
	ctx, stop := r.interruptible(ctx)
	defer stop()
	if r.in.Terminal() {
		r.say("QUIT")
	}
	s.Quit(ctx) //nolint:errcheck // we are leaving anyway
}

// goodbye is how long a server that is being left may take to answer QUIT.
const goodbye = 3 * time.Second

// drop leaves the session under way for another one.
func (r *REPL) drop(ctx context.Context) {
	if s := r.session; s != nil && !s.Closed() {
		ctx, cancel := context.WithTimeout(ctx, goodbye)
		r.leave(ctx, nil)
		cancel()
	}
	r.session = nil
}
