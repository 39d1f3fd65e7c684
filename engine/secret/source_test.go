package secret_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"smtpsh/engine/secret"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]secret.Source{
		"@prompt":        {Kind: secret.Prompt},
		"@env:PASS":      {Kind: secret.Env, Arg: "PASS"},
		"@file:/a:b c":   {Kind: secret.File, Arg: "/a:b c"},
		"@netrc:a@b":     {Kind: secret.Netrc, Arg: "a@b"},
		"@cmd:pass a:b ": {Kind: secret.Program, Arg: "pass a:b "},
	} {
		got, err := secret.Parse(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%q: got %+v, %q, %v", text, got, got, err)
		}
	}
	const sources = "@prompt, @env:X, @file:PATH, @cmd:COMMAND or @netrc:HOST"
	for _, text := range []string{
		"", "hunter2", "@hunter2", "env:hunter2", "@ENV:hunter2", "@env", "@env:",
		"@file:", "@cmd", "@envhunter2:x",
	} {
		_, err := secret.Parse(text)
		if !errors.Is(err, secret.ErrSource) ||
			strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), sources) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestReaders(t *testing.T) {
	readers := secret.Readers{secret.Env: func(_ context.Context, name, arg string) (string, error) {
		return name + "=" + arg, nil
	}}
	if got, err := readers.Read(t.Context(), "pass", secret.Source{Kind: secret.Env, Arg: "X"}); got != "pass=X" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := readers.Read(t.Context(), "pass", secret.Source{Kind: secret.Prompt}); !errors.Is(err, secret.ErrSource) {
		t.Errorf("no reader: %v", err)
	}
}
