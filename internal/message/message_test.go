package message_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message/mail"

	"smtpsh/internal/message"
)

func TestBuild(t *testing.T) {
	m, err := message.Build(message.Spec{
		From: "Jürgen Müller <juergen@example.org>",
		To:   []string{"ann@example.org, Bob <bob@example.org>"},
		Cc:   []string{"ann@example.org"}, Bcc: []string{"secret@example.org"},
		Subject: "Grüße aus Köln", Text: "Hallo\n.\n..\nschön\n", HTML: "<p>Hallo</p>",
		Date:        time.Unix(1700000000, 0).UTC(),
		Attachments: []message.Attachment{{Name: "bild ü.png", Data: []byte("\x89PNG\x00\r\n")}},
		Headers:     []message.Field{{Name: "X-Test", Value: "ä"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	raw := string(m.Bytes)
	if m.From != "juergen@example.org" || strings.Join(m.Rcpts, " ") != "ann@example.org bob@example.org secret@example.org" {
		t.Errorf("envelope %q %q", m.From, m.Rcpts)
	}
	if strings.Contains(strings.ReplaceAll(raw, "\r\n", ""), "\n") || strings.Contains(raw, "secret@") ||
		!strings.Contains(raw, "=?utf-8?q?Gr=C3=BC=C3=9Fe") {
		t.Errorf("message:\n%s", raw)
	}
	for i := range len(raw) {
		if raw[i] >= 0x80 {
			t.Fatalf("byte %d is not ASCII", i)
		}
	}
	r, err := mail.CreateReader(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if s, err := r.Header.Subject(); err != nil || s != "Grüße aus Köln" {
		t.Errorf("subject %q, %v", s, err)
	}
	if id, err := r.Header.MessageID(); err != nil || "<"+id+">" != m.ID || !strings.HasSuffix(id, "@example.org") {
		t.Errorf("id %q, %v", id, err)
	}
	var bodies []string
	for {
		p, err := r.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(p.Body)
		bodies = append(bodies, string(b))
	}
	if len(bodies) != 3 || bodies[0] != "Hallo\r\n.\r\n..\r\nschön\r\n" || bodies[2] != "\x89PNG\x00\r\n" {
		t.Errorf("bodies %q", bodies)
	}
}

func TestASCIITextIsNotEncoded(t *testing.T) {
	m, err := message.Build(message.Spec{From: "a@example.org", To: []string{"b@example.org"}, Text: "one\n.two"})
	if err != nil || !strings.HasSuffix(string(m.Bytes), "\r\n\r\none\r\n.two\r\n") {
		t.Fatalf("%v\n%s", err, m.Bytes)
	}
}

func TestBuildRejectsInvalidSpecs(t *testing.T) {
	good := func() message.Spec { return message.Spec{From: "a@example.org", To: []string{"b@example.org"}} }
	for name, change := range map[string]func(*message.Spec){
		"no from":             func(s *message.Spec) { s.From = "" },
		"two from":            func(s *message.Spec) { s.From = "a@b.example, c@d.example" },
		"no recipient":        func(s *message.Spec) { s.To = nil },
		"bad mailbox":         func(s *message.Spec) { s.To = []string{"bob"} },
		"CRLF in subject":     func(s *message.Spec) { s.Subject = "x\r\nBcc: evil@example.org" },
		"LF in to":            func(s *message.Spec) { s.To = []string{"b@example.org\nX: y"} },
		"CR in header":        func(s *message.Spec) { s.Headers = []message.Field{{Name: "X", Value: "a\rb"}} },
		"colon in name":       func(s *message.Spec) { s.Headers = []message.Field{{Name: "X: y", Value: "z"}} },
		"CRLF in attachment":  func(s *message.Spec) { s.Attachments = []message.Attachment{{Name: "a\r\nb"}} },
		"bad attachment type": func(s *message.Spec) { s.Attachments = []message.Attachment{{Name: "a", Type: "///"}} },
		"LF in id":            func(s *message.Spec) { s.ID = "a\nb" },
	} {
		s := good()
		change(&s)
		if m, err := message.Build(s); err == nil {
			t.Errorf("%s was accepted:\n%s", name, m.Bytes)
		}
	}
}

func TestParseLimitsNestedMultiparts(t *testing.T) {
	var b strings.Builder
	for i := range 20000 {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	p, err := message.Parse([]byte(b.String()))
	if err != nil || len(p.Defects) != 1 || !strings.Contains(p.Defects[0], "more than 100 multiparts") {
		t.Fatalf("%v, %v", p, err)
	}
}
