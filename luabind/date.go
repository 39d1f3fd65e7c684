package luabind

import (
	"fmt"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// mendDate replaces the directives that the os.date of the interpreter gets wrong or does
// not know: its %a is always "mon", its %x has hours instead of days, its %c has no
// weekday, and it does not replace %j and %w.
func mendDate(L *lua.LState) {
	format, ok := L.Get(1).(lua.LString)
	if !ok || !strings.Contains(string(format), "%") {
		return
	}
	at := time.Now()
	if L.GetTop() >= 2 {
		at = time.Unix(L.CheckInt64(2), 0)
	}
	if strings.HasPrefix(string(format), "!") {
		at = at.UTC()
	}
	L.Replace(1, lua.LString(expandDate(string(format), at)))
}

// expandDate replaces the directives of mendDate and keeps the others.
func expandDate(format string, at time.Time) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		switch format[i] {
		case 'a':
			b.WriteString(at.Format("Mon"))
		case 'c':
			b.WriteString(at.Format("Mon Jan _2 15:04:05 2006"))
		case 'x':
			b.WriteString(at.Format("01/02/06"))
		case 'j':
			fmt.Fprintf(&b, "%03d", at.YearDay())
		case 'w':
			fmt.Fprintf(&b, "%d", at.Weekday())
		default:
			b.WriteString(format[i-1 : i+1])
		}
	}
	return b.String()
}
