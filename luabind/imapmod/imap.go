package imapmod

import (
	"context"
	"errors"
	"os"
	"reflect"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine"
	"smtpsh/internal/advice"
	"smtpsh/internal/imap"
	"smtpsh/luabind"
	"smtpsh/luabind/smtpmod"
)

var fetchOpts = luabind.Class{
	Name: "imap.Fetch", Doc: "The message to fetch: the newest one that matches all given keys.",
	Keys: []luabind.Param{
		{Name: "id", Type: "string", Optional: true, Doc: "Its Message-ID."},
		{Name: "subject", Type: "string", Optional: true, Doc: "A part of its subject."},
		{Name: "from", Type: "string", Optional: true, Doc: "A part of its From field."},
		{Name: "to", Type: "string", Optional: true, Doc: "A part of its To field."},
		{Name: "mailbox", Type: "string", Optional: true, Doc: "The mailbox (default: INBOX)."},
		{Name: "max", Type: "integer", Optional: true, Doc: "Size limit of the message in bytes (default: 16 MiB)."},
	},
}

var boxClass = luabind.Class{
	Name: "imap.Box", Type: reflect.TypeFor[*imap.Box](),
	Doc: "A session with a mailbox over IMAP, to check what was delivered."}

var imapFuncs = []luabind.Func{{
	Name: "open", On: "imap", Returns: "imap.Box",
	Params: []luabind.Param{
		{Name: "target", Type: "string", Doc: "imaps://HOST[:PORT], or imap://HOST[:PORT] for STARTTLS."},
		{Name: "auth", Type: smtpmod.AuthOpts.Name, Doc: "user with pass or token."},
		{
			Name: "opts", Type: smtpmod.ConnectOpts.Name, Optional: true,
			Doc: "timeout, verify, ca, server_name and min_tls (default timeout: 30 seconds).",
		},
	},
	Doc:     "Logs in to a mailbox with IMAP, so that a test can check what was delivered. The password is sent only over verified TLS.",
	Example: `local ok, err = pcall(imap.open, "imaps://127.0.0.1:1", {user = "ann", pass = vars.secret("example")}); print(ok, err.kind)`,
	Call:    openBox,
}}

var boxFuncs = []luabind.Func{
	{
		Name: "fetch", On: "imap.Box", Params: []luabind.Param{{Name: "which", Type: fetchOpts.Name, Doc: "The message to " +
			"fetch."}}, Returns: "string?",
		Doc: "Returns the newest matching message, with CRLF line ends, or nil. Use eventually to wait for it.",
		Example: "-- needs a server\nlocal function arrived(box, id)\n  return eventually({timeout = \"90s\", every = \"2s\"}, function() " +
			"return box:fetch{id = id} end)\nend\nprint(arrived)",
		Call: func(c *luabind.Call) error {
			t := c.Table(0)
			q := imap.Query{}
			for key, field := range map[string]*string{"id": &q.ID, "subject": &q.Subject, "from": &q.From, "to": &q.To, "mailbox": &q.Mailbox} {
				if v := t.RawGetString(key); v != lua.LNil {
					*field = v.String()
				}
			}
			if n, ok := t.RawGetString("max").(lua.LNumber); ok {
				q.Max = int64(n)
			}
			box, ctx := c.Self.(*imap.Box), c.Context()
			var msg []byte
			var err error
			c.Wait(func() { msg, err = box.Fetch(ctx, q) })
			switch {
			case err != nil:
				return boxError("fetch", err)
			case msg == nil:
				c.Push(lua.LNil)
			default:
				c.PushText(string(msg))
			}
			return nil
		},
	},
	{
		Name: "close", On: "imap.Box", Doc: "Logs out.", Example: "-- needs a server\nlocal function leave(box) box:close() end\nprint(leave)",
		Call: func(c *luabind.Call) error {
			c.Wait(func() { c.Self.(*imap.Box).Close() })
			return nil
		},
	},
}

func openBox(c *luabind.Call) error {
	if err := c.Online(); err != nil {
		return err
	}
	var opts smtpmod.ConnectOptions
	if err := opts.Read(c.VM, c.Table(2)); err != nil {
		return err
	}
	auth, err := smtpmod.ReadAuth(c.Table(1))
	if err != nil {
		return err
	}
	o := imap.Options{Target: c.Text(0), User: auth.Credentials.Username, Password: auth.Credentials.Password, Token: auth.Credentials.Token}
	base := smtpmod.HostOf(c.VM).Options()
	opts.Apply(&base, new(engine.Target))
	o.TLS, o.Timeout = base.TLS, base.Timeouts.Command
	o.Dial = base.DialContext
	if base.Proxy != nil {
		o.Dial = base.Proxy.DialContext
	}
	c.VM.Secrets().Add(o.Password)
	c.VM.Secrets().Add(o.Token)
	ctx := c.Context()
	var box *imap.Box
	c.Wait(func() { box, err = imap.Open(ctx, o) })
	if err != nil {
		return boxError("imap.open", err)
	}
	c.Scope().OnClose(func() { box.Close() })
	c.Push(c.Object(box))
	return nil
}

func boxError(op string, err error) error {
	e := &luabind.ErrorValue{Kind: "closed", Op: op, Message: op + ": " + err.Error(), Err: nil}
	var refused *imap.RefusedError
	var forbidden *engine.OpError
	switch {
	case errors.As(err, &forbidden) && forbidden.Kind == engine.ErrUsage: // by the program that runs the script
		e.Kind, e.Err, e.Hint = "usage", forbidden, advice.Hint(err, advice.Lua)
	case errors.As(err, new(*imap.FloodError)):
		e.Kind = "protocol"
	case errors.As(err, &refused):
		e.Kind = "reply"
	case errors.Is(err, imap.ErrDial):
		e.Kind = "dial"
	case errors.Is(err, imap.ErrTLS):
		e.Kind = "tls"
	case errors.Is(err, imap.ErrTarget):
		e.Kind = "usage"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		e.Kind = "timeout"
	case errors.Is(err, context.Canceled):
		e.Kind = "canceled"
	}
	return e
}
