package logfile_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/secret"
	"smtpsh/internal/logfile"
	"smtpsh/transcript"
)

func TestForms(t *testing.T) {
	line := &event.Event{Kind: event.LineSent, Time: time.Unix(1, 0), Data: []byte("AUTH PLAIN abcd\r\n"),
		Secrets: []secret.Span{{From: 11, To: 15}}}
	for _, tt := range []struct {
		name    string
		options logfile.Options
		want    string
	}{
		{"a.log", logfile.Options{}, "C: AUTH PLAIN ********\n"},
		{"a.log", logfile.Options{JSON: true}, `"data":"AUTH PLAIN ********`},
		{"a.JSONL", logfile.Options{}, `"data":"AUTH PLAIN ********`},
		{"a.jsonl", logfile.Options{Text: transcript.TextOptions{ShowSecrets: true}}, `"data":"AUTH PLAIN abcd`},
	} {
		path := filepath.Join(t.TempDir(), tt.name)
		for range 2 { // it appends
			f, err := logfile.Open(t.Context(), path, tt.options)
			if err != nil {
				t.Fatal(err)
			}
			f.Observe(line)
			if f.Name() != path {
				t.Errorf("the name is %s", f.Name())
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil || strings.Count(string(got), tt.want) != 2 {
			t.Errorf("%s, %+v: %q, %v", tt.name, tt.options, got, err)
		}
	}
}

func TestCloseReportsFailedWrite(t *testing.T) {
	const full = "/dev/full"
	if _, err := os.Stat(full); err != nil {
		if runtime.GOOS == "linux" {
			t.Fatal(err)
		}
		t.Skip("no " + full)
	}
	f, err := logfile.Open(t.Context(), full, logfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f.Observe(&event.Event{Kind: event.LineSent, Data: []byte("NOOP\r\n")})
	if f.Close() == nil {
		t.Error("no error")
	}
}
