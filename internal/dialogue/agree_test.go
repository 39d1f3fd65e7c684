package dialogue_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/internal/dialogue"
	"smtpsh/internal/fakeserver"
	"smtpsh/transcript"
)

// scripted is a server that sends these replies, the first as its greeting, then one for
// each line.
func scripted(t testing.TB, replies []string) string {
	return fakeserver.Loop(t, func(c net.Conn) {
		in := bufio.NewReader(c)
		for i, r := range replies {
			if i > 0 {
				if _, err := in.ReadString('\n'); err != nil {
					return
				}
			}
			if _, err := io.WriteString(c, r); err != nil {
				return
			}
		}
		in.ReadString('\n') //nolint:errcheck // the client closes the connection, with or without QUIT
	}).String()
}

// recorded runs a session with a server and returns the part of it that a log contains.
func recorded(t testing.TB, target string, lines []string) []byte {
	var log bytes.Buffer
	enc := json.NewEncoder(transcript.JSONWriter(&log))
	to, err := engine.ParseTarget(target)
	if err != nil {
		t.Fatal(err)
	}
	s, err := engine.Dial(t.Context(), to,
		engine.Options{Timeouts: engine.UniformTimeouts(10 * time.Second), Observer: event.Func(func(e *event.Event) {
			if err := enc.Encode(transcript.NewRecord(e, transcript.MaskSecrets)); err != nil {
				t.Error(err)
			}
		})})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, l := range lines {
		if err := s.Write(t.Context(), []byte(l+"\r\n")); err != nil {
			t.Fatal(err)
		}
		if _, err := s.ReadReply(t.Context(), 0); err != nil {
			break
		}
	}
	return log.Bytes()
}

// agree records a session, writes a dialogue, reads it, and plays it with the same server:
// it must match. With other replies it must not.
func agree(t *testing.T, replies, lines []string) {
	t.Helper()
	target := scripted(t, replies)
	rec, err := dialogue.Read(t.Context(), bytes.NewReader(recorded(t, target, lines)))
	if err != nil {
		t.Fatalf("%q %q: %v", replies, lines, err)
	}
	text := rec.WriteDialogue("a session")
	script, err := dialogue.Parse("x.smtp", text)
	if err != nil {
		t.Fatalf("%q %q: the written dialogue cannot be read: %v\n%s", replies, lines, err, text)
	}
	if _, err := script.Play(t.Context(), playEnv(target)); err != nil {
		t.Fatalf("%q %q: the written dialogue does not match: %v\n%s", replies, lines, err, text)
	}
}

func playEnv(target string) dialogue.Env {
	return dialogue.Env{
		Open: func(ctx context.Context, _ string) (*engine.Session, error) {
			to, err := engine.ParseTarget(target)
			if err != nil {
				return nil, err
			}
			return engine.Dial(ctx, to, engine.Options{Timeouts: engine.UniformTimeouts(10 * time.Second)})
		},
		Secret: func(string) (string, bool, error) { return "x", true, nil },
	}
}

var replyTexts = []string{
	"ok", "", " ", "two  words ", "\xb7\xa2", "\ttab first", "tab\tinside",
	"tab last\t", "\x00\x01\x1b[31m", "5.7.1", "5.7.1 no", "5.7.x", "5.7.*", "{}",
	"{name}", "{{", "a...", "...", "{var:x}", "{",
	`\x41`, `\`, `\\x`, `C:\xyz\`, "\xb7abc12345678", "abc123456789\xff",
	"********", "pass ********!", "a\rb", "ü é", "\u00a0", "\u0085", "\u2028",
	"\U0010ff41", "\xf4\x8f\xbd\x81\xff",
	"queued as 4Xk2Yz3lqz9 at 12:00:00", "[192.0.2.1] {x} 10.0.0.1", "# no",
	":write", "<a@b.invalid> (waits for connection)", "250 250", "2xx", "|",
	"S: 250", "x (+3 lines)", strings.Repeat("long ", 90),
}

// Whatever a reply contains, the dialogue written from it can be read, and matches the
// server that sent it.
func TestWriterAndReaderAgreeOnReplies(t *testing.T) {
	for _, text := range replyTexts {
		agree(t,
			[]string{
				"220 hi\r\n", "250 " + text + "\r\n",
				"250-" + text + "\r\n250-x\r\n250 " + text + "\r\n",
				"550-" + text + "\r\n550 5.1.1 " + text + "\r\n", "221\r\n",
			},
			[]string{"EHLO me", "NOOP", "NOOP", "QUIT"})
	}
	agree(t, []string{"220-a\r\n220 b\r\n", "250\r\n", "000 odd\r\n", "999 odd\r\n", "199 \r\n"}, []string{"A", "B", "C", "D"})
	agree(t, []string{"220 hi\r\n", "250 bare LF\n", "250 cr\r\r\n", "250-a\r\n550 b\r\n"}, []string{"A", "B", "C"})
}

func TestWriterAndReaderAgreeOnCommands(t *testing.T) {
	for _, line := range append(replyTexts, "", "NOOP ", "NOOP\t", " NOOP", "NOOP "+strings.Repeat("x", 600),
		"NOOP "+strings.Repeat("{ ", 300), "AUTH", "<waits for connection>", "* no", ".", "..", "[a] C: x", "0.123 C: x") {
		if strings.ContainsAny(line, "\r\n\x00") || strings.Contains(line, "********") {
			continue
		}
		agree(t, []string{"220 hi\r\n", "250 ok\r\n", "250 ok\r\n", "250 ok\r\n"}, []string{line, "NOOP", line})
	}
}

func TestWriterAndReaderAgreeOnRandomSessions(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	text := func() string {
		var b strings.Builder
		for range r.IntN(12) {
			switch r.IntN(4) {
			case 0:
				b.WriteByte(byte(r.IntN(256)))
			case 1:
				b.WriteString(replyTexts[r.IntN(len(replyTexts)-1)])
			case 2:
				b.WriteRune(rune(r.IntN(0x2100)))
			default:
				b.WriteString([]string{" ", "\t", "{", "}", "...", `\`, "x4", "a"}[r.IntN(8)])
			}
		}
		return strings.NewReplacer("\n", "", "********", "*").Replace(b.String())
	}
	for range 300 {
		replies, lines := []string{"220 hi\r\n"}, []string{}
		for range 1 + r.IntN(5) {
			code := fmt.Sprint(200 + r.IntN(100) + 100*r.IntN(2)*3)
			if code == "220" || code == "221" || code == "354" || code == "334" {
				code = "250"
			}
			var b strings.Builder
			for range r.IntN(3) {
				b.WriteString(code + "-" + text() + "\r\n")
			}
			b.WriteString(code + []string{" " + text(), ""}[r.IntN(2)] + "\r\n")
			replies = append(replies, b.String())
			lines = append(lines, "N"+strings.NewReplacer("\r", "", "\x00", "").Replace(text()))
		}
		agree(t, replies, lines)
	}
}

// A line that is not a reply ends a session. The dialogue reports it and expects it again.
func TestWriterAndReaderAgreeOnGarbage(t *testing.T) {
	for _, bad := range []string{"250\tok", "hello", "25 ok", "", "250_ok", "\xb7\xa2", " 250 ok"} {
		replies := []string{"220 hi\r\n", "250 ok\r\n", bad + "\r\n"}
		agree(t, replies, []string{"EHLO me", "NOOP"})
		rec, err := dialogue.Read(t.Context(), bytes.NewReader(recorded(t, scripted(t, replies), []string{"EHLO me", "NOOP"})))
		if err != nil {
			t.Fatal(err)
		}
		if lua := rec.WriteLua("x"); !strings.Contains(lua, `raises("protocol")`) {
			t.Errorf("%q: %s", bad, lua)
		}
		script, err := dialogue.Parse("x.smtp", rec.WriteDialogue("x"))
		if err != nil {
			t.Fatal(err)
		}
		var m *dialogue.Mismatch
		for _, other := range []string{"250 ok\r\n", "other\r\n"} {
			if _, err := script.Play(t.Context(), playEnv(scripted(t, []string{"220 hi\r\n", "250 ok\r\n", other}))); !errors.As(err, &m) {
				t.Errorf("%q instead of %q: %v", other, bad, err)
			}
		}
	}
}

// A value is used unchanged: text that looks like an escape is none.
func TestEscapesInValuesAreNotDecoded(t *testing.T) {
	target := scripted(t, []string{"220 hi\r\n", `250 \x0d\x0aQUIT` + "\r\n", "250 ok\r\n"})
	script, err := dialogue.Parse("x", "S: 220\nC: NOOP\nS: 250 {what}\nC: NOOP {what}\nS: 250 ok\n")
	if err != nil {
		t.Fatal(err)
	}
	var sent string
	env := playEnv(target)
	open := env.Open
	env.Open = func(ctx context.Context, to string) (*engine.Session, error) {
		t, err := engine.ParseTarget(target)
		if err != nil {
			return open(ctx, to)
		}
		return engine.Dial(ctx, t, engine.Options{Observer: event.Func(func(e *event.Event) {
			if e.Kind == event.LineSent {
				sent += string(e.Data)
			}
		})})
	}
	// the last one is the reply to QUIT
	if _, err := script.Play(t.Context(), env); err != nil || sent != "NOOP\r\nNOOP \\x0d\\x0aQUIT\r\n"+"QUIT\r\n" {
		t.Fatalf("%v, sent %q", err, sent)
	}
}
