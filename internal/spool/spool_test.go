package spool_test

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"smtpsh/internal/spool"
)

func TestFileIsReadAndDeleted(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir)
	s, err := spool.Fill(t.Context(), strings.NewReader("hello"), 5)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(io.NewSectionReader(s, 1, s.Size()-1))
	if err != nil || string(b) != "ello" {
		t.Errorf("%q %v", b, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}

func TestLimitAndEnd(t *testing.T) {
	var full *spool.FullError
	if _, err := spool.Fill(t.Context(), strings.NewReader("hello!"), 5); !errors.As(err, &full) || full.Limit != 5 {
		t.Errorf("beyond the limit: %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("it is over")
	cancel(reason)
	broken := io.MultiReader(strings.NewReader("he"), errReader{})
	if _, err := spool.Fill(ctx, broken, 5); !errors.Is(err, reason) {
		t.Errorf("at the end of the context: %v", err)
	}
	t.Setenv("TMPDIR", t.TempDir()+"/missing")
	t.Setenv("TMP", t.TempDir()+"/missing")
	if _, err := spool.New(5); err == nil {
		t.Error("a file was created in a folder that does not exist")
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errors.New("broken") }
