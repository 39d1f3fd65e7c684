package cli

import (
	"bytes"
	"strings"
	"testing"

	"smtpsh/internal/exit"
)

// An unknown shell gets no text on standard output that could be installed as a script.
func TestCompletionOfAnUnknownShell(t *testing.T) {
	for _, tt := range []struct {
		args   string
		status int
		out    string // beginning of standard output
		errs   []string
	}{
		{"completion bahs", exit.Usage, "", []string{`unknown shell "bahs"`, "hint: supported shells: bash, fish, powershell, zsh"}},
		{"completion BASH", exit.Usage, "", []string{`"BASH"`}},
		{"completion help", exit.Usage, "", []string{`"help"`}},
		{"completion bahs zsh", exit.Usage, "", []string{`"bahs"`}},
		{"completion zsh bash", exit.Usage, "", []string{`unexpected argument "bash"`, "hint: usage: smtpsh completion zsh"}},
		{"completion zsh --nope", exit.Usage, "", []string{"unknown flag: --nope"}},
		{"completion", exit.OK, "completion prints a script", nil},
		{"completion --help", exit.OK, "completion prints a script", nil},
		{"completion bash --help", exit.OK, "Generate the autocompletion script", nil},
		{"completion bash", exit.OK, "# bash completion", nil},
		{"completion zsh", exit.OK, "#compdef smtpsh", nil},
		{"completion fish", exit.OK, "# fish completion", nil},
		{"completion powershell", exit.OK, "# powershell completion", nil},
	} {
		var out, errs bytes.Buffer
		status := Main(World{Args: strings.Fields(tt.args), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
			Getenv: func(string) string { return "" }, Terminal: func(any) bool { return false }})
		if status != tt.status || !strings.HasPrefix(out.String(), tt.out) || tt.out == "" && out.Len() > 0 {
			t.Errorf("%s: status %d, %.60q", tt.args, status, out.String())
		}
		for _, want := range tt.errs {
			if !strings.Contains(errs.String(), want) {
				t.Errorf("%s: lacks %q: %q", tt.args, want, errs.String())
			}
		}
	}
}

// The shell gets the same completions as before for words that need no change.
func TestCompletionProposes(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for _, tt := range []struct {
		words []string
		want  string
	}{
		{[]string{"__complete", "ru"}, "run\t"},
		{[]string{"__completeNoDesc", "ru"}, "run\n"},
		{[]string{"__complete", "run", "gmail"}, "gmail-send\n"},
		{[]string{"--quiet", "__complete", "run", "gmail"}, "gmail-send\n"},
		{[]string{"__complete", "completion", ""}, "fish\t"},
		{[]string{"__complete", "sandbox", "--profile", "gma"}, "gmail\n"},
		{[]string{"__complete", "sandbox", "--var", "a=" + long, "--var", "b=\x1b", "--profile", "gma"}, "gmail\n"},
		{append(append([]string{"__complete", "test"}, strings.Fields(strings.Repeat("a_test.lua ", 500))...), "subm"), "submission\n"},
		{[]string{"__complete", "run", "--tim"}, "--timeout\t"},
	} {
		var out bytes.Buffer
		status := Main(World{Args: tt.words, Stdin: strings.NewReader(""), Stdout: &out, Stderr: new(bytes.Buffer),
			Getenv: func(string) string { return "" }, Terminal: func(any) bool { return false }})
		if status != exit.OK || !strings.Contains(out.String(), tt.want) {
			t.Errorf("%.80q: status %d, %q", tt.words, status, out.String())
		}
	}
}

// Only the words of a completion request are changed.
func TestOtherCommandLinesAreNotChanged(t *testing.T) {
	a := &app{World: World{Getenv: func(string) string { return "" }}}
	root := a.root()
	for _, args := range [][]string{
		{"run", "x", "\x1b" + strings.Repeat("y", 500)},
		{"run", "x", "__complete", "\x1b"},
		{"--server", "__complete", "run", "\x1b"},
		{"complete", "\x1b"}, {"\x1b"}, {}, nil,
	} {
		if got := askedToComplete(root, args); strings.Join(got, "\n") != strings.Join(args, "\n") {
			t.Errorf("%q: %q", args, got)
		}
	}
}
