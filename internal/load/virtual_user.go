package load

import (
	"errors"
	"time"

	"smtpsh/luabind"
	"smtpsh/luabind/smtpmod"
)

// virtualUser makes the runs of one session, one after the other.
type virtualUser struct {
	r      *runner
	worker *Worker
	user   *luabind.VirtualUser
	faults int // in a row
}

// The pause after a session that could not be opened grows from the first value to the
// second.
const (
	shortPause = 10 * time.Millisecond
	longPause  = time.Second
)

// session starts session k, counted from 0, in its own goroutine.
func (r *runner) session(k int, live func(u *virtualUser)) {
	r.work.Add(1)
	r.sessions.Add(1)
	go func() {
		defer r.work.Done()
		defer r.sessions.Add(-1)
		l := r.workers[k%len(r.workers)]
		u := &virtualUser{r: r, worker: l, user: l.Program.VirtualUser()}
		defer u.close()
		live(u)
	}()
}

func (u *virtualUser) ready() bool { return u.user.Ready() }

// open runs the setup of the script until it succeeds or the load ends.
func (u *virtualUser) open() bool {
	for !u.ready() && u.r.enough.Err() == nil {
		if err := u.setup(); err != nil {
			u.failed(err, time.Time{})
		}
	}
	return u.ready()
}

// setup runs the script up to the function that it returns, if that has not been done.
func (u *virtualUser) setup() error {
	if u.ready() {
		return nil
	}
	begun := time.Now()
	err := u.user.Open(u.r.ctx)
	if err == nil {
		u.worker.Recorder.Latency(Setup, time.Since(begun))
	}
	return err
}

// run makes one run, whose latency counts from the time at which it should have begun.
func (u *virtualUser) run(arrived time.Time) {
	if u.r.plan.Rate > 0 {
		u.worker.Recorder.Latency(Wait, max(0, time.Since(arrived)))
	}
	u.r.busy.Add(1)
	err := u.setup()
	if err == nil {
		err = u.user.Run(u.r.ctx, int(u.r.numbers.Add(1)))
	}
	u.r.busy.Add(-1)
	if err != nil {
		u.failed(err, arrived)
	} else {
		u.faults = 0
		u.worker.Recorder.run(arrived, "", "")
	}
}

// close closes the session.
func (u *virtualUser) close() {
	if err := u.user.Close(); err != nil && u.r.ctx.Err() == nil {
		u.failed(err, time.Time{})
	}
}

// failed counts a failed run, or with a zero arrival a failure outside of runs. It also
// closes everything that the setup of the script opened.
func (u *virtualUser) failed(err error, arrived time.Time) {
	u.user.Close() //nolint:errcheck // err is the error to report
	r := u.r
	switch {
	case r.interrupt.Err() != nil:
		u.worker.Recorder.locked(func() { u.worker.Recorder.counts.Cut++ })
		return
	case errors.Is(err, errGivenUp):
		return
	}
	kind, text := kindOf(err), err.Error()
	rec := u.worker.Recorder
	if !arrived.IsZero() {
		rec.run(arrived, kind, text)
	} else {
		rec.locked(func() {
			rec.counts.SessionFailures++
			rec.fail(kind, text)
		})
	}
	u.faults++
	if r.hopeless(err, kind, maxFaults) {
		r.give(err)
		return
	}
	r.remember(err, kind)
	if kind == "dial" || kind == "tls" || arrived.IsZero() {
		pause := longPause
		if u.faults < 8 {
			pause = min(longPause, shortPause<<(u.faults-1))
		}
		r.sleep(time.Now().Add(pause))
	}
}

// maxFaults is the number of attempts for a server that was never reached.
const maxFaults = 10

// remember stores the first failure to reach the server.
func (r *runner) remember(err error, kind string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.first == nil && (kind == "dial" || kind == "tls") {
		r.first, r.firstKind = err, kind
	}
}

// unreached returns that failure if no connection ever succeeded.
func (r *runner) unreached() error {
	if r.first != nil && r.hopeless(r.first, r.firstKind, 1) {
		return r.first
	}
	return nil
}

// hopeless reports whether the load must end because of a failure before any run succeeded:
// at once for an error of usage, otherwise after the given number of failures.
func (r *runner) hopeless(err error, kind string, often int) bool {
	good, failed := r.outcome()
	if good > 0 {
		return false
	}
	var usage *luabind.ErrorValue
	switch {
	case errors.As(err, &usage) && usage.Kind == "usage":
		return true
	case kind == "script": // the reply of the server may be the cause of a script error
		return failed >= int64(min(often, r.plan.Sessions))
	case kind == "dial":
		return r.connections() == 0 && failed >= int64(min(often, r.plan.Sessions))
	case kind == "tls":
		return failed >= int64(min(often, r.plan.Sessions))
	}
	return false
}

// outcome returns the runs that succeeded and that failed since the start, session setups
// included.
func (r *runner) outcome() (good, failed int64) {
	for _, l := range r.workers {
		l.Recorder.locked(func() {
			good += l.Recorder.life.good
			failed += l.Recorder.life.failed
		})
	}
	return good, failed
}

// connections returns the number of connections made since the start.
func (r *runner) connections() (n int64) {
	for _, l := range r.workers {
		l.Recorder.locked(func() { n += l.Recorder.life.connections })
	}
	return n
}

// kindOf returns the kind of an error for the report.
func kindOf(err error) string {
	if errors.Is(err, errUnfinished) {
		return "unfinished"
	}
	var v *luabind.ErrorValue
	var memory *luabind.MemoryError
	switch {
	case errors.As(err, &memory):
		return "memory"
	case !errors.As(err, &v):
		return "script"
	case smtpmod.ReplyOf(v) != nil && (v.Kind == "reply" || v.Expect):
		return "reply " + codeText(smtpmod.ReplyOf(v).Code)
	case v.Expect:
		return "expect"
	}
	return v.Kind
}
