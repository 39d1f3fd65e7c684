package repl

import (
	"context"
	"strings"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/engine/verb"
	"smtpsh/internal/explain"
	"smtpsh/luabind/smtpmod"
	"smtpsh/transcript"
)

func explainCommands() []Command {
	return []Command{
		{
			Names: []string{"why"}, Group: "explain",
			Summary: "explain the last reply",
			Detail: "Shows the usual cause of the reply to your command, and what to try. For a reply of Google, Microsoft, Yahoo or Apple it " +
				"shows what that provider means. If the IANA registry gives the code another meaning, it shows both. Then it explains the " +
				"digits and the enhanced code, lists the usual replies to the command, and names the RFC.",
			Example: "NOOP\n:why",
			run: func(_ context.Context, r *REPL, _ []string) error {
				if r.sessions.current == nil || r.sessions.current.lastReply == nil {
					r.screen.say("*  no reply yet")
					return nil
				}
				if s := r.sessions.current.smtp; s != nil && s.Err() != nil {
					r.screen.complain(s.Err())
				}
				command := r.sessions.current.lastReply.Command
				if strings.HasPrefix(r.sessions.current.lastVerb, "AUTH") && (command == "" || strings.HasPrefix(strings.ToUpper(command), "AUTH")) {
					command = r.sessions.current.lastVerb // the tables need the mechanism, not the last line of the exchange
				}
				r.screen.page(explain.Why(r.sessions.current.lastReply, transcript.Escape(command), smtpmod.ExplainContext(r.sessions.current.smtp)))
				return nil
			},
		},
		{
			Names: []string{"next"}, Group: "explain",
			Summary: "show the state of the session and the commands that the protocol allows now",
			Detail: "Draws the steps of a session and marks the current one. Lists the commands that the protocol allows now, and " +
				"the others with the reason. A server can still reject a command.",
			Example: ":next\nEHLO me\nMAIL FROM:<a@example.org>\n:next",
			run: func(_ context.Context, r *REPL, _ []string) error {
				s, err := r.sessions.live()
				if err != nil {
					return err
				}
				r.screen.print(whereabouts(s, r.sessions.current.lastReply).draw())
				return nil
			},
		},
		{
			Names: []string{"explain", "e"}, Group: "explain", Args: []Arg{{Name: "WORD", Kind: Word, Optional: true}},
			Summary: "explain a code, command, keyword, mechanism, port or term",
			Detail:  "Without WORD it explains the last reply.",
			Example: ":explain 5.7.26\n:explain CHUNKING\nNOOP\n:explain",
			run: func(_ context.Context, r *REPL, args []string) error {
				if len(args) == 1 {
					return r.explain(args[0])
				}
				if r.sessions.current == nil || r.sessions.current.lastReply == nil {
					r.screen.say("*  no reply yet")
					return nil
				}
				return r.explain(replyWords(r.sessions.current.lastReply))
			},
		},
		{
			Names: []string{"teach"}, Group: "explain", Args: []Arg{{Name: "on|off", Kind: OnOff, Optional: true}},
			Summary: "explain each new kind of line when it is sent or received",
			Detail: "Below each line that shows something new, its meaning is shown. Base64 is decoded, passwords stay masked. " +
				"The first rejection of each kind is explained. A command that cannot work gets a warning, and is still sent. Without an " +
				"argument it switches teaching on or off.",
			Example: ":teach on\nEHLO me\n:teach off",
			run: func(_ context.Context, r *REPL, args []string) error {
				if len(args) == 0 {
					args = []string{onOff(!r.settings.teaching)}
				}
				on, err := parseOnOff("teach", args[0])
				if err != nil {
					return err
				}
				r.settings.teaching = on
				r.screen.say("*  teaching is %s", onOff(on))
				return nil
			},
		},
	}
}

func replyWords(r *reply.Reply) string {
	w := transcript.Escape(strings.Fields(r.String() + " ")[0])
	if r.Enhanced.Class != 0 && r.Enhanced.Detail+r.Enhanced.Subject != 0 {
		w += " " + r.Enhanced.String()
	}
	return w
}

// station is one step of a session, such as STARTTLS.
type station struct {
	name string
	done bool
}

// place is the state of a session: the steps that it has done, and what is possible next.
type place struct {
	stations []station
	here     string // the state in words
	legal    []string
	later    [][2]string // verbs that are not possible yet, each with the reason
}

// whereabouts returns the state of a session for :next. last is its last reply, or nil.
func whereabouts(s *engine.Session, last *reply.Reply) place {
	now := phase(s)
	hello := "EHLO"
	if s.LMTP() {
		hello = "LHLO"
	}
	greeted, _ := s.Introduced()
	p := place{stations: []station{{"connect", true}, {hello, greeted != ""}}}
	switch {
	case s.Target().Implicit:
	case s.TLS() != nil: // after STARTTLS a second EHLO is needed (RFC 3207 section 4.2)
		p.stations = []station{{"connect", true}, {hello, true}, {"STARTTLS", true}, {hello, greeted != ""}}
	case s.Has("STARTTLS"):
		p.stations = append(p.stations, station{"STARTTLS", false}, station{hello, false})
	}
	if s.User() != "" || s.Has("AUTH") {
		p.stations = append(p.stations, station{"AUTH", s.User() != ""})
	}
	if here, legal := special(s); here != "" {
		p.here, p.legal = here, legal
		return p
	}
	from, rcpts := s.Envelope()
	inMail := now == verb.Mail || now == verb.Rcpt || now == verb.Chunks
	p.stations = append(p.stations, station{"MAIL", inMail}, station{"RCPT", inMail && len(rcpts) > 0}, station{"DATA", now == verb.Chunks},
		station{".", false})
	switch {
	case greeted == "":
		p.here = "the server waits for " + hello
	case !inMail && s.TLS() == nil && s.Has("STARTTLS"):
		p.here = unencrypted(s)
		if last != nil && last.Code == 530 {
			p.here = "the server requires TLS, as its last reply says: send STARTTLS, then " + hello + " again"
		}
	case !inMail && s.User() == "" && s.Has("AUTH"):
		p.here = "not logged in: a submission server requires AUTH before MAIL"
	case !inMail:
		p.here = "no transaction is open: MAIL begins one"
	case len(rcpts) == 0:
		p.here = "a transaction from <" + short(from) + ">, no recipient yet"
	case now == verb.Chunks:
		p.here = "a message is being sent in chunks: BDAT with LAST ends it"
	case len(rcpts) == 1:
		p.here = "a transaction from <" + short(from) + "> to <" + short(rcpts[0]) + ">: DATA, or more recipients"
	default:
		p.here = "a transaction with several recipients: DATA, or more of them"
	}
	for _, v := range verb.Verbs() {
		switch {
		case v.Rare && (v.Extension == "" || !s.Has(v.Extension)):
		case v.Name == "LHLO" != s.LMTP() && (v.Name == "LHLO" || v.Name == "EHLO" || v.Name == "HELO"):
		case v.Name == "STARTTLS" && s.TLS() != nil, v.Name == "AUTH" && s.User() != "":
		case v.Extension != "" && !s.Has(v.Extension):
			if greeted != "" {
				p.later = append(p.later, [2]string{v.Name, v.Extension + " is not offered"})
			}
		case v.Phases.Has(now):
			p.legal = append(p.legal, v.Name)
		default:
			p.later = append(p.later, [2]string{v.Name, before(v.Name, hello, inMail, now)})
		}
	}
	return p
}

// unencrypted describes a session before STARTTLS.
func unencrypted(s *engine.Session) string {
	if s.LMTP() && !s.Has("AUTH") {
		return "the connection is not encrypted yet: STARTTLS encrypts it; MAIL begins a transaction if the server does not require TLS"
	}
	return "the connection is not encrypted yet: send STARTTLS, then log in if the server offers AUTH; if the server requires " +
		"neither TLS nor a login, you can send MAIL"
}

// special describes the states in which the server accepts no command, or only one.
func special(s *engine.Session) (here string, legal []string) {
	switch s.State() {
	case engine.InAuth:
		return "in a login: the server waits for a line in Base64", []string{"(a line in Base64)", "*"}
	case engine.InData:
		return "in a message: each line is a part of it, up to a line with a single dot", []string{"(lines of the message)", "."}
	case engine.WaitingTLS:
		return "the server waits for the TLS handshake", []string{"STARTTLS"}
	case engine.Refused:
		return "the server rejected the session with its greeting: only QUIT is possible", []string{"QUIT"}
	case engine.Closing:
		return "the session has ended", nil
	}
	return "", nil
}

// before returns the reason why a verb is not possible yet.
func before(name, hello string, inMail bool, now verb.Phase) string {
	switch {
	case now == verb.Chunks && name == "RCPT":
		return "not after BDAT; RSET ends the transaction"
	case now == verb.Chunks && name == "DATA":
		return "not after BDAT in one transaction"
	case name == "RCPT":
		return "not before MAIL"
	case name == "DATA" || name == "BDAT":
		return "not before RCPT"
	case inMail:
		return "after this transaction; RSET ends it"
	}
	return "not before " + hello
}

// draw draws the steps, marks the current one, and lists the verbs.
func (p place) draw() string {
	const link = "──"
	line, mark := "  ", 2
	for i, s := range p.stations {
		name := s.name
		if s.done {
			name = "[" + name + "]"
		}
		if i > 0 {
			line += link
		}
		line += name
		if s.done {
			mark = len([]rune(line))
		}
	}
	out := line + "\n" + strings.Repeat(" ", mark) + "^ you are here\n" + explain.Indent("  ", strings.ToUpper(p.here[:1])+p.here[1:]+".")
	var rows [][2]string
	if len(p.legal) > 0 {
		rows = append(rows, [2]string{"allowed now", strings.Join(p.legal, " ")})
	}
	for _, l := range p.later {
		rows = append(rows, [2]string{l[0], l[1]})
	}
	return out + explain.Columns(rows)
}
