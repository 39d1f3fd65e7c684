package sandbox_test

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"smtpsh/engine/event"
	"smtpsh/internal/sandbox"
)

// limited starts a server with little memory and returns a function that returns its notices.
func limited(t *testing.T, o sandbox.Options) (*sandbox.Server, func() string) {
	t.Helper()
	var mu sync.Mutex
	var lines []string
	o.Profile = "plain"
	o.Notice = func(text string) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, text)
	}
	s, err := sandbox.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, func() string {
		mu.Lock()
		defer mu.Unlock()
		return strings.Join(lines, "\n")
	}
}

// eventually waits up to 20 s until a condition is true.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not true after 20 s: %s", what)
		}
	}
}

const toBob = "C: MAIL FROM:<a@example.org>\nS: 250\nC: RCPT TO:<bob@sandbox.test>\nS: 250\n"

// TestMemoryOfIncompleteMessages leaves a large message unfinished and sends another one. It
// sends that again after the first client has closed its connection.
func TestMemoryOfIncompleteMessages(t *testing.T) {
	s, notices := limited(t, sandbox.Options{Memory: 7 << 19, Forget: true})
	text := strings.Repeat(strings.Repeat("x", 76)+"\r\n", 20000) // 1.5 MiB
	first, second := dial(t, s, "mx"), dial(t, s, "mx")
	first.dialogue(s, "S: 220\nC: EHLO x\nS: 250\n"+toBob+"C: DATA\nS: 354")
	first.write(text)
	eventually(t, "the message takes memory", func() bool { n, _ := s.Used(); return n > 1500<<10 })
	second.dialogue(s, "S: 220\nC: EHLO x\nS: 250\n"+toBob+"C: DATA\nS: 354")
	second.write(text + ".\r\n")
	if r := second.reply(); !strings.HasPrefix(r, "452 4.3.1") {
		t.Fatalf("a message without memory: %s", r)
	}
	second.dialogue(s,
		toBob+"C: BDAT 1600000\nC> "+strings.Repeat("x", 1600000)+"\nS: 452 4.3.1\nC: BDAT 1 LAST\nC> x\nS: 503\nC: RSET\nS: 250")
	first.nc.Close()
	eventually(t, "its memory is given back", func() bool { n, _ := s.Used(); return n < 100<<10 })
	second.dialogue(s, toBob+"C: DATA\nS: 354")
	second.write(text + ".\r\n")
	if r := second.reply(); !strings.HasPrefix(r, "250") {
		t.Errorf("with memory: %s", r)
	}
	if got := notices(); !strings.Contains(got, "the memory limit of 3 MiB is reached") || strings.Count(got, "\n") != 0 {
		t.Errorf("unexpected notices:\n%s", got)
	}
}

// TestMemoryOfEnvelopes adds recipients to transactions until there is no memory left.
func TestMemoryOfEnvelopes(t *testing.T) {
	s, _ := limited(t, sandbox.Options{Memory: 1 << 20, Forget: true})
	rcpt := "RCPT TO:<bob@sandbox.test>" + strings.Repeat(" ", 11000) + "\r\n" // The spaces stay in memory with the address.
	c := dial(t, s, "mx")
	c.dialogue(s, "S: 220\nC: EHLO x\nS: 250\nC: MAIL FROM:<a@example.org>\nS: 250")
	for n := range 200 {
		c.write("RCPT TO:<bob@sandbox.test> NOTIFY=NEVER" + strings.Repeat(" ", 11000) + "ORCPT=rfc822;a@b.example\r\n")
		if r := c.reply(); strings.HasPrefix(r, "452 4.3.1") {
			c.dialogue(s, "C: RSET\nS: 250\nC: MAIL FROM:<a@example.org>\nS: 250")
			c.write(rcpt)
			if r := c.reply(); !strings.HasPrefix(r, "250") {
				t.Errorf("after RSET: %s", r)
			}
			return
		} else if !strings.HasPrefix(r, "250") || n == 199 {
			t.Fatalf("recipient %d: %s", n, r)
		}
	}
}

// TestMemoryOfConnections opens connections until there is no memory for more.
func TestMemoryOfConnections(t *testing.T) {
	s, notices := limited(t, sandbox.Options{Memory: 3*sandbox.ConnCost + 1000, Forget: true})
	var open []*rawClient
	for range 3 {
		c := dial(t, s, "mx")
		c.dialogue(s, "S: 220")
		open = append(open, c)
	}
	dial(t, s, "mx").dialogue(s, "S: 421 4.3.2\nS: closed")
	open[0].dialogue(s, "C: EHLO x\nS: 250\nC: STARTTLS\nS: 454 4.7.0\nC: QUIT\nS: 221")
	eventually(t, "the memory is given back", func() bool { n, _ := s.Used(); return n == 2*sandbox.ConnCost })
	dial(t, s, "mx").dialogue(s, "S: 220")
	if got := notices(); strings.Count(got, "limit of") != 1 {
		t.Errorf("unexpected notices:\n%s", got)
	}
}

// TestMemoryOfHandshakes begins a TLS handshake that is larger than the memory.
func TestMemoryOfHandshakes(t *testing.T) {
	s, notices := limited(t, sandbox.Options{Memory: sandbox.ConnCost + sandbox.TLSCost + 40<<10, Forget: true})
	c := dial(t, s, "submission")
	c.dialogue(s, "S: 220\nC: EHLO x\nS: 250\nC: STARTTLS\nS: 220")
	record := append([]byte{22, 3, 1, 0x3f, 0xff}, make([]byte, 0x3fff)...)
	copy(record[5:], []byte{1, 0, 0xf0, 0}) // a ClientHello of 61440 bytes
	for range 3 {
		c.nc.Write(record) //nolint:errcheck // The server may have closed the connection.
	}
	c.r.ReadString('\n') //nolint:errcheck // The server closes the connection.
	eventually(t, "the notice is reported", func() bool { return strings.Contains(notices(), "the memory limit") })
	eventually(t, "the memory is given back", func() bool { n, _ := s.Used(); return n == 0 })
}

// TestMemoryOfLogins answers a challenge with a response that exceeds the memory limit.
func TestMemoryOfLogins(t *testing.T) {
	s, _ := limited(t, sandbox.Options{Memory: sandbox.ConnCost + sandbox.TLSCost + 50<<10, Forget: true})
	long := b64(strings.Repeat("x", 9000))
	c := dial(t, s, "submissions")
	c.dialogue(s, "S: 220\nC: EHLO x\nS: 250\nC: AUTH LOGIN\nS: 334\nC: "+long+"\nS: 334\nC: "+long+"\nS: 454 4.7.0")
	c.dialogue(s,
		"C: AUTH LOGIN\nS: 334\nC: "+long+"\nS: 334\nC: *\nS: 501\nC: AUTH PLAIN "+b64("\x00ann@sandbox.test\x00ann-secret")+"\nS: 235")
	eventually(t, "the memory is given back", func() bool { n, _ := s.Used(); return n == sandbox.ConnCost+sandbox.TLSCost })
}

// TestOldestMessagesAreDropped fills the memory with messages, so that new messages drop the oldest.
func TestOldestMessagesAreDropped(t *testing.T) {
	s, notices := limited(t, sandbox.Options{Memory: 2 << 20, Forget: true})
	c := dial(t, s, "mx")
	c.dialogue(s, "S: 220\nC: EHLO x\nS: 250")
	for range 30 {
		c.dialogue(s, toBob+"C: BDAT 300000 LAST\nC> "+strings.Repeat("x", 300000)+"\nS: 250")
	}
	msgs := s.Messages()
	accepted, dropped := s.Counts()
	if accepted != 30 || len(msgs)+dropped != 30 || len(msgs) < 2 || msgs[len(msgs)-1].ID != 30 {
		t.Errorf("%d accepted, %d dropped, %d kept", accepted, dropped, len(msgs))
	}
	if used, _ := s.Used(); used > 2<<20 {
		t.Errorf("%d bytes are in use", used)
	}
	s.Close() // Close reports the remaining counts.
	if got := notices(); !strings.HasPrefix(got, "the limit of 2 MiB on memory is reached: the oldest messages are dropped") ||
		!strings.Contains(got, fmt.Sprintf("... and %d more: kept messages", dropped-1)) {
		t.Errorf("unexpected notices:\n%s", got)
	}
}

// TestLargeMessagesAreInFiles sends messages that are larger than Options.Spill.
func TestLargeMessagesAreInFiles(t *testing.T) {
	dir := t.TempDir()
	var mu sync.Mutex
	var seen bytes.Buffer
	s, _ := limited(t,
		sandbox.Options{Memory: 1 << 20, Spill: 64 << 10, TempDir: dir, Forget: true, Observe: func(sandbox.ConnInfo) event.Observer {
			return event.Func(func(e *event.Event) {
				if e.Content {
					mu.Lock()
					defer mu.Unlock()
					seen.Write(e.Data)
				}
			})
		}})
	var text strings.Builder
	text.WriteString("Subject: large\r\n\r\n")
	for i := range 50000 {
		fmt.Fprintf(&text, "line %d of a message that is larger than the memory of the server\r\n", i)
	}
	want := text.String()
	c := dial(t, s, "mx")
	c.dialogue(s, "S: 220\nC: EHLO x\nS: 250\n"+toBob+"C: DATA\nS: 354")
	c.write(want + ".\r\n")
	c.dialogue(s, "S: 250\n"+toBob)
	for rest, n := want, 0; n < 3; n++ {
		part := rest[:len(want)/3]
		last := ""
		if rest = rest[len(part):]; n == 2 {
			part, last = part+rest, " LAST"
		}
		c.write(fmt.Sprintf("BDAT %d%s\r\n%s", len(part), last, part))
		c.dialogue(s, "S: 250")
	}
	mu.Lock()
	if seen.String() != want+want {
		t.Errorf("the observer saw %d bytes of %d", seen.Len(), 2*len(want))
	}
	mu.Unlock()
	for _, m := range s.Messages() {
		got, err := m.Content()
		if err != nil || string(got) != want || m.Size() != int64(len(want)) || m.Data != nil || m.Subject() != "large" {
			t.Errorf("message %d: %d bytes of %d, data %d, subject %q, %v", m.ID, len(got), len(want), len(m.Data), m.Subject(), err)
		}
	}
	if used, disk := s.Used(); used > 100<<10 || disk < 2*int64(len(want)) {
		t.Errorf("%d bytes of memory and %d of files are in use", used, disk)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || runtime.GOOS != "windows" && len(entries) > 0 {
		t.Errorf("files that have a name: %v, %v", entries, err)
	}
	s.Close()
	if _, disk := s.Used(); disk != 0 {
		t.Errorf("%d bytes of files are in use", disk)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("temporary files remain: %v, %v", entries, err)
	}
}

// TestTemporaryFilesAreLimited sends more large messages than fit into temporary files. Then
// it leaves messages unfinished until there is no room for another one.
func TestTemporaryFilesAreLimited(t *testing.T) {
	s, notices := limited(t, sandbox.Options{Memory: 1 << 20, Spill: 8 << 10, Disk: 8 << 20, TempDir: t.TempDir(), Forget: true})
	large := strings.Repeat(strings.Repeat("x", 62)+"\r\n", 1000)
	c := dial(t, s, "mx")
	c.dialogue(s, "S: 220\nC: EHLO x\nS: 250")
	send := func() string {
		c.dialogue(s, toBob+"C: DATA\nS: 354")
		c.write(large + ".\r\n")
		return c.reply()
	}
	for range 10 {
		if r := send(); !strings.HasPrefix(r, "250") {
			t.Fatal(r)
		}
	}
	if msgs := s.Messages(); len(msgs) != 4 || msgs[0].ID != 7 {
		t.Errorf("%d messages are kept", len(msgs))
	}
	gone := s.Messages()[0]
	for range 4 {
		under := dial(t, s, "mx")
		under.dialogue(s, "S: 220\nC: EHLO x\nS: 250\n"+toBob+"C: DATA\nS: 354")
		under.write(large)
	}
	eventually(t, "they are in files", func() bool { return len(s.Messages()) == 0 })
	if _, err := gone.Content(); err == nil || !strings.Contains(err.Error(), "dropped") {
		t.Errorf("a message that was dropped: %v", err)
	}
	if r := send(); !strings.HasPrefix(r, "452 4.3.1") {
		t.Errorf("without room: %s", r)
	}
	if got := notices(); !strings.Contains(got, "limit of 8 MiB on temporary files") ||
		!strings.Contains(got, "did not fit into temporary files") {
		t.Errorf("unexpected notices:\n%s", got)
	}
}

// TestMissingTemporaryFolder checks that a message that cannot be stored is rejected.
func TestMissingTemporaryFolder(t *testing.T) {
	s, _ := limited(t, sandbox.Options{Spill: 8 << 10, TempDir: t.TempDir() + "/no/such", Forget: true})
	c := dial(t, s, "mx")
	c.dialogue(s, "S: 220\nC: EHLO x\nS: 250\n"+toBob+"C: DATA\nS: 354")
	c.write(strings.Repeat(strings.Repeat("x", 62)+"\r\n", 1000) + ".\r\n")
	c.dialogue(s, "S: 452 4.3.1\n"+toBob+"C: DATA\nS: 354\nC: small\nC: .\nS: 250")
	if n := len(s.Messages()); n != 1 {
		t.Errorf("%d messages", n)
	}
	if _, disk := s.Used(); disk != 0 {
		t.Errorf("%d bytes of files are in use", disk)
	}
}

// TestCommandsAreRememberedWithinBounds sends long commands to a server that records them
// and to one that does not.
func TestCommandsAreRememberedWithinBounds(t *testing.T) {
	for _, forget := range []bool{true, false} {
		s, _ := limited(t, sandbox.Options{Forget: forget})
		c := dial(t, s, "mx")
		c.dialogue(s, "S: 220")
		noop := "NOOP " + strings.Repeat("x", 12000) + "\r\n"
		for range 30 {
			c.write(strings.Repeat(noop, 100))
			for range 100 {
				c.reply()
			}
		}
		used, _ := s.Used()
		if n := len(s.Commands()); forget && (n > 0 || used > 100<<10) || !forget && (n < 1000 || n > 2000 || used > 17<<20) {
			t.Errorf("forget %v: %d commands are recorded in %d bytes", forget, n, used)
		}
	}
}

// TestReservedMemoryIsReleased runs all kinds of sessions, ends them in all ways, and checks that no memory stays in use.
func TestReservedMemoryIsReleased(t *testing.T) {
	s, _ := limited(t, sandbox.Options{Memory: 8 << 20, Spill: 32 << 10, TempDir: t.TempDir(), Forget: true})
	large := strings.Repeat(strings.Repeat("x", 62)+`\r\n`, 3000) // as a dialogue writes it
	hello := "S: 220\nC: EHLO x\nS: 250\n"
	for _, text := range []string{
		"S: 220\nC: QUIT\nS: 221\nS: closed",
		hello + toBob + "C: RSET\nS: 250\n" + toBob,
		hello + toBob + "C: EHLO x\nS: 250\nC: STARTTLS!\nC: EHLO x\nS: 250\n" + toBob + "C: DATA\nS: 354\nC: half",
		hello + toBob + "C: BDAT 192000\nC> " + large + "\nS: 250\nC: RSET\nS: 250",
		hello + toBob + "C: BDAT 192000\nC> " + large + "\nS: 250\nC: BDAT 3\nC> x",
		hello + toBob + "C: DATA\nS: 354\nC> " + large,
		hello + toBob + "C: DATA\nS: 354\nC> a\\nb\\r\\n.\\r\\n\nS: 554",
		hello + "C: MAIL FROM:<a@example.org>\nS: 250\nC: RCPT TO:<spam@sandbox.test>\nS: 250\nC: DATA\nS: 354\nC> " + large + ".\\r\\n\nS: 550",
		hello + "C: MAIL FROM:<a@example.org> SIZE=1\nS: 250\nC: MAIL FROM:<a@example.org>\nS: 503",
	} {
		c := dial(t, s, "submission")
		c.dialogue(s, text)
		c.nc.Close()
	}
	eventually(t, "nothing is taken", func() bool {
		memory, disk := s.Used()
		return memory == 0 && disk == 0
	})
}

// TestMessageThatCannotBeSavedIsRejected checks that a message is rejected and not kept if Received fails.
func TestMessageThatCannotBeSavedIsRejected(t *testing.T) {
	full := false
	for profile, answer := range map[string]string{"plain": "S: 452 4.3.1", "lmtp": "S: 452 4.3.1\nS: 550 5.7.1\nS: 452 4.3.1"} {
		s, err := sandbox.Start(sandbox.Options{Profile: profile, Forget: true, Received: func(sandbox.Message) error {
			if full {
				return os.ErrPermission
			}
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		full = true
		c := dial(t, s, "")
		verb, more := "EHLO", ""
		if profile == "lmtp" {
			verb, more = "LHLO", "C: RCPT TO:<spam@sandbox.test>\nS: 250\nC: RCPT TO:<ann@sandbox.test>\nS: 250\n"
		}
		c.dialogue(s, "S: 220\nC: "+verb+" x\nS: 250\n"+toBob+more+"C: DATA\nS: 354\nC: x\nC: .\n"+answer+"\nC: NOOP\nS: 250")
		if n := len(s.Messages()); n > 0 {
			t.Errorf("%s: %d messages are kept", profile, n)
		}
		full = false
		c.dialogue(s, toBob+"C: DATA\nS: 354\nC: x\nC: .\nS: 250")
		if n := len(s.Messages()); n != 1 {
			t.Errorf("%s: %d messages are kept", profile, n)
		}
		c.nc.Close()
		eventually(t, "only the message is taken", func() bool { n, _ := s.Used(); return n < 2000 })
		s.Close()
	}
}
