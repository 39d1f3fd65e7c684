package repl_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/internal/dialer"
	"smtpsh/internal/lessons"
	"smtpsh/repl"
	"smtpsh/repl/line"
	"smtpsh/transcript"
)

// typist is a line.Reader that types lines.
type typist struct {
	*person
	lines []string
}

func (t *typist) ReadLine(string) (string, error) {
	if len(t.lines) == 0 {
		return "", io.EOF
	}
	l := t.lines[0]
	t.lines = t.lines[1:]
	return l, nil
}

func plainLogin(authzid, user, pass string) string {
	return "AUTH PLAIN " + base64.StdEncoding.EncodeToString([]byte(authzid+"\x00"+user+"\x00"+pass))
}

const letter = "MAIL FROM:<%s>\nRCPT TO:<%s>\nDATA\n%s\n\nhello\n."

// wrongWays are lines that look right but must not reach the goal of a step. The steps
// before it are played first.
var wrongWays = []struct {
	lesson int
	step   int
	lines  string
}{
	{1, 1, "HELO me"}, {1, 1, "EHLO"}, {1, 1, "LHLO me"},
	{1, 1, ":open sandbox:gmail\nEHLO me"},
	{1, 2, "NOOPS"}, {1, 2, "RSET"}, {1, 2, "NO OP"}, {1, 3, "QUIT now"},
	{1, 3, ":close"}, {1, 3, "BYE"},

	{2, 1, "MAIL FROM:<ann@example.org>"},
	{2, 1, "EHLO me\nMAIL FROM:<bob@example.org> ENVID=<ann@example.org>"},
	{2, 1, "EHLO me\n:pipe\nMAIL FROM:<ann@example.org>\nRSET\nMAIL FROM:<eve@example.org>\n."},
	{2, 1, "EHLO me\nMAIL FROM:<Ann@example.org.example>"},
	{2, 2, "RCPT TO:<ann@sandbox.test> ORCPT=rfc822;<bob@sandbox.test>"},
	{2, 2, "RCPT TO:<bob@example.org>"},
	{2, 2, "RSET\nMAIL FROM:<eve@example.org>\nRCPT TO:<bob@sandbox.test>"},
	{2, 3, "DATA\nFrom:\nTo:\n\nhello\n."},
	{2, 3, "DATA\nFrom: somebody else\nTo: others@example.org\n\nhello\n."},
	{2, 3, "DATA\nFrom: Queen <ann@example.org>\nTo: others@example.org\n\nhello\n."},
	{2, 3, "DATA\nSubject: From and To stand below\n\nFrom: q@example.org\nTo: x@example.org\n."},
	{2, 3, "RSET\n" + fmt.Sprintf(letter, "ann@example.org", "ann@sandbox.test", "From: q@example.org\nTo: x@example.org")},
	{2, 4, ":answer header"}, {2, 4, "envelope"},
	{2, 4, ":answer envelope or letter"},

	{3, 1, "HELLO"}, {3, 1, "QUIT"}, {3, 2, "NOOP\nRSET"},
	{3, 2, "MAIL FROM:<ann@example.org>\nRCPT TO:<mailbox-full@sandbox.test>"},
	{3, 3, "RCPT TO:<unknown-user@sandbox.test>"},
	{3, 4, "DATA"},
	{3, 3, fmt.Sprintf(letter, "ann@example.org", "bob@sandbox.test", "Subject: x")},
	{3, 4, "RCPT TO:<bob@sandbox.test>\n:raw DATA\\r\\n"},
	{3, 4, "STARTTLS\nEHLO me\nAUTH LOGIN\n*\nMAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\n:raw BDAT 3 LAST\\r\\nx\\r\\n"},
	{3, 4, "RCPT TO:<over-quota@sandbox.test>\nDATA\nSubject: x\n\nx\n."},

	{4, 1, ":answer 5.1.2"},
	{4, 1, "EHLO me\nMAIL FROM:<ann@example.org>\nRCPT TO:<unknown-user@sandbox.test>"},
	{4, 1, ":answer 550 5.1.1"},
	{4, 2, "RCPT TO:<nobody>"}, {4, 2, "EXPN nobody"},
	{4, 2, "RCPT TO:<mailbox-full@sandbox.test>"},
	{4, 2, "RCPT TO:<moved@sandbox.test>"},
	{4, 3, "RCPT TO:<greylisted@sandbox.test>"},
	{4, 3, "RCPT TO:<bob@sandbox.test>"}, {4, 3, ":answer 4.2.2"},
	{4, 3, ":explain 4.2.2"},

	{5, 1, "EHLO me\nMAIL FROM:<me@example.org>\nRCPT TO:<ann@sandbox.test>\nRCPT TO:unknown-user@sandbox.test\nRCPT TO:<bob@sandbox.test>"},
	{5, 1, "EHLO me\nRCPT TO:<unknown-user@sandbox.test>\nMAIL FROM:<me@example.org>\nRCPT TO:<ann@sandbox.test>\nRCPT TO:<bob@sandbox.test>"},
	{
		5, 1,
		"EHLO me\nMAIL FROM:<me@example.org>\nRCPT TO:<unknown-user@sandbox.test>\nRCPT TO:<ann@sandbox.test>\nRSET\nMAIL " +
			"FROM:<me@example.org>\nRCPT TO:<bob@sandbox.test>",
	},
	{5, 1, "EHLO me\nMAIL FROM:<me@example.org>\nRCPT TO:<ann@sandbox.test>\nVRFY unknown-user@sandbox.test\nRCPT TO:<bob@sandbox.test>"},
	{5, 2, "RSET\n" + fmt.Sprintf(letter, "me@example.org", "bob@sandbox.test", "Subject: x")},
	{5, 2, "RSET"}, {5, 2, "NOOP"},
	{5, 3, ":answer retry"}, {5, 3, ":answer nothing"}, {5, 3, "bounce"},

	{6, 1, "EHLO me\nNOOP wrong@example.org\nMAIL FROM:<right@example.org>\nRCPT TO:<bob@sandbox.test>"},
	{6, 1, "EHLO me\nMAIL FROM:<wrong@example.org>\nRCPT TO:<ann@sandbox.test>"},
	{6, 1, "EHLO me\nMAIL FROM:<right@example.org> AUTH=wrong@example.org\nRCPT TO:<bob@sandbox.test>"},
	{6, 2, "MAIL FROM:right@example.org"}, {6, 2, "MAIL FROM:<wrong@example.org>"},
	{6, 2, "MAIL"}, {6, 2, "RSET\nMAIL FROM:<right@example.org>"},
	{6, 3, "RSET\n" + fmt.Sprintf(letter, "wrong@example.org", "bob@sandbox.test", "From: right@example.org")},
	{6, 3, "RSET\nMAIL FROM:<right@example.org>\nRCPT TO:<bob@sandbox.test>"},
	{6, 3, "DATA\nFrom: right@example.org\n\nhello\n."},

	{7, 1, "EHLO me\n" + fmt.Sprintf(letter, "ann@example.org", "ann@sandbox.test", "Subject: x\n\n.hidden")},
	{7, 1, "EHLO me\n" + fmt.Sprintf(letter, "ann@example.org", "bob@sandbox.test", "Subject: x\n\n..hidden")},
	{7, 1, "EHLO me\n" + fmt.Sprintf(letter, "ann@example.org", "bob@sandbox.test", "Subject: .hidden\n\nx.hidden")},
	{7, 2, fmt.Sprintf(letter, "ann@example.org", "bob@sandbox.test", "Subject: x\n\nbefore\n..\nafter")},
	{
		7, 2,
		"MAIL FROM:<ann@example.org>\nRCPT TO:<ann@sandbox.test>\n:raw DATA\\r\\n\n:raw Subject: " +
			"x\\r\\n\\r\\nbefore\\r\\n..\\r\\nafter\\r\\n.\\r\\n",
	},
	{7, 2, "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\n:raw DATA\\r\\n\n:raw Subject: x\\r\\n\\r\\nbefore\\r\\n..\\r\\n.\\r\\n"},
	{7, 3, "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\n:raw DATA\\r\\n\n:raw Subject: x\\r\\n\\r\\none\\rtwo\\r\\n.\\r\\n"},
	{7, 3, ":raw NOOP\\n"},
	{7, 3, "MAIL FROM:<ann@example.org>\nRCPT TO:<spam@sandbox.test>\n:raw DATA\\r\\n\n:raw Subject: x\\r\\n\\r\\none\\r\\n.\\r\\n"},

	{8, 1, "EHLO me"}, {8, 1, "HELO"}, {8, 1, "HELO me you"}, {8, 2, ":answer 64"},
	{8, 2, ":answer SIZE"}, {8, 2, "EHLO me"},
	{8, 3, "MAIL FROM:<ann@example.org> SIZE=99999999"},
	{8, 3, "MAIL FROM:<ann@example.org> SIZE=1000000000"},
	{8, 3, "MAIL FROM:<ann@example.org> SIZE=10"},
	{8, 3, "MAIL FROM:<too-big@example.org>"},
	{8, 4, "MAIL FROM:<MT-PRIORITY=3@example.org> FOO=1"},
	{8, 4, "MAIL FROM:<ann@example.org> PRIORITY=3"},
	{8, 4, "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test> MT-PRIORITY=3"},
	{8, 4, "MAIL FROM:<ann@example.org> MT-PRIORITY="},

	{9, 1, "MAIL FROM:<alice@gmail.com>"},
	{9, 1, "EHLO me\nSTARTTLS\nEHLO me\nMAIL FROM:<alice@gmail.com>"},
	{9, 1, "EHLO me\nMAIL FROM:alice"},
	{9, 1, ":open sandbox:gmail/465\nEHLO me\nMAIL FROM:<alice@gmail.com>"},
	{9, 2, ":answer STARTTLS"}, {9, 2, ":answer PIPELINING"}, {9, 2, "AUTH LOGIN"},
	{9, 3, ":open sandbox:gmail/465\nEHLO me"}, {9, 3, "STARTTLS now"},
	{9, 3, "EHLO me"}, {9, 4, "HELO me"}, {9, 4, ":caps"},
	{9, 4, ":open sandbox:plain\nEHLO me"},

	{10, 1, ":answer UGFzc3dvcmQ6"}, {10, 1, ":answer Username:"},
	{10, 1, ":decode UGFzc3dvcmQ6"},
	{10, 2, ":answer agfu"}, {10, 2, ":answer AGFU"}, {10, 2, ":answer aGFu"},
	{10, 2, ":answer YW5u"}, {10, 2, ":encode \\0ann@sandbox.test\\0ann-secret"},
	{10, 3, "EHLO me\n" + plainLogin("", "bob@sandbox.test", "bob-secret")},
	{10, 3, "EHLO me\n" + plainLogin("ann@sandbox.test", "bob@sandbox.test", "bob-secret")},
	{10, 3, "EHLO me\nAUTH ANONYMOUS " + base64.StdEncoding.EncodeToString([]byte("ann@sandbox.test"))},
	{10, 3, "EHLO me\n" + plainLogin("", "ann@sandbox.test", "Ann-Secret")},
	{10, 3, "AUTH LOGIN"},

	{11, 1, "EHLO me\n" + plainLogin("", "bob@gmail.com", "wrong")},
	{11, 1, "EHLO me\n" + plainLogin("", "erin@gmail.com", "eeeeffffgggghhhh")},
	{11, 1, "EHLO me\n" + plainLogin("", "bob@gmail.com", "bbbbccccddddeeee")},
	{11, 2, plainLogin("", "alice@gmail.com", "abcdefghijklmnop")},
	{11, 2, plainLogin("", "bob@gmail.com", "bob-ordinary")},
	{11, 2, plainLogin("bob@gmail.com", "alice@gmail.com", "abcdefghijklmnop")},
	{11, 3, ":answer 535"}, {11, 3, ":answer 5.7.8"}, {11, 3, "NOOP"},
	{11, 4, "AUTH XOAUTH2 dXNlcj1kYXZlQGdtYWlsLmNvbQFhdXRoPUJlYXJlciB5YTI5LmRhdmUtZXhwaXJlZAEB\n"},
	{11, 4, plainLogin("", "alice@gmail.com", "abcdefghijklmnop")},
	{11, 4, plainLogin("", "dave@gmail.com", "ya29.dave-new")},

	{12, 1, "EHLO me\n" + fmt.Sprintf(letter, "service@bank.example", "alice@gmail.com", "From: service@bank.example")},
	{12, 1, "EHLO me\n" + fmt.Sprintf(letter, "x@bank.example.example.org", "bob@gmail.com", "From: x@bank.example.example.org")},
	{12, 1, "EHLO me\n" + fmt.Sprintf(letter, "service@bank.example", "bob@gmail.com", "From: The Bank at bank.example")},
	{12, 1, "EHLO me\n" + fmt.Sprintf(letter, "service@bank.example", "bob@gmail.com", "Subject: x\n\nFrom: service@bank.example")},
	{12, 1, "EHLO me\n" + fmt.Sprintf(letter, "me@example.org", "bob@gmail.com", "From: service@bank.example")},
	{12, 2, fmt.Sprintf(letter, "service@bank.example", "unauthenticated@gmail.com", "From: service@bank.example")},
	{12, 2, fmt.Sprintf(letter, "service@bank.example", "dmarc-reject@gmail.com", "From: service@bank.example")},
	{12, 2, fmt.Sprintf(letter, "service@bank.example", "bob@gmail.com", "From: service@bank.example")},
	{12, 3, fmt.Sprintf(letter, "service@bank.example", "spf-hard-fail@gmail.com", "From: dmarc@bank.example")},
	{12, 3, fmt.Sprintf(letter, "dmarc@dmarc.example", "spf-hard-fail@gmail.com", "From: dmarc@bank.example")},
	{12, 3, "MAIL FROM:<a@b.example>\nRCPT TO:<dmarc-reject@gmail.com>"},
	{12, 4, ":answer DMARC"}, {12, 4, ":answer SPF"},
	{12, 4, ":answer dkim and spf"},

	{13, 1, "EHLO me\nRCPT TO:<victim@example.com>"},
	{13, 1, "EHLO me\nMAIL FROM:<stranger@example.org>\nRCPT TO:victim@example.com"},
	{13, 1, "EHLO me\nMAIL FROM:<stranger@example.org>\nRCPT TO:<victim@example.com> FOO=1"},
	{13, 1, "EHLO me\nMAIL FROM:<stranger@example.org>\nRCPT TO:<unknown-user@example.com>"},
	{13, 1, "EHLO me\nMAIL FROM:<stranger@example.org>\nRCPT TO:<relay-denied@sandbox.test>"},
	{13, 1, ":open sandbox:strict\nEHLO me\nMAIL FROM:<stranger@example.org>\nRCPT TO:<victim@example.com>"},
	{13, 2, "MAIL FROM:<stranger@example.org>\nRCPT TO:<victim@example.com>"},
	{
		13, 2,
		":open sandbox:strict+open-relay/25\nEHLO me\nMAIL FROM:<stranger@example.org>\nRCPT TO:<bob@sandbox.test> ORCPT=rfc822;x@example.com",
	},
	{13, 2, ":open sandbox:gmail/25\nEHLO me\nMAIL FROM:<stranger@example.org>\nRCPT TO:<victim@example.com>"},
	{
		13, 2,
		":open sandbox:plain/465\nEHLO me\n" + plainLogin("", "ann@sandbox.test", "ann-secret") + "\nMAIL FROM:<stranger@example.org>\nRCPT " +
			"TO:<victim@example.com>",
	},
	{13, 3, ":open sandbox:plain/25\nEHLO me"},
	{13, 3, "DATA\nSubject: x\n\nx\n.\n:open sandbox:plain/25\nRSET"},
	{13, 3, "DATA\nSubject: x\n\nx\n.\nRSET"}, {13, 3, ":close"}, {13, 3, "EHLO"},

	{14, 1, "HELO me"}, {14, 1, "NOOP"},
	{14, 1, ":open sandbox:gmail-2012\nEHLO me"},
	{
		14, 2,
		"MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\nRCPT TO:<unknown-user@sandbox.test>\n:pipe\nDATA\n.\nSubject: slow\n\nslow\n.",
	},
	{14, 2, ":pipe\nMAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\nRCPT TO:<ann@sandbox.test>\nDATA\n.\nSubject: x\n\nx\n."},
	{14, 2, ":pipe\nMAIL FROM:<ann@example.org>\nRCPT TO:<unknown-user@sandbox.test>\nRCPT TO:<unknown-user@sandbox.test>\nDATA\n."},
	{
		14, 2,
		":pipe\nMAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\nRCPT TO:<unknown-user@sandbox.test>\n.\nDATA\nSubject: x\n\nx\n.",
	},
	{14, 3, ":answer 250"}, {14, 3, ":answer 354"}, {14, 3, ":answer 550"},

	{15, 1, ":answer orders@example.com"}, {15, 1, ":answer bob@sandbox.test"},
	{15, 1, ":answer carlo"}, {15, 2, ":answer 552"}, {15, 2, ":answer 5.2.0"},
	{15, 2, ":answer 4.2.2"},
	{15, 3, "EHLO me\n" + fmt.Sprintf(letter, "", "bob@sandbox.test", "Subject: x")},
	{15, 3, "EHLO me\n" + fmt.Sprintf(letter, "mailer-daemon@sandbox.test", "ann@sandbox.test", "From: <>")},
	{15, 3, "EHLO me\nMAIL FROM:<>\nRCPT TO:<ann@sandbox.test>"},

	{16, 1, "HELO me"}, {16, 1, ":open sandbox:plain\nEHLO me"},
	{16, 2, fmt.Sprintf(letter, "ann@example.org> PRDR <", "bob@sandbox.test", "Subject: x")},
	{16, 2, fmt.Sprintf(letter, "ann@example.org", "bob@sandbox.test", "Subject: x") + "\n" +
		fmt.Sprintf(letter, "ann@example.org", "spam@sandbox.test", "Subject: x")},
	{16, 2, "MAIL FROM:<ann@example.org> PRDR\nRCPT TO:<bob@sandbox.test>\nRCPT TO:<unknown-user@sandbox.test>\nDATA\nSubject: x\n\nx\n."},
	{16, 2, "MAIL FROM:<ann@example.org> PRDR\nRCPT TO:<ann@sandbox.test>\nRCPT TO:<spam@sandbox.test>\nDATA\nSubject: x\n\nx\n."},
	{16, 3, ":answer 2"}, {16, 3, ":answer 4"},

	{17, 1, "NOOP"}, {17, 1, "EHLO"},
	{17, 2, "EHLO 192.0.2.9"}, {17, 2, "EHLO [192.0.2.9]"}, {17, 2, "XCLIENT ADDR=192.0.2.9"}, {17, 2, "XCLIENT ADDR=192.0.2.8\nEHLO me"},
	{17, 2, ":open sandbox:plain\nEHLO [192.0.2.9]"},
	{17, 3, ":answer XCLIENT"}, {17, 3, ":answer PROXY"},
}

// TestWrongAnswersDoNotReachTheGoal tries at least three wrong answers that look
// right in every lesson.
func TestWrongAnswersDoNotReachTheGoal(t *testing.T) {
	tried := map[int]int{}
	for i, w := range wrongWays {
		tried[w.lesson]++
		t.Run(fmt.Sprintf("%d.%d/%d", w.lesson, w.step, i), func(t *testing.T) {
			c, out := typed(t, w.lesson, w.step, w.lines)
			if want := fmt.Sprintf("step %d of %d", w.step, len(c.Lesson.Steps)); c.Step() != want || c.Finished() {
				t.Errorf("the learner is at %s, finished: %v, not at %s, after\n%s\n\n%s", c.Step(), c.Finished(), want, w.lines, out)
			}
		})
	}
	for _, e := range lessons.Entries() {
		if tried[e.Number] < 3 {
			t.Errorf("lesson %d: only %d wrong answers", e.Number, tried[e.Number])
		}
	}
}

// typed plays the steps of a lesson before the given one, then the lines.
func typed(t *testing.T, lesson, step int, text string) (*lessons.Course, string) {
	t.Helper()
	d := &dialer.Dialer{Options: engine.Options{Timeouts: engine.UniformTimeouts(20 * time.Second)}}
	defer d.Close()
	s := school(d)
	c, err := s.Open(t.Context(), fmt.Sprint(lesson))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, before := range c.Lesson.Steps[:step-1] {
		if before.Wrong != "" { // some right answers continue from the wrong one
			lines = append(lines, strings.Split(before.Wrong, "\n")...)
		}
		lines = append(lines, strings.Split(before.Play, "\n")...)
	}
	lines = append(lines, strings.Split(text, "\n")...)
	p := &typist{&person{}, lines}
	err = repl.Run(t.Context(), repl.Options{
		Dialer: d, Target: c.Lesson.Server, Show: transcript.TextOptions{ContentLines: -1}, School: s, Lesson: c, Lua: &host{d},
		In: func(line.Complete) (line.Reader, error) { return p, nil },
	})
	if err != nil {
		t.Logf("the prompt ended with %v", err)
	}
	if s.Progress.Done(c.Entry.Name) {
		t.Error("it is stored as finished")
	}
	return c, p.out.String()
}
