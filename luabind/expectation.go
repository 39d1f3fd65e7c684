package luabind

import (
	"context"
)

// Recorder receives failed expectations, so that pcall cannot hide them. A context carries
// it; the innermost one counts.
type Recorder interface {
	// Unmet receives a failed expectation of a call. The lock is held.
	Unmet(c *Call, e *ErrorValue)
}

type recorderKey struct{}

// WithRecorder returns a context in which r receives failed expectations.
func WithRecorder(ctx context.Context, r Recorder) context.Context {
	return context.WithValue(ctx, recorderKey{}, r)
}

// Recorder returns the recorder of the call's context, or nil.
func (c *Call) Recorder() Recorder {
	r, _ := c.Context().Value(recorderKey{}).(Recorder)
	return r
}

// Record reports a failed expectation, with the position of the call.
func (c *Call) Record(e *ErrorValue) {
	e.Expect = true
	c.VM.Place(c.L, e)
	if r := c.Recorder(); r != nil {
		r.Unmet(c, e)
	}
}

// UnmetError returns the script error for a failed expectation.
func (vm *VM) UnmetError(v *ErrorValue) *ScriptError {
	e := &ScriptError{Value: v, Message: v.Message, Frames: v.Frames}
	if len(v.Frames) > 0 {
		f := vm.callOfScript(v.Frames)
		e.Name, e.Line = f.File, f.Line
		e.Source = vm.Source(e.Name, e.Line)
	}
	return vm.Hush(e)
}
