package line_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"smtpsh/repl/line"
)

func TestPipedLines(t *testing.T) {
	long := strings.Repeat("x", 100000)
	r := line.NewPiped(strings.NewReader("one\r\ntwo\n\n\x00\xff\n"+long+"\nlast"), io.Discard)
	for _, want := range []string{"one", "two", "", "\x00\xff", long, "last"} {
		if got, err := r.ReadLine("> "); err != nil || got != want {
			t.Fatalf("got %.40q, %v, want %.40q", got, err, want)
		}
	}
	if _, err := r.ReadLine("> "); err != io.EOF {
		t.Fatalf("at the end: %v", err)
	}
	if r.Terminal() {
		t.Error("a pipe is reported as a terminal")
	}
	if _, err := r.Password("? "); err == nil {
		t.Error("read a password from a pipe")
	}
}

// A byte order mark is removed from the first line, and the check for it does not block.
func TestPipedLinesSkipByteOrderMark(t *testing.T) {
	for text, want := range map[string]string{"\ufeffNOOP\r\n": "NOOP", "\xef\xbb\n": "\xef\xbb", "\xefabc\n": "\xefabc"} {
		if got, err := line.NewPiped(strings.NewReader(text), io.Discard).ReadLine(""); err != nil || got != want {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
	r, w := io.Pipe()
	go w.Write([]byte("\n")) // no more bytes before it is read
	if got, err := line.NewPiped(r, io.Discard).ReadLine(""); err != nil || got != "" {
		t.Errorf("an empty line: got %q, %v", got, err)
	}
}

func TestRejectsLineBeyondMaxLine(t *testing.T) {
	r := line.NewPiped(&endless{}, io.Discard)
	if _, err := r.ReadLine(""); !errors.Is(err, line.ErrTooLong) {
		t.Fatalf("%v", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func ExampleNewPiped() {
	r := line.NewPiped(strings.NewReader("EHLO me\r\nQUIT\n"), os.Stdout)
	for {
		text, err := r.ReadLine("> ") // a pipe shows no prompt
		if err != nil {
			break
		}
		r.Print("C: " + text + "\n")
	}
	// Output:
	// C: EHLO me
	// C: QUIT
}
