package engine

import (
	"strings"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
)

// State is the state of a session, as observed from the server's replies.
type State uint8

// The states of a session (RFC 5321 sections 3 and 4.1.4).
const (
	Connected  State = iota // connected, no EHLO yet
	Refused                 // the greeting was not a 220
	Ready                   // EHLO, HELO or LHLO was accepted
	InMail                  // MAIL was accepted
	InRcpt                  // at least one RCPT was accepted
	InData                  // 354: the message is being sent
	InChunks                // at least one BDAT was accepted, not the last
	InAuth                  // 334: the server waits for a SASL response
	WaitingTLS              // 220 to STARTTLS: only a handshake may follow
	Closing                 // 221 or 421: the server closes the connection
	Gone                    // the connection is closed
)

var stateNames = [...]string{"greeted", "refused", "ready", "mail", "rcpt", "data", "chunks", "auth", "starttls", "closing", "closed"}

// String returns the name in lower case.
func (s State) String() string { return stateNames[s] }

func (s *Session) setState(to State) {
	if s.state == to {
		return
	}
	from := s.state
	s.state = to
	s.raw.data = s.raw.data && from != InData
	s.emit(event.Event{Kind: event.StateChange, From: from.String(), To: to.String()})
}

// observe updates the state after a reply. verb is the command in capitals, arg its
// argument.
func (s *Session) observe(verb, arg string, r *reply.Reply) {
	if r.Code == 421 {
		s.setState(Closing)
		return
	}
	switch verb {
	case endOfData:
		s.delivered = r.Completed() || s.delivered && s.LMTP() // LMTP has a reply for each recipient
	case "BDAT":
		s.delivered = r.Completed() && strings.HasSuffix(strings.ToUpper(arg), "LAST")
	case "QUIT", "":
	default:
		s.delivered = false
	}
	if s.state == InAuth {
		verb = "AUTH" // the server treated any line as a response
	}
	switch verb {
	case "EHLO", "LHLO", "HELO":
		if r.Completed() {
			s.forgetEnvelope()
			s.caps = nil
			if verb != "HELO" {
				s.caps = ParseCapabilities(r)
			}
			s.hello, s.helloName = verb, strings.TrimSpace(arg)
			s.setState(Ready)
		}
	case "MAIL":
		if r.Completed() {
			s.forgetEnvelope()
			s.from = pathIn(arg)
			s.withPRDR = asksPRDR("MAIL", arg)
			s.binaryMIME = false
			for word := range strings.FieldsSeq(arg) {
				s.binaryMIME = s.binaryMIME || strings.EqualFold(word, "BODY=BINARYMIME")
			}
			s.setState(InMail)
		}
	case "RCPT":
		if r.Completed() {
			s.rcpts = append(s.rcpts, pathIn(arg))
			s.setState(InRcpt)
		}
	case "DATA":
		if r.Intermediate() {
			s.setState(InData)
		}
	case endOfData:
		s.forgetEnvelope()
		s.setState(Ready)
	case "BDAT":
		switch {
		case strings.HasSuffix(strings.ToUpper(arg), "LAST"):
			s.forgetEnvelope()
			s.setState(Ready)
		case r.Completed():
			s.setState(InChunks)
		}
	case "RSET":
		if r.Completed() {
			s.forgetEnvelope()
			if s.state != Connected && s.state != Refused {
				s.setState(Ready)
			}
		}
	case "XCLIENT": // the session begins again (Postfix XCLIENT_README)
		if r.Code == 220 {
			s.forgetEnvelope()
			s.caps, s.hello, s.user = nil, "", ""
			s.setState(Connected)
		}
	case "STARTTLS":
		if r.Code == 220 {
			s.setState(WaitingTLS)
		}
	case "AUTH":
		switch {
		case r.Code == 334:
			if s.state != InAuth {
				s.beforeAuth = s.state
			}
			s.setState(InAuth)
		case s.state == InAuth:
			s.setState(s.beforeAuth)
		}
		if r.Code == 334 {
			s.typedLogin.challenge(r.Text())
		}
		//mutant:250-is-no-login is "Code == 235" "Completed()"
		if r.Code == 235 && s.user == "" && !s.loginUnderWay {
			if s.user = s.typedLogin.name; s.user == "" {
				s.user = "logged in" // only the server knows the user
			}
		}
	case "QUIT":
		if r.Code == 221 {
			s.delivered = false // data after the 221 does not concern the message
			s.setState(Closing)
		}
	}
}

// pathIn returns the address in "FROM:<a@b> SIZE=1" or "TO:<c@d>".
func pathIn(arg string) string {
	_, rest, _ := strings.Cut(arg, ":")
	rest = strings.TrimLeft(rest, " ")
	if strings.HasPrefix(rest, "<") {
		if i := outsideQuotes(rest, ">"); i > 0 {
			return rest[1:i]
		}
	}
	if i := outsideQuotes(rest, " "); i >= 0 {
		return rest[:i]
	}
	return rest
}
