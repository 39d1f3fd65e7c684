package repl

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"smtpsh/engine/saslmech"
	"smtpsh/engine/verb"
	"smtpsh/internal/dialer"
	"smtpsh/internal/explain"
	"smtpsh/internal/lazyregexp"
	"smtpsh/internal/lessons"
	"smtpsh/repl/line"
)

// snapshot is what completion knows of the session: it is taken before a line is
// read, because the session may be listened to meanwhile.
type snapshot struct {
	verbs []string // legal ones first
	mechs []string
	has   map[string]string // what is offered, with its parameters
	user  string
	used  []string // addresses, the latest last
}

func (r *REPL) snapshot() snapshot {
	at := verb.Greeted
	snap := snapshot{has: map[string]string{}}
	if r.at.usable() {
		s := r.at.session
		at = phase(s)
		for _, c := range s.Capabilities() {
			snap.has[c.Keyword] = c.Params
		}
		snap.mechs, snap.user = s.Capabilities().Mechanisms(), s.User()
	}
	r.mu.Lock()
	snap.used = slices.Clone(r.used)
	r.mu.Unlock()
	if box := r.box(); box != nil { // who has a mailbox there, behind what was used
		for _, a := range box.Profile().Accounts {
			if !slices.Contains(snap.used, a.User) {
				snap.used = append([]string{a.User}, snap.used...)
			}
		}
	}
	var legal, others []string
	for _, v := range verb.Verbs() {
		_, offered := snap.has[v.Extension]
		switch {
		case v.Rare:
		case v.Phases.Has(at) && (v.Extension == "" || offered):
			legal = append(legal, v.Name)
		default:
			others = append(others, v.Name)
		}
	}
	snap.verbs = append(legal, others...)
	if len(snap.has) == 0 {
		for _, m := range saslmech.Mechanisms() {
			snap.mechs = append(snap.mechs, m.Name)
		}
	}
	return snap
}

// use remembers the addresses of a line for completion.
func (r *REPL) use(text string) {
	_, rest, ok := strings.Cut(text, "<")
	addr, _, closed := strings.Cut(rest, ">")
	if !ok || !closed || !strings.Contains(addr, "@") {
		return
	}
	r.used = slices.DeleteFunc(r.used, func(a string) bool { return a == addr })
	r.used = append(r.used, addr)
	if len(r.used) > maxUsed {
		r.used = r.used[1:]
	}
}

// maxUsed bounds the addresses that are remembered.
const maxUsed = 50

// complete proposes how a line goes on: what can be said now first, then the rest.
func (r *REPL) complete(before string) line.Proposal {
	if strings.HasPrefix(strings.TrimSpace(before), "=") {
		return r.completeLua(before)
	}
	word := before[strings.LastIndexByte(before, ' ')+1:]
	first := strings.Fields(before[:len(before)-len(word)])
	p := line.Proposal{Word: len(word)}
	lower := len(first) == 0 && word != "" && word == strings.ToLower(word) && !strings.HasPrefix(word, ":")
	add := func(ending string, words ...string) {
		for _, c := range words {
			if lower { // verbs may be written so, and then all of a verb is
				c = strings.ToLower(c)
			}
			if len(c) >= len(word) && strings.EqualFold(c[:len(word)], word) {
				p.Candidates = append(p.Candidates, c+ending)
			}
		}
	}
	switch {
	case len(first) == 0 && strings.HasPrefix(word, ":"):
		for _, c := range Commands() {
			add(" ", ":"+c.Names[0])
			if len(p.Candidates) == 0 { // another name of it
				for _, n := range c.Names[1:] {
					add(" ", ":"+n)
				}
			}
		}
	case len(first) == 0:
		for _, v := range r.seen.verbs {
			switch v {
			case "MAIL":
				add("", "MAIL FROM:<")
			case "RCPT":
				add("", "RCPT TO:<")
			default:
				add(" ", v)
			}
		}
	case strings.HasPrefix(first[0], ":"):
		r.completeArgument(first, word, add, &p)
	case strings.EqualFold(first[0], "AUTH") && len(first) == 1:
		add(" ", r.seen.mechs...)
	case strings.EqualFold(first[0], "MAIL"), strings.EqualFold(first[0], "RCPT"):
		r.completePath(strings.ToUpper(first[0]), first, word, add, &p)
	case strings.EqualFold(first[0], "BDAT") && len(first) == 2:
		add("", "LAST")
	}
	return p
}

// completePath proposes the address, and behind it the parameters that this server
// offers.
func (r *REPL) completePath(name string, first []string, word string, add func(string, ...string), p *line.Proposal) {
	open := map[string]string{"MAIL": "FROM:<", "RCPT": "TO:<"}[name]
	if len(first) == 1 {
		add("", open)
		if len(word) < len(open) {
			return
		}
		used := slices.Clone(r.seen.used)
		if r.seen.user != "" && name == "MAIL" {
			used = append(slices.DeleteFunc(used, func(a string) bool { return a == r.seen.user }), r.seen.user)
		}
		slices.Reverse(used)
		for _, a := range used {
			add("", word[:len(open)]+a+">")
		}
		if p.Candidates = slices.DeleteFunc(p.Candidates, func(c string) bool { return c == word }); name == "MAIL" {
			add("", open+">")
		}
		return
	}
	if !strings.Contains(strings.Join(first, " "), ">") {
		return
	}
	var rows [][2]string
	for _, param := range verb.ParamsOf(name) {
		if _, offered := r.seen.has[param.Extension]; !offered {
			continue
		}
		rows = append(rows, [2]string{param.Form, param.Summary})
		for _, form := range strings.Split(param.Form, " | ") {
			switch {
			case form == param.Name || fixed().MatchString(form):
				add(" ", form)
			default:
				add("", param.Name+"=")
			}
		}
	}
	if before := strings.Join(first, " "); word == "" && r.noted != before {
		r.noted = before // once is enough
		if p.Note = explain.Columns(rows); len(rows) == 0 {
			p.Note = "  the server has offered no parameter of " + name + "\n"
		}
	}
}

// fixed is a form whose value is a keyword, to be taken as it stands.
var fixed = lazyregexp.New(`^[A-Z0-9-]+=(?:[A-Z0-9]+|<>)$`)

// completeArgument proposes what follows one of our commands, by the kind of the
// argument.
func (r *REPL) completeArgument(first []string, word string, add func(string, ...string), p *line.Proposal) {
	c, _ := find(strings.ToLower(strings.TrimPrefix(first[0], ":")))
	if c == nil || len(c.Args) == 0 {
		return
	}
	n := min(len(first)-1, len(c.Args)-1)
	if len(first)-1 > n && !c.Args[n].Many {
		return
	}
	switch c.Args[n].Kind {
	case Target:
		if c.Names[0] == "connections" && first[1] != "add" {
			return
		}
		profiles, _ := dialer.Profiles()
		for _, name := range profiles {
			add(" ", "sandbox:"+name)
		}
		add(" ", "smtp.gmail.com:587", "smtp.gmail.com:465")
	case Mechanism:
		add(" ", r.seen.mechs...)
	case Word:
		add(" ", explain.Known()...)
	case Name:
		for _, c := range Commands() {
			add(" ", c.Names[0])
		}
		add(" ", r.seen.verbs...)
	case File, SaveFile:
		add("", paths(word)...)
		if c.Names[0] == "log" {
			add(" ", "off")
		}
	case Script:
		add(" ", r.opts.Scripts...)
		add("", paths(word)...)
	case SettingName:
		for _, s := range Settings() {
			add(" ", s.Name)
		}
	case Value:
		for _, s := range Settings() {
			if strings.EqualFold(s.Name, first[1]) {
				add(" ", strings.Split(s.Values, "|")...)
			}
		}
	case OnOff:
		add(" ", "on", "off")
	case Connection:
		add(" ", "add", "close")
		for _, h := range r.sessions {
			add(" ", fmt.Sprint(h.number))
		}
	case Lesson:
		add(" ", "next", "list")
		for _, e := range lessons.Entries() {
			add(" ", e.Name)
		}
	case User:
		if r.seen.user != "" {
			add(" ", r.seen.user)
		}
		add(" ", r.seen.used...)
	case Source:
		add("", "@env:", "@file:", "@cmd:", "@prompt")
	}
}

// maxPaths bounds the files that are proposed.
const maxPaths = 200

// paths lists files that begin with what was typed.
func paths(word string) []string {
	dir, _ := filepath.Split(word)
	look := dir
	if look == "" {
		look = "."
	}
	if rest, ok := strings.CutPrefix(look, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			look = filepath.Join(home, rest)
		}
	}
	entries, err := os.ReadDir(look)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		name := dir + e.Name()
		if strings.HasPrefix(e.Name(), ".") && !strings.HasPrefix(filepath.Base(word), ".") || !strings.HasPrefix(name, word) {
			continue
		}
		if e.IsDir() {
			name += "/"
		}
		if out = append(out, name); len(out) == maxPaths {
			break
		}
	}
	return out
}

// completeLua proposes Lua names.
func (r *REPL) completeLua(before string) line.Proposal {
	i := strings.LastIndexAny(before, " =(,{+-*/<>~[") + 1
	word := before[i:]
	c, err := r.console()
	if err != nil {
		return line.Proposal{}
	}
	p := line.Proposal{Word: len(word)}
	for _, n := range c.lua.Names(word) {
		if strings.HasPrefix(n, word) {
			p.Candidates = append(p.Candidates, n)
		}
	}
	return p
}
