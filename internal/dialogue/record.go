package dialogue

import (
	"bytes"
	"errors"
	"strings"

	"smtpsh/engine/event"
)

// Recording is what sessions have left behind, in the order in which it was said.
type Recording struct {
	Sessions []*Recorded
	Items    []Item
	Notes    []string // what the test does not have from the log

	responses []string // of logins, to be masked elsewhere
}

// Recorded is one session.
type Recorded struct {
	Label  string
	Target string // as the session was asked for; "" when it is not known
}

// Item is one thing that was said.
type Item struct {
	Session int    // index into Sessions
	Kind    string // "send", "login", "content", "write", "reply", "garbage"
	Text    string // line without CRLF; for content and write the bytes
	Mech    string // of a login
	Lines   []string
	Raw     bool // content that came by BDAT
	Refused bool // of a login: it was, while another one was not
	Short   bool // of a reply: lines behind the last one are not known
}

// NamesServer reports whether the recording says to which servers its sessions went.
func (r *Recording) NamesServer() bool {
	for _, s := range r.Sessions {
		if s.Target != "" {
			return true
		}
	}
	return false
}

// Read reads JSON lines, as --log FILE.jsonl and --format jsonl write them, or a text in
// one of the [Notations]. A line that is not understood is an error that names it.
// Credentials are not kept.
func Read(data []byte) (*Recording, error) {
	trimmed := bytes.TrimSpace(data)
	if len(trimmed) == 0 {
		return nil, errors.New("it is empty")
	}
	var r *Recording
	var err error
	if trimmed[0] == '{' {
		r, err = readJSON(trimmed)
	} else {
		r, err = readText(string(data))
	}
	if err != nil {
		return nil, err
	}
	if len(r.Items) == 0 {
		return nil, errors.New("there is no conversation in it")
	}
	r = r.tidy()
	r.hide()
	return r, nil
}

// session finds a session by its label, or adds it.
func (r *Recording) session(label string) int {
	for i := len(r.Sessions) - 1; i >= 0; i-- {
		if r.Sessions[i].Label == label {
			return i
		}
	}
	r.Sessions = append(r.Sessions, &Recorded{Label: label})
	return len(r.Sessions) - 1
}

// reader makes items of lines.
type reader struct {
	Recording
	inAuth  map[int][]Item // a login under way, line by line
	inData  map[int]bool   // a message is
	partial map[int]string
	later   map[int][]Item // said behind a login, in one batch with it
	chunk   map[int]int    // octets of BDAT that are due, in a text
	due     map[int]int    // commands without a reply, in a text
	hidden  map[int]int    // lines that may be answers to a challenge that never came
}

func newReader() *reader {
	return &reader{inAuth: map[int][]Item{}, inData: map[int]bool{}, partial: map[int]string{}, later: map[int][]Item{}, chunk: map[int]int{}, due: map[int]int{}, hidden: map[int]int{}}
}

func (r *reader) add(it Item) { r.Items = append(r.Items, it) }

// sent takes a line that the client said.
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

// received takes a line that the server said.
func (r *reader) received(session int, line string) {
	if auth := r.inAuth[session]; len(auth) > 0 {
		if strings.HasPrefix(line, "334") {
			r.inAuth[session] = append(auth, Item{Session: session, Kind: "reply", Lines: []string{line}})
			return
		}
		r.endAuth(session, auth)
	}
	whole := r.partial[session]
	if whole != "" {
		whole += "\n"
	}
	whole += line
	if len(line) > 3 && line[3] == '-' {
		r.partial[session] = whole
		return
	}
	delete(r.partial, session)
	r.inData[session] = strings.HasPrefix(line, "354")
	r.add(Item{Session: session, Kind: "reply", Lines: strings.Split(whole, "\n")})
	r.Items = append(r.Items, r.later[session]...)
	delete(r.later, session)
}

// garbage takes a line of the server's that is no reply. Lines of a reply before it are
// none either then.
func (r *reader) garbage(session int, line string) {
	if auth := r.inAuth[session]; len(auth) > 0 {
		r.endAuth(session, auth)
	}
	delete(r.partial, session)
	r.add(Item{Session: session, Kind: "garbage", Text: line})
}

// behind takes what was sent in one batch with a login, and not as an answer to a
// challenge.
func behind(auth []Item) (login, rest []Item) {
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

// endAuth makes one step of a login; one that was given up, or whose mechanism was
// refused at once, stays as it was said.
func (r *reader) endAuth(session int, auth []Item) {
	delete(r.inAuth, session)
	auth, rest := behind(auth)
	r.later[session] = rest // it follows when the login's last reply is there
	mech := strings.ToUpper(strings.Fields(auth[0].Text)[1])
	asked := false
	given := false
	for _, it := range auth {
		given = given || it.Text == "*"
		asked = asked || it.Kind == "reply" || strings.Contains(it.Text, event.Mask) || len(strings.Fields(it.Text)) > 2
	}
	if given || !asked {
		r.Items = append(r.Items, r.maskLogin(auth)...)
		r.hidden[session] = 2 // a client may go on as if it had been asked
		return
	}
	r.learn(auth)
	r.add(Item{Session: session, Kind: "login", Mech: mech, Text: auth[0].Text})
}

func (r *reader) content(session int, data string, bdat bool) {
	if n := len(r.Items); n > 0 && r.Items[n-1].Kind == "content" && r.Items[n-1].Session == session {
		r.Items[n-1].Text += data
		return
	}
	r.add(Item{Session: session, Kind: "content", Text: data, Raw: bdat})
}

// tidy drops sessions in which nothing was said.
func (r *Recording) tidy() *Recording {
	used := map[int]bool{}
	for _, it := range r.Items {
		used[it.Session] = true
	}
	index := map[int]int{}
	out := &Recording{Notes: r.Notes, responses: r.responses}
	for i, s := range r.Sessions {
		if used[i] {
			index[i] = len(out.Sessions)
			out.Sessions = append(out.Sessions, s)
		}
	}
	for _, it := range r.Items {
		it.Session = index[it.Session]
		out.Items = append(out.Items, it)
	}
	out.tellLogins()
	return out
}

// tellLogins marks the logins that were refused where others were not: they had
// other credentials, and so need other variables.
func (r *Recording) tellLogins() {
	var refused []int
	taken := false
	for i, it := range r.Items {
		if it.Kind != "login" {
			continue
		}
		for _, next := range r.Items[i+1:] {
			if next.Kind == "reply" && next.Session == it.Session {
				if strings.HasPrefix(next.Lines[0], "2") {
					taken = true
				} else {
					refused = append(refused, i)
				}
				break
			}
		}
	}
	for _, i := range refused {
		r.Items[i].Refused = taken
	}
}
