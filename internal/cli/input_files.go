package cli

import (
	"context"
	"errors"

	"smtpsh/internal/readfile"
)

// reading returns a context for reading files. It ends with the run, which ^C ends, and at
// the deadline.
func (c *connFlags) reading(run context.Context) (context.Context, context.CancelFunc) {
	if c.deadline > 0 { //mutant:the-deadline-ends-a-reading never
		return context.WithTimeout(run, c.deadline)
	}
	return context.WithCancel(run) //mutant:C-ends-the-reading-of-a-script is "run" "context.Background()"
}

// readNamed reads a file of the command line. It can be a pipe such as <(COMMAND), a FIFO
// or a device.
func (a *app) readNamed(ctx context.Context, name string, limit int64) ([]byte, error) {
	ctx, over := a.conn.reading(ctx)
	defer over()
	return readfile.Read(ctx, name, readfile.Rule{Limit: limit, Streams: true})
}

// readVars reads the flags of variables, and the files that they name.
func (a *app) readVars() error {
	ctx, over := a.conn.reading(a.ctx)
	defer over()
	return a.vars.parse(ctx, a.Getenv)
}

// stopped reports whether an error is the end of the run. ^C has an exit status of its own.
func stopped(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
