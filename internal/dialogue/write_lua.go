package dialogue

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/engine/secret"
)

// WriteLua writes the recording as a Lua test file with one test.
func (r *Recording) WriteLua(title string) string {
	var b strings.Builder
	servers := r.servers()
	b.WriteString("-- recorded; run it with: smtpsh test FILE\n")
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "-- %s\n", n)
	}
	for _, s := range r.Sessions {
		if name, ok := servers[s.Target]; ok {
			fmt.Fprintf(&b, "local %s = vars.get(%q, %s)\n", name, name, fallback(name, s.Target))
			delete(servers, s.Target)
			servers["\x00"+s.Target] = name
		}
	}
	fmt.Fprintf(&b, "\nit(%s, function()\n", quoteLua(title))
	if len(r.Sessions) > 1 {
		b.WriteString("  local s = {}\n")
	}
	opened := map[int]bool{}
	for i := 0; i < len(r.Items); {
		it := r.Items[i]
		name := "s"
		if len(r.Sessions) > 1 {
			name = fmt.Sprintf("s[%d]", it.Session+1)
		}
		if !opened[it.Session] {
			opened[it.Session] = true
			target := ""
			if t := r.Sessions[it.Session].Target; t != "" {
				target = servers["\x00"+t]
			}
			local := "local "
			if len(r.Sessions) > 1 {
				local = ""
			}
			fmt.Fprintf(&b, "  %s%s = smtp.connect(%s)\n", local, name, target)
			if it.Kind == "reply" {
				fmt.Fprintf(&b, "  %s.greeting:expect(%s)\n", name, wantOf(it))
				i++
				continue
			}
		}
		i += r.exchangeLua(&b, name, i)
	}
	b.WriteString("end)\n")
	return b.String()
}

// fallback returns the recorded target; --server replaces the first one.
func fallback(name, target string) string {
	if name == "server" {
		return fmt.Sprintf("smtp.server(%q)", target)
	}
	return fmt.Sprintf("%q", target)
}

// exchangeLua writes the next commands of a session with their replies, and returns the
// number of items that it wrote.
func (r *Recording) exchangeLua(b *strings.Builder, name string, at int) int {
	session := r.Items[at].Session
	var sends, replies []Item
	n := 0
	for _, it := range r.Items[at:] {
		if it.Session != session || it.Kind == "garbage" || len(replies) > 0 && it.Kind != "reply" {
			break
		}
		if it.Kind == "reply" {
			replies = append(replies, it)
		} else {
			sends = append(sends, it)
		}
		n++
		if len(replies) == len(sends) && len(sends) == 1 {
			break
		}
	}
	if n == 0 { // a line that is not a reply
		fmt.Fprintf(b, "  expect(function() %s:read_reply() end):raises(\"protocol\")\n", name)
		return 1
	}
	garbage := at+n < len(r.Items) && r.Items[at+n].Session == session && r.Items[at+n].Kind == "garbage"
	if garbage && len(sends) == 1 && sends[0].Kind == "send" && len(replies) == 0 {
		fmt.Fprintf(b, "  expect(function() %s%s end):raises(\"protocol\")\n", name, callLua(sends[0], name))
		return n + 1
	}
	next := func() string {
		if len(replies) == 0 {
			return ""
		}
		w := ":expect(" + wantOf(replies[0]) + ")"
		replies = replies[1:]
		return w
	}
	plain := true
	for _, s := range sends {
		plain = plain && s.Kind == "send"
	}
	switch {
	case len(sends) == 0:
	case len(sends) == 2 && sends[1].Kind == "content" && sends[1].Raw: // BDAT with its content
		last := strings.HasSuffix(strings.ToUpper(sends[0].Text), " LAST")
		opts := strconv.FormatBool(last)
		if engine.CheckText(strings.NewReader(sends[1].Text)) != nil {
			opts = fmt.Sprintf("{last = %t, long_lines = true}", last)
		}
		fmt.Fprintf(b, "  %s:bdat(%s, %s)%s\n", name, quoteLua(sends[1].Text), opts, next())
	case len(sends) == 1:
		fmt.Fprintf(b, "  %s%s%s\n", name, callLua(sends[0], name), next())
	case plain && len(replies) == len(sends):
		var lines []string
		for _, s := range sends {
			lines = append(lines, quoteLua(s.Text))
		}
		fmt.Fprintf(b, "  do\n    local replies = %s:pipeline{ %s }\n", name, strings.Join(lines, ", "))
		for i := range sends {
			fmt.Fprintf(b, "    replies[%d]%s\n", i+1, next())
		}
		b.WriteString("  end\n")
	default:
		for _, s := range sends {
			text := s.Text
			if s.Kind == "send" || s.Kind == "login" {
				text += "\r\n"
			}
			fmt.Fprintf(b, "  %s:write(%s)\n", name, quoteLua(text))
		}
	}
	for len(replies) > 0 {
		fmt.Fprintf(b, "  %s:read_reply()%s\n", name, next())
	}
	return n
}

func callLua(it Item, name string) string {
	switch it.Kind {
	case "login":
		args := []string{"mech = " + quoteLua(it.Mech)}
		for _, c := range credentials(it) {
			fn := "secret"
			if c.key == "user" {
				fn = "get"
			}
			args = append(args, fmt.Sprintf("%s = vars.%s(%q)", c.key, fn, c.variable))
		}
		return ":auth{ " + strings.Join(args, ", ") + " }"
	case "content", "write":
		return ":write(" + quoteLua(it.Text) + ")\n  " + name + ":read_reply()"
	}
	switch strings.ToUpper(it.Text) {
	case "STARTTLS":
		return ":starttls()"
	case "QUIT":
		return ":quit()"
	}
	if strings.ContainsAny(it.Text, "\r\n\x00") { // cmd rejects such bytes
		return ":write(" + quoteLua(it.Text+"\r\n") + ")\n  " + name + ":read_reply()"
	}
	if it.Text == secret.Mask {
		return `:cmd(vars.secret("hidden"))`
	}
	return ":cmd(" + quoteLua(it.Text) + ")"
}

// wantOf returns the code, with the enhanced code if there is one.
func wantOf(it Item) string {
	rep := reply.Parse([]byte(strings.Join(it.Lines, "\r\n") + "\r\n"))
	if rep.Enhanced.Class != 0 {
		return fmt.Sprintf("%q", fmt.Sprintf("%d %s", rep.Code, rep.Enhanced))
	}
	return strconv.Itoa(rep.Code)
}

// quoteLua writes a Lua string, with a variable for a secret that was not recorded.
func quoteLua(s string) string {
	parts := masked().Split(s, -1)
	for i, p := range parts {
		parts[i] = quotedLua(p)
	}
	return strings.Join(parts, ` .. vars.get("hidden") .. `)
}

func quotedLua(s string) string {
	var b strings.Builder
	text := utf8.ValidString(s)
	b.WriteByte('"')
	for _, c := range []byte(s) {
		switch {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\n':
			b.WriteString(`\n`)
		case c < 0x20 || c == 0x7f || c > 0x7f && !text:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + `"`
}
