package engine_test

import (
	"bufio"
	"net"
	"testing"
	"time"

	"smtpsh/engine"
)

// Whatever follows the 220 to STARTTLS, in the same packet or instead of the handshake: TLS
// does not begin, and the data is not used.
func FuzzStartTLSSwitch(f *testing.F) {
	for _, s := range []string{
		"", "250 injected\r\n", "250-x\r\n250 AUTH PLAIN\r\n",
		"\x16\x03\x03\x00\x02\x01\x00", "\x15\x03\x03\x00\x02\x02\x28", "\x00", "2",
		"220 again\r\n", "\x16\x03\x01\xff\xff",
	} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, behind []byte, together bool) {
		client, server := net.Pipe()
		defer client.Close()
		go func() {
			defer server.Close()
			server.SetDeadline(time.Now().Add(10 * time.Second)) //nolint:errcheck // the test reports it
			r := bufio.NewReader(server)
			server.Write([]byte("220 x\r\n")) //nolint:errcheck // the test reports it
			r.ReadString('\n')                //nolint:errcheck // EHLO
			server.Write([]byte("250-x\r\n250 STARTTLS\r\n"))
			r.ReadString('\n') //nolint:errcheck // STARTTLS
			if together {
				server.Write(append([]byte("220 go\r\n"), behind...)) //nolint:errcheck // the test reports it
				return
			}
			server.Write([]byte("220 go\r\n")) //nolint:errcheck // the test reports it
			go r.ReadByte()                    //nolint:errcheck // the TLS ClientHello
			server.Write(behind)               //nolint:errcheck // the TLS ClientHello
		}()
		s, err := engine.New(t.Context(), client, engine.Target{Network: "tcp", Host: "x.test", Port: 25},
			engine.Options{Timeouts: engine.UniformTimeouts(5 * time.Second)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if _, err := s.Ehlo(t.Context(), "me"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.StartTLS(t.Context()); err == nil || s.TLS() != nil && s.TLS().Verified {
			t.Fatalf("%q behind the 220 made TLS: %v", behind, err)
		}
		if s.Has("AUTH") {
			t.Fatalf("%q was believed", behind)
		}
		if _, err := s.Noop(t.Context(), ""); err == nil {
			t.Fatalf("%q: the session went on", behind)
		}
	})
}
