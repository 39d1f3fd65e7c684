package luabind

import lua "github.com/yuin/gopher-lua"

// List returns a list of texts.
func (c *Call) List(items []string) *lua.LTable {
	t := c.L.NewTable()
	for _, s := range items {
		t.Append(lua.LString(s))
	}
	return t
}

// TextOrNil returns a text; nil if it is empty.
func TextOrNil(s string) lua.LValue {
	if s == "" {
		return lua.LNil
	}
	return lua.LString(s)
}

// ReadStrings returns a text or a list of texts as a list.
func ReadStrings(name string, v lua.LValue) ([]string, error) {
	switch v := v.(type) {
	case lua.LString:
		return []string{string(v)}, nil
	case *lua.LTable:
		var out []string
		for i := 1; i <= v.Len(); i++ {
			s, ok := v.RawGetInt(i).(lua.LString)
			if !ok {
				return nil, UsageError("mail.message: %s must hold strings, got %s", name, TypeName(v.RawGetInt(i)))
			}
			out = append(out, string(s))
		}
		return out, nil
	}
	return nil, nil
}
