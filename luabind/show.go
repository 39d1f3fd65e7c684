package luabind

import (
	"fmt"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/internal/safetext"
)

// maxShown limits a value in the text of a failure.
const maxShown = 200

// Show returns a value for people: strings in quotes, control bytes visible, tables with
// their contents.
func Show(v lua.LValue) string {
	s := showDepth(v, 3)
	if len(s) > maxShownTable {
		s = strings.ToValidUTF8(s[:maxShownTable], "") + "..."
	}
	return s
}

// maxShownTable limits a table in the text of a failure, in bytes.
const maxShownTable = 8 << 10

func showDepth(v lua.LValue, depth int) string {
	switch v := v.(type) {
	case lua.LString:
		return Quoted(string(v))
	case *lua.LTable:
		if depth == 0 {
			return "{...}"
		}
		return showTable(v, depth-1)
	case *lua.LUserData:
		return safetext.Escape(toString(v))
	case *lua.LFunction:
		return "a function"
	case *lua.LNilType:
		return "nil"
	}
	return v.String()
}

// Quoted returns the beginning of a text in quotes, with control bytes visible.
func Quoted(s string) string {
	more := ""
	if len(s) > maxShown {
		more = fmt.Sprintf("... (%d bytes)", len(s))
		s = s[:maxShown]
	}
	s = strings.NewReplacer("\r", `\r`, "\n", `\n`, "\t", `\t`).Replace(s)
	return `"` + safetext.Escape(s) + `"` + more
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
		parts = append(parts, safetext.Escape(name)+" = "+showDepth(t.RawGet(k), depth))
	}
	if more > 0 {
		parts = append(parts, "...")
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// maxKeys is the number of keys of a table that are sorted by name.
const maxKeys = 1000

// ShowDifference shows two strings from their first difference.
func ShowDifference(want, got string) (string, string) {
	if len(want) <= maxShown/2 && len(got) <= maxShown/2 {
		return Quoted(want), Quoted(got)
	}
	i := 0
	for i < len(want) && i < len(got) && want[i] == got[i] {
		i++
	}
	from := max(0, i-20)
	at := func(s string) string {
		return fmt.Sprintf("%s at byte %d of %d", Quoted(s[min(from, len(s)):min(len(s), from+maxShown/2)]), from, len(s))
	}
	return at(want), at(got)
}
