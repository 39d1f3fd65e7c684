package sandbox

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Limits limits what clients may do, for each address and for all together. 0 means no
// limit. IPv6 addresses count by their first 64 bits, because one client usually has a
// whole /64 network. Clients on this machine are not limited unless Loopback is true,
// because loads are measured from there.
type Limits struct {
	Conns, ConnsPerClient       int  // connections open at the same time
	Commands, CommandsPerClient int  // commands a second; a burst may have the commands of ten seconds
	Logins, LoginsPerClient     int  // failed logins a minute
	Loopback                    bool // clients at loopback addresses are limited too
}

// DefaultLimits returns limits that suit a class of thirty behind one address.
func DefaultLimits() Limits {
	return Limits{Conns: 1000, ConnsPerClient: 250, Commands: 10000, CommandsPerClient: 2000, Logins: 300, LoginsPerClient: 60}
}

// commandBurst is the length of a burst: the commands of this many seconds.
const commandBurst = 10

// maxPeers is the limit of addresses that are counted at once. Further addresses share one entry.
const maxPeers = 16384

// bucket limits a rate without a lock. It stores the time at which it will be empty.
type bucket struct{ empty atomic.Int64 }

// take adds one and reports whether there was room. per is the limit for a period, burst
// the limit at once. With per 0 there is no limit.
func (b *bucket) take(now time.Time, per int, period time.Duration, burst int) bool {
	if per <= 0 {
		return true
	}
	one, at := int64(period)/int64(per), now.UnixNano()
	for {
		was := b.empty.Load()
		next := max(was, at) + one
		if next-at > one*int64(burst) {
			return false
		}
		if b.empty.CompareAndSwap(was, next) {
			return true
		}
	}
}

// back removes one.
func (b *bucket) back(per int, period time.Duration) {
	if per > 0 {
		b.empty.Add(-int64(period) / int64(per))
	}
}

// peer has the counts of one address.
type peer struct {
	addr     netip.Addr
	conns    int          // guarded by the lock of peers
	reserved atomic.Int64 // bytes of memory of its connections, without its stored messages
	commands bucket
	logins   bucket
}

// idle reports whether the entry can be removed.
func (p *peer) idle(now time.Time) bool {
	at := now.UnixNano()
	return p.conns == 0 && p.commands.empty.Load() < at && p.logins.empty.Load() < at
}

// peers has the counts of the addresses that have connections, or had them recently.
type peers struct {
	limits   Limits
	commands bucket
	logins   bucket

	mu    sync.Mutex
	open  int // open connections that are limited
	known map[netip.Addr]*peer
	rest  peer // the shared entry of further addresses
	sweep int  // number of entries at which idle ones are removed
	swept time.Time
}

// clientKey returns the key under which an address is counted. ok is false if it is not limited.
func (l Limits) clientKey(a net.Addr) (key netip.Addr, ok bool) {
	tcp, isTCP := a.(*net.TCPAddr)
	if !isTCP {
		return netip.Addr{}, false
	}
	ip := tcp.AddrPort().Addr().Unmap().WithZone("")
	if ip.IsLoopback() && !l.Loopback { //mutant:this-machine-is-not-limited never
		return netip.Addr{}, false
	}
	if ip.Is6() {
		prefix, _ := ip.Prefix(64) // It never fails for an IPv6 address.
		ip = prefix.Addr()
	}
	return ip, true
}

// enter counts a connection. It returns a nil peer for a client that is not limited, and
// "" or the reply that rejects the connection.
func (ps *peers) enter(a net.Addr) (p *peer, reply string) {
	key, limited := ps.limits.clientKey(a)
	if !limited {
		return nil, ""
	}
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p = ps.known[key]
	if p == nil {
		p = ps.add(key)
	}
	switch l := ps.limits; {
	//mutant:connections-of-an-address-are-limited never
	case l.ConnsPerClient > 0 && p.conns >= l.ConnsPerClient:
		return nil, tooManyReply
	case l.Conns > 0 && ps.open >= l.Conns:
		return nil, fullReply
	}
	p.conns++
	ps.open++
	return p, ""
}

// add adds an entry. If there are many, it removes idle ones first.
func (ps *peers) add(key netip.Addr) *peer {
	if ps.known == nil {
		ps.known, ps.sweep = map[netip.Addr]*peer{}, 1024
	}
	if now := time.Now(); len(ps.known) >= ps.sweep && now.Sub(ps.swept) > time.Second {
		ps.swept = now
		for k, p := range ps.known {
			if p.idle(now) {
				delete(ps.known, k)
			}
		}
		ps.sweep = min(max(1024, 2*len(ps.known)), maxPeers)
	}
	if len(ps.known) >= maxPeers {
		return &ps.rest
	}
	p := &peer{addr: key}
	ps.known[key] = p
	return p
}

// leave takes back a connection that enter counted.
func (ps *peers) leave(p *peer) {
	if p == nil {
		return
	}
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p.conns--
	ps.open--
}

// mayCommand counts a command and reports whether it is within the limits.
func (c *conn) mayCommand(now time.Time) bool {
	if c.peer == nil {
		return true
	}
	ps := &c.srv.peers
	//mutant:commands-of-an-address-are-limited is " " " true || "
	if c.peer.commands.take(now, ps.limits.CommandsPerClient, time.Second, commandBurst*ps.limits.CommandsPerClient) &&
		ps.commands.take(now, ps.limits.Commands, time.Second, commandBurst*ps.limits.Commands) {
		return true
	}
	c.srv.notices.tell(noticeCommands, 1, func() string {
		return fmt.Sprintf("%s sent more than %d commands a second, or all clients together more than %d: its connection is closed with 421",
			c.clientIP(), ps.limits.CommandsPerClient, ps.limits.Commands)
	})
	return false
}

// mayLogin counts a login as failed and reports whether it is within the limits. It counts
// before the attempt, so that simultaneous attempts count too.
func (c *conn) mayLogin() bool {
	if c.peer == nil {
		return true
	}
	ps, now := &c.srv.peers, time.Now()
	if c.peer.logins.take(now, ps.limits.LoginsPerClient, time.Minute, ps.limits.LoginsPerClient) {
		if ps.logins.take(now, ps.limits.Logins, time.Minute, ps.limits.Logins) {
			c.loginCounted = true
			return true
		}
		c.peer.logins.back(ps.limits.LoginsPerClient, time.Minute)
	}
	c.srv.notices.tell(noticeLogins, 1, func() string {
		return fmt.Sprintf("%s failed to log in more than %d times in a minute, or all clients together more than %d: AUTH is rejected with "+
			"454 until the rate falls",
			c.clientIP(), ps.limits.LoginsPerClient, ps.limits.Logins)
	})
	return false
}

// notFailed takes back a login that mayLogin counted.
func (c *conn) notFailed() {
	if c.peer == nil || !c.loginCounted {
		return
	}
	c.loginCounted = false
	c.peer.logins.back(c.srv.peers.limits.LoginsPerClient, time.Minute)
	c.srv.peers.logins.back(c.srv.peers.limits.Logins, time.Minute)
}
