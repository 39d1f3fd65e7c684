package load

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"smtpsh/luabind"
)

// Worker is one interpreter with the script, and the recorder of its sessions.
type Worker struct {
	Program  *luabind.Program
	Recorder *Recorder
}

// runner is one running load.
type runner struct {
	plan    Plan
	workers []*Worker
	start   time.Time

	enough    context.Context // no further run begins
	stop      context.CancelFunc
	ctx       context.Context // runs in progress
	cancel    context.CancelCauseFunc
	interrupt context.Context // by the user

	begun    atomic.Int64 // runs since the start
	warm     atomic.Int64 // those before the counted part
	counting atomic.Bool  // the warm-up is over
	sessions atomic.Int64
	busy     atomic.Int64 // sessions in the middle of a run
	numbers  atomic.Int64

	mu    sync.Mutex
	fatal error // that ended the load: the script is wrong, or the server cannot be reached
	// first is the first failure to reach the server, of firstKind.
	first     error
	firstKind string
	work      sync.WaitGroup
	quiet     chan struct{} // closed when no session is left
}

var (
	errUnfinished = errors.New("not finished at the end of the load")
	errGivenUp    = errors.New("the load was stopped early")
)

// Run runs the load of a plan. look, if not nil, is called every second from one goroutine.
// If ctx ends, Run returns a report of the load so far. It returns an error and no report if
// the script has an error, or the server cannot be reached, before any run has succeeded.
// Workers must not be used before or after.
func Run(ctx context.Context, workers []*Worker, plan Plan, look func(*Snapshot)) (*Report, error) {
	if err := plan.Check(); err != nil {
		return nil, err
	}
	r := &runner{plan: plan, workers: workers, start: time.Now(), interrupt: ctx, quiet: make(chan struct{})}
	r.counting.Store(plan.Warmup == 0)
	r.enough, r.stop = context.WithCancel(ctx)
	defer r.stop()
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	defer r.cancel(nil)
	if end := r.end(); !end.IsZero() {
		defer time.AfterFunc(time.Until(end), r.stop).Stop()
	}
	c := newCollector(r, look)
	collected := make(chan struct{})
	go func() {
		defer close(collected)
		c.run()
	}()
	if plan.Rate > 0 {
		r.openModel()
	} else {
		r.closedModel()
	}
	r.work.Wait()
	r.stop() // all sessions may have ended before the load's end
	close(r.quiet)
	<-collected
	if err := cmp.Or(r.fatal, r.unreached()); err != nil && ctx.Err() == nil {
		return nil, err
	}
	return c.report(), nil
}

// end returns the time after which no run begins; the zero time if only the number of
// messages ends the load.
func (r *runner) end() time.Time {
	if r.plan.Duration == 0 {
		return time.Time{}
	}
	return r.start.Add(r.plan.Warmup + r.plan.Duration)
}

// take reports whether one more run may begin, and counts it.
func (r *runner) take() bool {
	if r.enough.Err() != nil {
		return false
	}
	n := r.begun.Add(1)
	if r.plan.Messages == 0 || !r.counting.Load() {
		return true
	}
	var tried int64
	for _, l := range r.workers {
		l.Recorder.locked(func() { tried += l.Recorder.life.tried })
	}
	if max(n-1-r.warm.Load(), tried) >= r.plan.Messages {
		r.stop()
		return false
	}
	return true
}

// closedModel starts the sessions; each begins a run when its previous one has ended.
func (r *runner) closedModel() {
	for k := range r.plan.Sessions {
		if !r.sleep(r.start.Add(r.plan.entrance(k))) {
			break
		}
		r.session(k, func(u *virtualUser) {
			for u.open() && r.take() {
				u.run(time.Now())
			}
		})
	}
	r.drain()
}

// openModel assigns each arriving run to a free session. If no session is free, it starts a
// new one. At the limit of sessions the arrivals wait, and their latencies include the wait.
func (r *runner) openModel() {
	hand := make(chan time.Time)
	defer r.drain()
	defer close(hand)
	running := 0
	for n := int64(0); ; n++ {
		at := r.start.Add(r.plan.arrival(n))
		if !r.sleep(at) || !r.take() {
			return
		}
		select {
		case hand <- at:
			continue
		default:
		}
		if running < r.plan.Sessions {
			r.session(running, func(u *virtualUser) {
				for mine, more := at, true; more; mine, more = <-hand {
					if u.run(mine); !u.ready() {
						u.open()
					}
				}
			})
			running++
			continue
		}
		select {
		case hand <- at:
		case <-r.enough.Done():
			return
		}
	}
}

// sleep waits until a time or the end of the load. It reports whether the load continues.
func (r *runner) sleep(until time.Time) bool {
	d := time.Until(until)
	if d <= 0 {
		return r.enough.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.enough.Done():
		return false
	}
}

// drain waits for the end of the load, and then up to Plan.Drain for the running runs.
func (r *runner) drain() {
	idle := make(chan struct{})
	go func() {
		r.work.Wait()
		close(idle)
	}()
	select {
	case <-idle: // all messages were sent, or each session has given up
		return
	case <-r.enough.Done():
	}
	t := time.NewTimer(r.plan.Drain)
	defer t.Stop()
	select {
	case <-idle:
	case <-t.C:
		r.cancel(errUnfinished)
	case <-r.ctx.Done():
	}
}

// give ends the load with an error.
func (r *runner) give(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fatal == nil {
		r.fatal = err
	}
	r.stop()
	r.cancel(errGivenUp)
}
