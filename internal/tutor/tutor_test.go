package tutor_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/engine/verb"
	"smtpsh/internal/dialer"
	"smtpsh/internal/tutor"
)

// listen sends lines to a sandbox and returns the transcript, each line followed by its
// notes.
func listen(t *testing.T, target string, said ...string) string {
	t.Helper()
	d := &dialer.Dialer{Options: engine.Options{Timeouts: engine.UniformTimeouts(20 * time.Second)}}
	defer d.Close()
	var b strings.Builder
	tu := tutor.New()
	observer := event.Func(func(e *event.Event) {
		if e.Kind.Wire() {
			b.WriteString(strings.TrimRight(string(e.Masked()), "\r\n") + "\n")
		}
		if note := tu.Note(e); note != "" {
			b.WriteString("   # " + strings.ReplaceAll(note, "\n", "\n   # ") + "\n")
		}
	})
	s, err := d.Dial(t.Context(), target, func(o *engine.Options, _ *engine.Target) { o.Observer = observer })
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, line := range said {
		if line == "STARTTLS" {
			_, err = s.StartTLS(t.Context())
		} else if strings.HasPrefix(line, "content ") {
			_, err = s.Content(t.Context(), strings.NewReader(line[8:]))
		} else {
			_, err = s.Do(t.Context(), line)
		}
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	return b.String()
}

func TestNotes(t *testing.T) {
	out := listen(t, "sandbox:gmail", "EHLO me", "NOOP", "MAIL FROM:<a@b>", "STARTTLS", "EHLO me", "NOOP",
		"AUTH PLAIN AGFsaWNlQGdtYWlsLmNvbQBodW50ZXIy", "AUTH PLAIN AGFsaWNlQGdtYWlsLmNvbQBodW50ZXIy",
		"AUTH LOGIN", "YWxpY2VAZ21haWwuY29t", "YWJjZGVmZ2hpamtsbW5vcA==",
		"MAIL FROM:<alice@gmail.com> SIZE=10", "RCPT TO:<bob@example.com>", "RCPT TO:<carol@example.com>", "DATA",
		"content Subject: x\r\n\r\n.dot\r\n", "FROB")
	for _, want := range []string{
		"   # A TCP connection is open.",
		"220 smtp.gmail.com", "   # 220: ",
		"EHLO me\n   # EHLO begins the session: ", "   # A hyphen after the code", "250-SIZE 35882577\n   # SIZE: ", "   # STARTTLS: ",
		"   # Google: Port 587 accepts logins and mail only inside TLS",
		"   # From here on every byte is encrypted.",
		"AUTH PLAIN ********\n   # AUTH PLAIN: ", "[] NUL [alice@gmail.com] NUL [********]", "   # Google: The user name and " +
			"password were rejected",
		"334 VXNlcm5hbWU6\n   # Base64 of: Username:", "# Base64 of the user name, \"alice@gmail.com\".", "# Base64 of the password, ********",
		"# MAIL opens a transaction.", "\n   # SIZE: ", "2.1.5: ", "# The client adds a dot to a line", "# The server has accepted the message",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no note %q", want)
		}
	}
	for _, fact := range []string{"# EHLO begins", "# 250: ", "# NOOP changes", "# RCPT: ", "The user name and password were rejected. " +
		"Google", "# 8BITMIME: "} {
		if n := strings.Count(out, fact); n != 1 {
			t.Errorf("%q is shown %d times", fact, n)
		}
	}
	for _, secret := range []string{"abcdefghij", "hunter2"} {
		if strings.Contains(out, secret) {
			t.Errorf("%s is shown", secret)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
}

// A mistyped response may contain the password anywhere.
func TestMistypedLoginsAreNotShown(t *testing.T) {
	for _, tt := range []struct{ mech, response string }{
		{"XOAUTH2", "user=dave@gmail.com\x01auth=hunter2\x01\x01"},
		{"XOAUTH2", "hunter2"}, {"PLAIN", "ann\x00hunter2\x00"}, {"PLAIN", "hunter2"},
		{"SCRAM-SHA-256", "hunter2"}, {"OAUTHBEARER", "hunter2"},
		{"CRAM-MD5", "ann hunter2"}, {"hunter2", "hunter2"}, {"ANONYMOUS", "hunter2"},
		{"EXTERNAL", "hunter2"},
	} {
		tu := tutor.New()
		line := "AUTH " + tt.mech + " " + base64.StdEncoding.EncodeToString([]byte(tt.response))
		note := tu.Note(&event.Event{Kind: event.LineSent, Verb: "AUTH", Data: []byte(line + "\r\n")})
		note += tu.Note(&event.Event{Kind: event.LineReceived, Data: []byte("334 \r\n")})
		note += tu.Note(&event.Event{Kind: event.LineSent, Verb: "AUTH", Data: []byte(base64.StdEncoding.EncodeToString([]byte("hunter2")) +
			"\r\n")})
		if strings.Contains(note, "hunter2") {
			t.Errorf("%s: %s", line, note)
		}
	}
	tu := tutor.New() // a server that asks for the password first
	tu.Note(&event.Event{Kind: event.LineSent, Verb: "AUTH", Data: []byte("AUTH LOGIN\r\n")})
	tu.Note(&event.Event{Kind: event.LineReceived, Data: []byte("334 UGFzc3dvcmQ6\r\n")})
	if note := tu.Note(&event.Event{Kind: event.LineSent, Verb: "AUTH", Data: []byte("aHVudGVyMg==\r\n")}); strings.Contains(note, "hunter2") {
		t.Error(note)
	}
}

// A server that asks for the name twice must not make the tutor show the password.
func TestSecondUsernameChallengeShowsNoPassword(t *testing.T) {
	tu := tutor.New()
	var notes []string
	for _, e := range []event.Event{
		{Kind: event.LineSent, Verb: "AUTH", Data: []byte("AUTH LOGIN\r\n")},
		{Kind: event.LineReceived, Data: []byte("334 VXNlcm5hbWU6\r\n")},
		{Kind: event.LineSent, Verb: "AUTH", Data: []byte("YW5u\r\n")},
		{Kind: event.LineReceived, Data: []byte("334 VXNlcm5hbWU6\r\n")},
		{Kind: event.LineSent, Verb: "AUTH", Data: []byte("aHVudGVyMg==\r\n")},
		{Kind: event.LineReceived, Data: []byte("334 G1syShsxbQ==\r\n")}, // an escape sequence
	} {
		notes = append(notes, tu.Note(&e))
	}
	all := strings.Join(notes, "\n")
	if !strings.Contains(all, `"ann"`) || strings.Contains(all, "hunter2") || strings.Contains(all, "\x1b") {
		t.Error(all)
	}
}

func TestAdvice(t *testing.T) {
	offered := func(list ...string) func(string) bool {
		return func(k string) bool { return strings.Contains(" "+strings.Join(list, " ")+" ", " "+k+" ") }
	}
	fresh := tutor.Situation{Phase: verb.Greeted, Has: offered()}
	ready := tutor.Situation{Phase: verb.Ready, Greeted: true, Has: offered("STARTTLS", "SIZE")}
	secure := tutor.Situation{Phase: verb.Ready, Greeted: true, TLS: true, Has: offered("AUTH")}
	inMail := tutor.Situation{Phase: verb.Mail, Greeted: true, TLS: true, User: "ann", Has: offered("AUTH")}
	for _, tt := range []struct {
		at   tutor.Situation
		line string
		want string
	}{
		{fresh, "EHLO me", ""}, {fresh, "NOOP", ""}, {fresh, "QUIT", ""},
		{fresh, "HELP", ""},
		{fresh, "MAIL FROM:<a@b>", "send EHLO first"},
		{fresh, "EHLO", "requires the host name"},
		{fresh, " NOOP", "Remove the space before"},
		{fresh, "HELLO me", "not a standard SMTP command"},
		{ready, "MAIL FROM:<a@b> SIZE=3", ""},
		{ready, "MAIL FROM:<a@b> BODY=8BITMIME", "BODY requires the extension 8BITMIME"},
		{ready, "MAIL FROM: <a@b>", "Remove the space after the colon"},
		{ready, "MAIL FROM:a@b", "angle brackets"},
		{ready, "MAIL a@b", "with the colon"}, {ready, "mail from:<a@b>", ""},
		{ready, "RCPT TO:<a@b>", "after an accepted MAIL FROM"},
		{ready, "DATA", "at least one accepted RCPT"},
		{ready, "AUTH PLAIN", "not encrypted"}, {ready, "STARTTLS", ""},
		{secure, "AUTH PLAIN", ""}, {secure, "STARTTLS", "already"},
		{secure, "BDAT 3 LAST", "does not offer CHUNKING"},
		{inMail, "AUTH PLAIN", "logged in already"},
		{inMail, "MAIL FROM:<a@b>", "open already"}, {inMail, "RCPT TO:<a@b>", ""},
		{inMail, "DATA", "at least one accepted RCPT"},
	} {
		tu := tutor.New()
		got := tu.Advise(tt.at, tt.line)
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%q: %q, want %q", tt.line, got, tt.want)
		}
		if again := tu.Advise(tt.at, tt.line); again != "" {
			t.Errorf("%q: returned twice: %q", tt.line, again)
		}
	}
}
