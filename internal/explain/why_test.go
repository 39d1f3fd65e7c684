package explain_test

import (
	"strings"
	"testing"

	"smtpsh/engine/reply"
	"smtpsh/internal/explain"
	"smtpsh/internal/sandbox"
)

func TestWhy(t *testing.T) {
	for _, tt := range []struct {
		raw, command string
		want         []string
		not          []string
	}{
		{
			"250 2.1.0 Ok\r\n", "MAIL FROM:<a@b>",
			[]string{"250 2.1.0  to MAIL", "2xx", "x5x", "To MAIL: 250"},
			[]string{"cause", "try", "Google", "not among them"},
		},
		{"220 hello\r\n", "", []string{"the greeting", "To a connection: 220"}, nil},
		{"250 ok\r\n", ".", []string{"to the end of the message", "as rejections 450"}, nil},
		{
			"550 5.1.1 no such user\r\n", "RCPT TO:<a@b>",
			[]string{"5xx", "5.1.1       Bad destination mailbox", "no mailbox with the name", "try"},
			[]string{"Google"},
		},
		{"535-5.7.8 Username and Password not accepted. For more information, go to\r\n535 5.7.8  https://support.google.com/mail/?p=BadCredentials x - gsmtp\r\n", "AUTH PLAIN ********",
			[]string{"Google      The user name and password", "app password", "RFC"}, []string{"cause"}},
		{
			"450 4.7.1 greylisted, try again later\r\n", "RCPT TO:<a@b>",
			[]string{"means       Greylisting", "after some minutes"},
			[]string{"Relaying without login"},
		},
		{"452 4.2.2 no room\r\n", "RCPT TO:<a@b>", []string{"mailbox is full now", "when there is space"}, nil},
		{"503 5.5.1 later\r\n", "DATA", []string{"at least one RCPT TO come first"}, []string{"typing error"}},
		{"501 5.5.4 x\r\n", "STARTTLS foo", []string{"syntax      STARTTLS"}, nil},
		{"530 5.7.0 log in\r\n", "RCPT TO:<a@b>", []string{"530 may come to"}, []string{"not among them"}},
		{"535-5.7.8 Username and Password not accepted. For more information, go to\r\n535 5.7.8  https://support.google.com/mail/?p=BadCredentials x - gsmtp\r\n", "AUTH XOAUTH2 ********",
			[]string{"Google      The access token was rejected"}, []string{"app password"}},
		{"535 5.7.8 p=BadCredentials is not Google here\r\n", "AUTH PLAIN", []string{"cause"}, []string{"Google  "}},
		{"599 what\r\n", "NOOP", []string{"599 is not among"}, nil},
		{"421 4.3.2 going down\r\n", "MAIL", []string{"421"}, nil},
		{"250 x\r\n", "FROB", []string{"unknown to smtpsh"}, nil},
		{"250 \r\n", "RCPT", []string{"to RCPT"}, nil},
	} {
		r := reply.Parse([]byte(tt.raw))
		got := explain.Why(r, tt.command, explain.Context{})
		for _, w := range tt.want {
			if !strings.Contains(got, w) {
				t.Errorf("%q lacks %q:\n%s", tt.raw, w, got)
			}
		}
		for _, n := range tt.not {
			if strings.Contains(got, n) {
				t.Errorf("%q has %q:\n%s", tt.raw, n, got)
			}
		}
		for l := range strings.Lines(got) {
			if len(strings.TrimRight(l, "\n")) > 80 {
				t.Errorf("too wide: %s", l)
			}
		}
	}
}

// Every rejection of the gmail sandbox is explained as Google's.
func TestGmailTextsAreExplained(t *testing.T) {
	p, err := sandbox.LookupProfile("gmail")
	if err != nil || len(p.Situations()) < 80 {
		t.Fatalf("the profile: %v", err)
	}
	without := 0
	for _, s := range p.Situations() {
		key, text := s.Key, s.Reply
		r := reply.Parse([]byte(strings.ReplaceAll(text, "\n", "\r\n") + "\r\n"))
		if r.Code < 400 || s.Evidence == "U" {
			continue
		}
		if !strings.Contains(explain.Why(r, "AUTH", explain.Context{From: explain.Google}), "  Google ") {
			without++
			t.Logf("%s is not explained: %q", key, text)
		}
	}
	if without > 0 {
		t.Errorf("%d of Gmail's refusals are not explained", without)
	}
	marks := map[string]bool{}
	for _, g := range explain.GoogleRows() {
		if g.Mark != strings.ToLower(g.Mark) || g.Means == "" || g.Try == "" || marks[g.Mark] {
			t.Errorf("row %q: %+v", g.Mark, g)
		}
		marks[g.Mark] = true
	}
}
