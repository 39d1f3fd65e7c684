package testscripts

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"smtpsh/internal/cli"
)

var block = regexp.MustCompile("(?ms)^```(lua|smtp|lua rules|lua lesson|lua load)\n(.*?)^```$")

// TestGuides runs every piece of Lua and every dialogue of the guides and the README that
// needs no server of the reader.
func TestGuides(t *testing.T) {
	files, err := filepath.Glob("../docs/guide/*.md")
	if err != nil || len(files) < 3 {
		t.Fatalf("%d guides (%v)", len(files), err)
	}
	ran := 0
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range block.FindAllStringSubmatch(string(text), -1) {
			ran++
			name := strings.TrimSuffix(filepath.Base(f), ".md") + "-" + string(rune('a'+i))
			t.Run(name, func(t *testing.T) { example(t, m[1], m[2]) })
		}
	}
	if ran < 10 {
		t.Fatalf("only %d examples", ran)
	}
}

func example(t *testing.T, kind, text string) {
	dir := t.TempDir()
	write := func(name string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var args []string
	out := &until{stop: func() {}}
	switch {
	case kind == "smtp":
		args = []string{"test", write("x.smtp"), "--out", "", "--server", "sandbox:plain"}
	case kind == "lua rules":
		args = []string{"sandbox", "--profile", "plain", "--script", write("rules.lua")}
		out.word, out.stop = "^C stops", cancel // it serves until it is stopped
	case kind == "lua load":
		args = []string{"load", write("x.lua"), "--server", "sandbox:plain", "--messages", "5", "--sessions", "2"}
	case kind == "lua lesson":
		args = []string{"learn", "--check", write("lesson.lua")}
	case strings.Contains(text, "it("):
		args = []string{"test", write("x_test.lua"), "--out", "", "--server", "sandbox:plain"}
	default:
		args = []string{"run", write("x.lua"), "--server", "sandbox:plain"}
	}
	code := cli.Main(cli.World{Args: args, Stdin: strings.NewReader(""), Stdout: out, Stderr: out, Context: ctx,
		Getenv: func(string) string { return "" }, Terminal: func(any) bool { return false }})
	if code != 0 {
		t.Fatalf("status %d\n%s\n%s", code, text, out.String())
	}
}

// until stores the output, and stops the program when a word occurs.
type until struct {
	mu   sync.Mutex
	b    bytes.Buffer
	word string
	stop func()
}

func (u *until) Write(p []byte) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.b.Write(p)
	if u.word != "" && strings.Contains(u.b.String(), u.word) {
		u.stop()
	}
	return len(p), nil
}

func (u *until) String() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.b.String()
}
