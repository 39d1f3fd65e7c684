package engine

import (
	"context"
	"reflect"
	"sync"
	"time"
)

// direction is which halves of a connection a wait concerns.
type direction uint8

const (
	none direction = iota
	both
	writing // while somebody else reads
)

// deadline is the part of a session that bounds its waits.
type deadline struct {
	sessionEnd time.Time // the limit of the whole session; zero without one
	waiting    bool      // a wait is under way
	waitingFor string    // the step that the next wait is for
	watch      watch
}

// watch ends waits when their context ends. It stays registered with a context from
// one wait to the next, because most waits of a session have the same one.
type watch struct {
	mu     sync.Mutex
	ctx    context.Context
	stop   func() bool
	active direction // of the wait under way
	what   string    // is waited for
	since  time.Time
	until  time.Time
}

// Wait describes what a session waits for.
type Wait struct {
	// What is the verb whose reply is due ("." for the end of a message), or one of
	// "connection", "TLS handshake", "greeting", "message" (the server does not read it)
	// and "read" (a reply that nobody asked for).
	What  string
	Since time.Time
	Until time.Time // when it is given up
}

// Waiting returns what the session is waiting for, and false if it is not waiting. It is
// safe for concurrent use.
func (s *Session) Waiting() (Wait, bool) {
	w := &s.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	return Wait{w.what, w.since, w.until}, w.what != "" && !s.closed.Load()
}

// nameWait names what the next wait is for, unless one is under way.
func (s *Session) nameWait(what string) {
	if !s.waiting {
		s.waitingFor = what
	}
}

// noteWait marks a wait that has no deadline on the connection. The function that it
// returns ends it.
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

// past is a deadline that is over.
var past = time.Unix(1, 0)

// beginWait sets the deadline for one wait and lets ctx end it; endWait undoes
// both. Within another wait it changes nothing: the outer one bounds both. Use it
// as
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
		if ctx.Err() != nil { // the function has run, or is about to
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

// expire ends the wait under way, if it is one of this context.
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

// sameContext compares contexts, some of which cannot be compared.
func sameContext(a, b context.Context) bool {
	return a != nil && reflect.TypeOf(a).Comparable() && reflect.TypeOf(b).Comparable() && a == b
}
