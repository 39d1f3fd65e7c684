package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/engine/secret"
	"smtpsh/internal/advice"
	"smtpsh/internal/dialer"
	"smtpsh/internal/explain"
	"smtpsh/internal/inspect"
	"smtpsh/internal/lessons"
	"smtpsh/internal/tutor"
	"smtpsh/luabind"
	"smtpsh/luabind/smtpmod"
	"smtpsh/repl/line"
	"smtpsh/transcript"
)

// Options configures a prompt.
type Options struct {
	Dialer *dialer.Dialer
	Target string
	// In returns the source of lines; complete completes them.
	In func(complete line.Complete) (line.Reader, error)
	// Show sets how the transcript is printed.
	Show transcript.TextOptions
	// JSON prints the transcript as JSON lines instead.
	JSON bool
	// Quiet omits the transcript.
	Quiet bool
	// Inspect is a sandbox in another process whose mailboxes :mailbox shows.
	Inspect inspect.Address
	// KeepGoing continues after rejected commands that were read from a pipe.
	KeepGoing bool
	// Teach explains each new kind of line once.
	Teach bool
	// Log receives every event too, for example to write the file of --log; may be nil.
	Log event.Observer
	// School is the course; Lesson is the lesson to begin with, nil for none.
	School *lessons.School
	Lesson *lessons.Course
	// Lua gives typed Lua and scripts access to the program; nil for no Lua. Script
	// returns the options of a script, such as the files that it can read.
	Lua    smtpmod.Host
	Script func(path string) luabind.Options
	// Limits apply to each line of Lua and to each script of :run.
	Limits luabind.Limits
	// GiveUp ends the process. It is called after a second ^C, if the wait that the first
	// ^C canceled has not ended; nil if ^C must not end the process.
	GiveUp func()
	// ReadScript reads a script of :run by its name or path.
	ReadScript func(name string) (file string, src []byte, err error)
	// Scripts are the names of the bundled scripts of :run.
	Scripts []string
	// Secret reads a secret from @env:X, @file:PATH, @cmd:COMMAND or @prompt, or
	// by the name of a --secret. It returns an error if ^C cancels ctx.
	Secret func(ctx context.Context, source string) (string, error)
	// Editor and Pager are the programs for :edit and for long output; "" for the
	// defaults.
	Editor, Pager string
}

// REPL is a prompt. It joins the parts.
type REPL struct {
	opts Options
	// dataExplained is set when the end of a message has been explained.
	dataExplained bool

	// mu guards what events change, in every part, because events also arrive while the
	// user types a line. The parts share this lock as their field mu.
	mu sync.Mutex

	in         *input
	screen     *screen
	sessions   *sessions
	recording  *recording
	settings   *settings
	completion *completion
	lesson     lessonState
	drafts     drafts
	expected   *reply.Want // the expected next reply, of :expect; nil for none
	lua        *console    // nil before its first use
}

// Run connects, and reads and runs lines to the end of the input. It returns the error
// that ended the run: a ReplyError, a MisplacedError, an ExpectError, an InputError, a
// LessonError, or an error of the engine.
func Run(ctx context.Context, opts Options) (err error) {
	if opts.Dialer.Options.Secrets == nil {
		opts.Dialer.Options.Secrets = &secret.Set{}
	}
	r, err := newREPL(opts)
	if err != nil {
		return err
	}
	in := r.in
	var once sync.Once
	closeIn := func() { once.Do(func() { in.Close() }) }
	defer closeIn()
	defer context.AfterFunc(ctx, closeIn)() // a signal must not leave the terminal raw
	defer func() {
		//mutant:a-log-with-a-part-missing-is-an-error is "err == nil" "false"
		if _, lerr := r.recording.closeLog(); err == nil && lerr != nil {
			err = logError(lerr)
		}
	}()
	r.screen.apply()
	if in.Terminal() {
		r.screen.print(explain.Indent("", "Each line is sent to the server unchanged, except lines that begin with a colon. "+
			"AUTH PLAIN and AUTH LOGIN without data first ask for user name and password. :help lists the commands of the prompt, :q exits."))
	}
	if err := r.begin(ctx); err != nil {
		return err
	}
	err = advice.At(advice.Prompt, r.loop(ctx))
	if err == nil {
		err = r.missedExpectation()
	}
	if lerr := r.leave(ctx); err == nil && !in.Terminal() {
		err = lerr
	}
	if c := r.lesson.course; c != nil {
		defer c.Close()
		if err == nil && opts.Lesson != nil && !in.Terminal() && (!c.Finished() || c.Skipped()) {
			return &LessonError{c.Title(), or(c.Goal(), "steps were skipped")}
		}
	}
	return err
}

// newREPL creates the parts of a prompt.
func newREPL(opts Options) (*REPL, error) {
	r := &REPL{opts: opts}
	r.settings = &settings{show: opts.Show, inspect: opts.Inspect, teaching: opts.Teach, paging: true, pagerProgram: opts.Pager}
	r.completion = &completion{scripts: opts.Scripts, luaNames: r.luaNames}
	reader, err := opts.In(r.completion.complete)
	if err != nil {
		return nil, err
	}
	if reader.Terminal() { // of a sent file only the beginning is shown
		r.settings.show.ContentLines = 0
	}
	r.in = &input{Reader: reader, mu: &r.mu, giveUp: opts.GiveUp}
	r.screen = newScreen(r)
	r.sessions = &sessions{mu: &r.mu, in: r.in, screen: r.screen, tutor: tutor.New()}
	r.recording = &recording{mu: &r.mu, recorder: newRecorder()}
	return r, nil
}

// begin opens the first session.
func (r *REPL) begin(ctx context.Context) error {
	ctx, stop := r.in.interruptible(ctx)
	defer stop()
	if r.opts.Lesson != nil {
		err := r.beginLesson(ctx, r.opts.Lesson)
		r.lesson.justBegun = false
		return err
	}
	err := r.connect(ctx, r.opts.Target, nil, nil)
	if r.in.Terminal() && r.sessions.current.failedForCertificate(err) { // the user can look at the certificate with :cert and reconnect
		r.screen.complain(err)
		return nil
	}
	return err
}

// loop reads lines until the end.
func (r *REPL) loop(ctx context.Context) error {
	for !r.in.ended {
		text, err := r.nextLine(ctx, r.sessions.prompt())
		switch {
		case errors.Is(err, line.ErrInterrupt):
			continue
		case errors.Is(err, line.ErrTooLong):
			return &InputError{fmt.Errorf("a line is longer than %d bytes", line.MaxLine)}
		case ctx.Err() != nil:
			return &engine.OpError{Op: "prompt", Kind: engine.ErrCanceled}
		case err == io.EOF:
			return nil
		case err != nil:
			return &InputError{err}
		}
		err = r.line(ctx, text)
		if err == nil && r.lesson.course != nil {
			err = r.check(ctx, text)
		}
		if err != nil {
			if !r.in.Terminal() {
				return err
			}
			r.screen.complain(err)
		}
	}
	return nil
}

// nextLine waits for a line or for the end of ctx. Meanwhile it shows what servers send
// on their own. On a terminal, closing the reader ends the wait. A read from a pipe cannot
// be canceled, so its goroutine stays blocked until the process ends.
func (r *REPL) nextLine(ctx context.Context, prompt string) (string, error) {
	defer r.in.personActs()()
	if r.in.Terminal() {
		r.screen.fitWidth() // the window may have a new size
		r.completion.snapshot = r.snapshot()
		defer r.sessions.listen(ctx)()
	}
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

// line runs one line of the input.
func (r *REPL) line(ctx context.Context, text string) error {
	ctx, stop := r.in.interruptible(ctx)
	defer stop()
	r.screen.line = lineState{handled: true}
	defer func() { r.screen.line = lineState{} }()
	trimmed := strings.TrimSpace(text)
	answering := r.sessions.current.usable() && r.sessions.current.smtp.State() == engine.InAuth
	switch {
	case strings.HasPrefix(trimmed, ":"): // Base64 has no colon
		r.rememberUnless(secretCommand(trimmed, answering), text)
		return r.command(ctx, trimmed)
	case answering:
		r.in.KeepOut()
		return r.verb(ctx, text)
	case r.sessions.current.usable() && r.sessions.current.smtp.State() == engine.InData: // a line of a message
		r.in.KeepOut()
		return r.verb(ctx, text)
	}
	if skipped, err := r.skipRefusedHalf(ctx, text); skipped {
		return err
	}
	if ours := r.withoutColon(trimmed); ours != "" {
		r.remember(text)
		r.screen.say("*  running %s: commands of the prompt begin with a colon", ours)
		return r.command(ctx, ours)
	}
	switch {
	case strings.HasPrefix(trimmed, "="):
		r.rememberUnless(secretLua(trimmed), text)
		return r.eval(ctx, strings.TrimPrefix(trimmed, "="))
	case trimmed == "", strings.HasPrefix(trimmed, "#") && !r.in.Terminal():
		return nil
	}
	r.rememberUnless(isSecret(text), text)
	return r.verb(ctx, text)
}

// leave ends all sessions. It returns an error if a server sent a reply that answers no
// command, or if Lua in the background failed.
func (r *REPL) leave(ctx context.Context) error {
	ctx, stop := r.in.interruptible(ctx)
	defer stop()
	var first error
	if r.lua != nil {
		first = r.luaEnd(r.lua.close())
	}
	for _, sess := range r.sessions.list {
		if err := sess.leave(ctx); first == nil {
			first = err
		}
	}
	return first
}
