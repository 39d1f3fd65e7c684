//go:build linux

package redteam_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// raids are what the soak does in addition to the attacks on the memory.
var raids = []attack{
	{"a flood of commands", func(ctx context.Context, addr, from string, _ int) ([]*client, error) {
		c, err := dial(ctx, addr, from)
		if err != nil {
			return nil, err
		}
		defer c.nc.Close()
		for range 100 {
			if _, err := io.WriteString(c.nc, strings.Repeat("NOOP\r\n", 100)); err != nil {
				return nil, err
			}
			for range 100 {
				if r, err := c.reply(); err != nil || !strings.HasPrefix(r, "250") {
					return nil, err
				}
			}
		}
		return nil, nil
	}},
	{"guessed passwords", func(ctx context.Context, addr, from string, _ int) ([]*client, error) {
		c, err := dial(ctx, addr, from)
		if err != nil {
			return nil, err
		}
		defer c.nc.Close()
		if err := c.secure(); err != nil {
			return nil, err
		}
		if err := c.want("250", "EHLO attacker"); err != nil {
			return nil, err
		}
		for i := range 500 {
			if _, err := c.say("AUTH PLAIN " + base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "\x00ann@sandbox.test\x00guess%d",
				i))); err != nil {
				return nil, err
			}
		}
		return nil, nil
	}},
	{"messages", func(ctx context.Context, addr, from string, _ int) ([]*client, error) {
		c, err := dial(ctx, addr, from)
		if err != nil {
			return nil, err
		}
		defer c.nc.Close()
		if err := c.want("250", "EHLO attacker"); err != nil {
			return nil, err
		}
		for range 100 {
			if _, err := c.send("Subject: x\r\n\r\n" + text(rand.IntN(400_000))); err != nil {
				return nil, err
			}
		}
		return nil, nil
	}},
	{"connections and no more", func(ctx context.Context, addr, from string, _ int) (open []*client, err error) {
		for range 300 {
			c, err := dial(ctx, addr, from)
			if err != nil {
				return open, err
			}
			open = append(open, c)
		}
		return open, nil
	}},
}

// raid attacks from one address until the context ends, with two attacks at a time.
func raid(ctx context.Context, addr, from string, rounds *atomic.Int64) {
	all := slices.Concat(attacks, raids)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for ctx.Err() == nil {
				open, _ := all[rand.IntN(len(all))].run(ctx, addr, from, 3) //nolint:errcheck // it is refused at some time
				rounds.Add(1)
				hold(ctx, time.Duration(rand.IntN(500))*time.Millisecond)
				for _, c := range open {
					c.nc.Close()
				}
			}
		})
	}
	wg.Wait()
}

// hold waits for a time, or until the context ends.
func hold(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// ordinary sends one message after the other like a normal client, and measures the time of
// each. It reconnects if a connection ends.
func ordinary(ctx context.Context, addr, from string) (took []time.Duration, refused map[string]int) {
	refused = map[string]int{}
	var c *client
	for n := 0; ctx.Err() == nil; n++ {
		begun := time.Now()
		r, err := "", error(nil)
		if c == nil {
			if c, err = dial(ctx, addr, from); err == nil {
				err = c.want("250", "EHLO me")
			}
		}
		if err == nil {
			r, err = c.send("Subject: hello\r\n\r\nhello")
		}
		switch {
		case ctx.Err() != nil:
		case err == nil && strings.HasPrefix(r, "250"):
			took = append(took, time.Since(begun))
		case err != nil:
			refused[fmt.Sprintf("%.40s", err)]++
		default:
			refused[fmt.Sprintf("%.40s", r)]++
		}
		if c != nil && (err != nil || n%10 == 0) {
			c.nc.Close()
			c = nil
		}
		hold(ctx, 20*time.Millisecond)
	}
	if c != nil {
		c.nc.Close()
	}
	return took, refused
}

// TestSoak attacks from three addresses at once while an ordinary client sends messages
// from a fourth. SOAK sets the duration, as in SOAK=10m.
func TestSoak(t *testing.T) {
	long, length := os.Getenv("SOAK") != "", 3*time.Second
	if long {
		var err error
		if length, err = time.ParseDuration(os.Getenv("SOAK")); err != nil {
			t.Fatalf("SOAK: %v", err)
		}
	}
	const limit = 128
	s := run(t, "", "--limit-loopback", "--max-memory", "128", "--max-disk", "256") // the output of the console does not matter
	if _, ok := s.resident(); !ok {
		t.Skip("this system does not tell the memory of a process in /proc")
	}
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	stop := s.peak()
	var rounds atomic.Int64
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() { raid(ctx, s.word("submission"), fmt.Sprint("127.0.0.", i+2), &rounds) })
	}
	var samples []int // ten in all
	wg.Go(func() {
		for range 10 {
			hold(ctx, length/10)
			if mib, ok := s.resident(); ok {
				samples = append(samples, mib)
			}
		}
	})
	took, refused := ordinary(ctx, s.word("mx"), "127.0.0.100")
	wg.Wait()
	most := stop()
	if len(took) == 0 {
		t.Fatalf("the ordinary client is never served: %v", refused)
	}
	slices.Sort(took)
	median, slow := took[len(took)/2], took[len(took)*99/100]
	missed := 0
	for _, n := range refused {
		missed += n
	}
	status := s.stop()
	said := s.console()
	t.Logf("%v, %d attacks from three addresses", length, rounds.Load())
	t.Logf("memory: at most %d MiB, of %d documented for a limit of %d; over time %v", most, allowed(limit), limit, samples)
	t.Logf("an ordinary client: %d messages, median %v, 99th percentile %v, slowest %v; refused %d: %v", len(took), median, slow,
		took[len(took)-1], missed, refused)
	t.Logf("the console: %d lines, %d bytes; status %d; its last lines\n%s", strings.Count(said, "\n"), len(said), status,
		said[max(0, len(said)-1500):])
	if most > allowed(limit) && !raced {
		t.Errorf("the sandbox uses %d MiB", most)
	}
	if status != 0 {
		t.Errorf("status %d", status)
	}
	if lines := strings.Count(said, "\n"); lines > 20000+200*int(length.Seconds()) {
		t.Errorf("%d lines on the console", lines)
	}
	if names, err := os.ReadDir(s.home + "/tmp"); err != nil || len(names) > 0 {
		t.Errorf("temporary files remain: %v, %v", names, err)
	}
	if long && (median > 500*time.Millisecond || missed > len(took)/5) {
		t.Errorf("an ordinary client is hardly served: median %v, %d messages, %d refused", median, len(took), missed)
	}
}
