package smtpmod

import (
	"errors"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/internal/advice"
	"smtpsh/internal/exit"
	"smtpsh/internal/exitstatus"
	"smtpsh/luabind"
	"smtpsh/transcript"
)

// ErrorDetails is the session data of an error object.
type ErrorDetails struct {
	Reply   *reply.Reply // of the failure; or nil
	Session *Session     // in which it occurred; or nil
	Log     *transcript.Log
	Unknown bool // it is not known whether the message was accepted
}

// ExitStatus returns the status of the reply, which is a rejection or unexpected; false
// without a reply.
func (d *ErrorDetails) ExitStatus() (status int, ok bool) {
	switch {
	case d.Reply == nil:
		return 0, false
	case d.Reply.Positive():
		return exit.Failed, true
	}
	return exitstatus.OfReply(d.Reply), true
}

// Details returns the details of an error object. It makes them if there are none.
func Details(e *luabind.ErrorValue) *ErrorDetails {
	d, ok := e.Details.(*ErrorDetails)
	if !ok {
		d = &ErrorDetails{}
		e.Details = d
	}
	return d
}

// ReplyOf returns the reply of an error, or nil.
func ReplyOf(e *luabind.ErrorValue) *reply.Reply {
	if d, ok := e.Details.(*ErrorDetails); ok {
		return d.Reply
	}
	return nil
}

var errorFields = []luabind.Field{
	{
		Name: "unknown", Type: "boolean",
		Doc: "true if the message was sent completely and no valid reply arrived: it is not known whether the server accepted it.",
		Get: func(_ *luabind.Call, v any) lua.LValue {
			d, _ := v.(*luabind.ErrorValue).Details.(*ErrorDetails)
			return lua.LBool(d != nil && d.Unknown)
		},
	},
	{Name: "session", Type: "smtp.Session?", Doc: "The session of the error.", Get: func(c *luabind.Call, v any) lua.LValue {
		if d, _ := v.(*luabind.ErrorValue).Details.(*ErrorDetails); d != nil && d.Session != nil && d.Session.Session != nil {
			return c.Object(d.Session)
		}
		return lua.LNil
	}},
	{Name: "reply", Type: "smtp.Reply?", Doc: "The reply that caused the error.", Get: func(c *luabind.Call, v any) lua.LValue {
		if d, _ := v.(*luabind.ErrorValue).Details.(*ErrorDetails); d != nil && d.Reply != nil {
			return c.Object(Reply{d.Reply, d.Session})
		}
		return lua.LNil
	}},
}

// ToErrorValue makes an error object of any error.
func ToErrorValue(err error) *luabind.ErrorValue {
	var e *luabind.ErrorValue
	if errors.As(err, &e) {
		return e
	}
	if e = engineError(err); e == nil {
		e = &luabind.ErrorValue{Kind: "usage", Message: err.Error(), Err: err}
	}
	return e
}

// engineError makes an error object of an error of the engine; it returns nil for others.
func engineError(err error) *luabind.ErrorValue {
	kind := engine.KindOf(err)
	var op *engine.OpError
	if kind == "" && !errors.As(err, &op) {
		return nil
	}
	e := &luabind.ErrorValue{Kind: kind, Message: err.Error(), Err: err}
	if e.Kind == "" {
		e.Kind = "usage"
	}
	if errors.As(err, &op) {
		e.Op, e.Hint = op.Op, advice.Hint(err, advice.Lua)
		d := Details(e)
		d.Reply, d.Unknown = op.Reply, op.Unknown
	}
	return e
}
