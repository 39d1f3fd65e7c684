package smtpmod

import (
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine/reply"
	"smtpsh/internal/luapat"
	"smtpsh/luabind"
)

// WantType is the type of a condition on a reply.
const WantType = "integer|string|table"

// WantOpts is the form of a condition that is a table.
var WantOpts = luabind.Class{
	Name: "smtp.Want", Loose: true, Doc: "A condition on a reply with several parts, all of which must hold.",
	Keys: []luabind.Param{
		{Name: "code", Type: "integer|string|table", Optional: true, Doc: "A code, a pattern such as 5xx, or a list of them."},
		{Name: "enhanced", Type: "string", Optional: true, Doc: "An enhanced code or pattern such as 5.7.*."},
		{Name: "text", Type: "string", Optional: true, Doc: "A Lua pattern that the text must match."},
		{Name: "contains", Type: "string", Optional: true, Doc: "A plain text that must be part of the text."},
	},
}

// Want is a reply.Want with a Lua pattern.
type Want struct {
	reply.Want
	pattern string
}

// Match reports whether a reply meets the condition. The error is an invalid pattern.
func (w Want) Match(c *luabind.Call, r *reply.Reply) (bool, error) {
	if !w.Want.Match(r) {
		return false, nil
	}
	if w.pattern == "" {
		return true, nil
	}
	caps, err := luapat.Find(r.Text(), w.pattern, 0, c.Context().Err)
	if err != nil {
		return false, luabind.UsageError("text: pattern %q: %v", w.pattern, err)
	}
	return caps != nil, nil
}

// String returns the condition.
func (w Want) String() string {
	s := w.Want.String()
	if w.pattern == "" {
		return s
	}
	if s == "any reply" {
		s = ""
	}
	return strings.TrimSpace(s + " text matching " + strconv.Quote(w.pattern))
}

// WantArg parses a condition in an argument.
func WantArg(c *luabind.Call, i int) (Want, error) {
	var w Want
	switch v := c.Arg(i).(type) {
	case lua.LNumber:
		return wanted(c.VM, v)
	case lua.LString:
		return wanted(c.VM, v)
	case *lua.LTable:
		if v.Len() > 0 {
			codes, err := wantCodes(v)
			w.Codes = codes
			return w, err
		}
		if err := c.VM.Library().CheckKeys(c.Func.Full(), WantOpts.Name, v); err != nil {
			return w, err
		}
		return wantTable(v)
	}
	return w, luabind.UsageError("want: a number, a string or a table")
}

// maxWants limits the stored conditions.
const maxWants = 200

// wanted is ParseWant with a cache, because scripts repeat conditions.
func wanted(vm *luabind.VM, v lua.LValue) (Want, error) {
	known := smtpOf(vm).wants
	if w, ok := known[v]; ok {
		return w, nil
	}
	text := ""
	switch v := v.(type) {
	case lua.LNumber:
		text = strconv.Itoa(int(v))
	case lua.LString:
		text = string(v)
	}
	w, err := ParseWant(text)
	if err == nil && len(known) < maxWants {
		known[v] = w
	}
	return w, err
}

// ParseWant parses a condition that is a text. The error is of kind usage.
func ParseWant(s string) (Want, error) {
	w, err := reply.ParseWant(s)
	if err != nil {
		return Want{}, luabind.UsageError("%s", err.Error())
	}
	return Want{Want: w}, nil
}

func wantCodes(t *lua.LTable) ([]string, error) {
	var codes []string
	for i := 1; i <= t.Len(); i++ {
		v := t.RawGetInt(i)
		if v.Type() != lua.LTNumber && v.Type() != lua.LTString {
			return nil, luabind.UsageError("want: a list of codes must have numbers or patterns, not a %s", luabind.TypeName(v))
		}
		w, err := ParseWant(v.String())
		if err != nil {
			return nil, err
		}
		if w.Enhanced != "" {
			return nil, luabind.UsageError("want: %s is an enhanced code; a list holds basic codes", v.String())
		}
		codes = append(codes, w.Codes...)
	}
	return codes, nil
}

func wantTable(t *lua.LTable) (Want, error) {
	var w Want
	var err error
	switch v := t.RawGetString("code").(type) {
	case *lua.LTable:
		w.Codes, err = wantCodes(v)
	case lua.LNumber, lua.LString:
		var inner Want
		inner, err = ParseWant(v.String())
		w.Codes = inner.Codes
	}
	if err != nil {
		return w, err
	}
	if v, ok := t.RawGetString("enhanced").(lua.LString); ok {
		inner, err := ParseWant(string(v))
		if err != nil || inner.Enhanced == "" {
			return w, luabind.UsageError("want: enhanced = %q is not an enhanced code such as 5.7.1 or 5.7.*", string(v))
		}
		w.Enhanced = inner.Enhanced
	}
	if v, ok := t.RawGetString("text").(lua.LString); ok {
		w.pattern = string(v)
	}
	if v, ok := t.RawGetString("contains").(lua.LString); ok {
		w.Contains = string(v)
	}
	if len(w.Codes) == 0 && w.Enhanced == "" && w.pattern == "" && w.Contains == "" {
		return w, luabind.UsageError("want: the table is empty; give code, enhanced, text or contains")
	}
	return w, nil
}
