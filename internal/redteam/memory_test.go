//go:build linux

package redteam_test

import (
	"os"
	"strings"
	"testing"
	"time"
)

// TestMemory attacks a new server with each attack and measures its memory. Meanwhile an
// ordinary client is served, or gets the reason why not.
func TestMemory(t *testing.T) {
	if raced {
		t.Skip("the race detector takes memory of its own")
	}
	const limit = 32
	for _, a := range attacks {
		t.Run(strings.ReplaceAll(a.name, " ", "-"), func(t *testing.T) {
			s := run(t, "", "--quiet", "--max-memory", "32", "--max-disk", "64")
			before, _ := s.resident()
			stop := s.peak()
			open, err := a.run(t.Context(), s.word("submission"), "", 20)
			if !refusal(err) {
				t.Error(err)
			}
			answer := ""
			if c, err := dial(t.Context(), s.word("mx"), ""); err != nil {
				answer = err.Error()
			} else {
				if answer, err = c.say("EHLO me"); err == nil && strings.HasPrefix(answer, "250") {
					if answer, err = c.send("Subject: x\r\n\r\nx"); err != nil {
						answer = err.Error()
					}
				}
				c.nc.Close()
			}
			if !strings.HasPrefix(answer, "250") && !strings.HasPrefix(answer, "452 4.3.1") && !strings.HasPrefix(answer, "421 4.3.2") &&
				!strings.Contains(answer,
					": 452 4.3.1") {
				t.Errorf("an ordinary client gets %q", answer)
			}
			most := stop()
			t.Logf("from %d MiB to %d MiB, %d connections left open, an ordinary client gets %q, %v", before, most, len(open), answer, err)
			if most > allowed(limit) {
				t.Errorf("the sandbox uses %d MiB; its limit is %d MiB, and %d MiB are documented", most, limit, allowed(limit))
			}
			if names, err := os.ReadDir(s.home + "/tmp"); err != nil || len(names) > 0 {
				t.Errorf("temporary files have names: %v, %v", names, err)
			}
			for _, c := range open {
				c.nc.Close()
			}
			// then there is room again
			for end := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
				c, err := dial(t.Context(), s.word("mx"), "")
				if err == nil {
					if _, err = c.say("EHLO me"); err == nil {
						answer, err = c.send("Subject: x\r\n\r\nx")
					}
					c.nc.Close()
				}
				if err == nil && strings.HasPrefix(answer, "250") {
					break
				}
				if time.Now().After(end) {
					t.Fatalf("after the attack a message is still rejected: %q, %v", answer, err)
				}
			}
			if lines := strings.Count(s.console(), "\n"); lines > 10 {
				t.Errorf("the console has %d lines:\n%s", lines, s.console())
			}
			if status := s.stop(); status != 0 {
				t.Errorf("status %d\n%s", status, s.console())
			}
		})
	}
}
