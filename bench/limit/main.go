package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 3 && args[1] == "big" {
		return big(args[0], args[2], copyFile)
	}
	if len(args) == 3 && args[1] == "text" {
		return big(args[0], args[2], copyText)
	}
	if len(args) == 3 && args[1] == "login" {
		return login(args[0], args[2])
	}
	if len(args) == 4 && args[1] == "tls" {
		return handshakes(args[0], args[2], args[3])
	}
	if len(args) < 4 {
		return fmt.Errorf("usage: limit ADDRESS SESSIONS MESSAGES SIZE [pipelined|reconnect]")
	}
	var n [3]int
	for i := range n {
		var err error
		if n[i], err = strconv.Atoi(args[i+1]); err != nil {
			return err
		}
	}
	mode := ""
	if len(args) > 4 {
		mode = args[4]
	}
	var left atomic.Int64
	left.Store(int64(n[1]))
	var wg sync.WaitGroup
	errs := make(chan error, n[0])
	for range n[0] {
		wg.Go(func() {
			for left.Load() > 0 {
				if err := session(args[0], &left, content(n[2]), mode); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}

// content returns a message of about n bytes, with its final dot.
func content(size int) []byte {
	line := append(bytes.Repeat([]byte{'x'}, 62), "\r\n"...)
	return append(bytes.Repeat(line, size/len(line)), ".\r\n"...)
}

type client struct {
	net.Conn
	r *bufio.Reader
}

// open connects and sends EHLO.
func open(address string) (*client, error) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	cl := &client{c, bufio.NewReader(c)}
	if err = cl.replies(1); err == nil {
		err = cl.say([]byte("EHLO client.test\r\n"), 1)
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return cl, nil
}

// replies reads n replies and fails if one is not 2yz or 3yz.
func (c *client) replies(n int) error {
	for n > 0 {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) < 4 || line[0] != '2' && line[0] != '3' {
			return fmt.Errorf("%s", line)
		}
		if line[3] != '-' {
			n--
		}
	}
	return nil
}

func (c *client) say(b []byte, replies int) error {
	if _, err := c.Write(b); err != nil {
		return err
	}
	return c.replies(replies)
}

func session(address string, left *atomic.Int64, body []byte, mode string) error {
	c, err := open(address)
	if err != nil {
		return err
	}
	defer c.Close()
	mail, rcpt, data := []byte("MAIL FROM:<a@example.org>\r\n"), []byte("RCPT TO:<b@example.org>\r\n"), []byte("DATA\r\n")
	all := bytes.Join([][]byte{mail, rcpt, data}, nil)
	for left.Add(-1) >= 0 {
		if mode == "pipelined" {
			err = c.say(all, 3)
		} else if err = c.say(mail, 1); err == nil {
			if err = c.say(rcpt, 1); err == nil {
				err = c.say(data, 1)
			}
		}
		if err == nil {
			err = c.say(body, 1)
		}
		if err != nil {
			return err
		}
		if mode == "reconnect" {
			break
		}
	}
	return c.say([]byte("QUIT\r\n"), 1)
}

// copyFile copies bytes unchanged.
func copyFile(w io.Writer, r io.Reader) error {
	_, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{r}, make([]byte, 64<<10))
	return err
}

// copyText copies lines that end with LF: it writes CRLF, and adds a dot to lines that begin
// with one.
func copyText(w io.Writer, r io.Reader) error {
	in, out := bufio.NewReaderSize(r, 64<<10), bufio.NewWriterSize(w, 64<<10)
	for {
		line, err := in.ReadSlice('\n')
		if err == io.EOF {
			return out.Flush()
		}
		if err != nil {
			return err
		}
		if line[0] == '.' {
			out.WriteByte('.') //nolint:errcheck // Flush reports it
		}
		out.Write(line[:len(line)-1]) //nolint:errcheck // Flush reports it
		out.WriteString("\r\n")       //nolint:errcheck // Flush reports it
	}
}

// big sends a file with a simple copy loop.
func big(address, file string, send func(io.Writer, io.Reader) error) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	c, err := open(address)
	if err != nil {
		return err
	}
	defer c.Close()
	for _, line := range []string{"MAIL FROM:<a@example.org>\r\n", "RCPT TO:<b@example.org>\r\n", "DATA\r\n"} {
		if err := c.say([]byte(line), 1); err != nil {
			return err
		}
	}
	if err := send(c, f); err != nil {
		return err
	}
	if err := c.say([]byte(".\r\n"), 1); err != nil {
		return err
	}
	return c.say([]byte("QUIT\r\n"), 1)
}
