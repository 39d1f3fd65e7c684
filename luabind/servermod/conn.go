package servermod

import (
	"context"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine/tlsinfo"
	"smtpsh/internal/sandbox"
	"smtpsh/luabind"
	"smtpsh/luabind/smtpmod"
)

// Conn is a client's connection to a server whose replies the script writes.
type Conn struct {
	peer *sandbox.Peer
	srv  *Server
}

var connClass = luabind.Class{
	Name: "smtp.Conn", Type: reflect.TypeFor[*Conn](),
	Example: `local srv = smtp.listen(); local x; local t = smtp.spawn(function() x = srv:accept("20s"); x:reply(220, "hi") end); local ` +
		`s = smtp.connect(srv); t:wait()`,
	Doc: "A client's connection to a server without a profile. The script sends all replies.",
	Fields: []luabind.Field{
		{
			Name: "number", Type: "integer", Doc: "The connection's number, from 1.",
			Get: func(_ *luabind.Call, v any) lua.LValue { return lua.LNumber(v.(*Conn).peer.Number()) },
		},
		{
			Name: "remote", Type: "string", Doc: "The client's address.",
			Get: func(_ *luabind.Call, v any) lua.LValue { return lua.LString(v.(*Conn).peer.Remote()) },
		},
		{Name: "tls", Type: "smtp.TLS?", Doc: "The TLS state; nil without TLS.", Get: func(c *luabind.Call, v any) lua.LValue {
			cs := v.(*Conn).peer.TLS()
			if cs == nil {
				return lua.LNil
			}
			info := tlsinfo.Describe(cs, nil)
			return c.Object(&info)
		}},
		{Name: "transcript", Type: "smtp.Transcript", Doc: "The transcript so far.", Get: func(c *luabind.Call, v any) lua.LValue {
			x := v.(*Conn)
			if logs := x.srv.logs(); x.peer.Number() <= len(logs) {
				return c.Object(logs[x.peer.Number()-1])
			}
			return lua.LNil
		}},
	},
}

var certOpts = luabind.Class{
	Name: "smtp.CertOpts", Doc: "Options of starttls on the server's side.",
	Keys: []luabind.Param{
		{
			Name: "cert", Type: "string", Optional: true,
			Doc: "The certificate: good, expired, expiring, not-yet, wrong-host, unknown-ca or self-signed.",
		},
	},
}

// exchange runs a step of a server's connection within its time limit.
func exchange(c *luabind.Call, timeout int, f func(ctx context.Context, p *sandbox.Peer) error) error {
	x := c.Self.(*Conn)
	d, err := c.Duration(timeout)
	if err != nil {
		return err
	}
	ctx, cancel := x.srv.waiting(c, d)
	defer cancel()
	c.Wait(func() { err = f(ctx, x.peer) })
	if err != nil {
		return connError(c.Func.Name, err)
	}
	return nil
}

// never is the index of an argument that does not exist.
const never = 9

// mockClient begins the examples.
const mockClient = "local srv = smtp.listen()\nsmtp.spawn(function() pcall(function() local s = smtp.connect(srv); s:ehlo(\"me\"); " +
	"s:quit() end) end)\nlocal c = srv:accept()\nc:reply(220, \"mock ESMTP\")\n"

var connFuncs = []luabind.Func{
	{
		Name: "expect", On: "smtp.Conn",
		Params: []luabind.Param{
			{Name: "verb", Type: "string", Doc: "The verb, or the beginning of the line if it has a space."},
			timeoutParam,
		},
		Returns: "smtp.Command",
		Doc:     "Reads a command. The expectation fails if the verb differs or no command arrives.",
		Example: mockClient + "print(c:expect(\"EHLO\").arg)\nc:reply(250, \"mock\")\nc:expect(\"QUIT\")\nc:reply(221, \"bye\")",
		Call: func(c *luabind.Call) error {
			want := strings.ToUpper(c.Text(0))
			var cmd sandbox.Command
			err := exchange(c, 1, func(ctx context.Context, p *sandbox.Peer) (err error) {
				cmd, err = p.ReadCommand(ctx)
				return err
			})
			got := cmd.Shown
			if err != nil {
				e := smtpmod.ToErrorValue(err)
				if e.Kind == "canceled" {
					return err
				}
				got = map[string]string{"timeout": "nothing within the time limit", "closed": "the end of the connection"}[e.Kind]
				if got == "" {
					got = e.Message
				}
			} else if strings.HasPrefix(strings.ToUpper(cmd.Line), want) && (strings.Contains(want, " ") || cmd.Verb == want) {
				c.Push(c.Object(&cmd))
				return nil
			}
			e := &luabind.ErrorValue{
				Kind: "expect", Op: "expect", What: "the client's next command", Want: want,
				Got: luabind.Quoted(got), Expect: true,
			}
			if err != nil {
				e.Got = got
			}
			e.Message = e.What + ": want " + e.Want + ", got " + e.Got
			if x := c.Self.(*Conn); x.peer.Number() <= len(x.srv.logs()) {
				smtpmod.Details(e).Log = x.srv.logs()[x.peer.Number()-1]
			}
			c.Record(e)
			return e
		},
	},
	{
		Name: "read_line", On: "smtp.Conn", Params: []luabind.Param{timeoutParam}, Returns: "smtp.Command?",
		Doc:     "Reads a line; nil if the client has closed the connection.",
		Example: mockClient + "print(c:read_line().line)",
		Call: func(c *luabind.Call) error {
			var cmd sandbox.Command
			gone := false
			err := exchange(c, 0, func(ctx context.Context, p *sandbox.Peer) (err error) {
				cmd, err = p.ReadCommand(ctx)
				if errors.Is(err, io.EOF) {
					gone, err = true, nil
				}
				return err
			})
			if gone {
				c.Push(lua.LNil)
			} else if err == nil {
				c.Push(c.Object(&cmd))
			}
			return err
		},
	},
	{
		Name: "reply", On: "smtp.Conn",
		Params:  []luabind.Param{{Name: "code", Type: "integer", Doc: "The code."}},
		More:    &luabind.Param{Name: "...", Type: "string", Doc: "The text of each line; several texts make a multiline reply."},
		Doc:     "Sends a reply.",
		Example: mockClient + "c:expect(\"EHLO\")\nc:reply(250, \"mock\", \"SIZE 1000\", \"8BITMIME\")",
		Call: func(c *luabind.Call) error {
			code := int(c.Arg(0).(lua.LNumber))
			if code < 0 || code > 999 {
				return luabind.UsageError("reply: %d is not a reply code", code)
			}
			var lines []string
			for i := c.Base + 1; i <= c.L.GetTop(); i++ {
				l := c.L.Get(i).String()
				if strings.ContainsAny(l, "\r\n") {
					return luabind.UsageError("reply: %s contains a line end; give one text for each line, or use write", luabind.Quoted(l))
				}
				lines = append(lines, l)
			}
			return exchange(c, never, func(ctx context.Context, p *sandbox.Peer) error { return p.Reply(ctx, code, lines...) })
		},
	},
	{
		Name: "read_data", On: "smtp.Conn", Params: []luabind.Param{timeoutParam}, Returns: "string",
		Doc: "Reads a message up to CRLF dot CRLF and returns it unchanged, with stuffed dots.",
		Example: "local srv = smtp.listen()\nlocal t = smtp.spawn(function() local s = smtp.connect(srv); s:data(\".\\n\") end)\nlocal c = " +
			"srv:accept()\nc:reply(220, \"mock ESMTP\")\nc:expect(\"DATA\")\nc:reply(354, \"go on\")\n" +
			"expect(c:read_data()):equals(\"..\\r\\n\")\nc:reply(250, \"ok\")\nt:wait()",
		Call: func(c *luabind.Call) error {
			var data []byte
			err := exchange(c, 0, func(ctx context.Context, p *sandbox.Peer) (err error) {
				data, err = p.ReadData(ctx)
				return err
			})
			if err == nil {
				c.PushText(string(data))
			}
			return err
		},
	},
	{
		Name: "read", On: "smtp.Conn",
		Params:  []luabind.Param{{Name: "n", Type: "integer", Doc: "The number of bytes."}, timeoutParam},
		Returns: "string",
		Doc:     "Reads exactly this number of bytes, such as a BDAT chunk.",
		Example: mockClient + "expect(c:read(4)):equals(\"EHLO\")",
		Call: func(c *luabind.Call) error {
			n := int(c.Arg(0).(lua.LNumber))
			var data []byte
			err := exchange(c, 1, func(ctx context.Context, p *sandbox.Peer) (err error) {
				data, err = p.Read(ctx, n)
				return err
			})
			if err == nil {
				c.PushText(string(data))
			}
			return err
		},
	},
	{
		Name: "write", On: "smtp.Conn", Params: []luabind.Param{{Name: "bytes", Type: "string", Large: true, Doc: "The bytes."}},
		Doc:     "Sends exactly these bytes: incomplete replies, several at once, anything.",
		Example: mockClient + "c:expect(\"EHLO\")\nc:write(\"250-mo\")\nc:write(\"ck\\r\\n250 x\\r\\n\")",
		Call: func(c *luabind.Call) error {
			data := []byte(c.Text(0))
			return exchange(c, never, func(ctx context.Context, p *sandbox.Peer) error { return p.Write(ctx, data) })
		},
	},
	{
		Name: "starttls", On: "smtp.Conn", Params: []luabind.Param{{Name: "opts", Type: certOpts.Name, Optional: true, Doc: "Options."}},
		Doc: "Does the TLS handshake as the server; send the 220 before. Raises kind tls if it fails, for example because the " +
			"client does not accept the certificate.",
		Example: "local srv = smtp.listen()\nlocal t = smtp.spawn(function() local s = smtp.connect(srv); s:starttls():expect(220); return " +
			"s.tls.verified end)\nlocal c = srv:accept()\nc:reply(220, \"mock ESMTP\")\nc:expect(\"STARTTLS\")\nc:reply(220, \"go\")\n" +
			"c:starttls()\nexpect(t:wait()):equals(true)",
		Call: func(c *luabind.Call) error {
			kind := ""
			if t := c.Table(0); t != nil && t.RawGetString("cert") != lua.LNil {
				kind = t.RawGetString("cert").String()
				if !slices.Contains(sandbox.CertKinds, kind) {
					return luabind.UsageError("starttls: there is no certificate %q: there are %s", kind, strings.Join(sandbox.CertKinds, ", "))
				}
			}
			err := exchange(c, never, func(ctx context.Context, p *sandbox.Peer) error { return p.StartTLS(ctx, kind) })
			if e, ok := err.(*luabind.ErrorValue); ok && e.Kind == "closed" {
				e.Kind = "tls"
			}
			return err
		},
	},
	{
		Name: "eof", On: "smtp.Conn", Params: []luabind.Param{timeoutParam}, Returns: "boolean",
		Doc: "Waits until the client closes the connection, and returns whether it did; false if it sends something instead.",
		Example: "local srv = smtp.listen()\nsmtp.spawn(function() pcall(function() smtp.connect(srv):close() end) end)\nlocal c = " +
			"srv:accept()\nc:reply(220, \"mock\")\nexpect(c:eof(\"5s\")):equals(true)",
		Call: func(c *luabind.Call) error {
			gone := false
			err := exchange(c, 0, func(ctx context.Context, p *sandbox.Peer) (err error) {
				gone, err = p.EOF(ctx)
				return err
			})
			if err == nil {
				c.Push(lua.LBool(gone))
			}
			return err
		},
	},
	{
		Name: "close", On: "smtp.Conn",
		Params:  []luabind.Param{{Name: "how", Type: `"reset"`, Optional: true, Doc: "reset drops the connection with a TCP RST."}},
		Doc:     "Ends the connection.",
		Example: mockClient + "c:close()",
		Call: func(c *luabind.Call) error {
			p := c.Self.(*Conn).peer
			c.Wait(func() {
				if c.Text(0) == "reset" {
					p.Reset() //nolint:errcheck // the connection is closed in any case
				} else {
					p.Close() //nolint:errcheck // the connection is closed in any case
				}
			})
			return nil
		},
	},
}
