package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/verb"
	"smtpsh/transcript"
)

// quietWait is the time after which a line reports the wait for a silent server.
const quietWait = 10 * time.Second

// waitNotices reports on standard error what a run waits for, if a server is silent and the
// transcript is not shown. Without it a run of minutes looks like a hang.
type waitNotices struct {
	out   io.Writer
	after time.Duration

	mu       sync.Mutex
	sessions map[*engine.Session]time.Time // with the start of the wait that was reported
	ended    chan struct{}                 // nil before the first session
}

// add starts watching a session.
func (w *waitNotices) add(s *engine.Session) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sessions == nil {
		w.sessions = map[*engine.Session]time.Time{}
	}
	w.sessions[s] = time.Time{}
	if w.ended == nil {
		w.ended = make(chan struct{})
		go w.run(w.ended)
	}
}

func (w *waitNotices) run(ended <-chan struct{}) {
	tick := time.NewTicker(max(w.after/10, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return
		case now := <-tick.C:
			w.report(now)
		}
	}
}

// report prints waits that have lasted too long, each once, in one line: the wait that
// began first and the number of other waits.
func (w *waitNotices) report(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var first *engine.Session
	var oldest engine.Wait
	others := 0
	for s, reported := range w.sessions {
		if s.Closed() {
			delete(w.sessions, s)
			continue
		}
		wait, ok := s.Waiting()
		if !ok || now.Sub(wait.Since) < w.after || reported.Equal(wait.Since) {
			continue
		}
		w.sessions[s] = wait.Since
		if first != nil {
			others++
		}
		if first == nil || wait.Since.Before(oldest.Since) {
			first, oldest = s, wait
		}
	}
	if first == nil {
		return
	}
	also := ""
	switch {
	case others == 1:
		also = ", and 1 more session waits"
	case others > 1:
		also = fmt.Sprintf(", and %d more sessions wait", others)
	}
	left := max(0, oldest.Until.Sub(now)).Round(time.Second)
	if oldest.What == "greeting" && !first.Target().Implicit {
		also += "; for a port with implicit TLS write smtps://HOST:PORT"
	}
	fmt.Fprintf(w.out, "smtpsh: waiting for %s, %s, until %s (%v more)%s\n", awaited(oldest.What), transcript.Escape(first.Target().String()),
		oldest.Until.Format(time.TimeOnly), left, also)
}

// awaited returns what a session waits for. It repeats only verbs, because other words can
// be a password in the wrong place.
func awaited(what string) string {
	switch what {
	case "connection", "TLS handshake", "greeting":
		return "the " + what
	case ".":
		return "the reply to the end of the message"
	case "message":
		return "the server to read the message"
	case "read":
		return "a reply"
	}
	if _, ok := verb.Lookup(what); ok {
		return "the reply to " + strings.ToUpper(what)
	}
	return "the reply to a command"
}

// end ends the watch.
func (w *waitNotices) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended != nil {
		close(w.ended)
		w.ended = nil
	}
}
