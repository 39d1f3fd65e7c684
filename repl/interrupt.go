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
func (in *input) interruptible(ctx context.Context) (context.Context, func()) {
	if !in.Terminal() {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt)
	over, ended := make(chan struct{}), make(chan struct{})
	in.waitBegan.Store(time.Now().UnixNano())
	go func() {
		defer close(over)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ch:
				cancel()
				in.insist(ch, ended)
				return
			case <-ended:
				return
			case <-tick.C:
				if s := time.Since(time.Unix(0, in.waitBegan.Load())); s > patience && in.personBusy.Load() == 0 {
					in.Progress(fmt.Sprintf("   waiting, %.0f s; ^C stops waiting", s.Seconds()))
				}
			}
		}
	}()
	return ctx, func() {
		signal.Stop(ch)
		close(ended)
		cancel()
		<-over
		in.Progress("")
	}
}

// insist is for a wait that ^C has ended and that goes on nevertheless: a further ^C ends
// the program then. One that comes before the person is notified of that is the first one
// pressed twice.
func (in *input) insist(again <-chan os.Signal, ended <-chan struct{}) {
	notice := time.NewTimer(reluctance)
	defer notice.Stop()
	announced := false
	for {
		select {
		case <-ended:
			return
		case <-notice.C:
			announced = true
			in.Progress("   still running; ^C again ends smtpsh")
		case <-again:
			if announced && in.giveUp != nil {
				in.giveUp()
			}
		}
	}
}

// reluctance is how long what ^C has ended may take before the person is told.
const reluctance = 700 * time.Millisecond

// patience is how long a wait may be before a person is notified of it.
const patience = 2 * time.Second

// personActs marks a time in which a person is at work, not the server: typing an
// answer, reading in a pager, writing in an editor. Nothing is waited for then.
func (in *input) personActs() (over func()) {
	in.personBusy.Add(1)
	return func() {
		in.waitBegan.Store(time.Now().UnixNano())
		in.personBusy.Add(-1)
	}
}

// Outside gives the terminal to another program, while a person is at work in it.
func (in *input) Outside(run func(in, out *os.File) error) error {
	defer in.personActs()()
	return in.Reader.Outside(run)
}
