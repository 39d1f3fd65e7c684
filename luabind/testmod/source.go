package testmod

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"smtpsh/internal/testrun"
	"smtpsh/luabind"
	"smtpsh/luabind/smtpmod"
)

// Source reads the tests of Lua files. It accepts every file given by the user, so it must be
// the last source.
type Source struct {
	// VM returns the VM for a file.
	VM func(f *testrun.File) *luabind.VM
}

// Named reports whether the name of a file ends in _test.lua.
func (Source) Named(name string) bool { return strings.HasSuffix(name, "_test.lua") }

// Recognises returns true for every file.
func (Source) Recognises(string, []byte) bool { return true }

// Open runs a file, which defines its tests.
func (s Source) Open(ctx context.Context, f *testrun.File) (testrun.Suite, error) {
	vm := s.VM(f)
	suite, err := Load(ctx, vm, f.Name, f.Source)
	if err != nil {
		vm.Close()
		return nil, fileError(f.Name, err)
	}
	return &opened{suite, vm}, nil
}

// opened is a suite with its own VM.
type opened struct {
	*Suite
	vm *luabind.VM
}

// Run runs tests and then closes suite and VM.
func (o *opened) Run(ctx context.Context, tests []*testrun.Test, r testrun.RunOptions) {
	defer o.vm.Close()
	o.Suite.Run(ctx, tests, r)
}

// Discard closes suite and VM.
func (o *opened) Discard() {
	o.Close()
	o.vm.Close()
}

// fileError converts the error of loading a file.
func fileError(file string, err error) error {
	var e *luabind.ScriptError
	if !errors.As(err, &e) {
		return err
	}
	out := &testrun.FileError{Text: e.Error(), Source: e.Source, Err: err}
	if e.Cause != nil {
		out.Text, out.Source = fmt.Sprintf("%s:%d: %v", file, e.Line, e.Cause), ""
	} else if e.Value != nil {
		out.Hint, out.Missing = e.Value.Hint, e.Value.Missing != ""
	}
	return out
}

// failure converts an error of a script for reports.
func failure(e *luabind.ScriptError) *testrun.Failure {
	f := &testrun.Failure{
		Place: testrun.Place{File: e.Name, Line: e.Line}, What: e.Message, Message: e.Message, Stopped: e.Cause, Bug: e.Bug,
		Log: smtpmod.LogOf(e),
	}
	for _, fr := range e.Frames {
		f.Calls = append(f.Calls, testrun.Place(fr))
	}
	v := e.Value
	if v == nil {
		return f
	}
	f.Kind, f.Want, f.Got, f.Hint, f.Missing, f.Reply = v.Kind, v.Want, v.Got, v.Hint, v.Missing != "", smtpmod.ReplyOf(v)
	if v.Want != "" {
		f.What = v.What
	}
	if f.Message == "" {
		f.Message = v.Message
	}
	return f
}
