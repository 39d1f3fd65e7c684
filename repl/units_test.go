package repl

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/internal/advice"
	"smtpsh/internal/dialer"
)

func TestUnescape(t *testing.T) {
	for text, want := range map[string]string{
		`NOOP\r\n`: "NOOP\r\n", `a\\b`: `a\b`, `\x00\xfF\t\0`: "\x00\xff\t\x00", `é`: "é",
	} {
		if got, err := unescape(text); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		`a\`: "backslash at the end", `\x1`: "two hexadecimal", `\xzz`: "are not two",
		`\q`: `\q is no escape`, `\é`: `\é is no escape`,
	} {
		if _, err := unescape(text); err == nil || !strings.Contains(err.Error(), want) || advice.Hint(err, advice.Prompt) == "" {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestFields(t *testing.T) {
	for text, want := range map[string][]string{
		"":                 nil,
		" a  b ":           {"a", "b"},
		`"a b" c`:          {"a b", "c"},
		`'it "is"' x"y z"`: {`it "is"`, "xy z"},
		`""`:               {""},
	} {
		if got, err := fields(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	if _, err := fields(`"a`); err == nil {
		t.Error("accepted a missing closing quote")
	}
}

func TestWhereabouts(t *testing.T) {
	d := &dialer.Dialer{Options: engine.Options{Timeouts: engine.UniformTimeouts(20 * time.Second)}}
	defer d.Close()
	s, err := d.Dial(t.Context(), "sandbox:gmail", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	send := func(lines ...string) {
		t.Helper()
		for _, l := range lines {
			var err error
			if l == "STARTTLS" {
				_, err = s.StartTLS(context.Background())
			} else {
				_, err = s.Do(context.Background(), l)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, tt := range []struct {
		said []string
		want []string
	}{
		{
			nil,
			[]string{"[connect]──EHLO──MAIL──RCPT──DATA──.\n           ^ you are here", "waits for EHLO", "MAIL                  not before EHLO"},
		},
		{
			[]string{"EHLO me"},
			[]string{"[connect]──[EHLO]──STARTTLS──EHLO──MAIL──RCPT──DATA──.\n                   ^ you", "The connection is not " +
				"encrypted yet", "STARTTLS"},
		},
		{[]string{"STARTTLS"}, []string{"[connect]──[EHLO]──[STARTTLS]──EHLO──", "waits for EHLO"}},
		{[]string{"EHLO me"}, []string{"[EHLO]──[STARTTLS]──[EHLO]──AUTH──MAIL──", "Not logged in"}},
		{
			[]string{"AUTH PLAIN AGFsaWNlQGdtYWlsLmNvbQBhYmNkZWZnaGlqa2xtbm9w", "MAIL FROM:<alice@gmail.com>"},
			[]string{"[AUTH]──[MAIL]──RCPT──", "no recipient yet", "DATA                  not before RCPT"},
		},
		{[]string{"RCPT TO:<bob@example.com>"}, []string{"[RCPT]──DATA──.", "to <bob@example.com>: DATA, or more", "after this transaction"}},
		{[]string{"RCPT TO:<c@example.com>"}, []string{"several recipients"}},
	} {
		send(tt.said...)
		got := whereabouts(s, nil).draw()
		for _, w := range tt.want {
			if !strings.Contains(got, w) {
				t.Errorf("after %q: lacks %q\n%s", tt.said, w, got)
			}
		}
	}
}

func TestSettingsAreComplete(t *testing.T) {
	all := Settings()
	if len(all) < 7 {
		t.Fatalf("only %d settings", len(all))
	}
	for i, s := range all {
		if s.Name == "" || s.Values == "" || s.Summary == "" || len(s.Summary) > 58 || i > 0 && all[i-1].Name >= s.Name {
			t.Errorf("%+v", s)
		}
	}
}

// Lines with secrets must not be kept in the history.
func TestRecognizesLinesWithSecrets(t *testing.T) {
	for text, want := range map[string]bool{
		":raw AUTH PLAIN xyz\\r\\n": true, ":raw NOOP\\r\\n": false,
		":encode \\0ann\\0pw": true, ":decode AGFubg==": true,
		":login PLAIN ann @env:X": false,
		":lua s:auth{pass = 'x'}": true, ":lua print(1)": false, ":caps": false,
		":enc x": true, ":login PLAIN ann hunter2": true,
		":logn PLAIN ann hunter2": true,
	} {
		if secretCommand(text, false) != want {
			t.Errorf("%s: %v", text, !want)
		}
	}
	for text, want := range map[string]bool{"=s:auth{user='a', pass='b'}": true, "=s:noop()": false, "=token": true} {
		if secretLua(text) != want {
			t.Errorf("%s: %v", text, !want)
		}
	}
	if !secretCommand(`:raw YW5uLXNlY3JldA==\r\n`, true) {
		t.Error("the answer of a login typed by hand is kept")
	}
	for text, want := range map[string]bool{
		"AUTH PLAIN AGFubg==": true, "AUTH AGFubgBwdw==": true, "AUHT PLAIN AGFubg==": true, "AUT PLAIN x": true, "authh plain x": true,
		"AUTH PLAIN": false, "auth login": false, "NOOP x": false, "MAIL FROM:<auth@b>": false, "EHLO me": false,
	} {
		if isSecret(text) != want {
			t.Errorf("%s: %v", text, !want)
		}
	}
}
