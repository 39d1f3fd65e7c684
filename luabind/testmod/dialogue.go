package testmod

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"smtpsh/internal/dialogue"
	"smtpsh/luabind"
	"smtpsh/luabind/smtpmod"
)

// LoadDialogue reads a dialogue file as a suite with a single test.
func LoadDialogue(vm *luabind.VM, file string, src []byte) (*Dialogue, error) {
	script, err := smtpmod.ParseDialogue(vm, file, src)
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
	vm     *luabind.VM
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
	defer d.vm.Heed(ctx)()
	scope := luabind.NewScope(ctx, d.vm.Root())
	kept := smtpmod.KeepConversations(scope)
	line, err := smtpmod.PlayScript(d.vm, ctx, d.script, scope)
	if end, ok := ctx.Deadline(); ok && err != nil && !time.Now().Before(end) {
		<-ctx.Done()
	}
	if err == nil && ctx.Err() == nil {
		return &Result{Test: d.Test, Status: Passed, Conversations: kept.List(nil)}
	}
	var e *luabind.ScriptError
	if !errors.As(err, &e) {
		e = &luabind.ScriptError{Name: d.script.Name, Line: line, Message: "stopped"}
	}
	if ctx.Err() != nil {
		e.Cause = context.Cause(ctx)
	}
	r := &Result{Test: d.Test, Status: Broken, Failures: []*luabind.ScriptError{e}, Conversations: kept.List([]*luabind.ScriptError{e})}
	if v := e.Value; e.Cause == nil && v != nil && v.Untried {
		return &Result{Test: d.Test, Status: Untried, Reason: fmt.Sprintf("line %d leads to what is tested: %s", e.Line, v.Message), Conversations: r.Conversations}
	}
	if e.Cause != nil || e.Value != nil && e.Value.Expect {
		r.Status = Failed
	}
	return r
}
