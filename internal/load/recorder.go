package load

import (
	"strings"
	"sync"
	"time"

	"smtpsh/engine/event"
)

// Recorder counts the events in the sessions of one worker. Its methods are safe for
// concurrent use. The zero value is ready to use.
type Recorder struct {
	mu      sync.Mutex
	series  map[string]*series
	replies map[replyKey]int64
	counts  Counts
	errors  map[string]*Failure
	second  *series   // latencies of runs since the last reading
	moment  moment    // other counts since then
	life    life      // since the start, including the warm-up
	since   time.Time // runs that arrived before are not counted
}

type replyKey struct {
	verb string
	code int
}

// Counts are the totals of a load.
type Counts struct {
	Runs            int64 `json:"runs" doc:"runs that ended, well or not"`
	Failed          int64 `json:"failed" doc:"runs that failed"`
	SessionFailures int64 `json:"session_failures" doc:"failures outside of runs: when a session was set up or ended"`
	Cut             int64 `json:"interrupted_runs" doc:"runs that were cut off when the user stopped the load"`
	Messages        int64 `json:"messages" doc:"messages that the server accepted"`
	Connections     int64 `json:"connections" doc:"connections that were made"`
	Handshakes      int64 `json:"tls_handshakes" doc:"TLS handshakes that succeeded"`
	Resumed         int64 `json:"tls_resumed" doc:"of these, handshakes that resumed a TLS session"`
	Replies         int64 `json:"replies" doc:"replies of all codes"`
	Refused         int64 `json:"refused_replies" doc:"replies 4xx and 5xx"`
	Sent            int64 `json:"octets_sent" doc:"bytes sent, before encryption"`
	Received        int64 `json:"octets_received" doc:"bytes received, after decryption"`
}

func (c *Counts) add(o Counts) {
	c.Runs += o.Runs
	c.Failed += o.Failed
	c.SessionFailures += o.SessionFailures
	c.Cut += o.Cut
	c.Messages += o.Messages
	c.Connections += o.Connections
	c.Handshakes += o.Handshakes
	c.Resumed += o.Resumed
	c.Replies += o.Replies
	c.Refused += o.Refused
	c.Sent += o.Sent
	c.Received += o.Received
}

// life has the counts that decide when a load ends or is given up.
type life struct {
	good, failed int64 // failed, including set-ups
	tried        int64 // messages that were begun
	connections  int64
}

// moment has the counts since the last point.
type moment struct{ runs, failed, refused int64 }

// Failure is one kind of error.
type Failure struct {
	Count   int64  `json:"count" doc:"how often"`
	Example string `json:"example" doc:"text of the first one"`
}

// maxKinds and maxReplies limit the kinds of errors and replies that are counted separately.
const (
	maxKinds   = 100
	otherKinds = "other"
	maxReplies = 2000
)

// locked runs f with the recorder to itself.
func (r *Recorder) locked(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
}

// add records one latency. The lock must be held.
func (r *Recorder) add(name string, d time.Duration) {
	s := r.series[name]
	if s == nil {
		if r.series == nil {
			r.series = map[string]*series{}
		}
		if len(r.series) >= maxKinds {
			return // a script can send any number of different verbs
		}
		s = newSeries()
		r.series[name] = s
	}
	s.add(d)
}

// Latency records one latency.
func (r *Recorder) Latency(name string, d time.Duration) {
	r.locked(func() { r.add(name, d) })
}

// run records the end of a run, with its latency since its arrival.
func (r *Recorder) run(arrived time.Time, kind, example string) {
	took := time.Since(arrived)
	r.locked(func() {
		if kind == "" {
			r.life.good++
		}
		if arrived.Before(r.since) {
			if kind != "" {
				r.life.failed++
			}
			return
		}
		r.counts.Runs++
		r.moment.runs++
		if r.second == nil {
			r.second = newSketch()
		}
		if kind == "" {
			r.add(Whole, took)
			r.second.add(took)
			return
		}
		r.add(Failed, took)
		r.counts.Failed++
		r.moment.failed++
		r.fail(kind, example)
	})
}

// fail counts an error. The lock must be held.
func (r *Recorder) fail(kind, example string) {
	r.life.failed++
	if r.errors == nil {
		r.errors = map[string]*Failure{}
	}
	if r.errors[kind] == nil {
		if len(r.errors) >= maxKinds {
			kind = otherKinds
		}
		if r.errors[kind] == nil {
			r.errors[kind] = &Failure{Example: example}
		}
	}
	r.errors[kind].Count++
}

// reset clears all counts except those that decide when the load ends.
func (r *Recorder) reset() {
	r.locked(func() {
		r.series, r.replies, r.errors = nil, nil, nil
		r.counts, r.second, r.moment = Counts{}, nil, moment{}
		r.life.tried, r.since = 0, time.Now()
	})
}

// Track returns the observer for one new session.
func (r *Recorder) Track() event.Observer { return &tracker{r: r, begun: time.Now()} }

// tracker follows one session. The session calls it from one goroutine at a time.
type tracker struct {
	r     *Recorder
	begun time.Time // of the dialling

	auth      time.Time // an AUTH exchange has been in progress since
	message   time.Time // a message has been in progress since
	last      bool      // BDAT with LAST was sent
	counted   bool      // its first reply was counted: LMTP sends one for each recipient
	greeted   bool
	sent, got int64 // bytes not yet added to the recorder
}

// Observe records the measurements of an event.
func (t *tracker) Observe(e *event.Event) {
	switch e.Kind {
	case event.LineSent:
		t.sent += int64(len(e.Data))
		if e.Verb == "BDAT" {
			t.last = strings.HasSuffix(strings.ToUpper(strings.TrimSpace(string(e.Data))), " LAST")
		}
	case event.ChunkSent:
		t.sent += int64(len(e.Data))
	case event.LineReceived, event.ChunkReceived:
		t.got += int64(len(e.Data))
	case event.Connected:
		t.r.locked(func() {
			t.r.add(Connect, e.Time.Sub(t.begun))
			t.r.counts.Connections++
			t.r.life.connections++
		})
	case event.TLSDone:
		if e.TLS == nil || !e.TLS.HandshakeComplete {
			return
		}
		t.r.locked(func() {
			t.r.add(TLS, e.Took)
			t.r.counts.Handshakes++
			if e.TLS.DidResume {
				t.r.counts.Resumed++
			}
		})
	case event.CommandStart:
		t.command(e)
	case event.ReplyDone:
		t.reply(e)
	case event.Closed:
		t.r.locked(t.octets)
	}
}

// octets adds the counted bytes to the recorder, whose lock must be held.
func (t *tracker) octets() {
	t.r.counts.Sent += t.sent
	t.r.counts.Received += t.got
	t.sent, t.got = 0, 0
}

func (t *tracker) command(e *event.Event) {
	switch e.Verb {
	case "AUTH":
		if t.auth.IsZero() {
			t.auth = e.Time
		}
	case "DATA", "BDAT":
		if t.message.IsZero() {
			t.message, t.counted = e.Time, false
			t.r.locked(func() { t.r.life.tried++ })
		}
	}
}

func (t *tracker) reply(e *event.Event) {
	r := t.r
	r.mu.Lock()
	defer r.mu.Unlock()
	t.octets()
	code := e.Reply.Code
	name := e.Verb
	if name == "" {
		name = Greeting
		if t.greeted {
			name = "unasked"
		}
		t.greeted = true
	}
	r.counts.Replies++
	if code >= 400 {
		r.counts.Refused++
		r.moment.refused++
	}
	key := replyKey{name, code}
	if _, known := r.replies[key]; known || len(r.replies) < maxReplies {
		if r.replies == nil {
			r.replies = map[replyKey]int64{}
		}
		r.replies[key]++
	}
	switch name {
	case "AUTH":
		if code != 334 && !t.auth.IsZero() {
			r.add(Auth, e.Time.Sub(t.auth))
			t.auth = time.Time{}
		}
		return
	case "DATA":
		if code != 354 {
			t.message = time.Time{}
		}
	case dot:
		t.answered(e, code)
	case "BDAT":
		if t.last || code >= 400 {
			t.answered(e, code)
			t.last = false
		}
	}
	r.add(name, e.Took)
}

// answered records the reply to the current message. The recorder's lock must be held.
func (t *tracker) answered(e *event.Event, code int) {
	if !t.message.IsZero() {
		t.r.add(Message, e.Time.Sub(t.message))
		t.message = time.Time{}
	}
	if code/100 == 2 && !t.counted {
		t.counted = true
		t.r.counts.Messages++
	}
}
