package repl_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"smtpsh/engine"
	"smtpsh/internal/advice"
	"smtpsh/internal/dialer"
	"smtpsh/internal/inspect"
	"smtpsh/internal/nearby"
	"smtpsh/internal/sandbox"
	"smtpsh/repl"
	"smtpsh/repl/line"
	"smtpsh/transcript"
)

// elsewhere types lines at a prompt that treats a sandbox as one in another process.
func elsewhere(t *testing.T, d *dialer.Dialer, target string, at inspect.Address, text string) (string, error) {
	t.Helper()
	p := &typist{&person{}, strings.Split(text, "\n")}
	err := repl.Run(t.Context(), repl.Options{
		Dialer: d, Target: target, Show: transcript.TextOptions{ContentLines: -1}, Lua: &host{d}, Inspect: at, KeepGoing: true,
		In: func(line.Complete) (line.Reader, error) { return p, nil },
	})
	return p.out.String(), err
}

// TestReadsMailboxesOfAnotherProcess reads a sandbox over the network. Its address comes
// from the options, from :set inspect, or from its record.
func TestReadsMailboxesOfAnotherProcess(t *testing.T) {
	srv, err := sandbox.Start(sandbox.Options{Profile: "plain"})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	token := inspect.NewToken()
	look, err := inspect.Listen("127.0.0.1:0", token, srv)
	if err != nil {
		t.Fatal(err)
	}
	defer look.Close()
	at := inspect.Address{Token: token, Host: look.Addr().String()}
	roots := func() *dialer.Dialer {
		d := &dialer.Dialer{Options: engine.Options{}}
		d.Options.TLS.RootCAs = srv.Roots()
		return d
	}
	target := srv.Addr("mx")
	letter := "EHLO me\nMAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\nDATA\nSubject: \x1b[31mred\x07\n\n\x1b]0;title\x07hello\n.\n"
	out, err := elsewhere(t, roots(), target, at, letter+":mailbox\n:mailbox 1\n:accounts\n:set inspect")
	for _, want := range []string{
		`bytes: \x1b[31mred\x07`, "*  RCPT TO:<bob@sandbox.test>",
		`\x1b]0;title\x07hello`, "ann@sandbox.test", "token token-of-ann", at.Host,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not shown: %v\n%s", want, err, out)
		}
	}
	if strings.ContainsAny(out, "\x1b\x07") || strings.Contains(out, token) {
		t.Errorf("control characters or the token are shown:\n%q", out)
	}
	// after :set inspect the token is neither shown nor saved
	saved := t.TempDir() + "/x.txt"
	out, err = elsewhere(t, roots(), target, inspect.Address{},
		":set inspect "+at.String()+"\n:mailbox\n:set inspect\nNOOP "+token+"\n:save "+saved+"\n:set inspect off\n:set inspect")
	b, _ := os.ReadFile(saved)
	if !strings.Contains(out, "32 bytes") && !strings.Contains(out, "bytes: ") || strings.Contains(out, token) || len(b) == 0 ||
		strings.Contains(string(b),
			token) {
		t.Errorf("%v\n%s\n%s", err, out, b)
	}
	for text, want := range map[string]string{
		":set inspect nonsense": "must be TOKEN@HOST:PORT",
		":mailbox 9":            "message 9 does not exist",
		":mailbox x":            "message x does not exist",
	} {
		if _, err := elsewhere(t, roots(), target, at, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	wrongToken := inspect.Address{Token: inspect.NewToken(), Host: at.Host}
	if _, err := elsewhere(t, roots(), target, wrongToken, ":mailbox"); err == nil || !strings.Contains(err.Error(), "wrong token") {
		t.Errorf("%v", err)
	}
	if _, err := elsewhere(t, &dialer.Dialer{}, target, at, ":mailbox"); err == nil ||
		advice.Hint(err, advice.Prompt) != "add --ca FILE with the CA certificate of the sandbox" {
		t.Errorf("%v, hint: %s", err, advice.Hint(err, advice.Prompt))
	}
	if _, err := elsewhere(t, roots(), target, inspect.Address{}, ":mailbox"); err == nil ||
		!strings.Contains(err.Error(), "this session is not connected to the sandbox") {
		t.Errorf("%v", err)
	}

	// a sandbox of this user on this machine is found without an option
	dir := t.TempDir()
	for i, shown := range []string{"", at.String()} {
		withdraw, err := nearby.Announce(dir,
			nearby.Record{Profile: "plain", Listens: nearby.Loopback(append(srv.Listens(), look.Addr())...), CA: string(srv.CA()), Inspect: shown})
		if err != nil {
			t.Skip(err) // this system has no records
		}
		d := &dialer.Dialer{Nearby: &nearby.Finder{Dir: dir}}
		out, err := elsewhere(t, d, target, inspect.Address{}, ":accounts\nSTARTTLS\n:mailbox")
		if !strings.Contains(out, "ann-secret") || !strings.Contains(out, "verified as 127.0.0.1") {
			t.Errorf("%d: %v\n%s", i, err, out)
		}
		if ok := strings.Contains(out, "bytes"); ok != (shown != "") ||
			!ok && (err == nil || !strings.Contains(fmt.Sprint(err), "without --inspect")) {
			t.Errorf("%d: %v\n%s", i, err, out)
		}
		withdraw()
	}
}
