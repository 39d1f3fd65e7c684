package luabind

import (
	"reflect"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/transcript"
)

var transcriptClass = Class{
	Name: "smtp.Transcript", Type: reflect.TypeFor[*transcript.Log](),
	String: func(v any) string { return v.(*transcript.Log).Text(0, false) },
	Doc:    "A conversation as C:, S: and * lines, secrets masked."}

var textOpts = Class{
	Name: "smtp.TextOpts", Doc: "How a transcript is written.",
	Keys: []Param{
		{Name: "last", Type: "integer", Optional: true, Doc: "Only the last lines, up to this number."},
		{Name: "times", Type: "boolean", Optional: true, Doc: "Seconds since the beginning before each line."},
	},
}

var writeOpts = Class{
	Name: "smtp.SaveOpts", Doc: "How a transcript is saved.",
	Keys: []Param{{Name: "times", Type: "boolean", Optional: true, Doc: "Seconds since the beginning before each line."}},
}

var entryClass = Class{
	Name: "smtp.Entry", Type: reflect.TypeFor[*transcript.Entry](), Doc: "One line of a transcript.",
	Fields: []Field{
		entryField("dir", `"C"|"S"|"*"`, "Who said it; * is what happened besides.", func(e *transcript.Entry) lua.LValue { return lua.LString(e.Dir) }),
		entryField("text", "string", "The line, control octets shown as \\xHH.", func(e *transcript.Entry) lua.LValue { return lua.LString(e.Text) }),
		entryField("at", "number", "Seconds since the beginning.", func(e *transcript.Entry) lua.LValue { return lua.LNumber(e.At.Seconds()) }),
	},
}

func entryField(name, typ, doc string, get func(e *transcript.Entry) lua.LValue) Field {
	return Field{Name: name, Type: typ, Doc: doc, Get: func(_ *Call, v any) lua.LValue { return get(v.(*transcript.Entry)) }}
}

var transcriptFuncs = []Func{
	{
		Name: "text", On: "smtp.Transcript", Params: []Param{{Name: "opts", Type: textOpts.Name, Optional: true, Doc: "Options."}}, Returns: "string",
		Doc:     "Gives the conversation as text.",
		Example: `s:noop(); print(s.transcript:text{last = 2})`,
		Call: func(c *Call) error {
			last, times := 0, false
			if t := c.table(0); t != nil {
				last = int(lua.LVAsNumber(t.RawGetString("last")))
				times = lua.LVAsBool(t.RawGetString("times"))
			}
			c.pushString(c.self.(*transcript.Log).Text(last, times))
			return nil
		},
	},
	{
		Name: "entries", On: "smtp.Transcript", Returns: "fun(): smtp.Entry",
		Doc:     "Gives an iterator over the lines so far.",
		Example: `s:noop(); for e in s.transcript:entries() do print(e.at, e.dir, e.text) end`,
		Call: func(c *Call) error {
			entries := c.self.(*transcript.Log).Entries()
			i := 0
			c.push(c.L.NewFunction(func(L *lua.LState) int {
				if i >= len(entries) {
					return 0
				}
				L.Push(c.vm.object(L, &entries[i]))
				i++
				return 1
			}))
			return nil
		},
	},
	{
		Name: "save", On: "smtp.Transcript", Params: []Param{{Name: "path", Type: "string", Doc: "A file in the script's folder."}, {Name: "opts", Type: writeOpts.Name, Optional: true, Doc: "Options."}},
		Doc:     "Writes the conversation to a file in the script's folder, which a dialogue or a person can read.",
		Example: `s:noop(); s.transcript:save("session.txt")`,
		Call: func(c *Call) error {
			times := false
			if t := c.table(1); t != nil {
				times = lua.LVAsBool(t.RawGetString("times"))
			}
			text := c.self.(*transcript.Log).Text(0, times)
			if c.vm.Options().DryRun {
				return nil
			}
			var err error
			path := c.str(0)
			c.wait(func() { err = smtpOf(c.vm).saved.save(c.vm.Options().Dir, path, []byte(text)) })
			if err != nil {
				return usageError("save: %v", err)
			}
			return nil
		},
	},
}
