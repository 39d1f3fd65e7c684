package luabind

import lua "github.com/yuin/gopher-lua"

var tableFuncs = []Func{
	{
		Name: "pack", On: "table", More: &Param{Name: "...", Type: "any", Doc: "The values."}, Returns: "table",
		Doc:     "Returns a table with its arguments and their number as n.",
		Example: `assert(table.pack("a", nil, "c").n == 3)`,
		Call: func(c *Call) error {
			t := c.L.NewTable()
			n := c.L.GetTop() - c.Base + 1
			for i := range n {
				t.RawSetInt(i+1, c.Arg(i))
			}
			t.RawSetString("n", lua.LNumber(n))
			c.Push(t)
			return nil
		},
	},
	{
		Name: "unpack", On: "table",
		Params: []Param{
			{Name: "t", Type: "table", Doc: "The table."},
			{Name: "from", Type: "integer", Optional: true, Doc: "The first index (default: 1)."},
			{Name: "to", Type: "integer", Optional: true, Doc: "The last index (default: n or the length)."},
		},
		Returns: "any",
		Doc:     "Returns the elements of a table one by one.",
		Example: `local a, b = table.unpack({1, 2}); assert(a + b == 3)`,
		Call: func(c *Call) error {
			t := c.Table(0)
			first, last := lua.LNumber(1), lua.LNumber(t.Len())
			if n, ok := t.RawGetString("n").(lua.LNumber); ok {
				last = n
			}
			if v, ok := c.Arg(1).(lua.LNumber); ok {
				first = v
			}
			if v, ok := c.Arg(2).(lua.LNumber); ok {
				last = v
			}
			from, to := c.VM.span(c.L, "table.unpack", float64(first), float64(last))
			for i := from; i <= to; i++ {
				c.Push(t.RawGetInt(i))
			}
			return nil
		},
	},
}

// bits returns a function on 32-bit numbers.
func bits(name, doc, example string, params []string, f func(a, b uint32) uint32) Func {
	fn := Func{Name: name, On: "bit", Returns: "integer", Doc: doc, Example: example}
	for _, p := range params {
		fn.Params = append(fn.Params, Param{Name: p, Type: "number", Doc: "A 32-bit number."})
	}
	fn.Call = func(c *Call) error {
		var v [2]uint32
		for i := range params {
			v[i] = uint32(int64(c.Arg(i).(lua.LNumber)))
		}
		c.Push(lua.LNumber(f(v[0], v[1])))
		return nil
	}
	return fn
}

var bitFuncs = []Func{
	bits("band", "Returns the bitwise and of two "+
		"numbers.", `assert(bit.band(6, 3) == 2)`, []string{"a", "b"}, func(a, b uint32) uint32 { return a & b }),
	bits("bor", "Returns the bitwise or of two "+
		"numbers.", `assert(bit.bor(6, 3) == 7)`, []string{"a", "b"}, func(a, b uint32) uint32 { return a | b }),
	bits("bxor", "Returns the bitwise exclusive or of two numbers.", `assert(bit.bxor(6, 3) == 5)`, []string{"a", "b"},
		func(a, b uint32) uint32 { return a ^ b }),
	bits("bnot", "Returns the complement in 32 "+
		"bits.", `assert(bit.bnot(0) == 4294967295)`, []string{"a"}, func(a, _ uint32) uint32 { return ^a }),
	bits("lshift", "Shifts to the left.", `assert(bit.lshift(1, 4) == 16)`, []string{"a", "n"}, func(a, n uint32) uint32 { return a << n }),
	bits("rshift", "Shifts to the right.", `assert(bit.rshift(16, 4) == 1)`, []string{"a", "n"}, func(a, n uint32) uint32 { return a >> n }),
}
