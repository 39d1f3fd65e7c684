package luabind

import (
	lua "github.com/yuin/gopher-lua"

	"smtpsh/internal/transcript"
)

var transcriptClass = Class{Name: "smtp.Transcript", Doc: "A conversation as C:, S: and * lines, secrets masked."}

var textOpts = Class{
	Name: "smtp.TextOpts", Doc: "How a transcript is written.",
	Keys: []Param{
		{Name: "last", Type: "integer", Optional: true, Doc: "Only the last so many lines."},
		{Name: "times", Type: "boolean", Optional: true, Doc: "Seconds since the beginning before each line."},
	},
}

var transcriptFuncs = []Func{{
	Name: "text", On: "smtp.Transcript", Params: []Param{{Name: "opts", Type: textOpts.Name, Optional: true, Doc: "Options."}}, Returns: "string",
	Doc:     "Gives the conversation as text.",
	Example: `s:noop(); print(s.transcript:text{last = 2})`,
	call: func(c *Call) error {
		last, times := 0, false
		if t := c.table(0); t != nil {
			last = int(lua.LVAsNumber(t.RawGetString("last")))
			times = lua.LVAsBool(t.RawGetString("times"))
		}
		c.pushString(c.self.(*transcript.Log).Text(last, times))
		return nil
	},
}}
