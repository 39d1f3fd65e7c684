package repl

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"time"
)

// interruptible makes ^C end a wait instead of the program, and tells a person
// what is waited for when it takes long.
func (r *REPL) interruptible(ctx context.Context) (context.Context, func()) {
	if !r.in.Terminal() {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt)
	over, ended := make(chan struct{}), make(chan struct{})
	r.since.Store(time.Now().UnixNano())
	go func() {
		defer close(over)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ch:
				cancel()
				r.insist(ch, ended)
				return
			case <-ended:
				return
			case <-tick.C:
				if s := time.Since(time.Unix(0, r.since.Load())); s > patience && r.away.Load() == 0 {
					r.in.Progress(fmt.Sprintf("   waiting, %.0f s; ^C gives up", s.Seconds()))
				}
			}
		}
	}()
	return ctx, func() {
		signal.Stop(ch)
		close(ended)
		cancel()
		<-over
		r.in.Progress("")
	}
}

// insist is for a wait that ^C has ended and that goes on nevertheless: a further ^C ends
// the program then. One that comes before the person is told of that is the first one
// pressed twice.
func (r *REPL) insist(again <-chan os.Signal, ended <-chan struct{}) {
	notice := time.NewTimer(reluctance)
	defer notice.Stop()
	told := false
	for {
		select {
		case <-ended:
			return
		case <-notice.C:
			told = true
			r.in.Progress("   it has not stopped yet; ^C again ends smtpsh")
		case <-again:
			if told && r.opts.GiveUp != nil {
				r.opts.GiveUp()
			}
		}
	}
}

// reluctance is how long what ^C has ended may take before the person is told.
const reluctance = 700 * time.Millisecond

// patience is how long a wait may be before a person is told of it.
const patience = 2 * time.Second

// person marks a time in which a person is at work, not the server: typing an
// answer, reading in a pager, writing in an editor. Nothing is waited for then.
func (r *REPL) person() (over func()) {
	r.away.Add(1)
	return func() {
		r.since.Store(time.Now().UnixNano())
		r.away.Add(-1)
	}
}

// outside gives the terminal to another program.
func (r *REPL) outside(run func(in, out *os.File) error) error {
	defer r.person()()
	return r.in.Outside(run)
}
