package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// world has what the contestants need: built programs, servers, files.
type world struct {
	dir     string
	smtpsh  string
	limit   string
	empty   string
	scripts string
	sink    string // address of smtp-sink
	chunks  string // address of a sink for BDAT
	sandbox string // address of the sandbox, with STARTTLS
	ca      string
	big     string // a file of text with CRLF
	text    string // a file of text with LF
	small   string // a small message
	tests   string // a folder of test files
	started []*exec.Cmd
}

// bigMiB is the size of the large message.
const bigMiB = 256

func (w *world) prepare(ctx context.Context) error {
	scripts, err := filepath.Abs("bench/scripts")
	if err == nil {
		_, err = os.Stat(scripts)
	}
	if err != nil {
		return fmt.Errorf("run bench from the top directory of the sources: %w", err)
	}
	w.scripts = scripts
	w.smtpsh, w.limit, w.empty = filepath.Join(w.dir, "smtpsh"), filepath.Join(w.dir, "limit"), filepath.Join(w.dir, "empty")
	source := filepath.Join(w.dir, "empty.go")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		return err
	}
	for _, b := range [][2]string{{w.smtpsh, "./cmd/smtpsh"}, {w.limit, "./bench/limit"}, {w.empty, source}} {
		cmd := exec.CommandContext(ctx, "go", "build", "-o", b[0], b[1])
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("go build %s: %w\n%s", b[1], err, out)
		}
	}
	w.big = filepath.Join(w.dir, "big.txt")
	if err := writeBig(w.big, "\r\n"); err != nil {
		return err
	}
	w.text = filepath.Join(w.dir, "text.txt")
	if err := writeBig(w.text, "\n"); err != nil {
		return err
	}
	w.small = filepath.Join(w.dir, "small.txt")
	if err := os.WriteFile(w.small, []byte("Subject: hello\r\n\r\nhello\r\n"), 0o600); err != nil {
		return err
	}
	if err := w.writeTests(); err != nil {
		return err
	}
	if err := w.startSink(ctx); err != nil {
		return err
	}
	ln, err := chunkSink()
	if err != nil {
		return err
	}
	w.chunks = ln.Addr().String()
	return w.startSandbox(ctx)
}

// writeBig writes the large message piece by piece: memory of this process would count as
// memory of the programs that it starts.
func writeBig(path, end string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	piece := bytes.Repeat([]byte(strings.Repeat("x", 64-len(end))+end), 1024)
	if _, err := f.WriteString("Subject: big" + end + end); err != nil { // the client send requires a header
		return err
	}
	for range bigMiB << 20 / len(piece) {
		if _, err := f.Write(piece); err != nil {
			return err
		}
	}
	return f.Close()
}

// writeTests writes a hundred files with ten tests each.
func (w *world) writeTests() error {
	w.tests = filepath.Join(w.dir, "tests")
	if err := os.Mkdir(w.tests, 0o700); err != nil {
		return err
	}
	test := "  it('test %d', function()\n    local s = smtp.connect()\n    s:ehlo('client.test'):expect(250)\n    " +
		"s:mail('ann@sandbox.test'):expect('2xx|5xx')\n    s:quit():expect(221)\n  end)\n"
	for file := range 100 {
		var b strings.Builder
		b.WriteString("describe('a server', function()\n")
		for n := range 10 {
			fmt.Fprintf(&b, test, n)
		}
		b.WriteString("end)\n")
		if err := os.WriteFile(filepath.Join(w.tests, fmt.Sprintf("t%02d_test.lua", file)), []byte(b.String()), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// find returns the path of a tool, also in /usr/sbin if that is not in the path.
func find(name string) string {
	for _, try := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(try); err == nil {
			return path
		}
	}
	return ""
}

// startSink starts smtp-sink, which accepts and discards all mail.
func (w *world) startSink(ctx context.Context) error {
	sink := find("smtp-sink")
	if sink == "" {
		return fmt.Errorf("smtp-sink is missing: apt-get install postfix")
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	w.sink = ln.Addr().String()
	ln.Close()
	args := []string{"-m", "20000", w.sink, "10000"}
	if os.Geteuid() == 0 {
		args = append([]string{"-u", "nobody"}, args...)
	}
	if err := w.start(exec.CommandContext(ctx, sink, args...)); err != nil {
		return err
	}
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", w.sink); err == nil {
			c.Close()
			return nil
		}
	}
	return fmt.Errorf("smtp-sink does not listen on %s", w.sink)
}

// startSandbox starts a sandbox, for TLS and logins.
func (w *world) startSandbox(ctx context.Context) error {
	w.ca = filepath.Join(w.dir, "ca.pem")
	cmd := exec.CommandContext(ctx, w.smtpsh, "sandbox", "--profile", "plain", "--ca-file", w.ca, "--quiet")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := w.start(cmd); err != nil {
		return err
	}
	sc := bufio.NewScanner(out)
	for sc.Scan() {
		if f := strings.Fields(sc.Text()); len(f) > 1 && f[0] == "submission" {
			w.sandbox = f[1]
			go func() {
				for sc.Scan() { // no other program reads it
				}
			}()
			return nil
		}
	}
	return fmt.Errorf("the sandbox has not reported its address")
}

func (w *world) start(cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	w.started = append(w.started, cmd)
	return nil
}

// close ends the servers.
func (w *world) close() {
	for _, cmd := range w.started {
		cmd.Process.Kill() //nolint:errcheck // it has ended
		cmd.Wait()         //nolint:errcheck // it was killed
	}
}
