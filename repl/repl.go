package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/engine/reply"
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

// REPL is a prompt with its sessions.
type REPL struct {
	opts Options
	in   line.Reader
	text *transcript.Text
	json *transcript.JSON

	sessions []*held
	at       *held // the current one; nil before the first
	opened   int   // numbers given to sessions
	dials    int   // connections made: the labels of their events

	mu       sync.Mutex // of what events change: sessions are listened to while a line is typed
	aside    *transcript.Text
	record   *recorder
	log      event.Observer // of :log
	logFile  *os.File
	replies  []*reply.Reply
	pairs    *pairs // while a batch is answered
	midReply bool

	typed    string       // the line that was just typed, until it goes out
	composed bool         // the message that goes out was typed
	sending  int64        // octets of the file that goes out
	since    atomic.Int64 // when the wait under way began, in nanoseconds
	away     atomic.Int32 // a person is at work, so nothing is waited for
	asking   bool         // a line is being dealt with
	draft    []byte       // a message that was typed or edited and not sent
	latest   []byte       // the message that was typed or edited last
	entering string       // the prompt of a text that is being typed; "" otherwise
	keeping  bool         // the text is one of a message

	tutor     *tutor.Tutor
	teaching  bool
	paging    bool
	width     int // of :set width; 0 for the terminal's
	seen      snapshot
	used      []string // addresses that were typed
	noted     string   // the line whose parameters completion has listed
	want      *reply.Want
	orphan    orphans // what may follow a refused command
	lua       *console
	unadopted string // what typed Lua has put into s that is no session
	course    *lessons.Course
	answered  string // to the question of a lesson
	fresh     bool   // the lesson was begun by the line under way
	quit      bool
}

// Run connects and reads lines to their end. Its error says how the last thing
// failed: a ReplyError, an ExpectError, an InputError, a LessonError, or the
// engine's.
func Run(ctx context.Context, opts Options) (err error) {
	if opts.Dialer.Options.Secrets == nil {
		opts.Dialer.Options.Secrets = &engine.Secrets{}
	}
	r := &REPL{opts: opts, tutor: tutor.New(), record: newRecorder(), teaching: opts.Teach, paging: true}
	in, err := opts.In(r.complete)
	if err != nil {
		return err
	}
	r.in = in
	if in.Terminal() { // what is typed is not shown again, and a file that is sent only in part
		r.opts.Show.ContentLines = 0
	}
	var once sync.Once
	closeIn := func() { once.Do(func() { in.Close() }) }
	defer closeIn()
	defer context.AfterFunc(ctx, closeIn)() // a signal must not leave the terminal raw
	r.text = r.newText()
	r.json = transcript.NewJSON(printer{in}, opts.Show.ShowSecrets)
	defer func() {
		if _, lerr := r.closeLog(); err == nil && lerr != nil {
			err = logError(lerr)
		}
	}()
	r.apply()
	if in.Terminal() {
		r.print(explain.Indent("", "Lines go to the server as typed. :help lists our own commands, :q leaves."))
	}
	if err := r.begin(ctx); err != nil {
		return err
	}
	err = advice.At(advice.Prompt, r.loop(ctx))
	if err == nil {
		err = r.unmet()
	}
	if lerr := r.leave(ctx); err == nil && !in.Terminal() {
		err = lerr
	}
	if c := r.course; c != nil {
		defer c.Close()
		if err == nil && opts.Lesson != nil && !in.Terminal() && (!c.Finished() || c.Skipped()) {
			return &LessonError{c.Title(), or(c.Goal(), "steps were skipped")}
		}
	}
	return err
}

// begin opens the first session.
func (r *REPL) begin(ctx context.Context) error {
	ctx, stop := r.interruptible(ctx)
	defer stop()
	if r.opts.Lesson != nil {
		err := r.beginLesson(ctx, r.opts.Lesson)
		r.fresh = false
		return err
	}
	err := r.connect(ctx, r.opts.Target, nil, nil)
	if r.in.Terminal() && r.givenUpForCert(err) { // a person can look at it, and go on
		r.complain(err)
		return nil
	}
	return err
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
		err = r.line(ctx, text)
		if err == nil && r.course != nil {
			err = r.check(ctx, text)
		}
		if err != nil {
			if !r.in.Terminal() {
				return err
			}
			r.complain(err)
		}
	}
	return nil
}

// nextLine waits for a line or for the end of ctx, and tells meanwhile of what
// servers say by themselves. On a terminal closing the reader ends the wait; a
// read from a pipe cannot be ended, so it is left behind.
func (r *REPL) nextLine(ctx context.Context, prompt string) (string, error) {
	defer r.person()()
	if r.in.Terminal() {
		explain.SetWidth(min(r.columns()-2, widest)) // it may have been resized
		r.seen = r.snapshot()
		defer r.listen(ctx)()
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
	ctx, stop := r.interruptible(ctx)
	defer stop()
	r.asking = true
	defer func() { r.asking, r.typed, r.composed, r.sending = false, "", false, 0 }()
	trimmed := strings.TrimSpace(text)
	answering := r.at.usable() && r.at.session.State() == engine.InAuth
	switch {
	case strings.HasPrefix(trimmed, ":"): // no Base64 begins so
		r.remember(text, secretCommand(trimmed, answering))
		return r.command(ctx, trimmed)
	case answering:
		r.remember(text, true)
		return r.verb(ctx, text)
	case r.at.usable() && r.at.session.State() == engine.InData: // a line of a message
		r.remember(text, true)
		return r.verb(ctx, text)
	}
	if was, err := r.orphaned(ctx, text); was {
		return err
	}
	if ours := r.withoutColon(trimmed); ours != "" {
		r.remember(text, false)
		r.say("*  read as %s: smtpsh's own commands begin with a colon", ours)
		return r.command(ctx, ours)
	}
	switch {
	case strings.HasPrefix(trimmed, "="):
		r.remember(text, secretLua(trimmed))
		return r.eval(ctx, strings.TrimPrefix(trimmed, "="))
	case trimmed == "", strings.HasPrefix(trimmed, "#") && !r.in.Terminal():
		return nil
	}
	r.remember(text, isSecret(text))
	return r.verb(ctx, text)
}

// judge remembers a reply, and in a run from a pipe decides whether it ends.
func (r *REPL) judge(rep *reply.Reply) error {
	if r.want != nil {
		w := *r.want
		r.want = nil
		if !w.Match(rep) {
			if r.in.Terminal() || r.opts.KeepGoing {
				r.say("*  want %s, got %d", w, rep.Code)
				return nil
			}
			return &ExpectError{Want: w, Reply: rep, Advice: r.advice(rep)}
		}
		return nil
	}
	if r.in.Terminal() || r.opts.KeepGoing || r.course != nil {
		return nil
	}
	switch {
	case rep.Misplaced(), r.at.usable() && rep == r.at.session.Greeting() && rep.Positive() && rep.Code != 220:
		return &MisplacedError{rep}
	case !rep.Positive():
		return &ReplyError{Reply: rep, Advice: r.advice(rep)}
	}
	return nil
}

// advice is what to try after a refusal in the present session.
func (r *REPL) advice(rep *reply.Reply) string {
	return explain.Advice(rep, smtpmod.ExplainContext(r.at.session))
}

// leave ends all sessions. The error is a server that has said more than was asked, or what
// Lua in the background has met.
func (r *REPL) leave(ctx context.Context) error {
	ctx, stop := r.interruptible(ctx)
	defer stop()
	var first error
	if r.lua != nil {
		first = r.luaEnd(r.lua.close())
	}
	for _, h := range r.sessions {
		if err := r.drop(ctx, h); first == nil {
			first = err
		}
	}
	return first
}
