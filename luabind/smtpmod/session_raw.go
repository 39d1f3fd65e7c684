package smtpmod

import (
	"context"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/luabind"
)

var sessionRaw = []luabind.Func{
	{
		Name: "write", On: "smtp.Session",
		Params: []luabind.Param{
			{Name: "bytes", Type: "string|smtp.Secret", Large: true, Doc: "The bytes; Lua's escapes are \\r\\n, \\0 and \\255."},
		},
		Doc: "Sends exactly these bytes: half lines, several lines at once, bare LF. Complete lines count as commands; " +
			"read_reply reads their replies.",
		Example: `s:write("NO"); s:write("OP\r\nRSET\r\n"); print(s:read_reply().code, s:read_reply().cmd)`,
		Call: func(c *luabind.Call) error {
			bytes := []byte(secretArg(c, 0))
			return using(c, c.Self.(*Session), func(ctx context.Context, s *Session) error { return s.Write(ctx, bytes) })
		},
	},
	{
		Name: "read_reply", On: "smtp.Session",
		Params:  []luabind.Param{{Name: "timeout", Type: "number|string", Optional: true, Doc: "Time limit of the wait."}},
		Returns: "smtp.Reply",
		Doc:     "Reads the next reply. Raises kind timeout if none arrives, kind closed if the server closes the connection.",
		Example: `s:write("NOOP\r\n"); print(s:read_reply("5s").code)`,
		Call: func(c *luabind.Call) error {
			d, err := c.Duration(0)
			if err != nil {
				return err
			}
			return exchange(c, func(ctx context.Context, s *Session) (*reply.Reply, error) { return s.ReadReply(ctx, d) })
		},
	},
	{
		Name: "eof", On: "smtp.Session",
		Params:  []luabind.Param{{Name: "timeout", Type: "number|string", Optional: true, Doc: "Time limit of the wait."}},
		Returns: "boolean",
		Doc:     "Waits until the server closes the connection, and returns whether it did.",
		Example: `s:write("QUIT\r\n"); s:read_reply():expect(221); print(s:eof("5s"))`,
		Call: func(c *luabind.Call) error {
			d, err := c.Duration(0)
			if err != nil {
				return err
			}
			eof := false
			err = using(c, c.Self.(*Session), func(ctx context.Context, s *Session) (err error) {
				eof, err = s.EOF(ctx, d)
				return err
			})
			if err != nil && !eof {
				return err
			}
			c.Push(lua.LBool(eof))
			return nil
		},
	},
	{
		Name: "shutdown", On: "smtp.Session",
		Params: []luabind.Param{
			{Name: "how", Type: `"write"|"reset"`, Optional: true, Doc: "write closes only the client's side; reset ends the " +
				"connection with a TCP RST."},
		},
		Doc:     "Closes the client's side of the connection, or resets the connection.",
		Example: `s:write("QUIT\r\n"); s:shutdown("write"); print(s:read_reply().code)`,
		Call: func(c *luabind.Call) error {
			s := c.Self.(*Session)
			if c.Text(0) == "reset" {
				return s.Reset()
			}
			return s.CloseWrite()
		},
	},
	{
		Name: "pipeline", On: "smtp.Session",
		Params:  []luabind.Param{{Name: "cmds", Type: "string[]", Doc: "The lines, without endings."}},
		Returns: "smtp.Reply[]",
		Doc:     "Sends several commands at once and returns their replies in order, whether or not the server offers PIPELINING.",
		Example: `s:ehlo(); for _, r in ipairs(s:pipeline{"MAIL FROM:<a@example.org>", "RCPT TO:<bob@sandbox.test>", "RSET"}) do ` +
			`print(r.cmd, r.code) end`,
		Call: func(c *luabind.Call) error {
			t := c.Table(0)
			var lines []string
			for i := 1; i <= t.Len(); i++ {
				l, ok := t.RawGetInt(i).(lua.LString)
				if !ok {
					return luabind.UsageError("pipeline: line %d must be a string, got %s", i, luabind.TypeName(t.RawGetInt(i)))
				}
				lines = append(lines, string(l))
			}
			var got []engine.Exchange
			s := c.Self.(*Session)
			err := using(c, s, func(ctx context.Context, s *Session) (err error) {
				got, err = s.Pipeline(ctx, lines...)
				return err
			})
			if err != nil {
				return err
			}
			out := c.L.NewTable()
			for _, x := range got {
				out.Append(replyValue(c, s, x.Reply))
			}
			c.Push(out)
			return nil
		},
	},
}
