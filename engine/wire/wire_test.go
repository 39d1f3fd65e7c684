package wire_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"smtpsh/engine/wire"
)

// splits calls f with the input as a whole, byte by byte and in halves: the division into
// packets must never matter.
func splits(t *testing.T, input string, f func(t *testing.T, r io.Reader)) {
	t.Run("whole", func(t *testing.T) { f(t, strings.NewReader(input)) })
	t.Run("bytes", func(t *testing.T) { f(t, iotest.OneByteReader(strings.NewReader(input))) })
	t.Run("halves", func(t *testing.T) { f(t, iotest.HalfReader(strings.NewReader(input))) })
	t.Run("data with error", func(t *testing.T) { f(t, iotest.DataErrReader(strings.NewReader(input))) })
}

func TestReadReply(t *testing.T) {
	small := wire.Limits{Line: 32, Reply: 64, Lines: 4}
	tests := []struct {
		name  string
		input string
		want  []string
		err   string // substring of the error that ends the reading
	}{
		{"one line", "250 ok\r\n", []string{"250 ok\r\n"}, "EOF"},
		{"bare code", "250\r\n250 \r\n", []string{"250\r\n", "250 \r\n"}, "EOF"},
		{"several lines", "250-a\r\n250-b\r\n250 c\r\n", []string{"250-a\r\n250-b\r\n250 c\r\n"}, "EOF"},
		{"bare code ends", "250-a\r\n250\r\n", []string{"250-a\r\n250\r\n"}, "EOF"},
		{"bare LF kept", "250 a\n250 b\r\n", []string{"250 a\n", "250 b\r\n"}, "EOF"},
		{"mixed codes stay together", "250-a\r\n550 b\r\n", []string{"250-a\r\n550 b\r\n"}, "EOF"},
		{"cut line", "250 o", nil, "unexpected EOF"},
		{"cut reply", "250-a\r\n", nil, "unexpected EOF"},
		{"no code", "hello\r\n", nil, `not a reply line: "hello\r\n"`},
		{"letters for digits", "2S0 ok\r\n", nil, "not a reply line"},
		{"four digits", "2500 ok\r\n", nil, "not a reply line"},
		{"empty line", "\r\n", nil, "not a reply line"},
		{"garbage within", "250-a\r\nhello\r\n250 b\r\n", nil, "not a reply line"},
		{"long line", "250 " + strings.Repeat("x", 40) + "\r\n", nil, "line is longer than 32 bytes"},
		{"endless line", strings.Repeat("2", 100000), nil, "line is longer than 32 bytes"},
		{"long reply", strings.Repeat("250-aaaaaaaaaaaaaaaaaa\r\n", 3) + "250 b\r\n", nil, "reply is longer than 64 bytes"},
		{"many lines", strings.Repeat("250-\r\n", 5), nil, "reply has more than 4 lines"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			splits(t, tt.input, func(t *testing.T, src io.Reader) {
				r := wire.NewReader(src, small)
				for i := 0; ; i++ {
					raw, err := r.ReadReply(nil)
					if err != nil {
						if i != len(tt.want) || !strings.Contains(err.Error(), tt.err) {
							t.Fatalf("reply %d: error %v, want %d replies and then %q", i+1, err, len(tt.want), tt.err)
						}
						return
					}
					if i >= len(tt.want) || string(raw) != tt.want[i] {
						t.Fatalf("reply %d: got %q, want %q", i+1, raw, tt.want)
					}
				}
			})
		})
	}
}

func TestLimitErrorsAreRecognised(t *testing.T) {
	r := wire.NewReader(strings.NewReader(strings.Repeat("x", 10000)), wire.Limits{})
	_, err := r.ReadLine()
	var limit *wire.LimitError
	if !errors.Is(err, wire.ErrLimit) || !errors.As(err, &limit) || limit.Limit != wire.DefaultLimits.Line {
		t.Fatalf("got %v, want a LimitError of the default line limit", err)
	}
}

func TestEachLineIsSeenAsItArrives(t *testing.T) {
	var seen []string
	r := wire.NewReader(strings.NewReader("250-a\r\n250 b\r\n"), wire.Limits{})
	if _, err := r.ReadReply(func(l []byte) { seen = append(seen, string(l)) }); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(seen, "|"); got != "250-a\r\n|250 b\r\n" {
		t.Fatalf("lines seen: %q", got)
	}
}

func TestReaderAllocatesNothingWhenWarm(t *testing.T) {
	one := "250-mx.example.org\r\n250-SIZE 1000\r\n250 PIPELINING\r\n"
	src := strings.NewReader(strings.Repeat(one, 2000))
	r := wire.NewReader(src, wire.Limits{})
	if _, err := r.ReadReply(nil); err != nil {
		t.Fatal(err)
	}
	n := testing.AllocsPerRun(1000, func() {
		if _, err := r.ReadReply(nil); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Fatalf("%v allocations a reply, want none", n)
	}
}

var textCases = []struct{ name, in, stuffed, plain string }{
	{"empty", "", "", ""},
	{"CRLF stays", "a\r\nb\r\n", "a\r\nb\r\n", "a\r\nb\r\n"},
	{"LF becomes CRLF", "a\nb\n", "a\r\nb\r\n", "a\r\nb\r\n"},
	{"CR becomes CRLF", "a\rb\r", "a\r\nb\r\n", "a\r\nb\r\n"},
	{"last line is ended", "a", "a\r\n", "a\r\n"},
	{"dots are stuffed", ".\n..\n.x\na.b\n", "..\r\n...\r\n..x\r\na.b\r\n", ".\r\n..\r\n.x\r\na.b\r\n"},
	{"LF dot LF", "x\n.\ny", "x\r\n..\r\ny\r\n", "x\r\n.\r\ny\r\n"},
	{"CR dot CR", "x\r.\ry", "x\r\n..\r\ny\r\n", "x\r\n.\r\ny\r\n"},
	{"CR CR LF", "x\r\r\n.\n", "x\r\n\r\n..\r\n", "x\r\n\r\n.\r\n"},
	{"dot at CR LF border", "x\r\n.\r\n", "x\r\n..\r\n", "x\r\n.\r\n"},
	{"NUL and high bytes", "a\x00\xff\n", "a\x00\xff\r\n", "a\x00\xff\r\n"},
}

func TestTextWriter(t *testing.T) {
	for _, tt := range textCases {
		t.Run(tt.name, func(t *testing.T) {
			splits(t, tt.in, func(t *testing.T, src io.Reader) {
				in, err := io.ReadAll(src)
				if err != nil {
					t.Fatal(err)
				}
				for _, stuff := range []bool{true, false} {
					want := tt.plain
					if stuff {
						want = tt.stuffed
					}
					for _, step := range []int{1, 2, 3, 1 << 20} {
						var out bytes.Buffer
						w := wire.NewTextWriter(&out, wire.Dots(stuff))
						for p := in; len(p) > 0; p = p[min(step, len(p)):] {
							if _, err := w.Write(p[:min(step, len(p))]); err != nil {
								t.Fatal(err)
							}
						}
						if err := w.Finish(); err != nil {
							t.Fatal(err)
						}
						if out.String() != want {
							t.Fatalf("stuff=%v step=%d: got %q, want %q", stuff, step, out.String(), want)
						}
						if w.Octets() != int64(len(tt.plain)) {
							t.Fatalf("bytes %d, want %d", w.Octets(), len(tt.plain))
						}
					}
				}
			})
		})
	}
}

func TestTextWriterLargeLines(t *testing.T) {
	in := strings.Repeat(strings.Repeat("x", 100000)+"\n.\n", 5)
	var out bytes.Buffer
	w := wire.NewTextWriter(&out, wire.StuffDots)
	if _, err := io.WriteString(w, in); err != nil {
		t.Fatal(err)
	}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(strings.ReplaceAll(in, "\n.\n", "\n..\n"), "\n", "\r\n")
	if out.String() != want {
		t.Fatal("large lines came out changed")
	}
}

// unstuff is the reader's side, written independently of the writer: it applies RFC 5321
// section 4.5.2 to a finished text and fails on any line end but CRLF.
func unstuff(t *testing.T, s string) string {
	var b strings.Builder
	for s != "" {
		line, rest, ok := strings.Cut(s, "\r\n")
		if !ok || strings.ContainsAny(line, "\r\n") {
			t.Fatalf("a line does not end in CRLF: %q", line)
		}
		if line == "." {
			t.Fatal("a lone dot inside the message")
		}
		b.WriteString(strings.TrimPrefix(line, "."))
		b.WriteString("\r\n")
		s = rest
	}
	return b.String()
}

func FuzzTextWriter(f *testing.F) {
	for _, tt := range textCases {
		f.Add([]byte(tt.in), 1)
	}
	f.Add([]byte("\r.\r\n.\n\r\n"), 2)
	plain := strings.Repeat(strings.Repeat("x", 30)+"\r\n", 20)
	for _, odd := range []string{"", ".\r\n", "\r", "\n", ".", "a\rb\r\n", "\r\n.\r\n"} {
		f.Add([]byte(plain+odd+plain), 1<<16)
		f.Add([]byte(odd+plain+odd+plain+odd), 700)
	}
	f.Fuzz(func(t *testing.T, in []byte, step int) {
		if step < 1 || step > 1<<16 {
			step = 7
		}
		var out bytes.Buffer
		w := wire.NewTextWriter(&out, wire.StuffDots)
		for p := in; len(p) > 0; p = p[min(step, len(p)):] {
			if _, err := w.Write(p[:min(step, len(p))]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Finish(); err != nil {
			t.Fatal(err)
		}
		want := strings.NewReplacer("\r\n", "\r\n", "\r", "\r\n", "\n", "\r\n").Replace(string(in))
		if want != "" && !strings.HasSuffix(want, "\r\n") {
			want += "\r\n"
		}
		if got := unstuff(t, out.String()); got != want {
			t.Fatalf("%q came back as %q, want %q", in, got, want)
		}
	})
}

// A message of any size in one piece is sent in blocks: each write has its own time limit,
// and between them an early reply is detected.
func TestTextLeavesInBlocks(t *testing.T) {
	for _, line := range []string{strings.Repeat("x", 62) + "\r\n", strings.Repeat("x", 200000) + "\r\n", "x\n", ".\r\n"} {
		var most largest
		w := wire.NewTextWriter(&most, wire.StuffDots)
		if _, err := w.Write([]byte(strings.Repeat(line, 1<<20/len(line)))); err != nil {
			t.Fatal(err)
		}
		if err := w.Finish(); err != nil || most > 64<<10 || most == 0 {
			t.Errorf("%.10q: %d bytes in one write, %v", line, most, err)
		}
	}
}

// largest is the size of the largest write.
type largest int

func (l *largest) Write(p []byte) (int, error) {
	*l = max(*l, largest(len(p)))
	return len(p), nil
}

func FuzzReadReply(f *testing.F) {
	f.Add([]byte("250 ok\r\n"))
	f.Add([]byte("250-a\r\n250 b\r\n354\r\n"))
	f.Add([]byte("250-a\n550 \x1b[2J\r\n\xff"))
	f.Add([]byte(strings.Repeat("250-\r\n", 3000)))
	f.Fuzz(func(t *testing.T, in []byte) {
		limits := wire.Limits{Line: 64, Reply: 256, Lines: 10}
		whole := readAll(wire.NewReader(bytes.NewReader(in), limits))
		split := readAll(wire.NewReader(iotest.OneByteReader(bytes.NewReader(in)), limits))
		if whole != split {
			t.Fatalf("packet borders matter:\n%q\n%q", whole, split)
		}
		if !strings.HasPrefix(string(in), strings.Split(whole, "\x00!")[0]) {
			t.Fatalf("bytes were changed: %q of %q", whole, in)
		}
	})
}

func readAll(r *wire.Reader) string {
	var b strings.Builder
	for {
		raw, err := r.ReadReply(nil)
		if err != nil {
			return b.String() + "\x00!" + err.Error()
		}
		b.Write(raw)
	}
}

// byHand reads only to the end of a reply. It is the comparison for the cost of the reader.
func byHand(r io.Reader, buf []byte) (int, error) {
	have := 0
	for {
		n, err := r.Read(buf[have:])
		if err != nil {
			return 0, err
		}
		have += n
		for at := 0; ; {
			i := bytes.IndexByte(buf[at:have], '\n')
			if i < 0 {
				break
			}
			if i >= 4 && buf[at+3] == ' ' {
				return at + i + 1, nil
			}
			at += i + 1
		}
	}
}

func BenchmarkReadReply(b *testing.B) {
	ehlo := "250-mx.example.org at your service\r\n250-SIZE 35882577\r\n250-8BITMIME\r\n250-STARTTLS\r\n" +
		"250-ENHANCEDSTATUSCODES\r\n250-PIPELINING\r\n250-CHUNKING\r\n250-DSN\r\n250-AUTH PLAIN LOGIN\r\n250 SMTPUTF8\r\n"
	for _, bb := range []struct{ name, reply string }{{"one line", "250 2.1.0 OK\r\n"}, {"EHLO", ehlo}} {
		b.Run(bb.name, func(b *testing.B) {
			src := &loop{data: []byte(bb.reply)}
			r := wire.NewReader(src, wire.Limits{})
			b.ReportAllocs()
			b.SetBytes(int64(len(bb.reply)))
			for b.Loop() {
				if _, err := r.ReadReply(nil); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(bb.name+", by hand", func(b *testing.B) {
			src, buf := &loop{data: []byte(bb.reply)}, make([]byte, 4096)
			b.ReportAllocs()
			b.SetBytes(int64(len(bb.reply)))
			for b.Loop() {
				if _, err := byHand(src, buf); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

type loop struct{ data []byte }

func (l *loop) Read(p []byte) (int, error) { return copy(p, l.data), nil }

func BenchmarkTextWriter(b *testing.B) {
	for name, line := range map[string]string{
		"ready": strings.Repeat("x", 70) + "\r\n", "LF": strings.Repeat("x", 71) + "\n",
		"dots": "." + strings.Repeat("x", 69) + "\r\n", "bare CR": strings.Repeat("x", 700) + "\r" + strings.Repeat("x", 699) + "\r\n",
	} {
		b.Run(name, func(b *testing.B) {
			text := bytes.Repeat([]byte(line), 64<<10/len(line))
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			w := wire.NewTextWriter(io.Discard, wire.StuffDots)
			for b.Loop() {
				if _, err := w.Write(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
