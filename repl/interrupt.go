package repl

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"time"
)

// interruptible makes ^C end a wait instead of the program, and shows how long the wait
// takes. The caller calls the function that it returns after the wait.
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
					in.Progress(fmt.Sprintf("   waiting, %.0f s; ^C stops waiting and closes the connection", s.Seconds()))
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

// insist is called when a wait continues after ^C. It announces that another ^C ends the
// program, and ends it after that ^C. A ^C before the announcement is ignored, because
// users often press ^C twice.
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

// reluctance is the time from ^C to the announcement that the wait still continues.
const reluctance = 700 * time.Millisecond

// patience is the time from which a wait is shown on the screen.
const patience = 2 * time.Second

// personActs marks a time in which the user acts, not the server: types, reads in a
// pager, or writes in an editor. It is not shown as a wait. over ends it.
func (in *input) personActs() (over func()) {
	in.personBusy.Add(1)
	return func() {
		in.waitBegan.Store(time.Now().UnixNano())
		in.personBusy.Add(-1)
	}
}

// Outside gives the terminal to another program, in which the user acts.
func (in *input) Outside(run func(in, out *os.File) error) error {
	defer in.personActs()()
	return in.Reader.Outside(run)
}
