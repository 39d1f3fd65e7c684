package sandbox

import (
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"
)

func TestBucketHasRateAndBurst(t *testing.T) {
	var b bucket
	now := time.Unix(1000, 0)
	count := func(tries int) (n int) {
		for range tries {
			if b.take(now, 10, time.Second, 30) {
				n++
			}
		}
		return n
	}
	for _, row := range []struct {
		wait time.Duration
		want int
	}{{0, 30}, {0, 0}, {time.Second, 10}, {100 * time.Millisecond, 1}, {time.Hour, 30}} {
		now = now.Add(row.wait)
		if n := count(100); n != row.want {
			t.Errorf("after %v: %d, want %d", row.wait, n, row.want)
		}
	}
	b.back(10, time.Second)
	if n := count(100); n != 1 {
		t.Errorf("after one was taken back: %d", n)
	}
	if !b.take(now, 0, time.Second, 0) {
		t.Error("a limit of 0 rejects")
	}
}

// TestBucketIsExactUnderConcurrency uses one bucket from many goroutines.
func TestBucketIsExactUnderConcurrency(t *testing.T) {
	var b bucket
	var wg sync.WaitGroup
	counts := make([]int, 8)
	now := time.Now()
	for i := range counts {
		wg.Go(func() {
			for range 1000 {
				if b.take(now, 100, time.Second, 500) {
					counts[i]++
				}
			}
		})
	}
	wg.Wait()
	n := 0
	for _, c := range counts {
		n += c
	}
	if n != 500 {
		t.Errorf("%d of 500", n)
	}
}

func TestAddressBlocks(t *testing.T) {
	for _, row := range []struct {
		addr     string
		loopback bool
		want     string
	}{
		{"192.0.2.7", false, "192.0.2.7"},
		{"::ffff:192.0.2.7", false, "192.0.2.7"},
		{"2001:db8:1:2:3:4:5:6", false, "2001:db8:1:2::"},
		{"fe80::1%eth0", false, "fe80::"},
		{"127.0.0.1", false, ""},
		{"::1", false, ""},
		{"::ffff:127.0.0.1", false, ""},
		{"127.0.0.1", true, "127.0.0.1"},
	} {
		a := net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(row.addr), 1))
		key, ok := Limits{Loopback: row.loopback}.clientKey(a)
		if ok != (row.want != "") || ok && key.String() != row.want {
			t.Errorf("%s: %v, %v", row.addr, key, ok)
		}
	}
	if _, ok := (Limits{Loopback: true}).clientKey(&net.UnixAddr{Name: "x"}); ok {
		t.Error("a unix socket counts as an address")
	}
}

// TestStoredAddressesAreLimited connects from more addresses than maxPeers.
func TestStoredAddressesAreLimited(t *testing.T) {
	ps := &peers{limits: Limits{Conns: 1 << 20, ConnsPerClient: 3, LoginsPerClient: 5}}
	addr := func(i int) net.Addr { return &net.TCPAddr{IP: net.IPv4(10, byte(i>>16), byte(i>>8), byte(i))} }
	for i := range 5 * maxPeers { // These close their connections at once.
		p, reply := ps.enter(addr(i))
		if reply != "" {
			t.Fatal(reply)
		}
		ps.leave(p)
	}
	if n := len(ps.known); n > maxPeers {
		t.Errorf("%d addresses are remembered", n)
	}
	ps.swept = time.Time{} // This simulates that a second has passed.
	guess, _ := ps.enter(addr(1 << 23))
	guess.logins.take(time.Now(), 1, time.Minute, 1)
	ps.leave(guess)
	refused := 0
	for i := range 3 * maxPeers { // These keep their connections open.
		if _, reply := ps.enter(addr(i)); reply != "" {
			refused++
		}
	}
	if n := len(ps.known); n > maxPeers || refused == 0 {
		t.Errorf("%d addresses are remembered, %d connections are refused", n, refused)
	}
	if p, _ := ps.enter(addr(1 << 23)); p != guess {
		t.Error("failed logins are forgotten too early")
	}
}

// TestNoticesAreCounted checks that repeated notices become counts.
func TestNoticesAreCounted(t *testing.T) {
	lines := make(chan string, 10000)
	n := &notices{say: func(s string) { lines <- s }, first: 10 * time.Second}
	built := 0
	flood := func() {
		for range 1000 {
			n.tell(noticeLogins, 1, func() string { built++; return "a login is refused" })
		}
	}
	next := func(want string) {
		t.Helper()
		select {
		case got := <-lines:
			if got != want {
				t.Errorf("%q, want %q", got, want)
			}
		default:
			t.Errorf("got no notice, want %q", want)
		}
	}
	flood()
	next("a login is refused")
	n.count(noticeLogins) // as the timer does
	next("... and 999 more in the last 10 s: logins rejected because of the login limit")
	flood()
	n.count(noticeLogins)
	next("... and 1000 more in the last 20 s: logins rejected because of the login limit")
	n.count(noticeLogins) // Without events in the interval, the next event is reported at once.
	flood()
	next("a login is refused")
	n.tell(noticeDropped, 5, func() string { return "messages are dropped" })
	next("messages are dropped")
	n.close()
	next("... and 4 more: kept messages dropped for newer ones")
	next("... and 999 more: logins rejected because of the login limit")
	n.tell(noticeMemory, 1, func() string { return "too late" })
	if len(lines) > 0 || built != 2 {
		t.Errorf("got %d more lines and %d texts, want 0 and 2", len(lines), built)
	}
	for d, want := range map[time.Duration]string{
		10 * time.Second: "10 s", 80 * time.Second: "80 s", 10 * time.Minute: "10 min",
		time.Millisecond: "0.001 s",
	} {
		if got := shortly(d); got != want {
			t.Errorf("%v: %s", d, got)
		}
	}
}
