package dialogue

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"smtpsh/engine/secret"
)

// Recording is the content of sessions, in order.
type Recording struct {
	Sessions []*Recorded
	Items    []Item
	Notes    []string // what the test omits from the log

	responses []string // of logins, to be masked elsewhere
}

// Recorded is one session.
type Recorded struct {
	Label  string
	Target string // as the user gave it; "" if unknown
}

// Item is one line, message or login of a session.
type Item struct {
	Session int    // index into Sessions
	Kind    string // "send", "login", "content", "write", "reply", "garbage"
	Text    string // line without CRLF; for content and write the bytes
	Mech    string // of a login
	Lines   []string
	Raw     bool // content sent with BDAT
	Refused bool // of a login: it was refused, and another one succeeded
	Short   bool // of a reply: its further lines are not known
}

// NamesServer reports whether the recording has the target of a session.
func (r *Recording) NamesServer() bool {
	for _, s := range r.Sessions {
		if s.Target != "" {
			return true
		}
	}
	return false
}

// Read reads JSON lines, as --log FILE.jsonl and --format jsonl write them, or a text in
// one of the [Notations]. A line that cannot be read is an error with its number.
// Credentials are not kept. Time and memory are linear in the length of the recording. If
// ctx ends, Read returns its cause.
func Read(ctx context.Context, from io.Reader) (*Recording, error) {
	in := bufio.NewReader(from)
	blank, first, err := skipBlank(in)
	if errors.Is(err, io.EOF) {
		return nil, errors.New("it is empty")
	}
	var r *Recording
	if err == nil && first == '{' {
		r, err = readJSON(ctx, in, strings.Count(blank, "\n"))
	} else if err == nil {
		var text strings.Builder
		text.WriteString(blank)
		if _, err = io.Copy(&text, in); err == nil {
			r, err = readText(ctx, text.String())
		}
	}
	if err != nil {
		return nil, err
	}
	if len(r.Items) == 0 {
		return nil, errors.New("it has no session")
	}
	r.tidy()
	r.hide()
	return r, nil
}

// maxBlank limits the white space before a recording, in bytes.
const maxBlank = 64 << 10

// skipBlank reads white space and returns the byte after it, unread.
func skipBlank(in *bufio.Reader) (blank string, first byte, err error) {
	var b strings.Builder
	for b.Len() < maxBlank {
		c, err := in.ReadByte()
		if err != nil {
			return "", 0, err
		}
		if !strings.ContainsRune(" \t\r\n\v\f", rune(c)) {
			return b.String(), c, in.UnreadByte()
		}
		b.WriteByte(c)
	}
	return "", 0, fmt.Errorf("it begins with %d blanks", maxBlank)
}

// reader converts lines to items.
type reader struct {
	Recording
	ctx         context.Context
	taken       int              // lines
	inAuth      map[int][]Item   // the lines of an unfinished login
	inData      map[int]bool     // a message is
	partial     map[int][]string // lines of a reply without its last line
	behindLogin map[int][]Item   // sent together with a login, after it
	chunk       map[int]int      // remaining bytes of BDAT, in a text
	due         map[int]int      // commands without a reply, in a text
	hidden      map[int]int      // lines that may be login responses without a challenge

	labels map[string]int  // the latest session of each label
	begun  map[int]bool    // sessions with lines, as far as begin has checked the items
	looked int             // number of items that begin has checked
	body   strings.Builder // of the content at bodyAt, which is not in the item yet
	bodyAt int             // -1 for none
}

func newReader(ctx context.Context) *reader {
	return &reader{
		ctx: ctx, inAuth: map[int][]Item{}, inData: map[int]bool{},
		partial: map[int][]string{}, behindLogin: map[int][]Item{}, chunk: map[int]int{},
		due: map[int]int{}, hidden: map[int]int{},
		labels: map[string]int{}, begun: map[int]bool{}, bodyAt: -1,
	}
}

// session finds the latest session of a label, or adds one.
func (r *reader) session(label string) int {
	if i, ok := r.labels[label]; ok {
		return i
	}
	return r.addSession(label, "")
}

func (r *reader) addSession(label, target string) int {
	r.Sessions = append(r.Sessions, &Recorded{Label: label, Target: target})
	r.labels[label] = len(r.Sessions) - 1
	return len(r.Sessions) - 1
}

// take counts a line, and checks the context from time to time.
func (r *reader) take() error {
	if r.taken++; r.taken%1024 == 0 && r.ctx.Err() != nil {
		return context.Cause(r.ctx)
	}
	return nil
}

func (r *reader) add(it Item) { r.Items = append(r.Items, it) }

// sent adds a line that the client sent.
func (r *reader) sent(session int, line string) {
	verb, rest, _ := strings.Cut(strings.TrimLeft(line, " \t"), " ")
	switch {
	case len(r.inAuth[session]) > 0:
		r.inAuth[session] = append(r.inAuth[session], Item{Session: session, Kind: "send", Text: line})
	case strings.EqualFold(verb, "AUTH") && strings.TrimSpace(rest) != "":
		r.inAuth[session] = []Item{{Session: session, Kind: "send", Text: line}}
	default:
		r.add(Item{Session: session, Kind: "send", Text: r.withoutCredentials(session, line)})
	}
}

// received adds a line that the server sent.
func (r *reader) received(session int, line string) {
	if auth := r.inAuth[session]; len(auth) > 0 {
		if strings.HasPrefix(line, "334") {
			r.inAuth[session] = append(auth, Item{Session: session, Kind: "reply", Lines: []string{line}})
			return
		}
		r.endAuth(session, auth)
	}
	lines := append(r.partial[session], strings.Split(line, "\n")...)
	if len(line) > 3 && line[3] == '-' {
		r.partial[session] = lines
		return
	}
	delete(r.partial, session)
	r.inData[session] = strings.HasPrefix(line, "354")
	r.add(Item{Session: session, Kind: "reply", Lines: lines})
	r.Items = append(r.Items, r.behindLogin[session]...)
	delete(r.behindLogin, session)
}

// garbage adds a line from the server that is not a reply. An unfinished reply before it is
// dropped.
func (r *reader) garbage(session int, line string) {
	if auth := r.inAuth[session]; len(auth) > 0 {
		r.endAuth(session, auth)
	}
	delete(r.partial, session)
	r.add(Item{Session: session, Kind: "garbage", Text: line})
}

// splitLogin separates a login from lines that were sent together with it and answer no
// challenge.
func splitLogin(auth []Item) (login, rest []Item) {
	challenges, sent := 0, 0
	for _, it := range auth {
		if it.Kind == "reply" {
			challenges++
		}
	}
	for _, it := range auth {
		if it.Kind == "send" {
			if sent++; sent > 1+challenges {
				rest = append(rest, it)
				continue
			}
		}
		login = append(login, it)
	}
	return login, rest
}

// endAuth adds a login as one item. A login that was cancelled, or whose mechanism was
// rejected at once, is added line by line.
func (r *reader) endAuth(session int, auth []Item) {
	delete(r.inAuth, session)
	auth, rest := splitLogin(auth)
	r.behindLogin[session] = rest // added after the login's last reply
	mech := strings.ToUpper(strings.Fields(auth[0].Text)[1])
	asked := false
	given := false
	for _, it := range auth {
		given = given || it.Text == "*"
		asked = asked || it.Kind == "reply" || strings.Contains(it.Text, secret.Mask) || len(strings.Fields(it.Text)) > 2
	}
	if given || !asked {
		r.Items = append(r.Items, r.maskLogin(auth)...)
		r.hidden[session] = 2 // a client may continue as if it had received challenges
		return
	}
	r.learn(auth)
	r.add(Item{Session: session, Kind: "login", Mech: mech, Text: auth[0].Text})
}

// carrier is the command that transferred a message.
type carrier bool

const (
	byBDAT carrier = true
	byDATA carrier = false
)

// content adds a part of a message. The parts are joined at the end, because a message can
// have very many.
func (r *reader) content(session int, data string, bdat carrier) {
	if n := len(r.Items); n > 0 && r.Items[n-1].Kind == "content" && r.Items[n-1].Session == session {
		if r.bodyAt != n-1 {
			r.joinBody()
			r.bodyAt = n - 1
			r.body.WriteString(r.Items[n-1].Text)
		}
		//mutant:a-recording-takes-memory-as-it-is-long is "r.body.WriteString(data)" "r.body.WriteString(data); r.joinBody()"
		r.body.WriteString(data)
		return
	}
	r.add(Item{Session: session, Kind: "content", Text: data, Raw: bdat == byBDAT})
}

// joinBody stores the collected content in its item.
func (r *reader) joinBody() {
	if r.bodyAt >= 0 {
		r.Items[r.bodyAt].Text = r.body.String()
		r.body.Reset()
		r.bodyAt = -1
	}
}

// recording returns the complete recording.
func (r *reader) recording() *Recording {
	r.joinBody()
	return &r.Recording
}

// tidy removes sessions without items.
func (r *Recording) tidy() {
	used := make([]bool, len(r.Sessions))
	for _, it := range r.Items {
		used[it.Session] = true
	}
	index := make([]int, len(r.Sessions))
	var sessions []*Recorded
	for i, s := range r.Sessions {
		if used[i] {
			index[i] = len(sessions)
			sessions = append(sessions, s)
		}
	}
	r.Sessions = sessions
	for i := range r.Items {
		r.Items[i].Session = index[r.Items[i].Session]
	}
	r.markRefusedLogins()
}

// markRefusedLogins marks refused logins if others succeeded: they had other credentials, so
// they need other variables.
func (r *Recording) markRefusedLogins() {
	var refused []int
	taken := false
	open := map[int][]int{} // logins of a session that have no reply yet
	for i, it := range r.Items {
		switch it.Kind {
		case "login":
			open[it.Session] = append(open[it.Session], i)
		case "reply":
			if len(open[it.Session]) == 0 {
				break
			}
			if strings.HasPrefix(it.Lines[0], "2") {
				taken = true
			} else {
				refused = append(refused, open[it.Session]...)
			}
			delete(open, it.Session)
		}
	}
	for _, i := range refused {
		r.Items[i].Refused = taken
	}
}
