package textmod

import (
	"encoding/base64"
	"strings"
	"unicode"

	"smtpsh/luabind"

	lua "github.com/yuin/gopher-lua"
)

var textParam = luabind.Param{Name: "s", Type: "string", Large: true, Doc: "The text."}

func textFunc(name, returns, doc, example string, params []luabind.Param, call func(c *luabind.Call) error) luabind.Func {
	return luabind.Func{
		Name: name, On: "text", Params: append([]luabind.Param{textParam}, params...),
		Returns: returns, Doc: doc, Example: example, Call: call,
	}
}

var reParam = []luabind.Param{
	{Name: "re", Type: "string", Doc: "A regular expression in RE2's syntax: (?i) for any case, (?m) for ^ and $ at lines."},
}

// lf changes every kind of line end to LF.
func lf(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// maxList limits the texts that one call returns.
const maxList = 1 << 20

var textFuncs = []luabind.Func{
	textFunc("contains", "boolean", "Tells whether a plain text is part of it.", `assert(text.contains("a.b.c", ".b."))`,
		[]luabind.Param{{Name: "part", Type: "string", Doc: "The text to search for."}}, func(c *luabind.Call) error {
			c.Push(lua.LBool(strings.Contains(c.Text(0), c.Text(1))))
			return nil
		}),
	textFunc("lines", "string[]", "Cuts a text into its lines, without CRLF or LF. A line end at the very end begins no further line.",
		`assert(#text.lines("a\r\nb\n") == 2)`, nil, func(c *luabind.Call) error {
			var out []string
			for l := range strings.Lines(c.Text(0)) {
				if len(out) == maxList {
					return luabind.UsageError("text.lines: more than %d lines", maxList)
				}
				out = append(out, strings.TrimSuffix(strings.TrimSuffix(l, "\n"), "\r"))
			}
			c.Push(c.List(out))
			return nil
		}),
	textFunc("split", "string[]", "Cuts a text at a separator; without one at white space.", `assert(text.split("SIZE 100  X")[2] == "100")`,
		[]luabind.Param{{Name: "sep", Type: "string", Optional: true, Doc: "The separator, a plain text."}}, func(c *luabind.Call) error {
			parts := strings.FieldsSeq(c.Text(0))
			if sep := c.Text(1); sep != "" {
				parts = strings.SplitSeq(c.Text(0), sep)
			}
			t, n := c.L.NewTable(), 0
			for part := range parts {
				if n++; n > maxList {
					return luabind.UsageError("text.split: more than %d parts", maxList)
				}
				t.Append(lua.LString(part))
			}
			c.Push(t)
			return nil
		}),
	textFunc("trim", "string", "Takes white space off both ends.", `assert(text.trim("  x\r\n") == "x")`, nil,
		func(c *luabind.Call) error { c.PushText(strings.TrimSpace(c.Text(0))); return nil }),
	textFunc("crlf", "string", "Makes CRLF of every line end: LF, CR and CRLF.", `assert(text.crlf("a\nb") == "a\r\nb")`, nil,
		func(c *luabind.Call) error {
			s := lf(c.Text(0))
			if len(s)+strings.Count(s, "\n") > luabind.MaxString {
				return luabind.TooLong("text.crlf")
			}
			c.PushText(strings.ReplaceAll(s, "\n", "\r\n"))
			return nil
		}),
	textFunc("lf", "string", "Makes LF of every line end.", `assert(text.lf("a\r\nb") == "a\nb")`, nil,
		func(c *luabind.Call) error { c.PushText(lf(c.Text(0))); return nil }),
	textFunc("match", "string[]?", "Looks for a regular expression: gives the groups, with the whole match at index 0, or nil.",
		`assert(text.match("queued as 4F2A", "as ([0-9A-F]+)")[1] == "4F2A")`, reParam, func(c *luabind.Call) error {
			x, err := c.Expression(1)
			if err != nil {
				return err
			}
			s := c.Text(0)
			at, err := x.First(s)
			if at == nil || err != nil {
				c.Push(lua.LNil)
				return err
			}
			t := c.L.NewTable()
			for i := 2; i < len(at); i += 2 {
				t.Append(lua.LString(luabind.Group(s, at, i)))
			}
			t.RawSetInt(0, lua.LString(luabind.Group(s, at, 0)))
			c.Push(t)
			return nil
		}),
	textFunc("match_all", "string[]", "Gives every match of a regular expression: its first group, or the whole where it has none.",
		`assert(#text.match_all("1 22 333", "[0-9]+") == 3)`, reParam, func(c *luabind.Call) error {
			x, err := c.Expression(1)
			if err != nil {
				return err
			}
			t, s, n := c.L.NewTable(), c.Text(0), 0
			err = x.Each(s, func(at []int) error {
				if n++; n > maxList {
					return luabind.UsageError("text.match_all: more than %d matches", maxList)
				}
				t.Append(lua.LString(luabind.Group(s, at, min(2, len(at)-2))))
				return nil
			})
			c.Push(t)
			return err
		}),
	textFunc("replace", "string", "Replaces every match of a regular expression; $1 is the first group.",
		`assert(text.replace("id 123", "[0-9]+", "N") == "id N")`,
		append(reParam[:1:1], luabind.Param{Name: "by", Type: "string", Doc: "The replacement."}), func(c *luabind.Call) error {
			x, err := c.Expression(1)
			if err != nil {
				return err
			}
			s, by := c.Text(0), c.Text(2)
			references := strings.Count(by, "$")
			var b []byte
			last := 0
			err = x.Each(s, func(at []int) error {
				if len(b)+at[0]-last+len(by)+references*(at[1]-at[0]) > luabind.MaxString {
					return luabind.TooLong("text.replace")
				}
				b = append(b, s[last:at[0]]...)
				b = x.Re.ExpandString(b, by, s, at)
				last = at[1]
				return nil
			})
			if err == nil && len(b)+len(s)-last > luabind.MaxString {
				err = luabind.TooLong("text.replace")
			}
			if err != nil {
				return err
			}
			c.PushText(string(append(b, s[last:]...)))
			return nil
		}),
	textFunc("base64", "string", "Encodes in Base64.", `assert(text.base64("\0ann\0pw") == "AGFubgBwdw==")`, nil, func(c *luabind.Call) error {
		if base64.StdEncoding.EncodedLen(len(c.Text(0))) > luabind.MaxString {
			return luabind.TooLong("text.base64")
		}
		c.PushText(base64.StdEncoding.EncodeToString([]byte(c.Text(0))))
		return nil
	}),
	textFunc("unbase64", "string", "Decodes Base64; line ends are skipped.", `assert(text.unbase64("VXNlcm5hbWU6") == "Username:")`, nil,
		func(c *luabind.Call) error {
			b, err := base64.StdEncoding.DecodeString(strings.Map(func(r rune) rune {
				if unicode.IsSpace(r) {
					return -1
				}
				return r
			}, c.Text(0)))
			if err != nil {
				return luabind.UsageError("text.unbase64: %s is not Base64: %v", luabind.Quoted(c.Text(0)), err)
			}
			c.PushText(string(b))
			return nil
		}),
}
