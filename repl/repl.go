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

// Options is how a prompt is set up.
type Options struct {
	Dialer *dialer.Dialer
	Target string
	// In returns where lines come from; complete proposes how they go on.
	In func(complete line.Complete) (line.Reader, error)
	// Show is how the conversation is written.
	Show transcript.TextOptions
	// JSON writes the conversation as JSON lines instead.
	JSON bool
	// Quiet leaves the conversation out.
	Quiet bool
	// Inspect is a sandbox elsewhere whose mailboxes :mailbox shows.
	Inspect inspect.Address
	// KeepGoing goes on after refused commands that were read from a pipe.
	KeepGoing bool
	// Teach explains every line, each fact once.
	Teach bool
	// Log is told everything besides, such as a file of --log; may be nil.
	Log event.Observer
	// School has the course; Lesson is the one to begin with, nil for none.
	School *lessons.School
	Lesson *lessons.Course
	// Lua is what typed Lua and scripts need of the program around; nil for no
	// Lua. Script tells what a script of that path may reach.
	Lua    smtpmod.Host
	Script func(path string) luabind.Options
	// Limits are those of each piece of Lua, and of each script of :run.
	Limits luabind.Limits
	// GiveUp ends the process; nil when ^C must not do that. It is called when what ^C
	// has ended does not end, and ^C comes again.
	GiveUp func()
	// ReadScript finds a script of :run by name or path.
	ReadScript func(name string) (file string, src []byte, err error)
	// Scripts are the names that :run knows besides files.
	Scripts []string
	// Secret reads a secret: @env:X, @file:PATH, @cmd:COMMAND, @prompt, or the
	// name of one that was given. The end of ctx, which ^C ends, is its error.
	Secret func(ctx context.Context, source string) (string, error)
	// Editor and Pager are the programs for :edit and long texts; "" for the
	// usual ones.
	Editor, Pager string
}

// REPL is a prompt: its parts, and what joins them.
type REPL struct {
	opts Options

	// mu is the one lock of what events change, in every part: sessions are listened to
	// while a line is typed. The parts have it as their own mu.
	mu sync.Mutex

	in         *input
	screen     *screen
	sessions   *sessions
	recording  *recording
	settings   *settings
	completion *completion
	lesson     lessonState
	drafts     drafts
	expected   *reply.Want // what :expect has announced for the next reply
	lua        *console    // nil before it is needed
}

// Run connects and reads lines to their end. Its error says how the last thing
// failed: a ReplyError, an ExpectError, an InputError, a LessonError, or the
// engine's.
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
		r.screen.print(explain.Indent("", "Lines are sent to the server as typed. :help lists the commands of the prompt, :q exits."))
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

// newREPL makes the parts of a prompt and joins them.
func newREPL(opts Options) (*REPL, error) {
	r := &REPL{opts: opts}
	r.settings = &settings{show: opts.Show, inspect: opts.Inspect, teaching: opts.Teach, paging: true, pagerProgram: opts.Pager}
	r.completion = &completion{scripts: opts.Scripts, luaNames: r.luaNames}
	reader, err := opts.In(r.completion.complete)
	if err != nil {
		return nil, err
	}
	if reader.Terminal() { // what is typed is not shown again, and a file that is sent only in part
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
	if r.in.Terminal() && r.sessions.current.failedForCertificate(err) { // a person can look at it, and go on
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

// nextLine waits for a line or for the end of ctx, and tells meanwhile of what
// servers say by themselves. On a terminal closing the reader ends the wait; a
// read from a pipe cannot be ended, so it is left behind.
func (r *REPL) nextLine(ctx context.Context, prompt string) (string, error) {
	defer r.in.personActs()()
	if r.in.Terminal() {
		r.screen.fitWidth() // it may have been resized
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

// line deals with one line.
func (r *REPL) line(ctx context.Context, text string) error {
	ctx, stop := r.in.interruptible(ctx)
	defer stop()
	r.screen.line = lineState{handled: true}
	defer func() { r.screen.line = lineState{} }()
	trimmed := strings.TrimSpace(text)
	answering := r.sessions.current.usable() && r.sessions.current.smtp.State() == engine.InAuth
	switch {
	case strings.HasPrefix(trimmed, ":"): // no Base64 begins so
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

// leave ends all sessions. The error is a server that has said more than was asked, or what
// Lua in the background has met.
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
