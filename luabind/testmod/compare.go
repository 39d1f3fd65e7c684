package testmod

import (
	lua "github.com/yuin/gopher-lua"

	"smtpsh/luabind"
)

// maxCompared limits the values of one comparison, because tables can contain each other.
const maxCompared = 1_000_000

// comparer compares values.
type comparer struct {
	m     *luabind.Meter // stops the comparison with the script
	why   error          // why it was stopped
	n     int
	pairs map[[2]*lua.LTable]bool // pairs that were or are being compared
}

func (c *comparer) err() error {
	if c.why != nil {
		return c.why
	}
	if c.n > maxCompared {
		return luabind.UsageError("the tables are too large to compare")
	}
	return nil
}

// work counts units of work, and reports whether to continue.
func (c *comparer) work(n int) bool {
	if c.why == nil {
		c.why = c.m.Add(n) //mutant:comparisons-are-stopped is "c.why = c.m.Add(n)" "_ = n"
	}
	return c.why == nil
}

// same compares values; tables by their contents.
func (c *comparer) same(a, b lua.LValue) bool {
	if c.n++; c.n > maxCompared || c.why != nil {
		return false
	}
	work := 10
	if s, ok := a.(lua.LString); ok {
		work += len(s) / 64
	}
	if !c.work(work) {
		return false
	}
	ta, ok := a.(*lua.LTable)
	if !ok {
		if ua, ok := a.(*lua.LUserData); ok {
			ub, ok := b.(*lua.LUserData)
			return ok && ua.Value == ub.Value
		}
		return a == b
	}
	tb, ok := b.(*lua.LTable)
	if !ok {
		return false
	}
	pair := [2]*lua.LTable{ta, tb}
	if ta == tb || c.pairs[pair] {
		return true // a difference is found where the pair is compared first
	}
	if c.pairs == nil {
		c.pairs = map[[2]*lua.LTable]bool{}
	}
	c.pairs[pair] = true
	equal, n := true, 0
	ta.ForEach(func(k, v lua.LValue) {
		n++
		equal = equal && c.same(v, tb.RawGet(k))
	})
	others := 0
	tb.ForEach(func(_, _ lua.LValue) { others++ })
	return c.work(n+others) && equal && n == others
}
