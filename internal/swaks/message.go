package swaks

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"smtpsh/engine/secret"
)

// defaultData is the message of swaks without --data.
const defaultData = `Date: %DATE%\nTo: %TO_ADDRESS%\n%CC_LINE%From: %FROM_ADDRESS%\nSubject: test %DATE%\nMessage-Id: <%MESSAGEID%>` +
	"\n" + `X-Mailer: %MAILER%\n%MIME_LINES%%NEW_HEADERS%\n%BODY%\n`

// defaultBody is the body without --body.
const defaultBody = "This is a test mailing"

// part is a body or an attachment.
type part struct {
	content, kind, name string
	body                bool
}

// compose makes the message, with CRLF at the end of each line and without the final dot. The
// order of the steps is that of swaks: tokens are replaced after the header fields.
func (s *settings) compose(now time.Time) error {
	body, err := s.body()
	if err != nil {
		return err
	}
	parts, err := s.parts()
	if err != nil {
		return err
	}
	var mime string
	if len(parts) > 0 {
		mime, body = multipart(parts, body)
	}
	data, err := s.data(mime)
	if err != nil {
		return err
	}
	if s.on("no-data-fixup") {
		s.composed = []byte(data)
		return nil
	}
	data = strings.ReplaceAll(strings.ReplaceAll(token(data, "BODY", body), "\r\n", "\n"), `\n`, "\n")
	added, replaced, err := s.fields()
	if err != nil {
		return err
	}
	head, rest, _ := strings.Cut(data, "\n\n")
	head = strings.Join(setFields(strings.Split(strings.TrimRight(head, "\n"), "\n"), replaced, &added), "\n") + "\n"
	fields := ""
	if len(added) > 0 {
		fields = strings.Join(added, "\n") + "\n"
	}
	if changed := token(head, "NEW_HEADERS", fields); changed != head {
		head = changed
	} else {
		head += fields
	}
	data = strings.ReplaceAll(token(head+"\n"+rest, "NEWLINE", "\n"), `\n`, "\n")
	for _, t := range [][2]string{
		{"FROM_ADDRESS", s.from},
		{"TO_ADDRESS", strings.Join(s.to, ",")},
		{"CC_ADDRESS", strings.Join(s.cc, ",")},
		{"BCC_ADDRESS", strings.Join(s.bcc, ",")},
		{"MESSAGEID", now.Format("20060102150405.") + rand.Text()[:6] + "@" + s.env.Hostname},
		{"SWAKS_VERSION", version},
		{"DATE", now.Format("Mon, 02 Jan 2006 15:04:05 -0700")},
	} {
		data = token(data, t[0], t[1])
	}
	if !s.on("no-strip-from") && strings.HasPrefix(data, "From ") {
		_, data, _ = strings.Cut(data, "\n")
	}
	for _, end := range []string{"\n.\n", "\n."} {
		if rest, ok := strings.CutSuffix(data, end); ok {
			data = rest
			break
		}
	}
	if s.on("dump-as-body") || s.on("dump-as-body-shows-password") { // it is not searched for tokens
		open := s.on("dump-as-body-shows-password")
		data = strings.Replace(data, dumpPlace, s.dump("dump-as-body", s.dumped(open), "SUPPORT", "DATA"), 1)
	}
	s.composed = []byte(strings.ReplaceAll(data+"\n", "\n", "\r\n"))
	return nil
}

// dumpPlace stands for the text of --dump-as-body.
const dumpPlace = "%SMTPSH_DUMP%"

// version is the version of swaks whose options are accepted.
const version = "20240103.0"

// token replaces %NAME% and ..NAME...
func token(data, name, value string) string {
	return strings.NewReplacer("%"+name+"%", value, ".."+name+"..", value).Replace(data)
}

// data returns the argument of --data, or the default with the media type.
func (s *settings) data(mime string) (string, error) {
	if s.on("g") && !s.on("data") {
		return s.content("-", "data")
	}
	if !s.on("data") {
		cc := ""
		if len(s.cc) > 0 {
			cc = `Cc: %CC_ADDRESS%\n`
		}
		if mime != "" {
			mime = `MIME-Version: 1.0\nContent-Type: ` + mime + `\n`
		}
		return strings.NewReplacer("%CC_LINE%", cc, "%MAILER%", s.env.Mailer, "%MIME_LINES%", mime).Replace(defaultData), nil
	}
	g := s.last["data"]
	text, err := s.argument(g, "data")
	if err != nil || !g.has || g.value == "-" || strings.HasPrefix(g.value, "@") {
		return text, err
	}
	if strings.Contains(text, "\n") || strings.Contains(text, `\n`) || strings.Contains(text, "%NEWLINE%") {
		return text, nil
	}
	b, err := s.env.ReadFile(text) // an argument of one line is the name of a file
	if err != nil {
		return "", notOpenable(text, "data", err)
	}
	return string(b), nil
}

// dumped returns the password as --dump shows it.
func (s *settings) dumped(open bool) string {
	if open {
		return s.password
	}
	if s.on("swaks-exact") {
		return "PROVIDED_BUT_REMOVED"
	}
	return secret.Mask
}

// body returns the argument of --body, or the default.
func (s *settings) body() (string, error) {
	switch {
	case s.on("body"):
	case s.on("dump-as-body") || s.on("dump-as-body-shows-password"):
		return dumpPlace, nil
	default:
		return defaultBody, nil
	}
	g := s.last["body"]
	text, err := s.argument(g, "body")
	if err != nil || !g.has || g.value == "-" || strings.HasPrefix(g.value, "@") {
		return text, err
	}
	if b, err := s.env.ReadFile(text); err == nil { // an argument can be the name of a file
		return string(b), nil
	}
	return strings.ReplaceAll(text, `\n`, "\n"), nil
}

// parts returns the bodies and attachments.
func (s *settings) parts() ([]part, error) {
	var bodies, out []part
	kind, name, named := "", "", false
	for _, g := range s.list {
		switch g.option.Name {
		case "attach-type":
			v, err := s.argument(g, "attach-type")
			if err != nil {
				return nil, err
			}
			kind = v
		case "attach-name":
			name, named = g.value, true
		case "attach", "attach-body":
			text, err := s.argument(g, g.option.Name)
			if err != nil {
				return nil, err
			}
			p := part{content: text, kind: kind, name: name, body: g.option.Name == "attach-body"}
			if file, ok := strings.CutPrefix(g.value, "@"); ok && !strings.HasPrefix(file, "@") && !named && !p.body {
				p.name = filepath.Base(file)
			} else if b, err := s.env.ReadFile(g.value); err == nil && g.value != "-" && !ok {
				p.content = string(b)
				if !named && !p.body {
					p.name = filepath.Base(g.value)
				}
			} else if err != nil && !errors.Is(err, os.ErrNotExist) && !ok {
				return nil, notOpenable(g.value, g.option.Name, err)
			}
			name, named = "", false
			if p.body {
				bodies = append(bodies, p)
			} else {
				out = append(out, p)
			}
		}
	}
	return append(bodies, out...), nil
}

// fields returns the fields of --add-header, and those of --header, which replace others.
func (s *settings) fields() (added []string, replaced []field, err error) {
	for _, g := range s.list {
		if g.option.Name != "add-header" && g.option.Name != "header" {
			continue
		}
		v, err := s.argument(g, g.option.Name)
		if err != nil {
			return nil, nil, err
		}
		if g.option.Name == "add-header" {
			added = append(added, strings.Split(strings.ReplaceAll(v, `\n`, "\n"), "\n")...)
			continue
		}
		name := g.name
		if name == "" {
			n, rest, ok := strings.Cut(v, ":")
			if !ok {
				return nil, nil, fmt.Errorf("--header %q has no colon", v)
			}
			name, v = n, strings.TrimPrefix(rest, " ")
		}
		replaced = append(replaced, field{name, v})
	}
	return added, replaced, nil
}

// field is a header field.
type field struct{ name, value string }

// setFields replaces fields of a header; those that it does not have are added.
func setFields(lines []string, replaced []field, added *[]string) []string {
	for _, f := range replaced {
		i := slices.IndexFunc(lines, func(l string) bool { name, _, ok := strings.Cut(l, ":"); return ok && name == f.name })
		if i < 0 {
			*added = append(*added, f.name+": "+f.value)
			continue
		}
		lines[i] = f.name + ": " + f.value
		for i+1 < len(lines) && (strings.HasPrefix(lines[i+1], " ") || strings.HasPrefix(lines[i+1], "\t")) {
			lines = slices.Delete(lines, i+1, i+2)
		}
	}
	return lines
}

// multipart makes the content of a MIME message: its Content-Type and its body.
func multipart(parts []part, body string) (kind, content string) {
	var bodies, attached []part
	for _, p := range parts {
		if p.body {
			bodies = append(bodies, p)
		} else {
			attached = append(attached, p)
		}
	}
	if len(bodies) == 0 {
		bodies = []part{{content: body, kind: "text/plain", body: true}}
	}
	outer := "----=_MIME_BOUNDARY_000_" + rand.Text()[:8]
	if len(attached) == 0 {
		kind := "multipart/mixed"
		if len(bodies) > 1 {
			kind = "multipart/alternative"
		}
		return kind + `; boundary="` + outer + `"`, join(outer, bodies)
	}
	var b strings.Builder
	if len(bodies) > 1 {
		inner := "----=_MIME_BOUNDARY_001_" + rand.Text()[:8]
		fmt.Fprintf(&b, "--%s\nContent-Type: multipart/alternative; boundary=%q\n\n%s", outer, inner, join(inner, bodies))
	} else {
		writePart(&b, outer, bodies[0])
	}
	for _, p := range attached {
		writePart(&b, outer, p)
	}
	fmt.Fprintf(&b, "--%s--\n", outer)
	return `multipart/mixed; boundary="` + outer + `"`, b.String()
}

// join writes parts with a boundary.
func join(boundary string, parts []part) string {
	var b strings.Builder
	for _, p := range parts {
		writePart(&b, boundary, p)
	}
	fmt.Fprintf(&b, "--%s--\n", boundary)
	return b.String()
}

// writePart writes one part: text as it is, everything else in base64.
func writePart(b *strings.Builder, boundary string, p part) {
	kind := p.kind
	if kind == "" {
		kind = "application/octet-stream"
		if p.body {
			kind = "text/plain"
		}
	}
	fmt.Fprintf(b, "--%s\nContent-Type: %s", boundary, kind)
	if p.name != "" {
		fmt.Fprintf(b, "; name=%q\nContent-Description: %s", p.name, p.name)
	}
	b.WriteString("\n")
	if !p.body {
		b.WriteString("Content-Disposition: attachment")
		if p.name != "" {
			fmt.Fprintf(b, "; filename=%q", p.name)
		}
		b.WriteString("\n")
	}
	if p.body && kind == "text/plain" {
		fmt.Fprintf(b, "\n%s\n", p.content)
		return
	}
	b.WriteString("Content-Transfer-Encoding: BASE64\n\n")
	text := base64.StdEncoding.EncodeToString([]byte(p.content))
	for len(text) > 76 {
		b.WriteString(text[:76] + "\n")
		text = text[76:]
	}
	b.WriteString(text + "\n\n")
}
