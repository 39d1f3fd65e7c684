package hostile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"smtpsh/internal/cli"
	"smtpsh/internal/hostile"
)

// TestMain makes the test binary act as the program, or as the naive client, in runs that
// the battery starts.
func TestMain(m *testing.M) {
	switch os.Getenv("BATTERY_RUNS") {
	case "smtpsh":
		os.Exit(cli.Main(cli.System()))
	case "naive":
		os.Exit(naive(os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5]))
	}
	code := m.Run()
	for _, name := range []string{"battery-big-%d.eml", "battery-ca-%d.pem"} {
		os.Remove(filepath.Join(os.TempDir(), fmt.Sprintf(name, os.Getpid()))) //nolint:errcheck // most runs make none
	}
	os.Exit(code)
}

// count has the results of the battery.
type count struct {
	runs, failed         int
	must, mustMissed     int
	should, shouldMissed int
	peak                 int64
	misses               []string
	mu                   sync.Mutex
	limit                time.Duration
}

// battery runs one case of every by every service.
func battery(t *testing.T, services []string, every int, limit time.Duration) *count {
	t.Helper()
	cases, err := hostile.Cases()
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) < 250 {
		t.Fatalf("only %d cases", len(cases))
	}
	if only := os.Getenv("BATTERY_ONLY"); only != "" { // beginnings of names, for writing a case
		cases = slices.DeleteFunc(cases, func(c hostile.Case) bool { return !strings.HasPrefix(c.Name, only) })
		every = 1
	}
	n := &count{limit: limit}
	todo := make(chan func())
	var workers sync.WaitGroup
	for range 6 {
		workers.Go(func() {
			for f := range todo {
				f()
			}
		})
	}
	for i, c := range cases {
		for _, service := range services {
			if i%every == 0 && open(c, service) {
				n.runs++
				todo <- func() { n.one(t, c, service) }
			}
		}
	}
	close(todo)
	workers.Wait()
	slices.Sort(n.misses)
	t.Logf("%d runs, %d with a miss; of what must hold %d of %d held, of what should %d of %d; at most %d MiB were resident",
		n.runs, n.failed, n.must-n.mustMissed, n.must, n.should-n.shouldMissed, n.should, n.peak>>20)
	return n
}

func (n *count) one(t *testing.T, c hostile.Case, service string) {
	srv, err := hostile.Start(c.Server)
	if err != nil {
		t.Error(err)
		return
	}
	defer srv.Close()
	o := run(t, c, service, srv, n.limit)
	v := judge(c, service, o, srv, n.limit)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.must, n.mustMissed = n.must+v.must, n.mustMissed+len(v.mustMissed)
	n.should, n.shouldMissed = n.should+v.should, n.shouldMissed+len(v.shouldMissed)
	n.peak = max(n.peak, o.memory)
	if m := v.miss(); len(m) > 0 {
		n.failed++
		n.misses = append(n.misses, c.Name+" by "+service+":\n  "+strings.Join(m, "\n  ")+"\n  it printed "+shorten(string(o.err)+string(o.out)))
	}
}

func shorten(s string) string {
	if len(s) > 600 {
		s = s[:300] + " ... " + s[len(s)-300:]
	}
	return strconv.Quote(s)
}

// Every must holds, and 99 % of the should.
func TestNoServerHarmsTheClient(t *testing.T) {
	every, limit := 4, time.Second // a sample; BATTERY_FULL=1 runs all cases, with the documented limit
	if os.Getenv("BATTERY_FULL") != "" {
		every, limit = 1, 3*time.Second
	}
	if raceEnabled { // slower, and its use of memory is not comparable
		every = 7
	}
	n := battery(t, services, every, limit)
	for _, m := range n.misses {
		if n.mustMissed > 0 || n.shouldMissed*100 > n.should {
			t.Error(m)
		} else {
			t.Log(m) // print every result
		}
	}
}

// The cases can fail: most of them harm a simple client.
func TestNaiveClientFails(t *testing.T) {
	if raceEnabled {
		t.Skip("it is the same without the race detector")
	}
	const every = 12 // a part of them is enough
	if n := battery(t, []string{"naive"}, every, time.Second); n.failed*2 < n.runs {
		t.Errorf("only %d of %d cases harm the naive client", n.failed, n.runs)
	}
}
