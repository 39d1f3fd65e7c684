package smtpmod

import (
	"context"
	"io"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/luabind"
)

var bdatOpts = luabind.Class{
	Name: "smtp.BdatOpts", Doc: "Options of bdat.",
	Keys: []luabind.Param{
		{Name: "last", Type: "boolean", Optional: true, Doc: "Whether this is the last chunk (default: true)."},
		{Name: "size", Type: "integer", Optional: true, Doc: "Send the content in chunks of this number of bytes."},
		{Name: "text", Type: "boolean", Optional: true, Doc: "Convert line ends to CRLF first."},
		{Name: "long_lines", Type: "boolean", Optional: true, Doc: "Send lines of more than 998 bytes too."},
	},
}

func sayBdat(c *luabind.Call) error {
	last, size, text, long := true, 0, false, false
	switch v := c.Arg(1).(type) {
	case lua.LBool:
		last = bool(v)
	case *lua.LTable:
		if l := v.RawGetString("last"); l != lua.LNil {
			last = lua.LVAsBool(l)
		}
		if n := lua.LVAsNumber(v.RawGetString("size")); n < 0 || n > engine.MaxChunk || n != n {
			return luabind.UsageError("bdat: size must be from 1 to %d", engine.MaxChunk)
		} else {
			size = int(n)
		}
		text, long = lua.LVAsBool(v.RawGetString("text")), lua.LVAsBool(v.RawGetString("long_lines"))
	}
	reader := func(r io.Reader) io.Reader {
		if long {
			return engine.AnyLength(r)
		}
		return r
	}
	if streamed(c.Arg(0)) {
		pieces, done, err := readerArg(c, 0)
		if err != nil {
			return err
		}
		defer done()
		return deliveries(c, func(ctx context.Context, s *Session) (*reply.Reply, error) {
			return s.BdatAll(ctx, reader(pieces), engine.ChunkOptions{Size: size, Text: text})
		})
	}
	content, err := contentArg(c, 0)
	if err != nil {
		return err
	}
	return deliveries(c, func(ctx context.Context, s *Session) (*reply.Reply, error) {
		if size == 0 && !text && long {
			return s.Bdat(ctx, engine.Chunk{Data: []byte(content), Last: last, AnyLength: true})
		}
		if size == 0 && !text {
			return s.Bdat(ctx, engine.Chunk{Data: []byte(content), Last: last})
		}
		if size == 0 {
			size = min(max(len(content)*2, 1), engine.MaxChunk)
		}
		return s.BdatAll(ctx, reader(strings.NewReader(content)), engine.ChunkOptions{Size: size, Text: text})
	})
}
