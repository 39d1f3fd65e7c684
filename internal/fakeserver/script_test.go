package fakeserver_test

import (
	"bufio"
	"io"
	"net"
	"testing"

	"smtpsh/internal/fakeserver"
)

func TestScript(t *testing.T) {
	c, err := net.Dial("tcp", fakeserver.Script(t, `
		S: 220 hi
		C: EHLO
		S> 250 \e[m\r\n
		C> 3
		C* .
		S: 250 ok`).String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	in := bufio.NewReader(c)
	for _, step := range []struct{ send, want string }{
		{"", "220 hi\r\n"}, {"EHLO me\r\n", "250 \x1b[m\r\n"}, {"abc\r\n.\r\n", "250 ok\r\n"},
	} {
		io.WriteString(c, step.send) //nolint:errcheck // the reply shows it
		if got, err := in.ReadString('\n'); got != step.want {
			t.Fatalf("%q: got %q, %v", step.send, got, err)
		}
	}
	if _, err := in.ReadByte(); err != io.EOF {
		t.Errorf("the end of the script: %v", err)
	}
}
