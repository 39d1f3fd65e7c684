package dialogue_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/internal/dialer"
	"smtpsh/internal/dialogue"
	"smtpsh/internal/sandbox"
)

func env(t testing.TB, target string) dialogue.Env {
	d := &dialer.Dialer{Target: target, Options: engine.Options{Timeouts: engine.UniformTimeouts(10 * time.Second)}}
	t.Cleanup(d.Close)
	return dialogue.Env{
		Open: func(ctx context.Context, to string) (*engine.Session, error) { return d.Dial(ctx, to, nil) },
		Var: func(name string) (string, bool) {
			v, ok := map[string]string{"rcpt": "bob@sandbox.test", "user": "ann@sandbox.test"}[name]
			return v, ok
		},
		Secret: func(name string) (string, bool, error) { return "ann-secret", name == "pass", nil },
		Include: func(name string) (string, error) {
			return map[string]string{"hello.smtp": "C: EHLO me\nS: 250"}[name], nil
		},
	}
}

// TestPlay: dialogues that must match.
func TestPlay(t *testing.T) {
	for name, text := range map[string]string{
		"codes":              "S: 220\nC: EHLO me\nS: 250\nC: NOOP\nS: 2xx\nC: RCPT TO:<x@y.example>\nS: 503 5.5.1\nC: QUIT\nS: 221",
		"without a greeting": "C: NOOP\nS: 250",
		"texts":              "S: 220 sandbox.test ESMTP smtpsh sandbox\nC: NOOP\nS: 250 2.0.0 ok",
		"whole list":         "C: EHLO me\nS: 250-sandbox.test greets me\nS: 250-PIPELINING\nS: ...",
		"the rest of a line": "C: EHLO me\nS: 250-sandbox...\nS: 250-PIPE...\nS: 250-SIZE {size}\nS: ...\nC: MAIL FROM:<a@b.example> " +
			"SIZE={size}\nS: 250",
		"captures":         "C: VRFY ann\nS: 250 2.1.5 <{who}>\nC: EHLO x\nS: 250\nC: MAIL FROM:<>\nS: 250\nC: RCPT TO:<{who}>\nS: 250",
		"a capture again":  "C: NOOP\nS: 250 2.0.0 {word}\nC: NOOP\nS: 250 2.0.0 {word}",
		"a capture's form": "C: VRFY ann\nS: 250 {code:[0-9.]+} {}",
		"variables": "C: EHLO x\nS: 250\nC: MAIL FROM:<>\nS: 250\nC: RCPT TO:<{var:rcpt}>\nS: 250\nC: NOOP {var:nothing=default}\n" +
			"S: 250",
		"pipelined": "C: EHLO x\nS: 250\nC: MAIL FROM:<>\nC: RCPT TO:<bob@sandbox.test>\nC: RSET\nS: 250\nS: 250 2.1.5\nS: 250",
		"a message": "C: EHLO x\nS: 250\nC: MAIL FROM:<>\nS: 250\nC: RCPT TO:<bob@sandbox.test>\nS: 250\nC: DATA\nS: 354\nC: " +
			"Date: {date}\nC:\nC: ..dot\nC: .\nS: 250 2.0.0 message {n} accepted",
		"STARTTLS and login": "C: EHLO x\nS: 250\nC: STARTTLS\nS: 220\nC: EHLO x\nS: 250\n:login mech=SCRAM-SHA-256 user={var:user} " +
			"pass={secret:pass}\nS: 235\nC: NOOP\nS: 250",
		"AUTH by hand": "C: EHLO x\nS: 250\nC: STARTTLS\nS: 220\nC: EHLO x\nS: 250\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: " +
			"YW5uQHNhbmRib3gudGVzdA==\nS: 334\nC: YW5uLXNlY3JldA==\nS: 235",
		"two connections": "C: NOOP\nS: 250\n:open as b\nS: 220\nC: NOOP b\nS: 250\n:open as a\n[a] S: 220\n[a] C: NOOP\n[a] S: 250\nb " +
			"C: QUIT\nb S: 221\n:use b\n:eof",
		"words": ":timeout 5s\n:match codes\nC: NOOP\nS: 250 anything at all\n:match text\n:write NO\n:write OP\\r\\n\nS: 250 " +
			"2.0.0\n:include hello.smtp\n:wait 1ms\n:close",
		"escapes": "C: NOOP \\x41\nS: 250",
		"a pasted transcript": "*  connected to 127.0.0.1:25\nS: 220 sandbox.test ESMTP smtpsh sandbox\n  0.001 C: EHLO me\n  0.002 S: " +
			"250-...\n  0.002 S: ...\n*  connection closed",
		"swaks": `=== Trying 127.0.0.1:25...
=== Connected to 127.0.0.1.
<-  220 other.example ESMTP
 -> EHLO me
<-  250-other.example
<-  250-PIPELINING
<-  250 STARTTLS
 -> STARTTLS
<-  220 2.0.0 whatever
=== TLS started with cipher TLSv1.3:TLS_AES_256_GCM_SHA384:256
 ~> EHLO me
<~  250-other.example
<~  250 HELP
 ~> RCPT TO:<x@y.example>
<~* 503 5.5.1 no
 ~> QUIT
<~  221 2.0.0 Bye
=== Connection closed with remote host.`,
		"RFC 3207": `S: <waits for connection on TCP port 25>
C: <opens connection>
S: 220 mail.example.org SMTP service ready
:match codes
C: EHLO mail.example.com
S: 250-mail.example.org offers a warm hug of welcome
S: 250 STARTTLS
C: STARTTLS
S: 220 Go ahead
C: <starts TLS negotiation>
C & S: <negotiate a TLS session>
C: EHLO mail.example.com
S: 250 AUTH`,
	} {
		if name == "RFC 3207" {
			text = ":match codes\n" + text
		}
		t.Run(name, func(t *testing.T) {
			s, err := dialogue.Parse(name, text)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Play(t.Context(), env(t, "sandbox:plain")); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestMismatch: differences are reported with their line.
func TestMismatch(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"code":     {"C: NOOP\nS: 550", `x:2: want "S: 550", got "S: 250 2.0.0 ok"`},
		"text":     {"C: NOOP\nS: 250 2.0.0 fine", `x:2: want "S: 250 2.0.0 fine", got "S: 250 2.0.0 ok"`},
		"enhanced": {"C: NOOP\nS: 250 2.1.0", `want "S: 250 2.1.0"`},
		"second line": {
			"C: EHLO me\nS: 250-sandbox.test greets me\nS: 250-NOTHING\nS: ...",
			`x:3: want "S: 250-NOTHING", got "S: 250-PIPELINING"`,
		},
		"more lines":      {"C: EHLO me\nS: 250 sandbox.test greets me", `got "S: 250-sandbox.test greets me"`},
		"fewer lines":     {"C: NOOP\nS: 250-2.0.0 ok\nS: 250 more", `x:2: want "S: 250-2.0.0 ok", got "S: 250 2.0.0 ok"`},
		"capture differs": {"C: NOOP\nS: 250 2.0.0 {w}\nC: RSET\nS: 250 2.0.0 {w}", `x:4`},
		"no reply":        {":timeout 30ms\nC: NOOP\nS: 250\nS: 250", `x:4: want "S: 250", got "nothing within the time limit"`},
		"end instead":     {"C: QUIT\nS: 221\nC: NOOP\nS: 250", `got "the end of the connection"`},
		"eof too early":   {":timeout 30ms\nC: NOOP\nS: 250\n:eof", "an open connection"},
		"a name twice":    {"C: VRFY ann\nS: 250 2.1.5 <{x}@{x}>", "x:2"},
		"a name's form":   {"C: NOOP\nS: 250 {x:[a-z]+}", "x:2"},
		"mixed lines":     {"C: EHLO me\nS: 550-sandbox.test greets me\nS: ...", "x:2"},
		"no such list":    {"C: NOOP\nS: 250-2.0.0 ok\nS: ...", "x:2"},
		"a refused login": {
			"C: EHLO x\nS: 250\nC: STARTTLS\nS: 220\nC: EHLO x\nS: 250\n:login mech=PLAIN user=ann@sandbox.test pass=wrong\nC: NOOP\nS: 250",
			`want "a successful login", got "S: 535`,
		},
		"login at the end": {
			"C: EHLO x\nS: 250\nC: STARTTLS\nS: 220\nC: EHLO x\nS: 250\n:login mech=PLAIN user=ann@sandbox.test pass=wrong",
			`want "a successful login"`,
		},
		"unread replies":   {"C: NOOP\nC: XYZZY\nS: 250", `want "an S: line for each command", got "S: 500`},
		"no S: line":       {"C: XYZZY", `want "an S: line for each command"`},
		"eof, but a reply": {"C: NOOP\n:eof", "an open connection"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := dialogue.Parse("x", tt.text)
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Play(t.Context(), env(t, "sandbox:plain"))
			var m *dialogue.Mismatch
			if !errors.As(err, &m) || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// TestMistakes: dialogues that cannot be parsed or played.
func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"hello":                            "not a line of a dialogue",
		"":                                 "no C: or S: line",
		"# only a comment":                 "no C: or S: line",
		"S: hello":                         "does not begin with a reply code",
		"C: EHLO x\nS: 250-a\nC: NOOP":     "x:2: the last line of this reply is missing",
		"C: EHLO x\nS: 250-a":              "the last line of this reply is missing",
		":opne sandbox:":                   "unknown word :opne",
		":timeout soon\nC: NOOP":           "a duration",
		":open a b c d\nC: NOOP":           "a target and a name",
		":login nonsense\nC: NOOP":         "unexpected",
		":match half\nC: NOOP":             "text or codes",
		"C: AUTH PLAIN ********\nS: 235":   "a masked secret cannot be sent",
		"C: NOOP {word}\nS: 250":           "no S: line has captured {word}",
		"C: NOOP {var:missing}\nS: 250":    "the variable missing has no value",
		"C: NOOP {secret:missing}\nS: 250": "the secret missing has no value",
		"C: NOOP {odd:word}\nS: 250":       "is not known",
		"C: NOOP\nS: 250 {x:[}":            "the pattern",
		"C: NOOP\nS: 250 " + strings.Repeat("{a}", 201):             "more than 200 words in braces",
		":open 127.0.0.1:1\nC: NOOP\nS: 250":                        "connect",
		":open sandbox:nowhere\nC: NOOP":                            "no profile",
		":open sandbox:plain as alice\nalise C: NOOP\nalise S: 250": `unknown connection "alise"`,
		":open sandbox:plain as a\n:use b\nC: NOOP\nS: 250":         `unknown connection "b"`,
		"C: X\nS: <user not known>":                                 "does not begin with a reply code",
		":include nothing.smtp":                                     "no C: or S: line",
	} {
		s, err := dialogue.Parse("x", text)
		if err == nil {
			_, err = s.Play(t.Context(), env(t, "sandbox:plain"))
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// TestRecordedTranscripts: transcripts of Gmail can be parsed.
func TestRecordedTranscripts(t *testing.T) {
	files, err := filepath.Glob("../sandbox/testdata/transcripts/*.txt")
	if err != nil || len(files) < 16 {
		t.Fatalf("%d transcripts (%v)", len(files), err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		_, err = dialogue.Parse(filepath.Base(f), string(text))
		if strings.HasPrefix(filepath.Base(f), "10-") { // the transcript was cut within a reply
			if err == nil || !strings.Contains(err.Error(), "last line of this reply is missing") {
				t.Error(err)
			}
		} else if err != nil {
			t.Error(err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"C: NOOP\nS: 250", "S: 250-a\nS: ...", ":open x as y\nC: {var:x=1}",
		" -> EHLO\n<-  250 x", "S: 250 {a:[0-9]+} {}...", "[a] C: x\\x00",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := dialogue.Parse("f", text)
		var pe *dialogue.ParseError
		if err != nil && !errors.As(err, &pe) || err == nil && len(s.Steps) == 0 {
			t.Fatalf("%v", err)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add("S: 220 x\nC: EHLO me\nS: 250 ok\n")
	f.Add(`{"at":0,"event":"line-sent","data":"NOOP\r\n"}` + "\n" + `{"at":0,"event":"line-received","data":"250 ok\r\n"}`)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := dialogue.Read(t.Context(), strings.NewReader(text))
		if err == nil {
			r.WriteLua("x")
			r.WriteDialogue("x")
		}
	})
}

// TestRecordedProxyHeader: a PROXY protocol header is a line without a reply.
func TestRecordedProxyHeader(t *testing.T) {
	r, err := dialogue.Read(t.Context(), strings.NewReader(`{"event":"connected","target":"sandbox:plain"}
{"event":"line-sent","data":"PROXY UNKNOWN\r\n"}
{"event":"line-received","data":"220 sandbox.test ESMTP\r\n"}
`))
	if err != nil {
		t.Fatal(err)
	}
	if text := r.WriteDialogue("x"); !strings.Contains(text, ":write PROXY UNKNOWN\\r\\n\n") {
		t.Error(text)
	}
}

// TestTooManyReplies: a reply that answers no command is a difference.
func TestTooManyReplies(t *testing.T) {
	srv, err := sandbox.Start(sandbox.Options{Profile: "plain"})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	if err := srv.On(sandbox.Rule{On: "NOOP", Sequence: []sandbox.Action{{Raw: []byte("250 one\r\n250 two\r\n")}}}); err != nil {
		t.Fatal(err)
	}
	s, err := dialogue.Parse("x", "S: 220\nC: NOOP\nS: 250 one")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = s.Play(t.Context(), env(t, srv.Addr(""))); err == nil || !strings.Contains(err.Error(), `got "S: 250 two"`) {
		t.Fatalf("got %v", err)
	}
}

// TestRecordingRoundTrip: a recording is played byte for byte, and bytes that a text file
// must not contain are escaped.
func TestRecordingRoundTrip(t *testing.T) {
	rec := `{"event":"connected","target":"sandbox:plain"}
{"event":"line-received","data":"220 sandbox.test ESMTP\r\n"}
{"event":"line-sent","data":"NOOP \\x41 trail \r\n"}
{"event":"line-received","data":"250 2.0.0 ok \u001b[31m\u202e {x} \r\n"}
{"event":"line-sent","data":"RSET\n"}
{"event":"line-sent","data":"(waits for a connection)\r\n"}
{"event":"line-received","data":"500 5.5.1 no\r\n"}
{"event":"line-sent","data":"AUTH LOGIN\r\n"}
{"event":"line-received","data":"334 VXNlcm5hbWU6\r\n"}
{"event":"line-sent","data":"*\r\n"}
{"event":"line-received","data":"501 5.0.0 canceled\r\n"}
`
	r, err := dialogue.Read(t.Context(), strings.NewReader(rec))
	if err != nil {
		t.Fatal(err)
	}
	text := r.WriteDialogue("x")
	for _, want := range []string{
		"C: NOOP \\x5cx41 trail\\x20\n",
		"S: 250 2.0.0 ok \\x1b[31m\\xe2\\x80\\xae {{x}}\n", ":write RSET\\n\n",
		"C: \\x28waits for a connection)\n",
		"C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: *\nS: 501",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	again, err := dialogue.Parse("x", text)
	if err != nil {
		t.Fatal(err)
	}
	sent := 0
	for _, s := range again.Steps {
		if s.Kind == dialogue.Send {
			sent++
		}
	}
	if sent != 4 {
		t.Errorf("%d lines are sent again", sent)
	}
}

// A number without a unit means seconds, as on the command line.
func TestWaitsAcceptNumbersOfSeconds(t *testing.T) {
	for text, ok := range map[string]bool{
		":wait 0.01": true, ":timeout 5": true, ":timeout 5s": true,
		":timeout five": false, ":wait 0": false, ":wait -1": false,
	} {
		if _, err := dialogue.Parse("x.smtp", text+"\nC: NOOP\n"); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}
