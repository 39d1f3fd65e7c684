package luabind

import (
	"context"
)

// Recorder is told of failed expectations, so that no pcall can hide them. A context
// carries it; the innermost one counts.
type Recorder interface {
	// Unmet takes a failed expectation of a call. The lock is held.
	Unmet(c *Call, e *ErrorValue)
}

type recorderKey struct{}

// WithRecorder is a context whose failed expectations r is told of.
func WithRecorder(ctx context.Context, r Recorder) context.Context {
	return context.WithValue(ctx, recorderKey{}, r)
}

// recorder is who is told of failed expectations; nil for nobody.
func (c *Call) recorder() Recorder {
	r, _ := c.ctx().Value(recorderKey{}).(Recorder)
	return r
}

// record tells of a failed expectation, with the place of the call.
func (c *Call) record(e *ErrorValue) {
	e.Expect = true
	c.vm.place(c.L, e)
	if r := c.recorder(); r != nil {
		r.Unmet(c, e)
	}
}

// unmetError gives a failed expectation the form of a script's error.
func (vm *VM) unmetError(v *ErrorValue) *ScriptError {
	e := &ScriptError{Value: v, Message: v.Message, Frames: v.Frames}
	if len(v.Frames) > 0 {
		e.Name, e.Line = v.Frames[0].File, v.Frames[0].Line
		e.Source = vm.Source(e.Name, e.Line)
	}
	return vm.hush(e)
}
