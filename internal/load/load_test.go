package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/internal/dialer"
	"smtpsh/internal/sandbox"
	"smtpsh/luabind"
	"smtpsh/luabind/all"
	"smtpsh/scripts"
)

// host is what scripts use in these tests: a sandbox.
type host struct {
	*dialer.Dialer
	rec    *Recorder
	prints *atomic.Int64
}

func (h *host) Print(string)                                         { h.prints.Add(1) }
func (h *host) Var(string) (string, bool)                            { return "", false }
func (h *host) Secret(context.Context, string) (string, bool, error) { return "", false, nil }
func (h *host) Getenv(string) string                                 { return "" }
func (h *host) Sandbox(t string) (*sandbox.Server, error)            { return h.ServerOf(t) }
func (h *host) Server() string                                       { return h.Dialer.Target }
func (h *host) Options() engine.Options                              { return h.Dialer.Options }
func (h *host) Target() string                                       { return h.Resolve("") }
func (h *host) Dial(ctx context.Context, target string, change func(*engine.Options, *engine.Target)) (*engine.Session, error) {
	return h.Dialer.Dial(ctx, target, func(o *engine.Options, t *engine.Target) {
		o.Observer = h.rec.Track()
		change(o, t)
	})
}

// world is a sandbox and the workers of one script.
type world struct {
	srv     *sandbox.Server
	workers []*Worker
	prints  atomic.Int64
}

func newWorld(t *testing.T, target, script string) *world {
	t.Helper()
	w := &world{}
	d := &dialer.Dialer{Target: target}
	t.Cleanup(d.Close)
	srv, err := d.ServerOf("")
	if err != nil {
		t.Fatal(err)
	}
	w.srv = srv
	for range 2 {
		rec := &Recorder{}
		vm := luabind.New(&host{d, rec, &w.prints}, luabind.Options{Library: all.Library(), Lib: scripts.Library()})
		t.Cleanup(vm.Close)
		p, err := vm.Program("test.lua", []byte(script), nil)
		if err != nil {
			t.Fatal(err)
		}
		w.workers = append(w.workers, &Worker{p, rec})
	}
	return w
}

func (w *world) run(t *testing.T, ctx context.Context, p Plan) *Report {
	t.Helper()
	r, err := Run(ctx, w.workers, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// count returns the number of values of a latency.
func (r *Report) countOf(name string) int64 {
	for _, l := range r.Latencies {
		if l.Name == name {
			return l.Count
		}
	}
	return 0
}

const transaction = `
  s:mail("ann@sandbox.test"):expect(250)
  s:rcpt("bob@sandbox.test"):expect(250)
  s:data("Subject: x\n\nx\n"):expect(250)
`

// The counts for each way to send a message.
func TestCounts(t *testing.T) {
	const begin = "local s = smtp.connect()\ns:ehlo():expect(250)\n"
	tests := []struct {
		name, target, script  string
		sessions              int
		runs                  int64
		connections, messages int64
		latencies             map[string]int64
	}{
		{
			"a connection for each", "sandbox:plain/mx", begin + transaction + "s:quit()",
			3, 12, 12, 12,
			map[string]int64{Connect: 12, Greeting: 12, Message: 12, Whole: 12, "MAIL": 12, dot: 12, "QUIT": 12},
		},
		{
			"set up once", "sandbox:plain/mx",
			begin + "return function(n) assert(n >= 1)\n" + transaction + "end", 3, 12, 3,
			12, map[string]int64{Connect: 3, Setup: 3, Message: 12, Whole: 12, "DATA": 12},
		},
		{
			"a function by its name", "sandbox:plain/mx",
			begin + "local function again() s:noop():expect(250) end\nreturn again", 2, 9,
			2, 0, map[string]int64{"NOOP": 9, Whole: 9},
		},
		{
			"pipelined", "sandbox:plain/mx",
			begin + "local m = mail.message{from='ann@sandbox.test', to='bob@sandbox.test', text='x'}\nreturn function() s:send(m, {pipeline = " +
				"true}) end",
			2, 8, 2, 8,
			map[string]int64{Message: 8, "MAIL": 8, "RCPT": 8, "DATA": 8, dot: 8},
		},
		{
			"chunks", "sandbox:gmail/mx",
			begin + "return function() s:mail('a@example.org'):expect(250); s:rcpt('alice@gmail.com'):expect(250); s:bdat(('x'):rep(62) .. " +
				"'\\r\\n', {size = 16}):expect(250) end",
			2, 6, 2, 6, map[string]int64{Message: 6},
		},
		{
			"LMTP", "sandbox:lmtp",
			"local s = smtp.connect()\ns:lhlo():expect(250)\nreturn function() s:mail('a@example.org'):expect(250); " +
				"s:rcpt('bob@sandbox.test'):expect(250); s:rcpt('ann@sandbox.test'):expect(250); s:data('x\\n') end",
			1, 5, 1, 5, map[string]int64{Message: 5, dot: 10},
		},
		{
			"TLS and a login", "sandbox:plain",
			"local s = smtp.open(nil, {auth = {user = 'ann@sandbox.test', pass = 'ann-secret', mech = 'LOGIN'}})\ns:quit()",
			2, 6, 6, 0, map[string]int64{TLS: 6, Auth: 6, "EHLO": 12, "AUTH": 0},
		},
		{
			"a message that is refused before it begins", "sandbox:plain/mx",
			begin + "return function() s:data('x'):expect(503) end", 1, 3, 1, 0,
			map[string]int64{Message: 0, "DATA": 3},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, tt.target, tt.script)
			r := w.run(t, t.Context(), Plan{Sessions: tt.sessions, Messages: tt.runs})
			if len(r.Errors) > 0 {
				t.Fatalf("errors: %v", r.Errors)
			}
			least := tt.connections
			if strings.Contains(tt.script, "return ") { // a session can come too late to do anything
				least = 1
			}
			if r.Counts.Runs != tt.runs || r.Counts.Failed != 0 || r.Counts.Connections < least || r.Counts.Connections > tt.connections ||
				r.Counts.Messages != tt.messages {
				t.Errorf("counts: %+v", r.Counts)
			}
			for name, want := range tt.latencies {
				if want == tt.connections && least == 1 {
					want = r.Counts.Connections
				}
				if got := r.countOf(name); got != want {
					t.Errorf("%s was measured %d times, want %d", name, got, want)
				}
			}
			if r.Counts.Sent == 0 || r.Counts.Received == 0 || r.RunRate <= 0 {
				t.Errorf("bytes %d and %d, rate %g", r.Counts.Sent, r.Counts.Received, r.RunRate)
			}
			var replies int64
			for _, x := range r.Replies {
				replies += x.Count
			}
			if replies != r.Counts.Replies {
				t.Errorf("%d replies by code, %d in all", replies, r.Counts.Replies)
			}
			if w.prints.Load() != 0 {
				t.Error("something was printed")
			}
		})
	}
}

// Virtual users share an interpreter, but no variables.
func TestVirtualUsersShareNoVariables(t *testing.T) {
	w := newWorld(t, "sandbox:plain/mx", `
mine = {}
function step(n) mine[#mine + 1] = n; smtp.sleep("1ms"); return #mine end
local calls = 0
return function(n)
  calls = calls + 1
  assert(step(n) == calls, "somebody else has been here")
end`)
	if r := w.run(t, t.Context(), Plan{Sessions: 8, Messages: 100}); r.Counts.Failed > 0 || r.Counts.Runs != 100 {
		t.Errorf("%+v %v", r.Counts, r.Errors)
	}
}

// In the open model a stall of the server is visible in all runs that arrive meanwhile.
func TestStallShows(t *testing.T) {
	const stall, rate = 500, 100
	w := newWorld(t, "sandbox:plain/mx", "local s = smtp.connect()\ns:ehlo():expect(250)\nreturn function() s:noop():expect(250) end")
	if err := w.srv.On(sandbox.Rule{On: "NOOP", Nth: 5, Sequence: []sandbox.Action{{Delay: stall * time.Millisecond}}}); err != nil {
		t.Fatal(err)
	}
	r := w.run(t, t.Context(), Plan{Sessions: 1, Rate: rate, Messages: 80})
	// those that arrived in the first half of the stall waited for at least half of it
	slow := int64(0)
	for _, b := range r.series[Whole].hist.Distribution() {
		if b.From >= int64(stall/2*time.Millisecond) {
			slow += b.Count
		}
	}
	if want := int64(stall * rate / 1000 / 2); slow < want-1 {
		t.Errorf("%d runs waited, want %d", slow, want)
	}
	if r.series["NOOP"].quantile(90) > r.series[Whole].quantile(90) {
		t.Error("a reply exceeded its time limit of the run that it belongs to")
	}
}

// A wrong script, or a server that cannot be reached, ends a load at once.
func TestHopeless(t *testing.T) {
	for name, tt := range map[string]struct{ script, want string }{
		"misspelt":               {"local s = smtp.connect()\ns:ehllo()", "did you mean ehlo"},
		"a plain error":          {"error('not like this')", "not like this"},
		"no function":            {"local f = 5\nreturn f", "returns a number"},
		"misspelt in a function": {"return function() smpt.connect() end", "did you mean smtp"},
		"nobody there":           {"smtp.connect('127.0.0.1:1')", "connection refused"},
		"not trusted": {
			"local s = smtp.connect('sandbox:plain', {server_name = 'wrong.example'})\ns:ehlo()\ns:starttls()",
			"wrong.example",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "sandbox:plain", tt.script)
			r, err := Run(t.Context(), w.workers, Plan{Sessions: 4, Duration: time.Hour}, nil)
			var script *luabind.ScriptError
			if r != nil || !errors.As(err, &script) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v and %v, want an error with %q", r != nil, err, tt.want)
			}
		})
	}
}

// Occasional errors are counted by kind, with the text of the first one.
func TestFailuresByKind(t *testing.T) {
	w := newWorld(t, "sandbox:plain/mx", `
local s = smtp.connect()
s:ehlo():expect(250)
return function(n)
  if n % 4 == 1 then s:noop():expect(250)
  elseif n % 4 == 2 then s:mail("a@example.org"); s:rcpt("mailbox-full@sandbox.test"):expect(250)
  elseif n % 4 == 3 then error("the script does not like it", 0)
  else expect(1):equals(2) end
end`)
	r := w.run(t, t.Context(), Plan{Sessions: 1, Messages: 8})
	want := map[string]int64{"reply 452": 2, "script": 2, "expect": 2}
	for kind, n := range want {
		if r.Errors[kind].Count != n || r.Errors[kind].Example == "" {
			t.Errorf("%s: %+v, want %d", kind, r.Errors[kind], n)
		}
	}
	if r.Counts.Failed != 6 || r.Counts.Runs != 8 || r.Counts.Connections != 7 {
		t.Errorf("%+v", r.Counts)
	}
}

// Runs that hang at the end are stopped and counted; those that the user interrupts are not
// failures.
func TestCut(t *testing.T) {
	const script = "local s = smtp.connect()\ns:ehlo()\nreturn function(n) if n > 3 then smtp.sleep(3600) end end"
	t.Run("at the end", func(t *testing.T) {
		w := newWorld(t, "sandbox:plain/mx", script)
		r := w.run(t, t.Context(), Plan{Sessions: 2, Duration: 50 * time.Millisecond, Drain: time.Millisecond})
		if r.Errors["unfinished"].Count != 2 || r.Counts.Runs != 5 || r.Interrupted {
			t.Errorf("%+v %v", r.Counts, r.Errors)
		}
	})
	t.Run("by the user", func(t *testing.T) {
		w := newWorld(t, "sandbox:plain/mx", script)
		ctx, cancel := context.WithCancel(t.Context())
		r, err := Run(ctx, w.workers, Plan{Sessions: 2, Duration: time.Hour}, func(l *Snapshot) {
			if l.Busy == 2 {
				cancel()
			}
		})
		cancel()
		if err != nil || !r.Interrupted || r.Counts.Cut != 2 || r.Counts.Failed != 0 || r.Counts.Runs != 3 {
			t.Errorf("%v %+v %v", err, r.Counts, r.Errors)
		}
	})
}

// The warm-up is not part of the figures.
func TestWarmup(t *testing.T) {
	w := newWorld(t, "sandbox:plain/mx", "return function(n) smtp.sleep('1ms') if n == 1 then error('cold', 0) end end")
	// the first run fails during the warm-up, and would end the load without a later
	// success
	w.workers[0].Recorder.life.good = 1
	r := w.run(t, t.Context(), Plan{Sessions: 1, Warmup: 100 * time.Millisecond, Messages: 10})
	if r.Counts.Failed != 0 || r.Counts.Runs < 9 || r.Counts.Runs > 11 {
		t.Errorf("%+v %v", r.Counts, r.Errors)
	}
}

// A thousand sessions at once, also with the race detector.
func TestThousandSessions(t *testing.T) {
	w := newWorld(t, "sandbox:plain/mx", "local s = smtp.connect()\ns:ehlo():expect(250)\nreturn function()\n"+transaction+"end")
	r := w.run(t, t.Context(), Plan{Sessions: 1000, Messages: 3000})
	if r.Counts.Runs != 3000 || r.Counts.Failed != 0 || r.Counts.Messages != 3000 {
		t.Errorf("%+v %v", r.Counts, r.Errors)
	}
	if c := r.Counts.Connections; c < 1 || c > 1000 {
		t.Errorf("%d connections", c)
	}
}

func TestPlan(t *testing.T) {
	for _, p := range []Plan{{Rate: 100}, {Rate: 7, Ramp: 10 * time.Second}, {Rate: 100_000, Ramp: time.Minute}, {Rate: 0.5}} {
		last := time.Duration(-1)
		for n := range int64(2000) {
			at := p.arrival(n)
			if at < last {
				t.Fatalf("%+v: arrival %d is before the one before it", p, n)
			}
			last = at
			if due := p.due(at + time.Microsecond); due < n || due > n+2 {
				t.Fatalf("%+v: %d arrivals are due when number %d arrives", p, due, n)
			}
		}
	}
	ramp := Plan{Rate: 10, Ramp: 10 * time.Second}
	if got := ramp.arrival(50); got != 10*time.Second { // half as many as without the ramp
		t.Errorf("after the ramp: %v", got)
	}
	for want, p := range map[string]Plan{
		"--sessions": {Sessions: -1}, "--rate": {Rate: -3}, "--messages": {Messages: -1}, "--duration": {Duration: -time.Second},
		"longer than the whole": {Duration: time.Second, Ramp: time.Minute}, "1000000": {Rate: 1e9},
	} {
		if err := p.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", p, err, want)
		}
	}
}

// However long a load is, its points are few and nothing of them is lost.
func TestPointsAreBounded(t *testing.T) {
	c := &collector{step: time.Second}
	for i := range 5000 {
		s := newSketch()
		s.add(time.Duration(i%100+1) * time.Millisecond)
		p := Point{At: float64(i + 1), Seconds: 1, Runs: 1, Failed: int64(i % 2), max: s.max}
		for _, b := range s.hist.Distribution() {
			if b.Count > 0 {
				p.spread = append(p.spread, b)
			}
		}
		c.keep(p)
	}
	if n := len(c.points); n < maxPoints/3 || n > maxPoints {
		t.Errorf("%d points", n)
	}
	var runs, failed int64
	var seconds float64
	for i, p := range c.points {
		runs, failed, seconds = runs+p.Runs, failed+p.Failed, seconds+p.Seconds
		if i > 0 && p.At <= c.points[i-1].At {
			t.Fatalf("point %d is at %g, the one before it at %g", i, p.At, c.points[i-1].At)
		}
		if p.Max < Millis(p.Seconds/2*1e6) {
			t.Fatalf("point %d has a maximum of %v", i, time.Duration(p.Max))
		}
	}
	if runs != 5000 || failed != 2500 || seconds != 5000 {
		t.Errorf("%d runs, %d failed, %g seconds", runs, failed, seconds)
	}
}

// A report with all parts.
func sample() *Report {
	c := newCollector(&runner{start: time.Now(), interrupt: context.Background(), plan: Plan{Sessions: 2}}, nil)
	defer c.cost.stop()
	rec := &Recorder{}
	c.r.workers = []*Worker{{Recorder: rec}}
	for i := range 200 {
		rec.Latency("RCPT", time.Duration(i+1)*time.Millisecond)
		kind := ""
		if i >= 190 {
			kind = "reply 451"
		}
		rec.run(time.Now().Add(-time.Duration(i+1)*2*time.Millisecond), kind, "x.lua:1: <b>451</b> \x1b[31mbusy")
	}
	rec.replies = map[replyKey]int64{{"RCPT", 250}: 190, {"RCPT", 451}: 10, {"<i>", 250}: 1}
	rec.counts.Replies, rec.counts.Refused, rec.counts.Handshakes = 201, 10, 4
	c.begun = c.begun.Add(-4 * time.Second)
	c.second(lastPart)
	c.end()
	r := c.report()
	r.Script, r.Target, r.Version = "x<y>.lua", "mx.test:25", "1"
	r.Client = Cost{CPU: 4, Cores: 2, Share: 0.95}
	return r
}

func TestExpectations(t *testing.T) {
	r := sample()
	for text, want := range map[string]bool{
		"p99(rcpt)<200ms": true, "p99(rcpt)<150ms": false, "p50(RCPT) <= 101 ms": true,
		"max(rcpt)=200ms": true, "min(rcpt)<1.1ms": true, "mean(rcpt)>100ms": true,
		"P99.9(whole)<1s": true, "p99(vrfy)<1s": false, "p99(failed)>10ms": true,
		"refused<1%": false, "refused<5%": true, "refused==10": true,
		"refused(rcpt)<5.1%": true, "refused(mail)<1%": false,
		"replies(451)<=10": true, "replies(4xx)>5%": false, "replies(521)=0": true,
		"errors(reply 4xx)=10": true,
		"failed<6%":            true, "failed<5%": false, "failed=10": true, "errors<11": true,
		"errors(reply 451)=10": true, "errors(timeout)<1": true,
		"runs>=200": true, "rate>10": true, "messages>0": false,
		"message_rate=0": true, "not_begun=0": true, "resumed>1%": false,
		"client_cpu<90%": false,
	} {
		e, err := ParseExpectation(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if v := e.Judge(r); v.Met != want || v.Measured == "" {
			t.Errorf("%s: %+v, want %v", text, v, want)
		}
	}
	for text, want := range map[string]string{
		"": "is not METRIC<VALUE", "p99": "is not METRIC",
		"p99(rcpt)": "is not METRIC", "p99<200ms": "needs a latency",
		"p99(rcpt)<200":  "a time with its unit",
		"p99(rcpt)<200%": "a time with its unit",
		"p0(rcpt)<1s":    "between 0 and 100", "p101(rcpt)<1s": "between 0 and 100",
		"fast(rcpt)<1s": "is not one of", "rate<1%": "a plain number",
		"rate(x)<1": "has no brackets", "refused<1s": "a number, or a share",
		"refused<1%%": "is not METRIC", "client_cpu<1": "a share such as",
		"rate<1.2.3": "not a number", "replies<1": "needs a code",
		"p99(rcpt)<<1s": "is not METRIC", "p9(rcpt<1s": "is not METRIC",
		"replies(45x)<1": "a code such as", "errors(timout)<1": "the kinds are",
		"errors(reply 45)<1": "a code such as",
	} {
		if _, err := ParseExpectation(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	// every metric is known in its documented form
	for _, m := range Metrics() {
		name, _, _ := strings.Cut(m[0], "[")
		name = strings.NewReplacer("pNN", "p99", "(LATENCY)", "(rcpt)", "(CODE)", "(250)").Replace(name)
		ok := false
		for _, suffix := range []string{"", "ms", "%"} {
			if _, err := ParseExpectation(name + "<1" + suffix); err == nil {
				ok = true
			}
		}
		if !ok {
			t.Errorf("%s cannot be written", m[0])
		}
	}
}

// A threshold without samples does not hold, and neither does one about failed runs only.
func TestExpectationsNeedSamples(t *testing.T) {
	about := map[string]bool{"failed<=100%": true, "failed>0": true, "errors>=1": true, "p99(failed)<1h": true}
	thresholds := []string{
		"failed<=100%", "failed>0", "errors>=1", "p99(failed)<1h", "p99(rcpt)<1h",
		"p99(whole)<1h", "max(rcpt)<1h", "refused<100%", "refused<1000",
		"refused(rcpt)<=100%",
		"replies(521)=0", "errors(timeout)<1", "runs>=0", "messages>=0", "rate>=0",
		"message_rate>=0", "not_begun=0", "resumed>=0", "client_cpu<=100%",
	}
	failed := sample()
	failed.Counts.Failed, failed.Counts.Handshakes = failed.Counts.Runs, 0
	nothing := sample()
	nothing.Counts, nothing.Replies, nothing.series, nothing.Latencies = Counts{}, nil, nil, nil
	for _, text := range thresholds {
		e, err := ParseExpectation(text)
		if err != nil {
			t.Fatal(err)
		}
		if v := e.Judge(failed); v.Met != about[text] {
			t.Errorf("%s over failed runs alone: %+v", text, v)
		}
		if v := e.Judge(nothing); v.Met || v.Measured == "" {
			t.Errorf("%s without a run: %+v", text, v)
		}
	}
	good := sample()
	good.Replies, good.Counts.Handshakes = nil, 0
	for _, text := range []string{"refused<1", "refused<1%", "refused(rcpt)=0", "replies(521)=0", "resumed=0", "p99(vrfy)<1h"} {
		e, err := ParseExpectation(text)
		if err != nil {
			t.Fatal(err)
		}
		if v := e.Judge(good); v.Met || v.Measured == "" {
			t.Errorf("%s without samples: %+v", text, v)
		}
	}
}

// A load without any success is given up, unless it must continue.
func TestGiveUp(t *testing.T) {
	const refused = `
local s = smtp.connect()
s:ehlo():expect(250)
s:mail("a@example.org"); s:rcpt("mailbox-full@sandbox.test"):expect(250)`
	w := newWorld(t, "sandbox:plain/mx", refused)
	if r := w.run(t, t.Context(), Plan{Sessions: 2, Duration: time.Hour, GiveUp: 20 * time.Millisecond}); !r.GivenUp ||
		r.Counts.Failed < leastFailed || len(r.Warnings()) == 0 || !strings.Contains(r.Warnings()[0], "--keep-failing") {
		t.Errorf("%+v %v", r.Counts, r.Warnings())
	}
	w = newWorld(t, "sandbox:plain/mx", refused)
	if r := w.run(t, t.Context(), Plan{Sessions: 2, Messages: 40, GiveUp: -1}); r.GivenUp || r.Counts.Failed != 40 {
		t.Errorf("%+v", r.Counts)
	}
	w = newWorld(t, "sandbox:plain/mx", "return function(n) if n > 1 then expect(1):equals(2) end end")
	if r := w.run(t, t.Context(), Plan{Sessions: 1, Messages: 2000, GiveUp: time.Millisecond}); r.GivenUp || r.Counts.Runs != 2000 {
		t.Errorf("%+v", r.Counts)
	}
}

func FuzzParseExpectation(f *testing.F) {
	for _, s := range []string{"p99(rcpt)<200ms", "refused<1%", "errors(reply 451)<=3", "p99.9(whole) < 1.5s", "=", "p(x)<1s", "p..9(x)<1s"} {
		f.Add(s)
	}
	r := sample()
	f.Fuzz(func(t *testing.T, s string) {
		e, err := ParseExpectation(s)
		if err == nil {
			if v := e.Judge(r); v.Measured == "" {
				t.Errorf("%q has no measure", s)
			}
		}
	})
}

// The three forms of a report: nothing in them is executed, and nothing is loaded from
// elsewhere.
func TestForms(t *testing.T) {
	r := sample()
	e, err := ParseExpectation("p99(rcpt)<150ms")
	if err != nil {
		t.Fatal(err)
	}
	r.Expectations = []Verdict{e.Judge(r)}
	var text strings.Builder
	if err := r.Text(&text, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"200 runs of x<y>.lua on mx.test:25", "RCPT", "✗ p99(rcpt)<150ms",
		"10 failed, 5.00 %", `\x1b[31mbusy`, "451", "may limit the rate",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, text.String())
		}
	}
	page := string(r.HTML())
	for _, want := range []string{
		"<!doctype html>", "x&lt;y&gt;.lua", "&lt;b&gt;451",
		"prefers-color-scheme: dark", "<svg", "Latency of runs over time",
		"Percentiles", "Replies by code", "p99(rcpt)&lt;150ms",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, bad := range []string{"<script", "http:", "https:", "src=", "<b>451", "<i>\"", "NaN", "Inf", "\x1b"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	b, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var again Report
	if err := json.Unmarshal(b, &again); err != nil {
		t.Fatal(err)
	}
	if again.Counts != r.Counts || len(again.Latencies) != len(r.Latencies) || len(again.Points) != 1 ||
		again.Errors["reply 451"].Count != 10 || again.Expectations[0].Met {
		t.Errorf("JSON lost something: %s", b)
	}
	empty := &Report{}
	if err := empty.Text(&text, true); err != nil || len(empty.HTML()) == 0 {
		t.Errorf("an empty report: %v", err)
	}
}

// Texts from a script or a server do not fill the memory.
func TestRecorderIsBounded(t *testing.T) {
	rec := &Recorder{}
	for i := range 5000 {
		rec.Latency(fmt.Sprint("verb", i), time.Millisecond)
		rec.run(time.Now(), fmt.Sprint("kind ", i), "x")
		rec.Track().Observe(&event.Event{Kind: event.Closed})
	}
	if len(rec.series) > maxKinds || len(rec.errors) > maxKinds+1 || rec.errors[otherKinds].Count == 0 {
		t.Errorf("%d series, %d kinds of errors", len(rec.series), len(rec.errors))
	}
	s := newSeries()
	for _, d := range []time.Duration{-time.Second, 0, time.Nanosecond, 1e6 * time.Hour} {
		s.add(d)
	}
	if s.count() != 4 || s.max != time.Hour || s.min != 0 {
		t.Errorf("%d values from %v to %v", s.count(), s.min, s.max)
	}
}
