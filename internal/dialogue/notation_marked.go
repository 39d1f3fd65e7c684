package dialogue

import (
	"strings"

	"smtpsh/internal/lazyregexp"
)

// marks are pairs of words before lines, one for each side. The reply codes show which one
// is the server's, because programs differ in the point of view.
var marks = [][2]string{
	{"R:", "S:"}, {">>>", "<<<"}, {"-->", "<--"}, {"SMTP>>", "SMTP<<"},
	{"In:", "Out:"}, {"Client:", "Server:"}, {"=>", "<="}, {">>", "<<"},
	{"->", "<-"}, {">", "<"},
}

// stamp is a time that some programs write before each line.
var stamp = lazyregexp.New(`^\s*(?:\[?(?:\d{4}[-/]\d\d[-/]\d\d[ T])?\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?:?\s+)?`)

// marked removes the mark from a line; ok is false for a line without one.
func marked(line, mark string) (words string, ok bool) {
	line = line[len(stamp().FindString(line)):]
	if len(line) < len(mark) || !strings.EqualFold(line[:len(mark)], mark) {
		return "", false
	}
	rest := line[len(mark):]
	if rest != "" && rest[0] != ' ' && rest[0] != '\t' && mark[len(mark)-1] != ':' {
		return "", false
	}
	return strings.TrimPrefix(rest, "\t"), true
}

// wordsOf removes the mark of a side from a line, with the blanks that align the text of
// both sides.
func wordsOf(line string, pair [2]string, side int) (words string, ok bool) {
	if words, ok = marked(line, pair[side]); !ok {
		return "", false
	}
	for range max(len(pair[0]), len(pair[1])) - len(pair[side]) + 1 {
		words = strings.TrimPrefix(words, " ")
	}
	return words, true
}

// markOf finds the pair and the side of a line.
func markOf(line string) (pair, side int) {
	for i, m := range marks {
		for j := range m {
			if _, ok := marked(line, m[j]); ok {
				return i, j
			}
		}
	}
	return -1, 0
}

// isMarked reports whether a line has a mark that smtpsh does not use: R: and not S:, -->
// and not ->.
func isMarked(line string) bool {
	pair, side := markOf(line)
	switch {
	case pair < 0, pair == 0 && side == 1, swaks().MatchString(line) && !longArrow(line):
		return false
	}
	return true
}

// sendmailSays matches the other output of sendmail -v.
var sendmailSays = lazyregexp.New(`\.\.\. (?:Connecting|Sent|Deferred|User unknown|Service unavailable|Recipient ok|Using ` +
	`cached)|^Closing connection to `)

// readMarked reads lines that begin with one of two marks. If only one side has a mark, as
// in sendmail -v, the other lines are those of the server, which have their codes.
func readMarked(r *reader, lines []string) error {
	pair := -1
	for _, l := range lines {
		if isMarked(l) {
			pair, _ = markOf(l)
			break
		}
	}
	server, seen := -1, [2]bool{}
	for _, l := range lines {
		for side := range 2 {
			words, ok := marked(l, marks[pair][side])
			if !ok {
				continue
			}
			// the first line of a side decides: later ones can be part of a message
			if !seen[side] && server < 0 && isReplyLine(strings.TrimSpace(words)) {
				server = side
			}
			seen[side] = true
		}
	}
	if !seen[0] || !seen[1] { // the only marks are those of the client
		if server < 0 {
			server = 0
			if seen[0] {
				server = 1
			}
		}
	}
	for i, l := range lines {
		n := i + 1
		if words, ok := wordsOf(l, marks[pair], 1-max(server, 0)); ok && server >= 0 {
			if err := r.clientLine(n, "", words); err != nil {
				return err
			}
			continue
		}
		if words, ok := wordsOf(l, marks[pair], max(server, 0)); ok {
			if err := r.serverLine(n, "", words); err != nil {
				return err
			}
			continue
		}
		trimmed := strings.TrimSpace(l)
		switch {
		case trimmed == "", strings.HasPrefix(trimmed, "#"), sendmailSays().MatchString(l):
		case isReplyLine(trimmed) && (!seen[0] || !seen[1]):
			if err := r.serverLine(n, "", trimmed); err != nil {
				return err
			}
		default:
			return misread(n, l, "lines begin with %s or %s here", marks[pair][0], marks[pair][1])
		}
	}
	return nil
}

var (
	curlSays = lazyregexp.New(`^\*|^[{}] \[\d+ bytes data\]|^\s+% Total|^\s+Dload|^curl: |^Warning: |^Note: |^\$ |^Enter host ` +
		`password|--:--:--|\d+:\d\d:\d\d`)
	// the progress meter ends without a line end
	curlMeter = lazyregexp.New(`^\s*\d+ .*(?:--:--:--|\d+:\d\d:\d\d)\s+[\d.]+[kMG]?([*<>{}] ?.*)$`)
)

// standIn is the message of a test if the log does not show it.
const standIn = "Subject: (the log does not show the message)\r\n\r\n.\r\n"

// readCurl reads the output of curl -v, which does not show the message.
func readCurl(r *reader, lines []string) error {
	for i, l := range lines {
		n := i + 1
		if j := strings.LastIndexByte(l, '\r'); j >= 0 { // the meter overwrites itself
			l = l[j+1:]
		}
		if m := curlMeter().FindStringSubmatch(l); m != nil {
			l = m[1]
		}
		switch {
		case strings.HasPrefix(l, "< "):
			s := r.session("")
			if r.inData[s] {
				r.content(s, standIn, byDATA)
				r.inData[s] = false
				r.due[s]++
				r.note("curl -v does not show the message; a placeholder is used, and the reply to it may differ")
			}
			if err := r.serverLine(n, "", l[2:]); err != nil {
				return err
			}
		case strings.HasPrefix(l, "> "):
			if err := r.clientLine(n, "", l[2:]); err != nil {
				return err
			}
		case l == ">":
			if err := r.clientLine(n, "", ""); err != nil {
				return err
			}
		case strings.TrimSpace(l) == "", curlSays().MatchString(l):
			if strings.HasPrefix(strings.TrimLeft(l, "* "), "Trying ") {
				r.begin("")
			}
		default:
			return misread(n, l, "curl -v begins its lines with > < or *")
		}
	}
	return nil
}

// note adds a remark to the beginning of the test, once.
func (r *reader) note(text string) {
	for _, n := range r.Notes {
		if n == text {
			return
		}
	}
	r.Notes = append(r.Notes, text)
}
