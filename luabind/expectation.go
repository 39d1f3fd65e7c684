package luabind

import (
	"context"
)

// Recorder is notified of failed expectations, so that no pcall can hide them. A context
// carries it; the innermost one counts.
type Recorder interface {
	// Unmet takes a failed expectation of a call. The lock is held.
	Unmet(c *Call, e *ErrorValue)
}

type recorderKey struct{}

// WithRecorder is a context whose failed expectations r is notified of.
func WithRecorder(ctx context.Context, r Recorder) context.Context {
	return context.WithValue(ctx, recorderKey{}, r)
}

// Recorder is who is notified of failed expectations; nil for nobody.
func (c *Call) Recorder() Recorder {
	r, _ := c.Context().Value(recorderKey{}).(Recorder)
	return r
}

// Record tells of a failed expectation, with the place of the call.
func (c *Call) Record(e *ErrorValue) {
	e.Expect = true
	c.VM.Place(c.L, e)
	if r := c.Recorder(); r != nil {
		r.Unmet(c, e)
	}
}

// UnmetError gives a failed expectation the form of a script's error.
func (vm *VM) UnmetError(v *ErrorValue) *ScriptError {
	e := &ScriptError{Value: v, Message: v.Message, Frames: v.Frames}
	if len(v.Frames) > 0 {
		e.Name, e.Line = v.Frames[0].File, v.Frames[0].Line
		e.Source = vm.Source(e.Name, e.Line)
	}
	return vm.Hush(e)
}
