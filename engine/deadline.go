package engine

import (
	"context"
	"reflect"
	"sync"
	"time"
)

// direction tells which directions of a connection a wait concerns.
type direction uint8

const (
	none direction = iota
	both
	writing // while another goroutine reads
)

// deadline is the part of a session that limits its waits.
type deadline struct {
	sessionEnd time.Time // the limit of the whole session; zero without one
	waiting    bool      // the session is waiting
	waitingFor string    // the step that the next wait is for
	watch      watch
}

// watch ends waits when their context ends. It stays registered with a context between
// waits, because most waits of a session have the same one.
type watch struct {
	mu     sync.Mutex
	ctx    context.Context
	stop   func() bool
	active direction // of the current wait
	what   string    // a wait needs it
	since  time.Time
	until  time.Time
}

// Wait describes what a session waits for.
type Wait struct {
	// What is the verb whose reply is missing ("." for the end of a message), or one of
	// "connection", "TLS handshake", "greeting", "message" (the server does not read it)
	// and "read" (a reply that answers no command).
	What  string
	Since time.Time
	Until time.Time // when the wait times out
}

// Waiting returns what the session is waiting for, and false if it is not waiting. It is
// safe for concurrent use.
func (s *Session) Waiting() (Wait, bool) {
	w := &s.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	return Wait{w.what, w.since, w.until}, w.what != "" && !s.closed.Load()
}

// nameWait names the next wait, unless the session is already waiting.
func (s *Session) nameWait(what string) {
	if !s.waiting {
		s.waitingFor = what
	}
}

// noteWait marks a wait without a deadline on the connection. It returns a function that
// ends the wait.
func (s *Session) noteWait(what string, until time.Time) (over func()) {
	w := &s.watch
	set := func(what string) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.what, w.since, w.until = what, time.Now(), until
	}
	set(what)
	return func() { set("") }
}

// past is a deadline in the past.
var past = time.Unix(1, 0)

// beginWait sets the deadline for one wait and lets ctx end it; endWait undoes
// both. Within another wait it changes nothing, because the outer wait has the
// limit. Use it as
//
//	defer s.endWait(s.beginWait(ctx, wait))
func (s *Session) beginWait(ctx context.Context, wait time.Duration) (outer bool) {
	if s.waiting {
		return false
	}
	s.waiting = true
	s.setWaitDeadline(ctx, wait, both)
	return true
}

func (s *Session) endWait(outer bool) {
	if outer {
		s.waiting = false
		s.clearWait()
	}
}

// setWaitDeadline is beginWait for one direction.
func (s *Session) setWaitDeadline(ctx context.Context, wait time.Duration, d direction) {
	now := time.Now()
	t := now.Add(wait)
	if end, ok := ctx.Deadline(); ok && end.Before(t) {
		t = end
	}
	if !s.sessionEnd.IsZero() && s.sessionEnd.Before(t) { //mutant:a-session-has-a-limit-of-its-own never
		t = s.sessionEnd
	}
	w := &s.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	w.what, w.since, w.until = s.waitingFor, now, t
	if ctx.Done() != nil && !s.closed.Load() {
		if !sameContext(w.ctx, ctx) {
			w.forget()
			w.ctx = ctx
			w.stop = context.AfterFunc(ctx, func() { s.expire(ctx) })
		}
		w.active = d
		if ctx.Err() != nil { // the function has run, or will run
			t = past
		}
	}
	s.setDeadline(d, t) //mutant:every-wait-has-a-limit is "s.setDeadline(d, t)" "_ = t"
}

func (s *Session) clearWait() {
	s.watch.mu.Lock()
	s.watch.active, s.watch.what = none, ""
	s.watch.mu.Unlock()
}

// expire ends the current wait if it belongs to this context.
func (s *Session) expire(ctx context.Context) {
	w := &s.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.active != none && sameContext(w.ctx, ctx) {
		s.setDeadline(w.active, past)
	}
}

// forget removes the registration.
func (w *watch) forget() {
	if w.stop != nil {
		w.stop()
	}
	w.ctx, w.stop = nil, nil
}

func (s *Session) setDeadline(d direction, t time.Time) {
	if d == writing {
		s.conn.SetWriteDeadline(t)
		return
	}
	s.conn.SetDeadline(t)
}

// sameContext compares contexts, including those that cannot be compared with ==.
func sameContext(a, b context.Context) bool {
	return a != nil && reflect.TypeOf(a).Comparable() && reflect.TypeOf(b).Comparable() && a == b
}
