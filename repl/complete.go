package repl

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"smtpsh/engine/secret"
	"smtpsh/engine/verb"
	"smtpsh/internal/dialer"
	"smtpsh/internal/explain"
	"smtpsh/internal/lazyregexp"
	"smtpsh/internal/lessons"
	"smtpsh/repl/line"
)

// completion completes lines of the prompt.
type completion struct {
	scripts   []string                   // the names of the bundled ones
	luaNames  func(word string) []string // that begin with word
	snapshot  snapshot
	addresses []string // typed before, the latest last; guarded by the lock of the prompt
	listedFor string   // the line for which parameters were last listed
}

// remember keeps the address in a line for completion.
func (cp *completion) remember(text string) {
	_, rest, ok := strings.Cut(text, "<")
	addr, _, closed := strings.Cut(rest, ">")
	if !ok || !closed || !strings.Contains(addr, "@") {
		return
	}
	cp.addresses = slices.DeleteFunc(cp.addresses, func(a string) bool { return a == addr })
	cp.addresses = append(cp.addresses, addr)
	if len(cp.addresses) > maxAddresses {
		cp.addresses = cp.addresses[1:]
	}
}

// maxAddresses is the largest number of addresses that are remembered.
const maxAddresses = 50

// complete returns the completions of a line: first the commands that are allowed now,
// then the others.
func (cp *completion) complete(before string) line.Proposal {
	if strings.HasPrefix(strings.TrimSpace(before), "=") {
		return cp.completeLua(before)
	}
	word := before[strings.LastIndexByte(before, ' ')+1:]
	first := strings.Fields(before[:len(before)-len(word)])
	p := line.Proposal{Word: len(word)}
	lower := len(first) == 0 && word != "" && word == strings.ToLower(word) && !strings.HasPrefix(word, ":")
	add := func(ending string, words ...string) {
		for _, c := range words {
			if lower { // a verb that begins in lower case is completed in lower case
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
			if len(p.Candidates) == 0 { // no main name matches: try the other names
				for _, n := range c.Names[1:] {
					add(" ", ":"+n)
				}
			}
		}
	case len(first) == 0:
		for _, v := range cp.snapshot.verbs {
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
		cp.completeArgument(first, word, add, &p)
	case strings.EqualFold(first[0], "AUTH") && len(first) == 1:
		add(" ", cp.snapshot.mechs...)
	case strings.EqualFold(first[0], "MAIL"), strings.EqualFold(first[0], "RCPT"):
		cp.completePath(strings.ToUpper(first[0]), first, word, add, &p)
	case strings.EqualFold(first[0], "BDAT") && len(first) == 2:
		add("", "LAST")
	}
	return p
}

// completePath completes the address of MAIL and RCPT, and after it the parameters that
// this server offers.
func (cp *completion) completePath(name string, first []string, word string, add func(string, ...string), p *line.Proposal) {
	open := map[string]string{"MAIL": "FROM:<", "RCPT": "TO:<"}[name]
	if len(first) == 1 {
		add("", open)
		if len(word) < len(open) {
			return
		}
		addresses := slices.Clone(cp.snapshot.addresses)
		if cp.snapshot.user != "" && name == "MAIL" {
			addresses = append(slices.DeleteFunc(addresses, func(a string) bool { return a == cp.snapshot.user }), cp.snapshot.user)
		}
		slices.Reverse(addresses)
		for _, a := range addresses {
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
		if _, offered := cp.snapshot.has[param.Extension]; !offered {
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
	if before := strings.Join(first, " "); word == "" && cp.listedFor != before {
		cp.listedFor = before // list them once for each line
		if p.Note = explain.Columns(rows); len(rows) == 0 {
			p.Note = "  the server offers no parameters for " + name + "\n"
			if len(cp.snapshot.has) == 0 {
				p.Note = "  send EHLO first: its reply shows which parameters the server offers\n"
			}
		}
	}
}

// fixed matches a parameter whose value is a keyword, such as BODY=8BITMIME.
var fixed = lazyregexp.New(`^[A-Z0-9-]+=(?:[A-Z0-9]+|<>)$`)

// completeArgument completes an argument of a command of the prompt by its kind.
func (cp *completion) completeArgument(first []string, word string, add func(string, ...string), p *line.Proposal) {
	c, _ := find(strings.ToLower(strings.TrimPrefix(first[0], ":")))
	if c == nil || len(c.Args) == 0 {
		return
	}
	n := min(len(first)-1, len(c.Args)-1)
	if len(first)-1 > n && !c.Args[n].Many {
		return
	}
	if n > 0 && c.Names[0] == "connections" && first[1] != "add" {
		return // only add has more arguments
	}
	switch c.Args[n].Kind {
	case Target:
		profiles, _ := dialer.Profiles()
		for _, name := range profiles {
			add(" ", "sandbox:"+name)
		}
		add(" ", "smtp.gmail.com:587", "smtp.gmail.com:465")
	case Mechanism:
		add(" ", cp.snapshot.mechs...)
	case Word:
		add(" ", explain.Known()...)
	case Name:
		for _, c := range Commands() {
			add(" ", c.Names[0])
		}
		add(" ", cp.snapshot.verbs...)
	case File, SaveFile:
		add("", paths(word)...)
		if c.Names[0] == "log" {
			add(" ", "off")
		}
	case Script:
		add(" ", cp.scripts...)
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
		add(" ", cp.snapshot.sessions...)
	case Lesson:
		add(" ", "next", "list")
		for _, e := range lessons.Entries() {
			add(" ", e.Name)
		}
	case Flag:
		completeFlag(c, first[len(first)-1], word, add)
	case User:
		if cp.snapshot.user != "" {
			add(" ", cp.snapshot.user)
		}
		add(" ", cp.snapshot.addresses...)
	case Source:
		add("", secret.Words()...)
	}
}

// completeFlag completes a flag, or the value of the flag that was typed last.
func completeFlag(c *Command, before, word string, add func(string, ...string)) {
	if flag := findFlag(strings.TrimPrefix(before, "--")); flag != nil && flag.value != "" && strings.HasPrefix(before, "--") {
		switch flag.value {
		case "FILE":
			add("", paths(word)...)
		case "VERSION":
			add(" ", tlsVersions...)
		}
		return
	}
	for _, flag := range sessionFlags {
		add(" ", "--"+flag.name)
	}
	if c.Names[0] == "reconnect" {
		add(" ", "--bare")
	}
}

// maxPaths is the largest number of files that completion lists.
const maxPaths = 200

// paths returns the files whose paths begin with word.
func paths(word string) []string {
	dir, _ := filepath.Split(word)
	folder := dir
	if folder == "" {
		folder = "."
	}
	if rest, ok := strings.CutPrefix(folder, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			folder = filepath.Join(home, rest)
		}
	}
	entries, err := os.ReadDir(folder)
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

// completeLua completes Lua names.
func (cp *completion) completeLua(before string) line.Proposal {
	i := strings.LastIndexAny(before, " =(,{+-*/<>~[") + 1
	word := before[i:]
	p := line.Proposal{Word: len(word)}
	for _, n := range cp.luaNames(word) {
		if strings.HasPrefix(n, word) {
			p.Candidates = append(p.Candidates, n)
		}
	}
	return p
}
