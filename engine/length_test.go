package engine_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"smtpsh/engine"
	"smtpsh/engine/event"
)

func refusedAsTooLong(err error) bool {
	var op *engine.OpError
	return errors.Is(err, engine.ErrUsage) && errors.As(err, &op) && regexp.MustCompile(`more than the \d+ that`).MatchString(err.Error()) &&
		len(op.Advice) > 0
}

// Verbs, pipelines and the check of typed lines have the same limit, which extensions
// raise.
func TestCommandLinesThatAreTooLong(t *testing.T) {
	s, srv := openSandbox(t, "plain", "submission", engine.Options{})
	ctx := t.Context()
	for name, say := range map[string]func(n int) error{ // n octets with CRLF
		"NOOP":     func(n int) error { _, err := s.Noop(ctx, strings.Repeat("x", n-7)); return err },
		"HELP":     func(n int) error { _, err := s.Help(ctx, strings.Repeat("x", n-7)); return err },
		"VRFY":     func(n int) error { _, err := s.Vrfy(ctx, strings.Repeat("x", n-7)); return err },
		"pipeline": func(n int) error { _, err := s.Pipeline(ctx, "RSET", "NOOP "+strings.Repeat("x", n-7)); return err },
		"a line":   func(n int) error { return s.LineTooLong("NOOP " + strings.Repeat("x", n-7)) },
		"no verb":  func(n int) error { return s.LineTooLong(strings.Repeat("x", n-2)) },
	} {
		if err := say(512); err != nil {
			t.Errorf("%s of 512 bytes: %v", name, err)
		}
		before := len(srv.Commands())
		if err := say(513); !refusedAsTooLong(err) || !strings.Contains(err.Error(), "513 bytes with CRLF, more than the 512") {
			t.Errorf("%s of 513 bytes: %v", name, err)
		}
		if n := len(srv.Commands()); n != before {
			t.Errorf("%s: %d commands went out", name, n-before)
		}
	}
	envelope := func(n int) error {
		_, err := s.Mail(ctx, "a@b.example", engine.Param{Key: "X", Value: strings.Repeat("x", n-28)})
		return err
	}
	if err := envelope(513); !refusedAsTooLong(err) {
		t.Errorf("MAIL before EHLO: %v", err)
	}
	if _, err := s.Ehlo(ctx, "me"); err != nil {
		t.Fatal(err)
	}
	const more = 26 + 17 + 16 + 128 + 10 // SIZE, 8BITMIME, BINARYMIME, DSN, SMTPUTF8
	if err := envelope(512 + more); err != nil {
		t.Errorf("MAIL with its extensions: %v", err)
	}
	if err := envelope(513 + more); !refusedAsTooLong(err) {
		t.Errorf("MAIL beyond its extensions: %v", err)
	}
	if err := s.LineTooLong("AUTH PLAIN " + strings.Repeat("A", 600)); !refusedAsTooLong(err) || strings.Contains(err.Error(), "AAAA") {
		t.Errorf("AUTH: %v", err)
	}
}

// An answer to an AUTH challenge can be long (RFC 4954 section 4).
func TestLongResponses(t *testing.T) {
	s, err := engine.Dial(t.Context(), fake(t, "S: 220 hi\nC: AUTH X\nS: 334\nHANG"), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Do(t.Context(), "AUTH XOAUTH2"); err != nil {
		t.Fatal(err)
	}
	if err := s.LineTooLong(strings.Repeat("A", 12000)); err != nil {
		t.Error(err)
	}
	if err := s.LineTooLong(strings.Repeat("A", 13000)); !refusedAsTooLong(err) {
		t.Errorf("got %v", err)
	}
}

// Do sends any line, with a note.
func TestDoSendsLongLinesWithANote(t *testing.T) {
	var notes []string
	s, _ := openSandbox(t, "plain", "submission", engine.Options{Observer: event.Func(func(e *event.Event) {
		if e.Kind == event.Note {
			notes = append(notes, e.Text)
		}
	})})
	if r, err := s.Do(t.Context(), "NOOP "+strings.Repeat("x", 600)); err != nil || r.Code == 0 {
		t.Fatalf("%v, %v", r, err)
	}
	if len(notes) != 1 || !strings.Contains(notes[0], "607 bytes with CRLF, more than the 512") {
		t.Errorf("notes %q", notes)
	}
}

// streamOnly hides all methods of a reader except Read.
type streamOnly struct{ io.Reader }

func TestTextLinesThatAreTooLong(t *testing.T) {
	begin := func() (*engine.Session, func() int) {
		s, srv := openSandbox(t, "plain", "mx", engine.Options{})
		for _, l := range []string{"EHLO me", "MAIL FROM:<a@example.org>", "RCPT TO:<bob@sandbox.test>"} {
			if _, err := s.Do(t.Context(), l); err != nil {
				t.Fatal(err)
			}
		}
		return s, func() int { return len(srv.Messages()) }
	}
	ways := map[string]func(s *engine.Session, text string) error{
		"strings.Reader": func(s *engine.Session, text string) error {
			_, err := s.Data(t.Context(), strings.NewReader(text))
			return err
		},
		"bytes.Reader": func(s *engine.Session, text string) error {
			_, err := s.Data(t.Context(), bytes.NewReader([]byte(text)))
			return err
		},
		"bytes.Buffer": func(s *engine.Session, text string) error {
			_, err := s.Data(t.Context(), bytes.NewBufferString(text))
			return err
		},
		"BDAT": func(s *engine.Session, text string) error {
			_, err := s.BdatAll(t.Context(), strings.NewReader(text), engine.ChunkOptions{Size: 100, Text: true})
			return err
		},
		"a stream": func(s *engine.Session, text string) error {
			_, err := s.Data(t.Context(), streamOnly{strings.NewReader(text)})
			return err
		},
		"behind a 354": func(s *engine.Session, text string) error {
			if _, err := s.Do(t.Context(), "DATA"); err != nil {
				return err
			}
			_, err := s.Content(t.Context(), strings.NewReader(text))
			return err
		},
		"pipelined": func(s *engine.Session, text string) error {
			if _, err := s.Rset(t.Context()); err != nil {
				return err
			}
			_, err := s.SendPipelined(t.Context(), "a@example.org", []string{"bob@sandbox.test"}, strings.NewReader(text))
			return err
		},
	}
	for name, send := range ways {
		s, received := begin()
		if err := send(s, "Subject: x\r\n\r\n"+strings.Repeat("x", 998)+"\n."+strings.Repeat("y", 997)+"\r"); err != nil || received() != 1 {
			t.Errorf("%s, 998 bytes: %v, %d messages", name, err, received())
		}
		s, received = begin()
		err := send(s, "Subject: x\r\n\r\n"+strings.Repeat("x", 999)+"\r\nmore\r\n")
		if !refusedAsTooLong(err) || !strings.Contains(err.Error(), "line 3 has 999 bytes") || received() != 0 {
			t.Errorf("%s, 999 bytes: %v, %d messages", name, err, received())
		}
		cutShort := name == "a stream" || name == "behind a 354"
		if _, err := s.Noop(t.Context(), ""); (err != nil) != cutShort {
			t.Errorf("%s: the session afterwards: %v", name, err)
		}
	}
	s, received := begin()
	r, err := s.Data(t.Context(), engine.AnyLength(strings.NewReader("Subject: x\r\n\r\n"+strings.Repeat("x", 3000)+"\r\n")))
	if err != nil || r.Code == 354 {
		t.Errorf("insisted: %v, %v (%d messages)", r, err, received())
	}
}

// The check skips most of a text. It must find the same lines as a slow check, for any
// division into blocks.
func TestTextLinesInBlocks(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 400 {
		var b strings.Builder
		longest := 0
		for range r.IntN(6) {
			n := []int{0, 1, 70, 500, 997, 998, 998, 998, 999, 2500}[r.IntN(10)]
			if r.IntN(3) > 0 {
				n = min(n, 998)
			}
			longest = max(longest, n)
			b.WriteString(strings.Repeat("x", n) + []string{"\n", "\r\n", "\r"}[r.IntN(3)])
		}
		s := &blocks{text: b.String(), next: func() int { return 1 + r.IntN(1500) }}
		_, err := io.Copy(io.Discard, engine.LineChecked(s))
		if want := longest > 998; want != (err != nil) || want != (engine.CheckText(strings.NewReader(b.String())) != nil) {
			t.Fatalf("longest %d: %v", longest, err)
		}
	}
}

type blocks struct {
	text string
	next func() int
}

func (b *blocks) Read(p []byte) (int, error) {
	if b.text == "" {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), b.next())], b.text)
	b.text = b.text[n:]
	return n, nil
}

// The error for an address that needs SMTPUTF8, if the server does not offer it, names no
// function of this package.
func TestAddressesWithoutSMTPUTF8(t *testing.T) {
	s, err := engine.Dial(t.Context(),
		fake(t,
			"S: 220 hi\nC: EHLO\nS: 250 hi\nC: RCPT TO:<bob@xn--bcher-kva.example>\nS: 250\nC: RCPT TO:<\"a@b\"@xn--bcher-kva.example>\nS: 250\n"+
				"HANG"),
		engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := context.Background()
	if _, err := s.Ehlo(ctx, "me"); err != nil {
		t.Fatal(err)
	}
	var op *engine.OpError
	_, err = s.Mail(ctx, "jürgen@example.org")
	if !errors.As(err, &op) || strings.Contains(err.Error(), "Do ") || !strings.Contains(said(op), "s:cmd") {
		t.Errorf("%v", err)
	}
	for _, a := range []string{"bob@bücher.example", `"a@b"@bücher.example`} {
		if _, err := s.Rcpt(ctx, a); err != nil {
			t.Error(err)
		}
	}
	if _, rcpts := s.Envelope(); len(rcpts) != 2 || rcpts[1] != `"a@b"@xn--bcher-kva.example` {
		t.Errorf("%q", rcpts)
	}
}

// MAIL has SMTPUTF8 if a recipient needs it (RFC 6531 section 3.4).
func TestPipelinedEnvelopeWithSMTPUTF8(t *testing.T) {
	s, srv := openSandbox(t, "plain", "mx", engine.Options{})
	if _, err := s.Ehlo(t.Context(), "me"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SendPipelined(t.Context(), "a@example.org", []string{"jürgen@sandbox.test"}, strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	for _, c := range srv.Commands() {
		if c.Verb == "MAIL" && !strings.Contains(c.Arg, "SMTPUTF8") {
			t.Errorf("MAIL %s", c.Arg)
		}
	}
}

// BDAT accepts long lines only as binary content, in one chunk or across several.
func TestLongLinesInChunks(t *testing.T) {
	half := strings.Repeat("x", 600)
	for _, tt := range []struct {
		name, body string
		chunks     []string
		refused    int // which chunk; -1 for none
	}{
		{"one chunk", "", []string{half + half}, 0},
		{"two chunks", "", []string{half, half}, 1},
		{"a line end between", "", []string{half + "\r\n", half}, -1},
		{"a line end within", "", []string{half, "\r\n" + half}, -1},
		{"BINARYMIME", "BINARYMIME", []string{half + half, half}, -1},
		{"8BITMIME", "8BITMIME", []string{half + half}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := openSandbox(t, "plain", "submission", engine.Options{})
			must(t, 250)(s.Ehlo(t.Context(), "me"))
			for range 2 { // the first transaction leaves no state behind
				var params []engine.Param
				if tt.body != "" {
					params = append(params, engine.Param{Key: "BODY", Value: tt.body})
				}
				must(t, 250)(s.Mail(t.Context(), "ann@example.org", params...))
				must(t, 250)(s.Rcpt(t.Context(), "bob@sandbox.test"))
				for i, chunk := range tt.chunks {
					_, err := s.Bdat(t.Context(), engine.Chunk{Data: []byte(chunk)})
					if (err != nil) != (i == tt.refused) || err != nil && (!errors.Is(err, engine.ErrUsage) || !strings.Contains(err.Error(), "998")) {
						t.Errorf("chunk %d: %v", i, err)
					}
				}
				must(t, 250)(s.Bdat(t.Context(), engine.Chunk{Data: []byte(half + half), AnyLength: true}))
				must(t, 250)(s.Rset(t.Context()))
			}
		})
	}
}
