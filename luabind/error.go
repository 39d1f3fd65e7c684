package luabind

import (
	"errors"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/transcript"
)

// ErrorValue is what a failed call raises: an object in Lua, an error in Go.
type ErrorValue struct {
	Unknown bool   // whether a message was taken is not known
	Kind    string // dial timeout closed tls protocol reply expect usage canceled
	Op      string // the step that failed
	Message string
	Hint    string
	Reply   *reply.Reply
	Where   string // "script.lua:12:" of the call
	Expect  bool   // an expectation failed, rather than the session
	Want    string // of an expectation
	Got     string
	What    string // what the expectation is about
	Skip    bool   // not a failure: the test skips itself
	Untried bool   // not a failure: it could not be tried
	Busy    bool   // of Untried: for a reason that may pass
	Because string // of Untried: the kind of the error that is the reason
	Session *Session
	Frames  []Frame // the calls that led there, innermost first
	Missing string  // the variable that has no value
	Err     error

	log  *transcript.Log // when there is no session
	soft bool            // of a check, which raises nothing
}

// Error is one line, with the place.
func (e *ErrorValue) Error() string {
	return strings.TrimSpace(e.Where + " " + e.Message)
}

// Unwrap gives the engine's error.
func (e *ErrorValue) Unwrap() error { return e.Err }

var errorClass = Class{
	Name: "smtp.Error",
	Doc:  "What a failed call raises. tostring(e) is one line. Replies of any code are values, not errors; only calls that promise a result raise kind reply.",
	Fields: []Field{
		{"kind", `"dial"|"timeout"|"closed"|"tls"|"protocol"|"reply"|"expect"|"usage"|"canceled"`, "What kind of failure it is.", errField(func(e *ErrorValue) string { return e.Kind })},
		{"op", "string", "The step that failed, such as connect or RCPT.", errField(func(e *ErrorValue) string { return e.Op })},
		{"message", "string", "The text, without the place in the script.", errField(func(e *ErrorValue) string { return e.Message })},
		{"hint", "string", "What to try next; empty when there is nothing to say.", errField(func(e *ErrorValue) string { return e.Hint })},
		{"unknown", "boolean", "Whether it is not known if the server took the message: its end was sent, and no reply to it came.", func(_ *Call, v any) lua.LValue {
			return lua.LBool(v.(*ErrorValue).Unknown)
		}},
		{"session", "smtp.Session?", "The session in which it happened.", func(c *Call, v any) lua.LValue {
			if s := v.(*ErrorValue).Session; s != nil && s.Session != nil {
				return c.object("smtp.Session", s)
			}
			return lua.LNil
		}},
		{"reply", "smtp.Reply?", "The reply that belongs to the failure.", func(c *Call, v any) lua.LValue {
			if r := v.(*ErrorValue).Reply; r != nil {
				return c.vm.object(c.L, "smtp.Reply", r)
			}
			return lua.LNil
		}},
	},
}

func errField(get func(*ErrorValue) string) func(*Call, any) lua.LValue {
	return func(_ *Call, v any) lua.LValue { return lua.LString(get(v.(*ErrorValue))) }
}

// toErrorValue makes an error object of any error.
func toErrorValue(err error) *ErrorValue {
	var e *ErrorValue
	if errors.As(err, &e) {
		return e
	}
	e = &ErrorValue{Kind: engine.KindOf(err), Message: err.Error(), Err: err}
	if e.Kind == "" {
		e.Kind = "usage"
	}
	var op *engine.OpError
	if errors.As(err, &op) {
		e.Op, e.Reply, e.Hint, e.Unknown = op.Op, op.Reply, op.Hint, op.Unknown
	}
	return e
}

// raise throws an error object, with the place of the call.
func (vm *VM) raise(L *lua.LState, err error) {
	var api *lua.ApiError
	if errors.As(err, &api) { // of Lua that was called from here
		L.Error(api.Object, 0)
	}
	e := toErrorValue(err)
	vm.place(L, e)
	L.Error(vm.object(L, "smtp.Error", e), 1)
}

// place finds where a call came from: the frames that are the script's.
func (vm *VM) place(L *lua.LState, e *ErrorValue) {
	if e.Where != "" {
		return
	}
	for level := 1; level < 30; level++ {
		m := frameLine().FindStringSubmatch(L.Where(level))
		if m == nil {
			continue
		}
		n, _ := strconv.Atoi(m[2])
		if len(e.Frames) == 0 {
			e.Where = m[1] + ":" + m[2] + ":"
		}
		e.Frames = append(e.Frames, Frame{m[1], n})
	}
}
