package exitstatus_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/internal/exit"
	"smtpsh/internal/exitstatus"
)

type states int

func (states) Error() string     { return "x" }
func (s states) ExitStatus() int { return int(s) }

func TestStatus(t *testing.T) {
	refused := func(verb, line string) error {
		r := reply.Parse([]byte(line + "\r\n"))
		r.Verb = verb
		return &engine.OpError{Op: verb, Kind: engine.ErrRefused, Reply: r}
	}
	for _, tt := range []struct {
		err  error
		want int
	}{
		{nil, exit.OK},
		{errors.New("x"), exit.Usage},
		{fmt.Errorf("x: %w", states(1)), exit.Failed},
		{errors.Join(errors.New("x"), states(3)), exit.Script},
		{&engine.OpError{Kind: engine.ErrDial, Err: states(3)}, exit.Script},
		{&engine.OpError{Kind: engine.ErrDial}, exit.Dial},
		{&engine.OpError{Kind: engine.ErrDial, Err: context.DeadlineExceeded}, exit.Dial},
		{&engine.OpError{Kind: engine.ErrTLS}, exit.TLS},
		{&engine.OpError{Kind: engine.ErrTimeout}, exit.Lost},
		{&engine.OpError{Kind: engine.ErrClosed}, exit.Lost},
		{&engine.OpError{Kind: engine.ErrOutOfStep}, exit.Lost},
		{&engine.OpError{Kind: engine.ErrProtocol}, exit.Lost},
		{&engine.OpError{Kind: engine.ErrUsage}, exit.Usage},
		{&engine.OpError{Kind: engine.ErrCanceled}, exit.Interrupted},
		{refused("AUTH", "535 5.7.8 no"), exit.Auth},
		{refused("MAIL", "450 4.7.1 later"), exit.Temporary},
		{refused("MAIL", "550 5.7.1 no"), exit.Permanent},
		{context.Canceled, exit.Interrupted},
		{context.DeadlineExceeded, exit.Lost},
	} {
		if got := exitstatus.Of(tt.err); got != tt.want {
			t.Errorf("%v: %d, want %d", tt.err, got, tt.want)
		}
	}
	if status, ok := exitstatus.Known(errors.New("x")); ok {
		t.Errorf("an unknown error has the status %d", status)
	}
	if got := exit.Stated(context.Canceled, exit.Usage); got != exit.Usage {
		t.Errorf("%d is stated by an error that states none", got)
	}
}
