package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

// TestAnswers: an answer is one line of limited length, the last one may have no end, and the
// end of the context ends the wait.
func TestAnswers(t *testing.T) {
	for _, tt := range []struct{ name, in, want, wrong string }{
		{"a line", "bob@x.org\r\nmore\n", "bob@x.org", ""},
		{"the end of the input", "bob@x.org", "bob@x.org", ""},
		{"an empty line", "\n", "", ""},
		{"no line", "", "", "no answer on standard input"},
		{"a line without an end", strings.Repeat("x", 2*maxAnswer), "", "more than 65536 bytes"},
	} {
		got, err := answerLine(t.Context(), bufio.NewReaderSize(strings.NewReader(tt.in), maxAnswer))
		if got != tt.want || tt.wrong == "" && err != nil || tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)) {
			t.Errorf("%s: %q, %v", tt.name, got, err)
		}
	}
	r, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := answerLine(ctx, bufio.NewReader(r)); !errors.Is(err, context.Canceled) {
		t.Errorf("after ^C: %v", err)
	}
}
