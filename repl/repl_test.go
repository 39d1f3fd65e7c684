package repl_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/internal/dialer"
	"smtpsh/internal/lessons"
	"smtpsh/internal/sandbox"
	"smtpsh/luabind"
	"smtpsh/luabind/all"
	"smtpsh/repl"
	"smtpsh/repl/line"
	"smtpsh/scripts"
	"smtpsh/transcript"
)

// person is a line.Reader that types the lines of a script.
type person struct {
	mu       sync.Mutex
	typed    []string
	out      strings.Builder
	secrets  []string
	terminal bool
	kept     []string
	complete line.Complete
}

func (p *person) ReadLine(prompt string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.typed) == 0 {
		return "", io.EOF
	}
	l := p.typed[0]
	p.typed = p.typed[1:]
	if p.terminal {
		p.out.WriteString(prompt + l + "\n")
	}
	if l == "^C" {
		return "", line.ErrInterrupt
	}
	return l, nil
}

func (p *person) Print(s string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out.WriteString(s)
}

func (p *person) Remember(l string) { p.kept = append(p.kept, l) }

func (p *person) KeepOut() {}

func (p *person) Password(prompt string) (string, error) {
	if len(p.secrets) == 0 {
		return "", errors.New("nobody types a password")
	}
	s := p.secrets[0]
	p.secrets = p.secrets[1:]
	p.Print(prompt + "\n")
	return s, nil
}

func (p *person) SetPrompt(string) {}
func (p *person) Progress(string)  {}
func (p *person) Outside(run func(in, out *os.File) error) error {
	if !p.terminal {
		return line.ErrNoTerminal
	}
	return run(nil, nil)
}
func (p *person) Size() (int, int) { return 80, 0 }
func (p *person) Terminal() bool   { return p.terminal }
func (p *person) Close() error     { return nil }

// play runs a prompt with typed lines.
func play(t *testing.T, p *person, target string) (string, error) {
	t.Helper()
	d := &dialer.Dialer{Options: engine.Options{Timeouts: engine.UniformTimeouts(20 * time.Second)}}
	defer d.Close()
	err := repl.Run(t.Context(), repl.Options{
		Dialer: d, Target: target, Show: transcript.TextOptions{ContentLines: -1}, School: school(d), Lua: &host{d}, Scripts: scripts.Names(),
		Script: func(string) luabind.Options { return luabind.Options{Library: all.Library(), Lib: scripts.Library()} },
		ReadScript: func(name string) (string, []byte, error) {
			s, ok := scripts.Lookup(name)
			if !ok {
				return "", nil, errors.New("there is no script " + name)
			}
			return name + ".lua", s.Source, nil
		},
		Secret: func(_ context.Context, source string) (string, error) {
			if source != "example" {
				return "", errors.New("there is no secret " + source)
			}
			return "ann-secret", nil
		},
		In: func(c line.Complete) (line.Reader, error) { p.complete = c; return p, nil },
	})
	return p.out.String(), err
}

// host gives Lua access to the test.
type host struct{ d *dialer.Dialer }

func (h *host) Print(string)                                         {}
func (h *host) Var(string) (string, bool)                            { return "", false }
func (h *host) Secret(context.Context, string) (string, bool, error) { return "", false, nil }
func (h *host) Getenv(string) string                                 { return "" }
func (h *host) Sandbox(t string) (*sandbox.Server, error)            { return h.d.ServerOf(t) }
func (h *host) Server() string                                       { return "" }
func (h *host) Options() engine.Options                              { return h.d.Options }
func (h *host) Target() string                                       { return h.d.Resolve("") }
func (h *host) Dial(ctx context.Context, target string, change func(*engine.Options, *engine.Target)) (*engine.Session, error) {
	return h.d.Dial(ctx, target, change)
}

// school is the course without a progress file.
func school(d *dialer.Dialer) *lessons.School {
	progress, err := lessons.OpenProgress("")
	if err != nil {
		panic(err)
	}
	return &lessons.School{
		Progress: progress,
		VM:       func(string) *luabind.VM { return luabind.New(&host{d}, luabind.Options{Library: all.Library()}) },
	}
}

func lines(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") }

func TestEveryExampleRuns(t *testing.T) {
	cmds := repl.Commands()
	if len(cmds) < 9 {
		t.Fatalf("only %d commands", len(cmds))
	}
	names := map[string]bool{}
	for _, c := range cmds {
		for _, n := range c.Names {
			if names[n] {
				t.Errorf(":%s is in the table twice", n)
			}
			names[n] = true
		}
		if c.Summary == "" || c.Detail == "" || c.Group == "" || strings.HasSuffix(c.Summary, ".") {
			t.Errorf(":%s: summary %q, detail %q, group %q", c.Names[0], c.Summary, c.Detail, c.Group)
		}
		if c.Example == "" {
			if c.Names[0] != "edit" { // it needs a terminal: see the pty tests
				t.Errorf(":%s has no example", c.Names[0])
			}
			continue
		}
		if !strings.Contains(c.Example, ":"+c.Names[0]) {
			t.Errorf(":%s: the example %q does not use it", c.Names[0], c.Example)
		}
		t.Run(c.Names[0], func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := os.WriteFile("letter.eml", []byte("Subject: hi\n\nhello\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			p := &person{typed: lines(c.Example)}
			if strings.HasSuffix(c.Example, "ann@sandbox.test") || strings.Contains(c.Example, "ann@sandbox.test\n:") {
				p.terminal, p.secrets = true, []string{"ann-secret"} // the prompt asks for the password
			}
			out, err := play(t, p, "sandbox:plain")
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			if p.terminal && !strings.Contains(out, "235 ") {
				t.Errorf("nobody is logged in:\n%s", out)
			}
		})
	}
}

func TestTerminalSession(t *testing.T) {
	p := &person{terminal: true, secrets: []string{"abcdefghijklmnop", "wrong"}, typed: lines(`EHLO me
STARTTLS
EHLO me
AUTH PLAIN
alice@gmail.com
MAIL FROM:<alice@gmail.com>
RCPT TO:<bob@example.com>
DATA
Subject: hi
.dot
^C
.
:foo
nonsense
^C
 NOOP leading space
QUIT
NOOP
:reconnect
EHLO me
:login
:q`)}
	out, err := play(t, p, "sandbox:gmail")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"sandbox:gmail no TLS> EHLO me\nS: 250-smtp.gmail.com", // the typed line is not repeated
		"sandbox:gmail no TLS> STARTTLS\nS: 220 2.0.0 Ready to start TLS\n*  TLS 1.3",
		"verified as smtp.gmail.com\nsandbox:gmail TLS> EHLO me",
		"user name (^C cancels): alice@gmail.com\npassword (not shown): \nC: AUTH PLAIN ********\nS: 235 2.7.0 Accepted\n" +
			"sandbox:gmail TLS alice@gmail.com> ",
		"alice@gmail.com rcpt 1> DATA\nS: 354 Go ahead",
		"data> ^C\n*  DATA cannot be canceled",
		"data> .\nS: 250 2.0.0 OK",
		"*  unknown command :foo\n   hint: :help lists the commands",
		"S: 502 5.5.1 Unrecognized command.",
		"*  connection closed after QUIT\nnot connected> NOOP\n*  not connected\n   hint: :reconnect",
		"sandbox:gmail no TLS> :login\n*  login: the server offers no AUTH mechanism\n   hint: send STARTTLS and EHLO first",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the screen lacks %q", want)
		}
	}
	if strings.Contains(out, "C: EHLO") || strings.Contains(out, "abcdefgh") || strings.Contains(out, "C: Subject") {
		t.Error("something is shown that should not be")
	}
	if t.Failed() {
		t.Log(out)
	}
}

func TestLogin(t *testing.T) {
	for _, tt := range []struct{ target, prelude, typed, secret, want string }{
		{"sandbox:plain/465", "EHLO me", ":login\nann@sandbox.test", "ann-secret", "C: AUTH SCRAM-SHA-256-PLUS ********"},
		{"sandbox:plain/465", "EHLO me", ":login login\nann@sandbox.test", "ann-secret", "S: 334 VXNlcm5hbWU6"},
		{"sandbox:plain/465", "EHLO me", ":login xoauth2\nann@sandbox.test", "token-of-ann", "S: 235"},
		{"sandbox:plain/465", "EHLO me", ":login anonymous\nme", "", "S: 235"},
		{"sandbox:plain/465", "EHLO me", "AUTH CRAM-MD5\nann@sandbox.test", "wrong", "S: 535"},
		{"sandbox:plain/465", "EHLO me", ":login gssapi", "", "unsupported mechanism gssapi"},
		{"sandbox:plain/465", "EHLO me", ":login\n^C", "", "nothing was sent"},
	} {
		p := &person{terminal: true, secrets: []string{tt.secret}, typed: append(lines(tt.prelude), lines(tt.typed)...)}
		out, err := play(t, p, tt.target)
		if err != nil || !strings.Contains(out, tt.want) {
			t.Errorf("%q: want %q, got %v\n%s", tt.typed, tt.want, err, out)
		}
		if tt.secret != "" && strings.Contains(out, tt.secret) {
			t.Errorf("the secret is on the screen:\n%s", out)
		}
	}
}

func TestSecretsStayOutOfTheHistory(t *testing.T) {
	p := &person{terminal: true, typed: lines("EHLO me\nAUTH PLAIN AGFubkBzYW5kYm94LnRlc3QAYW5uLXNlY3JldA==\nRSET\nauth_is_no_verb")}
	out, err := play(t, p, "sandbox:plain/465")
	if err != nil || !strings.Contains(out, "S: 235") {
		t.Fatalf("%v\n%s", err, out)
	}
	kept := strings.Join(p.kept, "|")
	if kept != "EHLO me|RSET|auth_is_no_verb" {
		t.Errorf("kept %q", kept)
	}
	p = &person{typed: lines("EHLO me\nAUTH LOGIN\nYW5uQHNhbmRib3gudGVzdA==\nYW5uLXNlY3JldA==\nNOOP")}
	if out, err := play(t, p, "sandbox:plain/465"); err != nil || strings.Contains(out, "YW5uL") {
		t.Errorf("%v\n%s", err, out)
	}
	if kept := strings.Join(p.kept, "|"); strings.Contains(kept, "YW5u") {
		t.Errorf("kept %q", kept)
	}
}

func TestBdat(t *testing.T) {
	head := "EHLO me\nMAIL FROM:<a@example.org>\nRCPT TO:<bob@sandbox.test>\n"
	out, err := play(t, &person{typed: lines(head + "BDAT 14 LAST\nSubject: x\n\nQUIT")}, "sandbox:plain")
	if err != nil || !strings.Contains(out, "C: BDAT 14 LAST\nC: Subject: x\nC: \nS: 250 2.0.0 message 1") {
		t.Errorf("%v\n%s", err, out)
	}
	_, err = play(t, &person{typed: lines(head + "BDAT 5 LAST\nSubject: x")}, "sandbox:plain")
	var input *repl.InputError
	if !errors.As(err, &input) || !strings.Contains(err.Error(), "the lines have 12") {
		t.Errorf("%v", err)
	}
	out, err = play(t, &person{typed: lines(head + "BDAT 0\nBDAT 0 LAST\nQUIT")}, "sandbox:plain")
	if err != nil || strings.Count(out, "S: 250 2.0.0") != 2 {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestLMTPShowsEveryReply(t *testing.T) {
	out, err := play(t,
		&person{
			typed: lines("LHLO me\nMAIL FROM:<a@example.org>\nRCPT TO:<ann@sandbox.test>\nRCPT TO:<over-quota@sandbox.test>\nDATA\nx\n.\nNOOP"),
		},
		"sandbox:lmtp")
	var refused *repl.ReplyError
	if !errors.As(err, &refused) || refused.Reply.Code != 452 || !strings.Contains(out, "S: 250 2.0.0 message 1 accepted\n*  reply for "+
		"ann@sandbox.test\nS: 452 4.2.2") || !strings.Contains(err.Error(),
		"message for over-quota@sandbox.test") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestCompletion(t *testing.T) {
	p := &person{terminal: true, typed: lines("EHLO me")}
	if _, err := play(t, p, "sandbox:plain/465"); err != nil {
		t.Fatal(err)
	}
	for before, want := range map[string]string{
		"": "EHLO ", "st": "starttls ", "St": "STARTTLS ", "M": "MAIL FROM:<",
		"mail ": "FROM:<", "rcpt t": "TO:<", ":": ":help ", ":cap": ":caps ",
		":explain CHU": "CHUNKING ", ":open sandbox:l": "sandbox:lmtp ",
		"AUTH SCRAM-SHA-256-": "SCRAM-SHA-256-PLUS ", ":help ca": "caps ",
	} {
		pr := p.complete(before)
		got, word := pr.Candidates, pr.Word
		found := false
		for _, c := range got {
			found = found || c == want
		}
		if !found || word != len(before)-strings.LastIndexByte(before, ' ')-1 {
			t.Errorf("%q: %q (%d), want %q among them", before, got, word, want)
		}
	}
}

func TestConnectErrors(t *testing.T) {
	if _, err := play(t, &person{}, "127.0.0.1:1"); !errors.Is(err, engine.ErrDial) {
		t.Errorf("%v", err)
	}
}

func TestCancelEndsTheLoop(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d := &dialer.Dialer{}
	defer d.Close()
	err := repl.Run(ctx, repl.Options{Dialer: d, Target: "sandbox:plain", In: func(line.Complete) (line.Reader, error) {
		return line.NewPiped(strings.NewReader("NOOP\n"), io.Discard), nil
	}})
	if !errors.Is(err, engine.ErrCanceled) && !errors.Is(err, context.Canceled) && err == nil {
		t.Errorf("%v", err)
	}
}

func ExampleRun() {
	d := &dialer.Dialer{}
	defer d.Close()
	typed := "EHLO me\n:expect 503\nDATA\nQUIT\n"
	err := repl.Run(context.Background(), repl.Options{
		Dialer: d, Target: "sandbox:plain", Show: transcript.TextOptions{Quiet: true},
		In: func(line.Complete) (line.Reader, error) {
			return line.NewPiped(strings.NewReader(typed), io.Discard), nil
		},
	})
	fmt.Println("ended with", err)
	// Output: ended with <nil>
}
