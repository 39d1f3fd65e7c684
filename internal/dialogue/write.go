package dialogue

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"smtpsh/engine"
	"smtpsh/transcript"
)

// names returns the names of the sessions; a single session needs none.
func (r *Recording) names() []string {
	out := make([]string, len(r.Sessions))
	for i := range out {
		if len(out) > 1 {
			out[i] = "s" + strconv.Itoa(i+1)
		}
	}
	return out
}

// servers returns a variable for each target: server, server2 and so on.
func (r *Recording) servers() map[string]string {
	out := map[string]string{}
	for _, s := range r.Sessions {
		if _, ok := out[s.Target]; !ok && s.Target != "" {
			name := "server"
			if len(out) > 0 {
				name += strconv.Itoa(len(out) + 1)
			}
			out[s.Target] = name
		}
	}
	return out
}

// credential is a parameter of a login and its variable.
type credential struct{ key, variable string }

// credentials returns the parameters of a login; a refused login has its own variables.
func credentials(it Item) []credential {
	out := []credential{{"user", "user"}, {"pass", "pass"}}
	switch it.Mech {
	case "XOAUTH2", "OAUTHBEARER":
		out[1] = credential{"token", "token"}
	case "EXTERNAL", "ANONYMOUS":
		return nil
	}
	if it.Refused {
		for i := range out {
			out[i].variable = "refused_" + out[i].variable
		}
	}
	return out
}

// WriteDialogue writes the recording as a dialogue.
func (r *Recording) WriteDialogue(title string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n", transcript.Escape(title))
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "# %s\n", n)
	}
	names, servers := r.names(), r.servers()
	opened, greeted := map[int]bool{}, map[int]bool{}
	current, before := -1, map[int]Item{}
	lines := replyLines{}
	for _, it := range r.Items {
		if !opened[it.Session] {
			opened[it.Session] = true
			b.WriteString("\n")
			target := r.Sessions[it.Session].Target
			words := ":open"
			if target != "" {
				words += fmt.Sprintf(" {server:%s=%s}", servers[target], target)
			}
			if names[it.Session] != "" {
				words += " as " + names[it.Session]
			}
			if words != ":open" {
				b.WriteString(words + "\n")
			}
			current = it.Session
		} else if it.Session != current {
			b.WriteString(":use " + names[it.Session] + "\n")
			current = it.Session
		}
		about := middle
		switch prev := before[it.Session]; {
		case !greeted[it.Session]:
			about = greeting
		case prev.Kind == "content", prev.Kind == "send" && strings.HasPrefix(strings.ToUpper(prev.Text), "BDAT"):
			about = delivery
		}
		r.item(&b, it, about, lines)
		greeted[it.Session], before[it.Session] = true, it
	}
	for i, name := range names { // a command without a reply must not make the test wait
		if last := before[i].Kind; last != "reply" && last != "garbage" {
			b.WriteString(strings.TrimSpace(":close "+name) + "\n")
		}
	}
	return b.String()
}

func (r *Recording) item(b *strings.Builder, it Item, about replyKind, lines replyLines) {
	switch it.Kind {
	case "send":
		if tooLong(it.Text) { // Play would refuse such a C: line
			b.WriteString(":write " + unmask(braces(escapeAll(it.Text+"\r\n"))) + "\n")
			break
		}
		b.WriteString("C: " + unmask(braces(protect(escapeControls(it.Text)))) + "\n")
	case "garbage":
		b.WriteString(":garbage " + braces(escapeAll(it.Text)) + "\n")
	case "login":
		b.WriteString(":login mech=" + it.Mech)
		for _, c := range credentials(it) {
			kind := "secret"
			if c.key == "user" {
				kind = "var"
			}
			b.WriteString(" " + c.key + "={" + kind + ":" + c.variable + "}")
		}
		b.WriteString("\n")
	case "write":
		b.WriteString(":write " + unmask(braces(escapeAll(it.Text))) + "\n")
	case "content":
		writeContent(b, it)
	case "reply":
		for _, l := range it.Lines {
			b.WriteString("S: " + lines.write(l, about) + "\n")
		}
		if it.Short {
			b.WriteString("S: ...\n")
		}
	}
}

// writeContent writes a message line by line, or with :write if C: lines cannot represent it.
func writeContent(b *strings.Builder, it Item) {
	if it.Raw || !strings.HasSuffix(it.Text, "\r\n") || strings.Contains(strings.ReplaceAll(it.Text, "\r\n", ""), "\n") ||
		engine.CheckText(strings.NewReader(it.Text)) != nil {
		b.WriteString(":write " + unmask(braces(escapeAll(it.Text))) + "\n")
		return
	}
	header := true
	for l := range strings.SplitSeq(strings.TrimSuffix(it.Text, "\r\n"), "\r\n") {
		lower := strings.ToLower(l)
		switch {
		case l == "":
			header = false
			b.WriteString("C:\n")
			continue
		case header && strings.HasPrefix(lower, "date:"):
			l = l[:5] + " {date}"
		case header && strings.HasPrefix(lower, "message-id:"):
			l = l[:11] + " {message-id}"
		default:
			l = unmask(braces(protect(escapeControls(l))))
		}
		b.WriteString("C: " + l + "\n")
	}
}

// protect escapes a line that would be read as a remark of an RFC example.
func protect(s string) string {
	if s != "" && (s[0] == '<' || s[0] == '(') && stage().MatchString(s) {
		return fmt.Sprintf(`\x%02x`, s[0]) + s[1:]
	}
	return s
}

func braces(s string) string { return doubled().Replace(s) }

// doubled escapes braces.
var doubled = sync.OnceValue(func() *strings.Replacer { return strings.NewReplacer("{", "{{", "}", "}}") })

// escapeText escapes characters that a text file or a terminal must not contain.
func escapeText(s string) string { return transcript.Escape(strings.ReplaceAll(s, `\x`, `\x5cx`)) }

// escapeControls is escapeText, and also escapes a trailing space, which the parser removes.
func escapeControls(s string) string {
	s = escapeText(s)
	if strings.HasSuffix(s, " ") {
		s = s[:len(s)-1] + `\x20`
	}
	return s
}

// escapeAll writes bytes for :write. It escapes invisible bytes, and spaces at both ends.
func escapeAll(s string) string {
	var b strings.Builder
	for i, c := range []byte(s) {
		switch {
		case c == '\\':
			b.WriteString(`\\`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\n':
			b.WriteString(`\n`)
		case c < 0x20 || c == 0x7f || c == ' ' && (i == 0 || i == len(s)-1):
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return transcript.Escape(b.String())
}

// unmask replaces a secret that was not recorded with a variable.
func unmask(s string) string { return masked().ReplaceAllString(s, "{secret:hidden}") }

// tooLong reports whether a command line is longer than servers must accept.
func tooLong(line string) bool { return len(line)+2 > 512 }
