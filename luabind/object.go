package luabind

import (
	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/engine/tlsinfo"
	"smtpsh/internal/mailbox"
	"smtpsh/internal/message"
	"smtpsh/internal/sandbox"
	"smtpsh/transcript"
)

// classOf names the class of a Go value inside a userdata.
func classOf(v any) string {
	switch v.(type) {
	case *reply.Reply:
		return "smtp.Reply"
	case *Session:
		return "smtp.Session"
	case *tlsinfo.Info:
		return "smtp.TLS"
	case *tlsinfo.Cert:
		return "smtp.Cert"
	case *ErrorValue:
		return "smtp.Error"
	case *transcript.Log:
		return "smtp.Transcript"
	case *Secret:
		return "smtp.Secret"
	case *message.Message:
		return "mail.Message"
	case *message.Parsed:
		return "mail.Parsed"
	case *mailbox.Box:
		return "imap.Box"
	case *Server:
		return "smtp.Server"
	case *Conn:
		return "smtp.Conn"
	case *sandbox.Command:
		return "smtp.Command"
	case *sandbox.Message:
		return "smtp.Received"
	case *sessionEvent:
		return "smtp.Event"
	case *transcript.Entry:
		return "smtp.Entry"
	case *Results:
		return "smtp.Results"
	case *Hist:
		return "smtp.Hist"
	case *Task:
		return "smtp.Task"
	case *Proc:
		return "exec.Proc"
	case *Value:
		return "expect.Value"
	}
	return ""
}

// toString is tostring(v) for our objects.
func toString(v any) string {
	switch v := v.(type) {
	case *reply.Reply:
		return transcript.Escape(v.String())
	case *Session:
		return "session with " + v.Where()
	case *tlsinfo.Info:
		return transcript.Escape(v.Summary())
	case *tlsinfo.Cert:
		return transcript.Escape(v.Subject)
	case *ErrorValue:
		return transcript.Escape(v.Error())
	case *transcript.Log:
		return v.Text(0, false)
	case *Secret:
		return event.Mask
	case *message.Message:
		return "message " + v.ID
	}
	if c, ok := v.(*sandbox.Command); ok {
		return transcript.Escape(c.Line)
	}
	if s, ok := v.(*Server); ok {
		return "server at " + s.addr()
	}
	return classOf(v)
}
