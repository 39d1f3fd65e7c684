package dialogue

import (
	"html"
	"strings"

	"smtpsh/engine/secret"
	"smtpsh/internal/lazyregexp"
)

var (
	pythonLine = lazyregexp.New(`^(?:\d\d:\d\d:\d\d\.\d+ )?(send|reply): b?(['"])(.*)$`)
	pythonSays = lazyregexp.New(`^(?:\d\d:\d\d:\d\d\.\d+ )?(?:connect|connect fail|data|reply): |^Traceback ` +
		`|^\s|^(?:smtplib|ssl|socket|[A-Za-z]*Error|[A-Za-z.]*Exception)[A-Za-z.]*(?:: |$)|^\S*[$#%>] `)
)

// readPython reads the output of set_debuglevel of Python's smtplib.
func readPython(r *reader, lines []string) error {
	for i, l := range lines {
		n, l := i+1, strings.TrimRight(l, "\r")
		m := pythonLine().FindStringSubmatch(l)
		if m == nil {
			switch {
			case strings.TrimSpace(l) == "":
			case strings.Contains(l, "connect: to "):
				r.begin("")
			case !pythonSays().MatchString(l):
				return misread(n, l, "smtplib begins its lines with send: or reply:")
			}
			continue
		}
		text, ok := pythonString(m[3], m[2][0])
		if !ok {
			return misread(n, l, "the string is not closed")
		}
		for part := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
			take := r.clientLine
			if m[1] == "reply" {
				take = r.serverLine
			}
			if err := take(n, "", part); err != nil {
				return err
			}
		}
	}
	return nil
}

// pythonString reads a Python literal as repr writes it, up to its closing quote.
func pythonString(s string, quote byte) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == quote:
			return b.String(), strings.TrimSpace(s[i+1:]) == ""
		case c != '\\' || i+1 == len(s):
			b.WriteByte(c)
		default:
			i++
			switch s[i] {
			case 'r':
				b.WriteByte('\r')
			case 'n':
				b.WriteByte('\n')
			case 't':
				b.WriteByte('\t')
			case 'x':
				if i+2 < len(s) && hexDigit(s[i+1]) >= 0 && hexDigit(s[i+2]) >= 0 {
					b.WriteByte(byte(hexDigit(s[i+1])<<4 | hexDigit(s[i+2])))
					i += 2
				}
			default:
				b.WriteByte(s[i])
			}
		}
	}
	return "", false
}

var (
	phpLine = lazyregexp.New(`^.*?(CLIENT -> (?:SERVER|SMTP)|SERVER -> CLIENT|SMTP -> FROM SERVER): ?(.*)$`)
	phpSays = lazyregexp.New(`(?i)(?:^|\s)(?:Connection: |Connection failed|SMTP (?:ERROR|NOTICE|INBOUND|Error|-> ` +
		`|connect\(\))|Auth method |Selected auth|Mailer Error|Message (?:could not|has been|sent)|Language string|Exception:|PHP |#\d+ )`)
	credentialsHidden = lazyregexp.New(`[\[<]credentials hidden[\]>]`)
	lineBreak         = lazyregexp.New(`(?i)\s*<br ?/?>\s*$`)
)

// readPHPMailer reads the output of PHPMailer's SMTPDebug, as text or as HTML. Further
// lines of a reply are indented.
func readPHPMailer(r *reader, lines []string) error {
	server := false
	for i, raw := range lines {
		n, l := i+1, strings.TrimRight(raw, "\r")
		if lineBreak().MatchString(l) || strings.Contains(l, "-&gt;") {
			l = html.UnescapeString(lineBreak().ReplaceAllString(l, ""))
		}
		m := phpLine().FindStringSubmatch(l)
		trimmed := strings.TrimSpace(l)
		var err error
		switch {
		case m != nil && strings.HasPrefix(m[1], "CLIENT"):
			server = false
			err = r.clientLine(n, "", credentialsHidden().ReplaceAllString(m[2], secret.Mask))
		case m != nil:
			server = true
			if words := strings.TrimLeft(m[2], " "); words != "" { // a missing reply is empty
				err = r.serverLine(n, "", words)
			}
		case server && isReplyLine(trimmed):
			err = r.serverLine(n, "", trimmed)
		case trimmed == "":
		case phpSays().MatchString(l):
			if strings.Contains(l, "Connection: opening") {
				r.begin("")
			}
		default:
			err = misread(n, raw, "PHPMailer begins its lines with CLIENT -> SERVER: or SERVER -> CLIENT:")
		}
		if err != nil {
			return err
		}
	}
	return nil
}
