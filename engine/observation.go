package engine

import (
	"time"

	"smtpsh/engine/event"
)

// observation is the part of a session that reports events.
type observation struct {
	onLine    func([]byte) // called with each received line; nil without an observer
	observing bool         // an event is being reported
	current   event.Event  // one event, reused: observers do not keep events
}

// emit passes an event to the observer.
func (s *Session) emit(e event.Event) {
	if s.opts.Observer == nil {
		return
	}
	if e.Time.IsZero() { // reading the clock takes a large part of the time of an event
		e.Time = time.Now()
	}
	e.Session = s.opts.Label
	if s.observing { // an observer has called the session
		again := e
		s.opts.Observer.Observe(&again)
		return
	}
	s.observing = true
	s.current = e
	s.opts.Observer.Observe(&s.current)
	s.current = event.Event{}
	s.observing = false
}

func (s *Session) lineReceived(line []byte) {
	if s.repeatedLines > 0 {
		s.repeatedLines--
		return
	}
	s.reportedLines++
	s.emit(event.Event{Kind: event.LineReceived, Data: line, Secrets: s.secretsIn(line)})
}
