package pipe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// grace is the time that a program has to end after its input was closed. Then it is killed.
const grace = 2 * time.Second

// Starter starts programs. The zero value discards what they write to standard error.
type Starter struct {
	// Stderr receives the standard error of each program, unchanged; nil discards it. If it
	// has a method Flush, that is called after the end of each program.
	Stderr io.Writer
}

// Start starts a command with the shell (sh -c, on Windows cmd /c) and returns a connection
// to its standard input and output. Closing the connection closes the input, waits up to two
// seconds for the end of the program, and kills it with its child processes after that. The
// program also ends if it is still being started when ctx ends; later ctx has no effect. An
// error means that nothing was started. A command that does not exist is reported by the
// shell on standard error, and the connection ends at once.
func (s Starter) Start(ctx context.Context, command string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	childIn, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	out, childOut, err := os.Pipe()
	if err != nil {
		childIn.Close()
		in.Close()
		return nil, err
	}
	cmd := exec.Command("sh", "-c", command)
	if runtime.GOOS == "windows" {
		cmd = exec.Command("cmd", "/c", command)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = childIn, childOut, s.Stderr
	cmd.WaitDelay = grace
	ownGroup(cmd)
	err = cmd.Start()
	childIn.Close()
	childOut.Close()
	if err != nil {
		in.Close()
		out.Close()
		return nil, fmt.Errorf("cannot start %s: %w", command, err)
	}
	c := &conn{in: in, out: out, cmd: cmd, addr: addr(command), ended: make(chan struct{})}
	go func() {
		cmd.Wait() //nolint:errcheck // the status of the program says nothing about the session
		if f, ok := s.Stderr.(interface{ Flush() }); ok {
			f.Flush()
		}
		close(c.ended)
	}()
	return c, nil
}

// conn is the connection to a program.
type conn struct {
	in, out *os.File
	cmd     *exec.Cmd
	addr    addr
	ended   chan struct{} // closed after the end of the program
	once    sync.Once
}

func (c *conn) Read(b []byte) (int, error) {
	n, err := c.out.Read(b)
	return n, c.failure("read", err)
}

func (c *conn) Write(b []byte) (int, error) {
	n, err := c.in.Write(b)
	return n, c.failure("write", err)
}

// failure returns an error as a network connection has it. crypto/tls continues after a wait
// that timed out only if the error is a temporary [net.Error], which that of a file is not.
func (c *conn) failure(op string, err error) error {
	var pe *fs.PathError
	if !errors.As(err, &pe) {
		return err
	}
	return &net.OpError{Op: op, Net: "pipe", Addr: c.addr, Err: pe.Err}
}

// Close ends the program.
func (c *conn) Close() error {
	c.once.Do(func() {
		c.out.SetReadDeadline(time.Unix(1, 0)) //nolint:errcheck // ends a read at once
		c.in.Close()
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-c.ended:
		case <-timer.C:
			killGroup(c.cmd)
			<-c.ended
		}
		c.out.Close()
	})
	return nil
}

// CloseWrite closes the standard input of the program.
func (c *conn) CloseWrite() error { return c.in.Close() }

func (c *conn) LocalAddr() net.Addr  { return addr("") }
func (c *conn) RemoteAddr() net.Addr { return c.addr }

func (c *conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

func (c *conn) SetReadDeadline(t time.Time) error  { return c.out.SetReadDeadline(t) }
func (c *conn) SetWriteDeadline(t time.Time) error { return c.in.SetWriteDeadline(t) }

// addr is the address of a program: its command.
type addr string

func (addr) Network() string  { return "pipe" }
func (a addr) String() string { return string(a) }
