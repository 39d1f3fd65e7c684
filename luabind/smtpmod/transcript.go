package smtpmod

import (
	"reflect"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/luabind"
	"smtpsh/transcript"
)

var transcriptClass = luabind.Class{
	Name: "smtp.Transcript", Type: reflect.TypeFor[*transcript.Log](),
	String: func(v any) string { return v.(*transcript.Log).Text(0, transcript.WithoutTimes) },
	Doc:    "A transcript as C:, S: and * lines, secrets masked."}

var textOpts = luabind.Class{
	Name: "smtp.TextOpts", Doc: "Options of text.",
	Keys: []luabind.Param{
		{Name: "last", Type: "integer", Optional: true, Doc: "Return only this number of last lines."},
		{Name: "times", Type: "boolean", Optional: true, Doc: "Write the seconds since the start before each line."},
	},
}

var writeOpts = luabind.Class{
	Name: "smtp.SaveOpts", Doc: "Options of save.",
	Keys: []luabind.Param{{Name: "times", Type: "boolean", Optional: true, Doc: "Write the seconds since the start before each line."}},
}

var entryClass = luabind.Class{
	Name: "smtp.Entry", Type: reflect.TypeFor[*transcript.Entry](),
	Example: `local s = smtp.connect("sandbox:plain"); local x = s.transcript:entries()()`, Doc: "One line of a transcript.",
	Fields: []luabind.Field{
		entryField("dir", `"C"|"S"|"*"`, "C, S, or * for events.",
			func(e *transcript.Entry) lua.LValue { return lua.LString(e.Dir) }),
		entryField("text", "string", "The line; control bytes are shown as \\xHH.",
			func(e *transcript.Entry) lua.LValue { return lua.LString(e.Text) }),
		entryField("at", "number", "Seconds since the start.", func(e *transcript.Entry) lua.LValue { return lua.LNumber(e.At.Seconds()) }),
	},
}

func entryField(name, typ, doc string, get func(e *transcript.Entry) lua.LValue) luabind.Field {
	return luabind.Field{Name: name, Type: typ, Doc: doc, Get: func(_ *luabind.Call, v any) lua.LValue { return get(v.(*transcript.Entry)) }}
}

var transcriptFuncs = []luabind.Func{
	{
		Name: "text", On: "smtp.Transcript",
		Params:  []luabind.Param{{Name: "opts", Type: textOpts.Name, Optional: true, Doc: "Options."}},
		Returns: "string",
		Doc:     "Returns the transcript as text.",
		Example: `s:noop(); print(s.transcript:text{last = 2})`,
		Call: func(c *luabind.Call) error {
			last, times := 0, false
			if t := c.Table(0); t != nil {
				last = int(lua.LVAsNumber(t.RawGetString("last")))
				times = lua.LVAsBool(t.RawGetString("times"))
			}
			c.PushText(c.Self.(*transcript.Log).Text(last, transcript.Clock(times)))
			return nil
		},
	},
	{
		Name: "entries", On: "smtp.Transcript", Returns: "fun(): smtp.Entry",
		Doc:     "Returns an iterator over the lines.",
		Example: `s:noop(); for e in s.transcript:entries() do print(e.at, e.dir, e.text) end`,
		Call: func(c *luabind.Call) error {
			entries := c.Self.(*transcript.Log).Entries()
			i := 0
			c.Push(c.L.NewFunction(func(L *lua.LState) int {
				if i >= len(entries) {
					return 0
				}
				L.Push(c.VM.Object(L, &entries[i]))
				i++
				return 1
			}))
			return nil
		},
	},
	{
		Name: "save", On: "smtp.Transcript",
		Params: []luabind.Param{
			{Name: "path", Type: "string", Doc: "A file in the script's folder."},
			{Name: "opts", Type: writeOpts.Name, Optional: true, Doc: "Options."},
		},
		Doc:     "Writes the transcript to a file in the script's folder. The file can be run as a dialogue.",
		Example: `s:noop(); s.transcript:save("session.txt")`,
		Call: func(c *luabind.Call) error {
			times := false
			if t := c.Table(1); t != nil {
				times = lua.LVAsBool(t.RawGetString("times"))
			}
			text := c.Self.(*transcript.Log).Text(0, transcript.Clock(times))
			if c.VM.Options().DryRun {
				return nil
			}
			var err error
			path := c.Text(0)
			c.Wait(func() { err = smtpOf(c.VM).saved.save(c.VM.Options().Dir, path, []byte(text)) })
			if err != nil {
				return luabind.UsageError("save: %v", err)
			}
			return nil
		},
	},
}
