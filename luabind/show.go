package luabind

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine/reply"
	"smtpsh/transcript"
)

// maxShown bounds a value in a failure's text.
const maxShown = 200

// show writes a value as a person reads it: strings quoted, control octets
// visible, tables with what is in them.
func show(v lua.LValue) string {
	s := showDepth(v, 3)
	if len(s) > maxShownTable {
		s = strings.ToValidUTF8(s[:maxShownTable], "") + "..."
	}
	return s
}

// maxShownTable bounds a table in a failure's text, in octets.
const maxShownTable = 8 << 10

func showDepth(v lua.LValue, depth int) string {
	switch v := v.(type) {
	case lua.LString:
		return quoted(string(v))
	case *lua.LTable:
		if depth == 0 {
			return "{...}"
		}
		return showTable(v, depth-1)
	case *lua.LUserData:
		return transcript.Escape(toString(v.Value))
	case *lua.LFunction:
		return "a function"
	case *lua.LNilType:
		return "nil"
	}
	return v.String()
}

func quoted(s string) string {
	more := ""
	if len(s) > maxShown {
		more = fmt.Sprintf("... (%d octets)", len(s))
		s = s[:maxShown]
	}
	s = strings.NewReplacer("\r", `\r`, "\n", `\n`, "\t", `\t`).Replace(s)
	return `"` + transcript.Escape(s) + `"` + more
}

func showTable(t *lua.LTable, depth int) string {
	var parts []string
	n := t.Len()
	for i := 1; i <= n && i <= 20; i++ {
		parts = append(parts, showDepth(t.RawGetInt(i), depth))
	}
	if n > 20 {
		parts = append(parts, fmt.Sprintf("... (%d elements)", n))
	}
	var keys []lua.LValue
	more := 0
	t.ForEach(func(k, v lua.LValue) {
		if i, ok := k.(lua.LNumber); ok && float64(i) >= 1 && float64(i) <= float64(n) {
			return
		}
		if len(keys) == maxKeys {
			more++
			return
		}
		keys = append(keys, k)
	})
	slices.SortFunc(keys, func(a, b lua.LValue) int { return strings.Compare(a.String(), b.String()) })
	if len(keys) > 20 {
		more += len(keys) - 20
		keys = keys[:20]
	}
	for _, k := range keys {
		name := k.String()
		if len(name) > maxShown {
			name = name[:maxShown] + "..."
		}
		parts = append(parts, transcript.Escape(name)+" = "+showDepth(t.RawGet(k), depth))
	}
	if more > 0 {
		parts = append(parts, "...")
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// maxKeys is how many keys of a table are looked at for the first ones by name.
const maxKeys = 1000

// showDifference shows two strings from where they begin to differ.
func showDifference(want, got string) (string, string) {
	if len(want) <= maxShown/2 && len(got) <= maxShown/2 {
		return quoted(want), quoted(got)
	}
	i := 0
	for i < len(want) && i < len(got) && want[i] == got[i] {
		i++
	}
	from := max(0, i-20)
	at := func(s string) string {
		return fmt.Sprintf("%s at octet %d of %d", quoted(s[min(from, len(s)):min(len(s), from+maxShown/2)]), from, len(s))
	}
	return at(want), at(got)
}

// maxCompared bounds the values that are compared; tables may hold each other so
// that there is no end.
const maxCompared = 1_000_000

// comparer compares values.
type comparer struct {
	m     *meter // ends it when the script is stopped
	why   error  // that it was ended
	n     int
	pairs map[[2]*lua.LTable]bool // compared, or being compared
}

func (c *comparer) err() error {
	if c.why != nil {
		return c.why
	}
	if c.n > maxCompared {
		return usageError("the tables are too large to compare")
	}
	return nil
}

// work counts units of work, and reports whether to go on.
func (c *comparer) work(n int) bool {
	if c.why == nil {
		c.why = c.m.add(n)
	}
	return c.why == nil
}

// same compares values; tables by what is in them.
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
		return true // or found different elsewhere
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

// textOf is the text of a string, a number, or a reply.
func textOf(v lua.LValue) (string, bool) {
	switch v := v.(type) {
	case lua.LString:
		return string(v), true
	case lua.LNumber:
		return v.String(), true
	case *lua.LUserData:
		switch x := v.Value.(type) {
		case *reply.Reply:
			return x.String(), true
		case *Secret:
			return x.text, true
		}
	}
	return "", false
}

func itoa(n int) string { return strconv.Itoa(n) }
