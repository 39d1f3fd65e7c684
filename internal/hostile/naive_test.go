package hostile_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

// naive sends a message like a client without protections: it reads lines of any length,
// checks only the first digit, prints what it receives, and never checks for further
// replies.
func naive(addr, helo, from, to, message string) int {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return 1
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(20 * time.Second))  //nolint:errcheck // the naive client ignores errors
	r := bufio.NewReader(io.LimitReader(c, 100<<20)) // it would continue for ever on this machine
	read := func() (string, bool) {
		for {
			line, err := r.ReadString('\n')
			fmt.Println(strings.TrimRight(line, "\r\n"))
			if err != nil {
				return "", false
			}
			if len(line) < 4 || line[3] != '-' {
				return line, true
			}
		}
	}
	say := func(line string) bool {
		fmt.Fprintf(c, "%s\r\n", line)
		reply, ok := read()
		return ok && strings.HasPrefix(reply, "2") || ok && strings.HasPrefix(reply, "3")
	}
	if _, ok := read(); !ok {
		return 1
	}
	ok := true
	for _, line := range []string{"EHLO " + helo, "MAIL FROM:<" + from + ">", "RCPT TO:<" + to + ">", "DATA", message + "\r\n."} {
		ok = say(line) && ok
	}
	say("QUIT")
	if !ok {
		fmt.Fprintln(os.Stderr, "refused")
		return 1
	}
	return 0
}
