package testscripts

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"smtpsh/engine/event"
	"smtpsh/internal/cli"
	"smtpsh/internal/sandbox"
)

// TestGuideHasTheCountsOfTheSuite: users of the submission suite must know how many
// messages it sends and how often it logs in with a wrong password, because servers can
// lock the account. The numbers in the guide are checked here.
func TestGuideHasTheCountsOfTheSuite(t *testing.T) {
	var mu sync.Mutex
	refused := 0
	srv, err := sandbox.Start(sandbox.Options{Profile: "gmail", Observe: func(sandbox.ConnInfo) event.Observer {
		return event.Func(func(e *event.Event) {
			if e.Kind == event.LineSent && strings.HasPrefix(string(e.Data), "535") {
				mu.Lock()
				defer mu.Unlock()
				refused++
			}
		})
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, srv.CA(), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if status := cli.Main(cli.World{
		Args: []string{"test", "submission", "--out", "", "--server", srv.Addr("submission"), "--sni", "smtp.gmail.com", "--ca", ca,
			"--var", "user=alice@gmail.com", "--secret", "pass=@env:PASS", "--var", "rcpt=bob@gmail.com"},
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
		Getenv:   func(name string) string { return map[string]string{"PASS": "abcdefghijklmnop"}[name] },
		Terminal: func(any) bool { return false },
	}); status != 0 {
		t.Fatalf("status %d\n%s", status, out.String())
	}
	guide, err := os.ReadFile("../docs/guide/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Join(strings.Fields(string(guide)), " ")
	for _, m := range srv.Messages() {
		for _, to := range m.Rcpts {
			if to.Address != "bob@gmail.com" {
				t.Errorf("unexpected recipient of a message: %s", to.Address)
			}
		}
	}
	mu.Lock()
	defer mu.Unlock()
	for _, want := range []string{
		fmt.Sprintf("delivers %d messages", len(srv.Messages())),
		fmt.Sprintf("%d of its logins are rejected", refused),
	} {
		if !strings.Contains(words, want) {
			t.Errorf("docs/guide/testing.md lacks %q", want)
		}
	}
}
