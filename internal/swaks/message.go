package swaks

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// defaultData is the message of swaks without --data.
const defaultData = "Date: %DATE%\nTo: %TO_ADDRESS%\n%CC_LINE%From: %FROM_ADDRESS%\nSubject: test %DATE%\nMessage-Id: <%MESSAGEID%>\n" +
	"X-Mailer: %MAILER%\n%NEW_HEADERS%\n%BODY%\n"

// defaultBody is the body without --body.
const defaultBody = "This is a test mailing"

// part is a body or an attachment.
type part struct {
	content, kind, name string
	body                bool
}

// compose makes the message, with CRLF at the end of each line and without the final dot.
func (s *settings) compose(now time.Time) error {
	data, err := s.data()
	if err != nil {
		return err
	}
	if s.on("no-data-fixup") {
		s.composed = []byte(data)
		return nil
	}
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
	fields, replaced, err := s.fields(mime)
	if err != nil {
		return err
	}
	data = strings.ReplaceAll(data, "\r\n", "\n")
	if !s.on("no-strip-from") && strings.HasPrefix(data, "From ") {
		_, data, _ = strings.Cut(data, "\n")
	}
	data = strings.ReplaceAll(data, `\n`, "\n")
	if !strings.Contains(data, "\n\n") && !strings.Contains(data, "%NEW_HEADERS%") && !strings.Contains(data, "..NEW_HEADERS..") {
		data += "\n\n" // a header without a body
	}
	data = strings.ReplaceAll(data, "%NEWLINE%", "\n")
	data = setFields(data, replaced, &fields)
	if len(fields) > 0 {
		added := strings.Join(fields, "\n") + "\n"
		if strings.Contains(data, "%NEW_HEADERS%") || strings.Contains(data, "..NEW_HEADERS..") {
			data = token(data, "NEW_HEADERS", added)
		} else if head, rest, ok := strings.Cut(data, "\n\n"); ok {
			data = head + "\n" + added + "\n" + rest
		} else {
			data += "\n" + added
		}
	}
	cc := ""
	if len(s.cc) > 0 {
		cc = "Cc: " + strings.Join(s.cc, ",") + "\n"
	}
	data = strings.ReplaceAll(data, "%CC_LINE%", cc)
	data = strings.ReplaceAll(data, "%MAILER%", s.env.Mailer)
	for _, t := range [][2]string{
		{"FROM_ADDRESS", s.from},
		{"TO_ADDRESS", strings.Join(s.to, ",")},
		{"CC_ADDRESS", strings.Join(s.cc, ",")},
		{"BCC_ADDRESS", strings.Join(s.bcc, ",")},
		{"DATE", now.Format("Mon, 02 Jan 2006 15:04:05 -0700")},
		{"MESSAGEID", now.Format("20060102150405.") + rand.Text()[:6] + "@" + s.env.Hostname},
		{"SWAKS_VERSION", version},
		{"NEW_HEADERS", ""},
	} {
		data = token(data, t[0], t[1])
	}
	body = strings.ReplaceAll(body, "\r\n", "\n")
	if !strings.HasSuffix(body, "\n") {
		body += "\n"
	}
	data = token(data, "BODY", body) // last: a body is not searched for tokens
	for _, end := range []string{"\n.\n", "\n."} {
		data = strings.TrimSuffix(data, end)
	}
	s.composed = []byte(strings.ReplaceAll(data+"\n", "\n", "\r\n"))
	return nil
}

// version is the version of swaks whose options are accepted.
const version = "20240103.0"

// token replaces %NAME% and ..NAME...
func token(data, name, value string) string {
	return strings.NewReplacer("%"+name+"%", value, ".."+name+"..", value).Replace(data)
}

// data returns the argument of --data, or the default.
func (s *settings) data() (string, error) {
	if s.on("g") && !s.on("data") {
		return s.content("-", "data")
	}
	if !s.on("data") {
		return defaultData, nil
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

// body returns the argument of --body, or the default.
func (s *settings) body() (string, error) {
	if !s.on("body") {
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

// fields returns the fields of --add-header and those that MIME needs, and the fields of
// --header, which replace others.
func (s *settings) fields(mime string) (added []string, replaced []field, err error) {
	if mime != "" {
		added = append(added, "MIME-Version: 1.0", "Content-Type: "+mime)
	}
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

// setFields replaces fields of the header; those that it does not have are added.
func setFields(data string, replaced []field, added *[]string) string {
	head, body, _ := strings.Cut(data, "\n\n")
	lines := strings.Split(head, "\n")
	for _, f := range replaced {
		done := false
		for i, l := range lines {
			name, _, ok := strings.Cut(l, ":")
			if ok && strings.EqualFold(name, f.name) {
				lines[i], done = f.name+": "+f.value, true
				for i+1 < len(lines) && (strings.HasPrefix(lines[i+1], " ") || strings.HasPrefix(lines[i+1], "\t")) {
					lines = append(lines[:i+1], lines[i+2:]...)
				}
				break
			}
		}
		if !done {
			*added = append(*added, f.name+": "+f.value)
		}
	}
	if !strings.Contains(data, "\n\n") {
		return strings.Join(lines, "\n")
	}
	return strings.Join(lines, "\n") + "\n\n" + body
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
		return `multipart/alternative; boundary="` + outer + `"`, join(outer, bodies)
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
