package sandbox

import (
	"net"
	"slices"
	"strings"
	"time"

	"smtpsh/engine/event"
)

// act does the action of a rule for a command. usual is the normal handling of the
// command. act reports whether the session continues.
func (c *conn) act(a *Action, verb, arg string, usual func() bool) bool {
	c.sleep(a.Delay)
	if a.Drop == "before" {
		c.hangUp(a.Reset)
		return false
	}
	c.mod = a
	defer func() { c.mod = nil }()
	if a.Reply == "" && a.Raw == nil {
		return usual()
	}
	positive := a.Raw == nil && a.Reply[0] <= '3'
	switch {
	case verb == "BDAT": // The bytes of its chunk must be read in any case.
		return usual()
	case !positive:
		return c.send("")
	case verb == "MAIL":
		from, params, _ := parsePath(arg, "FROM:", spacesAtColon)
		if !c.begin(transaction{open: true, from: from, params: params}, arg) {
			return c.lacking(noMemory)
		}
		return c.send("")
	case verb == "RCPT":
		to, params, _ := parsePath(arg, "TO:", spacesAtColon)
		if !c.addRcpt(Rcpt{Address: to, Params: params}, arg) {
			return c.lacking(noMemory)
		}
		c.tx.open = true
		return c.send("")
	case verb == "AUTH" && strings.HasPrefix(a.Reply, "235"):
		c.authed = true
		return c.send("")
	}
	return usual()
}

// modify returns a reply as the current rule changes it.
func (c *conn) modify(text string) string {
	a := c.mod
	if a == nil {
		return text
	}
	if a.Reply != "" {
		text = a.Reply
	}
	if len(a.With) == 0 && len(a.Without) == 0 || !strings.HasPrefix(text, "250") {
		return text
	}
	lines := strings.Split(text, "\n")
	kept := lines[:1]
	for _, l := range lines[1:] {
		word, _, _ := strings.Cut(l[min(4, len(l)):], " ")
		if !slices.ContainsFunc(a.Without, func(w string) bool { return strings.EqualFold(w, word) }) {
			kept = append(kept, l)
		}
	}
	for _, w := range a.With {
		kept = append(kept, "250-"+w)
	}
	for i, l := range kept {
		sep := "-"
		if i == len(kept)-1 {
			sep = " "
		}
		kept[i] = "250" + sep + l[min(4, len(l)):]
	}
	return strings.Join(kept, "\n")
}

// write sends a reply as the current rule requires: complete, half of it, byte by byte, or
// other bytes. It reports whether the session continues.
func (c *conn) write(out []byte) bool {
	a := c.mod
	if a == nil {
		c.nc.SetWriteDeadline(time.Now().Add(writeWait))
		_, err := c.nc.Write(out)
		return err == nil
	}
	c.mod = nil // A rule changes one reply only.
	if a.Raw != nil {
		out = a.Raw
	}
	if a.Drop == "half" {
		out = out[:len(out)/2]
	}
	step := len(out)
	if a.Drip > 0 {
		step = 1
	}
	for len(out) > 0 {
		n := min(step, len(out))
		c.nc.SetWriteDeadline(time.Now().Add(writeWait))
		if _, err := c.nc.Write(out[:n]); err != nil {
			return false
		}
		out = out[n:]
		if a.Drip > 0 && len(out) > 0 && !c.sleep(a.Drip) {
			return false
		}
	}
	if a.Drop != "" {
		c.hangUp(a.Reset)
		return false
	}
	return c.sleep(a.Stall)
}

// sleep waits for d. It returns false at once when the server or the connection ends.
func (c *conn) sleep(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-c.srv.done:
		return false
	case <-c.gone:
		return false
	}
}

// hangUp closes the connection without a reply, with a TCP reset if reset is true.
func (c *conn) hangUp(reset bool) {
	how := "the server closes the connection"
	if reset {
		how = "the server resets the connection"
		if tcp, ok := c.raw.(*net.TCPConn); ok {
			tcp.SetLinger(0) //nolint:errcheck // After an error the close is an ordinary one.
		}
	}
	c.emit(event.Event{Kind: event.Note, Text: how})
	c.raw.Close()
}
