package dialogue

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"smtpsh/internal/transcript"
)

// Recording is what sessions have left behind, in the order in which it was said.
type Recording struct {
	Sessions []*Recorded
	Items    []Item
}

// Recorded is one session.
type Recorded struct {
	Label  string
	Target string // as the session was asked for; "" when it is not known
}

// Item is one thing that was said.
type Item struct {
	Session int    // index into Sessions
	Kind    string // "send", "login", "content", "write", "reply"
	Text    string // line without CRLF; for content and write the bytes
	Mech    string // of a login
	Lines   []string
	Raw     bool // content that came by BDAT
	Refused bool // of a login: it was, while another one was not
}

// Read reads JSON lines, as --log FILE.jsonl and --format jsonl write them, or a
// text transcript. What else is in a text is skipped.
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
	return r.tidy(), nil
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
}

func newReader() *reader {
	return &reader{inAuth: map[int][]Item{}, inData: map[int]bool{}, partial: map[int]string{}, later: map[int][]Item{}}
}

func (r *reader) add(it Item) { r.Items = append(r.Items, it) }

// sent takes a line that the client said.
func (r *reader) sent(session int, line string) {
	verb, rest, _ := strings.Cut(line, " ")
	switch {
	case len(r.inAuth[session]) > 0:
		r.inAuth[session] = append(r.inAuth[session], Item{Session: session, Kind: "send", Text: line})
	case strings.EqualFold(verb, "AUTH") && strings.TrimSpace(rest) != "":
		r.inAuth[session] = []Item{{Session: session, Kind: "send", Text: line}}
	default:
		r.add(Item{Session: session, Kind: "send", Text: line})
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
	for _, it := range auth {
		if it.Text == "*" {
			r.Items = append(r.Items, auth...)
			return
		}
		asked = asked || it.Kind == "reply" || strings.Contains(it.Text, "********") || len(strings.Fields(it.Text)) > 2
	}
	if !asked {
		r.Items = append(r.Items, auth...)
		return
	}
	r.add(Item{Session: session, Kind: "login", Mech: mech, Text: auth[0].Text})
}

func (r *reader) content(session int, data string, bdat bool) {
	if n := len(r.Items); n > 0 && r.Items[n-1].Kind == "content" && r.Items[n-1].Session == session {
		r.Items[n-1].Text += data
		return
	}
	r.add(Item{Session: session, Kind: "content", Text: data, Raw: bdat})
}

func readJSON(data []byte) (*Recording, error) {
	r := newReader()
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(nil, 64<<20)
	for n := 1; sc.Scan(); n++ {
		if len(bytes.TrimSpace(sc.Bytes())) == 0 {
			continue
		}
		var rec transcript.Record
		if err := json.Unmarshal(sc.Bytes(), &rec); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if err := r.record(&rec); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return &r.Recording, sc.Err()
}

func (r *reader) record(rec *transcript.Record) error {
	data := ""
	switch {
	case rec.Data != nil:
		data = *rec.Data
	case rec.Base64 != "":
		b, err := base64.StdEncoding.DecodeString(rec.Base64)
		if err != nil {
			return err
		}
		data = string(b)
	}
	switch rec.Event {
	case "connected":
		r.Sessions = append(r.Sessions, &Recorded{Label: rec.Session, Target: rec.Target})
		return nil
	case "line-sent", "line-received", "chunk-sent":
	default:
		return nil
	}
	s := r.session(rec.Session)
	switch {
	case rec.Event == "line-received":
		r.received(s, strings.TrimRight(data, "\r\n"))
	case rec.Event == "chunk-sent" && rec.Content, rec.Event == "line-sent" && rec.Content:
		r.content(s, data, !r.inData[s])
	case rec.Event == "chunk-sent":
		r.add(Item{Session: s, Kind: "write", Text: data})
	case r.inData[s] && data == ".\r\n":
		r.content(s, data, false)
	case !strings.HasSuffix(data, "\r\n"):
		r.add(Item{Session: s, Kind: "write", Text: data})
	default:
		r.sent(s, strings.TrimSuffix(data, "\r\n"))
	}
	return nil
}

// left is what a text transcript says when it leaves out content.
const left = "more octets of the message are not shown"

func readText(text string) (*Recording, error) {
	r := newReader()
	chunk := map[int]int{} // octets of BDAT that are due
	for n, raw := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		line := timing().ReplaceAllString(raw, "")
		dir, label, words := "", "", ""
		if m := swaks().FindStringSubmatch(raw); m != nil {
			switch {
			case strings.HasSuffix(m[1], ">"):
				dir, words = "C", m[2]
			case strings.HasPrefix(m[1], "<"):
				dir, words = "S", strings.TrimSpace(m[2])
			}
		} else if m := ours().FindStringSubmatch(line); m != nil {
			dir, label, words = m[3], m[1]+m[2], unescape(m[4], false)
		}
		switch {
		case strings.Contains(line, left):
			return nil, fmt.Errorf("line %d: the transcript leaves out a part of the message; record with --log FILE.jsonl", n+1)
		case dir == "":
			continue
		}
		s := r.session(label)
		switch {
		case dir == "S":
			r.received(s, words)
		case chunk[s] > 0:
			r.content(s, words+"\r\n", true)
			chunk[s] -= len(words) + 2
		case r.inData[s]:
			r.content(s, words+"\r\n", false)
			if words == "." {
				r.inData[s] = false
			}
		default:
			if f := strings.Fields(words); len(f) > 1 && strings.EqualFold(f[0], "BDAT") {
				chunk[s], _ = strconv.Atoi(f[1])
			}
			r.sent(s, words)
		}
	}
	for _, due := range chunk {
		if due != 0 {
			return nil, errors.New("what BDAT sent cannot be read back from a text transcript; record with --log FILE.jsonl")
		}
	}
	return &r.Recording, nil
}

// tidy drops sessions in which nothing was said.
func (r *Recording) tidy() *Recording {
	used := map[int]bool{}
	for _, it := range r.Items {
		used[it.Session] = true
	}
	index := map[int]int{}
	out := &Recording{}
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
