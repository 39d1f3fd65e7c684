package luabind

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"
	"time"

	"smtpsh/internal/dialogue"
	"smtpsh/internal/readfile"
)

// PlayFile plays a dialogue file. The error is a [*ScriptError], or the cause that
// ended the context.
func (vm *VM) PlayFile(ctx context.Context, file string, src []byte) error {
	script, err := vm.parseDialogue(file, src)
	if err != nil {
		return err
	}
	defer vm.heed(ctx)()
	_, err = vm.playScript(ctx, script, newScope(ctx, vm.root))
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// LoadDialogue reads a dialogue file as a suite with a single test.
func (vm *VM) LoadDialogue(file string, src []byte) (*Dialogue, error) {
	script, err := vm.parseDialogue(file, src)
	if err != nil {
		return nil, err
	}
	name := script.Title
	if name == "" {
		name = dialogue.BaseName(file)
	}
	t := &Test{Name: name, Tags: NameTags(name), File: file, Line: 1, EndLine: bytes.Count(src, []byte("\n")) + 1, Retry: -1}
	return &Dialogue{vm: vm, script: script, Test: t}, nil
}

// Dialogue is a dialogue file as a test.
type Dialogue struct {
	Test   *Test
	vm     *VM
	script *dialogue.Script
}

// Run plays the dialogue once, or again after a failure.
func (d *Dialogue) Run(ctx context.Context, o RunOptions) *Result {
	if o.Started != nil {
		o.Started(d.Test)
	}
	begun := time.Now()
	for n := 1; ; n++ {
		r := d.attempt(ctx, o.Timeout)
		r.Attempts, r.Took = n, time.Since(begun)
		if r.Status == Passed || n > o.Retry || ctx.Err() != nil {
			return r
		}
	}
}

func (d *Dialogue) attempt(ctx context.Context, limit time.Duration) *Result {
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, limit, &TimeoutError{limit})
		defer cancel()
	}
	defer d.vm.heed(ctx)()
	run := &running{test: d.Test}
	scope := newScope(ctx, d.vm.root)
	scope.test = run
	line, err := d.vm.playScript(ctx, d.script, scope)
	if end, ok := ctx.Deadline(); ok && err != nil && !time.Now().Before(end) {
		<-ctx.Done()
	}
	if err == nil && ctx.Err() == nil {
		return &Result{Test: d.Test, Status: Passed, Conversations: run.conversations(nil)}
	}
	var e *ScriptError
	if !errors.As(err, &e) {
		e = &ScriptError{Name: d.script.Name, Line: line, Message: "stopped"}
	}
	if ctx.Err() != nil {
		e.Cause = context.Cause(ctx)
	}
	r := &Result{Test: d.Test, Status: Broken, Failures: []*ScriptError{e}, Conversations: run.conversations([]*ScriptError{e})}
	if v := e.Value; e.Cause == nil && v != nil && v.Untried {
		return &Result{Test: d.Test, Status: Untried, Reason: fmt.Sprintf("line %d leads to what is tested: %s", e.Line, v.Message), Conversations: r.Conversations}
	}
	if e.Cause != nil || e.Value != nil && e.Value.Expect {
		r.Status = Failed
	}
	return r
}

func (vm *VM) parseDialogue(file string, src []byte) (*dialogue.Script, error) {
	vm.sources[file] = src
	script, err := dialogue.Parse(file, string(src))
	if err != nil {
		return nil, vm.dialogueError(err)
	}
	return script, nil
}

// playScript plays in a scope, which ends with it.
func (vm *VM) playScript(ctx context.Context, script *dialogue.Script, scope *scope) (int, error) {
	env := vm.playEnv(scope, "")
	env.Include = func(name string) (string, error) { return vm.include(script.Name, name) }
	_, err := script.Play(ctx, env)
	scope.end()
	if err == nil {
		return 0, nil
	}
	e := vm.hush(vm.dialogueError(err))
	return e.Line, e
}

// maxInclude bounds a file that a dialogue includes, as a dialogue itself is.
const maxInclude = 4 << 20

// include reads a file beside a dialogue, and not outside its folder.
func (vm *VM) include(from, name string) (string, error) {
	if vm.opts.Dir == "" {
		return "", errors.New("the dialogue is not in a folder")
	}
	root, err := os.OpenRoot(vm.opts.Dir)
	if err != nil {
		return "", err
	}
	defer root.Close()
	text, err := readfile.In(context.Background(), root, name, maxInclude)
	if err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return "", err
	}
	vm.turn.Lock()
	vm.sources[path.Clean(name)] = text
	vm.turn.Unlock()
	return string(text), nil
}

// dialogueError gives a dialogue's errors the form of a script's.
func (vm *VM) dialogueError(err error) *ScriptError {
	var (
		parse *dialogue.ParseError
		mis   *dialogue.Mismatch
		play  *dialogue.PlayError
	)
	switch {
	case errors.As(err, &parse):
		return &ScriptError{Name: parse.File, Line: parse.Line, Message: parse.Message, Source: parse.Source, Syntax: true,
			Value: &ErrorValue{Kind: "usage", Message: parse.Message, Hint: parse.Hint}}
	case errors.As(err, &mis):
		v := playFailure(err, nil).(*ErrorValue)
		v.What = ""
		v.Message = "want " + v.Want + ", got " + v.Got
		v.Untried = mis.Setup
		return &ScriptError{Name: mis.File, Line: mis.Line, Message: v.Message, Value: v, Source: vm.Source(mis.File, mis.Line), Frames: []Frame{{mis.File, mis.Line}}}
	case errors.As(err, &play):
		v := playFailure(err, nil).(*ErrorValue)
		_, v.Message, _ = strings.Cut(v.Message, fmt.Sprintf("line %d: ", play.Line))
		v.Untried = play.Setup
		return &ScriptError{Name: play.File, Line: play.Line, Message: v.Message, Value: v, Source: vm.Source(play.File, play.Line), Frames: []Frame{{play.File, play.Line}}}
	}
	return &ScriptError{Name: vm.main, Message: err.Error(), Cause: err}
}

// Conversation is the log of the session that an error belongs to; nil when there
// is none.
func (e *ScriptError) Conversation() *Conversation {
	switch {
	case e.Value == nil:
		return nil
	case e.Value.Session != nil:
		return &Conversation{e.Value.Session.log.Name, e.Value.Session.log}
	case e.Value.log != nil:
		return &Conversation{e.Value.log.Name, e.Value.log}
	}
	return nil
}
