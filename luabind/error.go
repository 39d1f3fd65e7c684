package luabind

import (
	"errors"
	"reflect"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/internal/safetext"
)

// ErrorValue is what a failed call raises: an object in Lua, an error in Go.
type ErrorValue struct {
	Kind    string // dial timeout closed tls protocol reply expect usage canceled
	Op      string // the step that failed
	Message string
	Hint    string
	Where   string // the position of the call, "script.lua:12:"
	Expect  bool   // an expectation failed
	Soft    bool   // of an expectation that raises no error
	Want    string // of an expectation
	Got     string
	What    string  // the subject of the expectation
	Skip    bool    // not a failure: the test skips itself
	Untried bool    // not a failure: the test could not be tried
	Busy    bool    // of Untried: the reason is temporary
	Because string  // of Untried: the kind of the error that is the reason
	Frames  []Frame // the calls up to the failed one, innermost first
	Missing string  // the variable that has no value
	// Elsewhere reports that the call works in another run: with --unsafe, or with another
	// profile.
	Elsewhere bool
	Details   any // additional data of a module, of its own type; or nil
	Err       error
}

// Error returns one line with the position.
func (e *ErrorValue) Error() string {
	return strings.TrimSpace(e.Where + " " + e.Message)
}

// Unwrap returns the engine's error.
func (e *ErrorValue) Unwrap() error { return e.Err }

var errorClass = Class{
	Name: "smtp.Error", Type: reflect.TypeFor[*ErrorValue](),
	Example: `local _, x = pcall(require, "no.such.module")`,
	String:  func(v any) string { return safetext.Escape(v.(*ErrorValue).Error()) },
	Doc: "The error that a failed call raises. tostring(e) is one line. Replies of any code are values, not errors; only " +
		"calls that promise a result raise kind reply.",
	Fields: []Field{
		{
			Name: "kind",
			Type: `"dial"|"timeout"|"closed"|"tls"|"protocol"|"reply"|"expect"|"usage"|"canceled"`,
			Doc:  "The kind of the error.",
			Get:  errField(func(e *ErrorValue) string { return e.Kind }),
		},
		{
			Name: "op", Type: "string",
			Doc: "The step that failed, such as connect or RCPT.",
			Get: errField(func(e *ErrorValue) string { return e.Op }),
		},
		{
			Name: "message", Type: "string",
			Doc: "The text, without file and line.",
			Get: errField(func(e *ErrorValue) string { return e.Message }),
		},
		{
			Name: "hint", Type: "string",
			Doc: "What to do; may be empty.",
			Get: errField(func(e *ErrorValue) string { return e.Hint }),
		},
	},
}

func errField(get func(*ErrorValue) string) func(*Call, any) lua.LValue {
	return func(_ *Call, v any) lua.LValue { return lua.LString(get(v.(*ErrorValue))) }
}

// toErrorValue makes an error object of any error. Modules can add details.
func (vm *VM) toErrorValue(err error) *ErrorValue {
	var e *ErrorValue
	if errors.As(err, &e) {
		return e
	}
	for _, m := range vm.lib.modules {
		if m.Error == nil {
			continue
		}
		if e := m.Error(err); e != nil {
			return e
		}
	}
	return &ErrorValue{Kind: "usage", Message: err.Error(), Err: err}
}

// raise raises an error object with the position of the call.
func (vm *VM) raise(L *lua.LState, err error) {
	var api *lua.ApiError
	if errors.As(err, &api) { // of Lua code called by this function
		L.Error(api.Object, 0)
	}
	e := vm.toErrorValue(err)
	vm.Place(L, e)
	L.Error(vm.Object(L, e), 1)
}

// Place returns the position of a call: the frames that belong to the script.
func (vm *VM) Place(L *lua.LState, e *ErrorValue) {
	if e.Where != "" {
		return
	}
	for level := 1; level < 30; level++ {
		m := frameLine().FindStringSubmatch(L.Where(level))
		if m == nil {
			continue
		}
		n, _ := strconv.Atoi(m[2])
		e.Frames = append(e.Frames, Frame{File: m[1], Line: n})
	}
	if len(e.Frames) > 0 {
		f := vm.callOfScript(e.Frames)
		e.Where = f.File + ":" + strconv.Itoa(f.Line) + ":"
	}
}

// callOfScript returns the innermost frame that is not in a bundled module, which users
// do not have as a file; the innermost one if there is no other.
func (vm *VM) callOfScript(frames []Frame) Frame {
	for _, f := range frames {
		if !vm.ours[f.File] || f.File == vm.main {
			return f
		}
	}
	return frames[0]
}
