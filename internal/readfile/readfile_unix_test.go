//go:build unix

package readfile_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"smtpsh/internal/readfile"
)

// hang is a limit that no step may reach; it is not a measurement.
const hang = 20 * time.Second

// within fails a test whose function does not return.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { f(); close(done) }()
	select {
	case <-done:
	case <-time.After(hang):
		t.Fatalf("%s: nothing has happened for %v", what, hang)
	}
}

// world makes a folder with a file of every kind. The FIFO has no writer.
func world(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "rf") // short, because of the limit for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	at := func(name string) string { return filepath.Join(dir, name) }
	l, err := net.Listen("unix", at("socket"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	for _, err := range []error{
		os.WriteFile(at("file"), []byte("hello"), 0o600),
		os.WriteFile(at("large"), []byte(strings.Repeat("x", 101)), 0o600),
		os.WriteFile(at("full"), []byte(strings.Repeat("x", 100)), 0o600),
		os.Symlink("file", at("link")),
		os.Mkdir(at("folder"), 0o700),
		syscall.Mkfifo(at("fifo"), 0o600),
		os.Symlink("fifo", at("link-to-fifo")),
		os.Symlink("/dev/zero", at("link-to-zero")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestKinds opens every kind with both rules. A refusal must come at once: the context
// never ends.
func TestKinds(t *testing.T) {
	dir := world(t)
	for _, c := range []struct{ name, regular, streams string }{
		{"file", "hello", "hello"},
		{"link", "hello", "hello"},
		{"full", strings.Repeat("x", 100), strings.Repeat("x", 100)},
		{"large", "larger than 100 bytes", "larger than 100 bytes"},
		{"folder", "is a directory", "is a directory"},
		{"fifo", "not a regular file: it is a pipe", ""}, // it would wait
		{"link-to-fifo", "not a regular file: it is a pipe", ""},
		{"socket", "not a regular file: it is a socket", "not a regular file: it is a socket"},
		{"link-to-zero", "not a regular file: it is a device", "larger than 100 bytes"},
		{"nothing", "no such file", "no such file"},
	} {
		for _, streams := range []bool{false, true} {
			want := c.regular
			if streams {
				want = c.streams
			}
			if want == "" {
				continue
			}
			within(t, c.name, func() {
				b, err := readfile.Read(t.Context(), filepath.Join(dir, c.name), readfile.Rule{Limit: 100, Streams: streams})
				if got := string(b); err != nil && !strings.Contains(err.Error(), want) || err == nil && got != want {
					t.Errorf("%s, streams %v: %.20q, %v; want %.30s", c.name, streams, got, err, want)
				}
			})
		}
	}
}

// TestInAFolder reads through a root: only regular files, and nothing outside.
func TestInAFolder(t *testing.T) {
	dir := world(t)
	outside := filepath.Join(t.TempDir(), "secret")
	if err := errors.Join(os.WriteFile(outside, []byte("secret"), 0o600), os.Symlink(outside, filepath.Join(dir, "out"))); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, want := range map[string]string{
		"file": "hello", "link": "hello", "large": "larger than 100 bytes", "folder": "is a directory", "fifo": "it is a pipe",
		"link-to-fifo": "it is a pipe", "out": "escapes", "../x": "escapes", outside: "escapes", "nothing": "no such file",
	} {
		within(t, name, func() {
			b, err := readfile.In(t.Context(), root, name, 100)
			if err != nil && !strings.Contains(err.Error(), want) || err == nil && string(b) != want {
				t.Errorf("%s: %q, %v; want %s", name, b, err, want)
			}
		})
	}
}

// TestContextEndsWait interrupts reads that wait for a writer, for more data of a writer, and for
// standard input.
func TestContextEndsWait(t *testing.T) {
	dir := world(t)
	fifo := filepath.Join(dir, "fifo")
	rule := readfile.Rule{Limit: 100, Streams: true}
	cause := errors.New("that is enough")
	for name, read := range map[string]func(context.Context) error{
		"no writer": func(ctx context.Context) error { _, err := readfile.Read(ctx, fifo, rule); return err },
		"silent writer": func(ctx context.Context) error {
			_, err := readfile.Read(ctx, filepath.Join(dir, "second"), rule)
			return err
		},
		"open already": func(ctx context.Context) error {
			r, w, err := os.Pipe()
			if err != nil {
				return err
			}
			t.Cleanup(func() { w.Close(); r.Close() })
			_, err = readfile.All(ctx, r, "standard input", 100)
			return err
		},
	} {
		if name == "silent writer" {
			if err := syscall.Mkfifo(filepath.Join(dir, "second"), 0o600); err != nil {
				t.Fatal(err)
			}
			w, err := os.OpenFile(filepath.Join(dir, "second"), os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
		}
		ctx, stop := context.WithCancelCause(t.Context())
		within(t, name, func() {
			got := make(chan error)
			go func() { got <- read(ctx) }()
			stop(cause)
			if err := <-got; !errors.Is(err, cause) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// TestReadsFIFO reads from a writer that comes later, and too much data.
func TestReadsFIFO(t *testing.T) {
	dir := world(t)
	fifo := filepath.Join(dir, "fifo")
	for text, want := range map[string]string{
		"hello": "", strings.Repeat("x", 100): "",
		strings.Repeat("x", 101): "larger than 100 bytes", "": "",
	} {
		within(t, text, func() {
			go func() {
				w, err := os.OpenFile(fifo, os.O_WRONLY, 0)
				if err == nil {
					io.WriteString(w, text)
					w.Close()
				}
			}()
			b, err := readfile.Read(t.Context(), fifo, readfile.Rule{Limit: 100, Streams: true})
			switch {
			case want == "" && (err != nil || string(b) != text):
				t.Errorf("%q: %q, %v", text, b, err)
			case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
				t.Errorf("%q: %v", text, err)
			}
		})
	}
}

// endless never ends, as /dev/zero does.
type endless struct{ read int }

func (e *endless) Read(b []byte) (int, error) { e.read += len(b); return len(b), nil }

// TestAll reads open files with a limit.
func TestAll(t *testing.T) {
	e := &endless{}
	_, err := readfile.All(t.Context(), e, "standard input", 1<<20)
	var size *readfile.SizeError
	if !errors.As(err, &size) || size.Limit != 1<<20 || e.read > 2<<20 {
		t.Errorf("%v after %d bytes", err, e.read)
	}
	if b, err := readfile.All(t.Context(), strings.NewReader("hello"), "text", 5); string(b) != "hello" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
	broken := errors.New("broken")
	if _, err := readfile.All(t.Context(), io.MultiReader(strings.NewReader("x"), failing{broken}), "text", 5); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestStreamKnowsItsFile checks the file information of Open, and closes early.
func TestStreamKnowsItsFile(t *testing.T) {
	s, err := readfile.Open(t.Context(), filepath.Join(world(t), "file"), readfile.Rule{Limit: 100})
	if err != nil || s.Info.Size() != 5 || s.Info.Mode()&fs.ModeType != 0 {
		t.Fatalf("%v, %v", s, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := s.Read(make([]byte, 1)); err == nil {
		t.Error("a closed stream was read")
	}
}
