package luabind

import (
	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/engine/tlsinfo"
	"smtpsh/internal/message"
	"smtpsh/internal/transcript"
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
	return "object"
}
