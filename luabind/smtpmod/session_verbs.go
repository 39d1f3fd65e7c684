package smtpmod

import (
	"context"
	"sort"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/engine/saslmech"
	"smtpsh/luabind"
)

// greeter returns the function for EHLO, HELO and LHLO.
func greeter(name, doc string, say func(s *Session, ctx context.Context, name string) (*reply.Reply, error)) luabind.Func {
	return luabind.Func{
		Name: name, On: "smtp.Session", Verb: strings.ToUpper(name), Returns: "smtp.Reply", Doc: doc,
		Params: []luabind.Param{
			{Name: "name", Type: "string", Optional: true, Doc: "The host name (default: the local address in brackets)."},
		},
		Example: `print(s:` + name + `("client.example.org").code)`,
		Call: func(c *luabind.Call) error {
			return exchange(c, func(ctx context.Context, s *Session) (*reply.Reply, error) { return say(s, ctx, c.Text(0)) })
		},
	}
}

// asker returns the function for verbs with one optional text.
func asker(name, param, doc, example string, say func(s *Session, ctx context.Context, arg string) (*reply.Reply, error)) luabind.Func {
	f := greeter(name, doc, say)
	f.Params = []luabind.Param{{Name: param, Type: "string", Optional: true, Doc: "The argument of the verb."}}
	f.Example = example
	return f
}

const paramsType = "table<string, string|integer|boolean>"

// AuthOpts are the options of a login.
var AuthOpts = luabind.Class{
	Name: "smtp.Auth", Doc: "The login.",
	Keys: []luabind.Param{
		{Name: "mech", Type: "string", Optional: true, Doc: "The mechanism (default: the strongest that is offered)."},
		{Name: "user", Type: "string", Optional: true, Doc: "The user name; with EXTERNAL the identity to act as."},
		{Name: "pass", Type: "string|smtp.Secret", Optional: true, Doc: "The password."},
		{Name: "token", Type: "string|smtp.Secret", Optional: true, Doc: "An OAuth 2.0 access token."},
		{Name: "authzid", Type: "string", Optional: true, Doc: "The identity to act as."},
		{Name: "trace", Type: "string", Optional: true, Doc: "For ANONYMOUS: the trace information."},
		{
			Name: "initial", Type: "boolean", Optional: true,
			Doc: "Whether to send the initial response on the AUTH line (default: if the mechanism allows it).",
		},
	},
}

var dataOpts = luabind.Class{
	Name: "smtp.DataOpts", Doc: "Options of data.",
	Keys: []luabind.Param{
		{Name: "raw", Type: "boolean", Optional: true, Doc: "Send the bytes unchanged: without CRLF, dot-stuffing and a final dot."},
		{Name: "long_lines", Type: "boolean", Optional: true, Doc: "Send lines of more than 998 bytes too."},
	},
}

var starttlsOpts = luabind.Class{
	Name: "smtp.StartTLSOpts", Doc: "Options of starttls.",
	Keys: []luabind.Param{{Name: "handshake", Type: "boolean", Optional: true, Doc: "false skips the handshake after a 220."}},
}

var sessionVerbs = []luabind.Func{
	greeter("ehlo", "Sends EHLO and stores the extensions that the server offers.",
		func(s *Session, ctx context.Context, n string) (*reply.Reply, error) { return s.Ehlo(ctx, n) }),
	greeter("helo", "Sends HELO, without extensions.",
		func(s *Session, ctx context.Context, n string) (*reply.Reply, error) { return s.Helo(ctx, n) }),
	greeter("lhlo", "Sends LHLO, the EHLO of LMTP.",
		func(s *Session, ctx context.Context, n string) (*reply.Reply, error) { return s.Lhlo(ctx, n) }),
	{
		Name: "starttls", On: "smtp.Session", Verb: "STARTTLS", Returns: "smtp.Reply",
		Params: []luabind.Param{{Name: "opts", Type: starttlsOpts.Name, Optional: true, Doc: "Options."}},
		Doc: "Sends STARTTLS and, after a 220, starts TLS. Raises kind tls if the handshake or the verification fails. Send " +
			"EHLO again afterwards.",
		Example: `s:ehlo(); s:starttls():expect(220); s:ehlo():expect(250)`,
		Call: func(c *luabind.Call) error {
			bare := c.Table(0) != nil && c.Table(0).RawGetString("handshake") == lua.LFalse
			return exchange(c, func(ctx context.Context, s *Session) (*reply.Reply, error) {
				if bare {
					return s.Do(ctx, "STARTTLS")
				}
				return s.StartTLS(ctx)
			})
		},
	},
	{
		Name: "handshake", On: "smtp.Session",
		Doc: "Starts TLS after a 220 that was received without the method starttls. Raises kind tls if the handshake or the " +
			"verification fails.",
		Example: `s:ehlo(); s:write("STARTTLS\r\n"); s:read_reply():expect(220); s:handshake(); s:ehlo():expect(250)`,
		Call: func(c *luabind.Call) error {
			return using(c, c.Self.(*Session), func(ctx context.Context, s *Session) error { return s.Handshake(ctx) })
		},
	},
	{
		Name: "auth", On: "smtp.Session", Verb: "AUTH",
		Params:  []luabind.Param{{Name: "auth", Type: AuthOpts.Name, Doc: "User, password or token, and mechanism."}},
		Returns: "smtp.Reply",
		Doc: "Logs in. Returns the final reply, also a rejection; a positive reply other than 235 raises kind protocol. A " +
			"failure challenge is answered, so that the session can continue. Credentials are sent only over verified TLS or to " +
			"this machine.",
		Example: `s:ehlo(); s:starttls(); s:ehlo(); print(s:auth{user = "ann@sandbox.test", pass = "ann-secret"}.code)`,
		Call: func(c *luabind.Call) error {
			o, err := ReadAuth(c.Table(0))
			if err != nil {
				return err
			}
			return exchange(c, func(ctx context.Context, s *Session) (*reply.Reply, error) { return s.Auth(ctx, o) })
		},
	},
	{
		Name: "auth_raw", On: "smtp.Session", Verb: "AUTH", Returns: "smtp.Reply",
		Params: []luabind.Param{
			{Name: "mech", Type: "string", Doc: "The mechanism's name."},
			{Name: "initial", Type: "string|smtp.Secret", Optional: true, Doc: "The initial response, sent unchanged."},
		},
		Doc:     "Sends AUTH with this mechanism and initial response unchanged. Answer a 334 with cmd.",
		Example: `s:ehlo(); s:starttls(); s:ehlo(); print(s:auth_raw("PLAIN", "not base64!").code)`,
		Call: func(c *luabind.Call) error {
			initial := secretArg(c, 1)
			return exchange(c, func(ctx context.Context, s *Session) (*reply.Reply, error) { return s.AuthRaw(ctx, c.Text(0), initial) })
		},
	},
	{
		Name: "mail", On: "smtp.Session", Verb: "MAIL", Returns: "smtp.Reply",
		Params: []luabind.Param{
			{Name: "from", Type: "string", Doc: "The reverse-path without brackets; \"\" is the null sender."},
			{Name: "params", Type: paramsType, Optional: true, Doc: "ESMTP parameters, advertised or not: {SIZE = 100, SMTPUTF8 = true}."},
		},
		Doc:     "Begins a transaction with MAIL FROM.",
		Example: `s:ehlo(); print(s:mail("ann@example.org", {SIZE = 100, BODY = "8BITMIME"}).code)`,
		Call: func(c *luabind.Call) error {
			params, err := readParams(c.Table(1))
			if err != nil {
				return err
			}
			return exchange(c, func(ctx context.Context, s *Session) (*reply.Reply, error) { return s.Mail(ctx, c.Text(0), params...) })
		},
	},
	{
		Name: "rcpt", On: "smtp.Session", Verb: "RCPT", Returns: "smtp.Reply",
		Params: []luabind.Param{
			{Name: "to", Type: "string", Doc: "The forward-path without brackets."},
			{Name: "params", Type: paramsType, Optional: true, Doc: "ESMTP parameters: {NOTIFY = \"NEVER\"}."},
		},
		Doc:     "Adds a recipient with RCPT TO.",
		Example: `s:ehlo(); s:mail("ann@example.org"); print(s:rcpt("bob@sandbox.test", {NOTIFY = "NEVER"}).code)`,
		Call: func(c *luabind.Call) error {
			params, err := readParams(c.Table(1))
			if err != nil {
				return err
			}
			return exchange(c, func(ctx context.Context, s *Session) (*reply.Reply, error) { return s.Rcpt(ctx, c.Text(0), params...) })
		},
	},
	{
		Name: "data", On: "smtp.Session", Verb: "DATA", Returns: "smtp.Reply, smtp.Reply[]?",
		Params: []luabind.Param{
			{
				Name: "content", Type: "string|mail.Message|file.File|fun(): string", Large: true,
				Doc: "The message. Line ends become CRLF and dots are stuffed. A line of more than 998 bytes raises kind usage " +
					"(RFC 5321 section 4.5.3.1.6). A function is called for each piece until it returns nil. A function or a file can be " +
					"larger than the memory.",
			},
			{Name: "opts", Type: dataOpts.Name, Optional: true, Doc: "Options."},
		},
		Doc: "Sends a message with DATA and the final dot. Returns the reply to DATA if it is a rejection, else the final " +
			"reply. With LMTP it returns the worst reply, and a list of all as second value; with PRDR the reply for the whole message, " +
			"and a list of those for each recipient.",
		Example: `s:ehlo(); s:mail("ann@example.org"); s:rcpt("bob@sandbox.test"); print(s:data("Subject: hi\n\nhello\n").code)`,
		Call:    sayData,
	},
	{
		Name: "bdat", On: "smtp.Session", Verb: "BDAT", Returns: "smtp.Reply, smtp.Reply[]?",
		Params: []luabind.Param{
			{
				Name: "chunk", Type: "string|mail.Message|file.File|fun(): string", Large: true,
				Doc: "The bytes, sent unchanged. Lines can have at most 998 bytes, unless MAIL had BODY=BINARYMIME. A function is " +
					"called for each piece until it returns nil. It, and a file, are sent in chunks of the size.",
			},
			{Name: "opts", Type: bdatOpts.Name + "|boolean", Optional: true, Doc: "Options, or whether this is the last chunk."},
		},
		Doc: "Sends one chunk with BDAT, by default the last one. With a size it sends a whole message in chunks.",
		Example: `s:ehlo(); s:mail("ann@example.org"); s:rcpt("bob@sandbox.test"); s:bdat("Subject: hi\r\n\r\n", false); ` +
			`print(s:bdat("hello\r\n").code)`,
		Call: sayBdat,
	},
	{
		Name: "rset", On: "smtp.Session", Verb: "RSET", Returns: "smtp.Reply",
		Doc: "Sends RSET, which ends the transaction.", Example: `s:rset():expect(250)`,
		Call: func(c *luabind.Call) error {
			return exchange(c, func(ctx context.Context, s *Session) (*reply.Reply, error) { return s.Rset(ctx) })
		},
	},
	asker("noop", "text", "Sends NOOP, which does nothing.", `s:noop():expect(250)`,
		func(s *Session, ctx context.Context, a string) (*reply.Reply, error) { return s.Noop(ctx, a) }),
	asker("vrfy", "name", "Sends VRFY, which asks whether a mailbox exists.", `print(s:vrfy("ann").code)`,
		func(s *Session, ctx context.Context, a string) (*reply.Reply, error) { return s.Vrfy(ctx, a) }),
	asker("expn", "list", "Sends EXPN, which asks for the members of a list.", `print(s:expn("everybody").code)`,
		func(s *Session, ctx context.Context, a string) (*reply.Reply, error) { return s.Expn(ctx, a) }),
	asker("help", "topic", "Sends HELP.", `print(s:help().text)`,
		func(s *Session, ctx context.Context, a string) (*reply.Reply, error) { return s.Help(ctx, a) }),
	attributer("xclient", "XCLIENT", "Sends XCLIENT, which tells a Postfix server to treat the session as from another client. After "+
		"the 220 the session begins again: call ehlo next.",
		`local s = smtp.open("sandbox:plain+xclient"); s:xclient{ADDR = "192.0.2.1", NAME = "mx.example.org"}:expect(220); s:ehlo():expect(250)`,
		(*engine.Session).XClient),
	attributer("xforward", "XFORWARD", "Sends XFORWARD, which tells a Postfix server what to log about the original client.",
		`local s = smtp.open("sandbox:plain+xclient"); s:xforward{ADDR = "192.0.2.1", IDENT = "4F2A"}:expect(250)`,
		(*engine.Session).XForward),
	{
		Name: "quit", On: "smtp.Session", Verb: "QUIT", Returns: "smtp.Reply",
		Doc: "Sends QUIT and closes the connection after the 221. Raises kind protocol if the server rejects QUIT with " +
			"another code than 421, or sends a reply that answers no command before or after the 221.",
		Example: `s:quit():expect(221)`,
		Call: func(c *luabind.Call) error {
			return exchange(c, func(ctx context.Context, s *Session) (*reply.Reply, error) { return s.Quit(ctx) })
		},
	},
	{
		Name: "cmd", On: "smtp.Session",
		Params:  []luabind.Param{{Name: "line", Type: "string|smtp.Secret", Doc: "The line without its ending."}},
		Returns: "smtp.Reply",
		Doc: "Sends any line and reads one reply: unknown verbs, wrong syntax, responses to AUTH challenges. It also sends a " +
			"line that is longer than servers must accept, with a note in the transcript; the methods for single verbs raise an " +
			"error for it.",
		Example: `print(s:cmd("XYZZY now").code)`,
		Call: func(c *luabind.Call) error {
			return exchange(c, func(ctx context.Context, s *Session) (*reply.Reply, error) { return s.Do(ctx, secretArg(c, 0)) })
		},
	},
}

// attributer returns the row of a verb that has attributes.
func attributer(
	name, verb, doc, example string, say func(*engine.Session, context.Context, ...engine.Param) (*reply.Reply, error),
) luabind.Func {
	return luabind.Func{
		Name: name, On: "smtp.Session", Verb: verb, Returns: "smtp.Reply",
		Params: []luabind.Param{
			{Name: "attributes", Type: paramsType, Doc: "The attributes, such as {ADDR = \"192.0.2.1\"}. Their values are sent as xtext."},
		},
		Doc: doc, Example: example,
		Call: func(c *luabind.Call) error {
			attributes, err := readParams(c.Table(0))
			if err != nil {
				return err
			}
			return exchange(c, func(ctx context.Context, s *Session) (*reply.Reply, error) { return say(s.Session, ctx, attributes...) })
		},
	}
}

// ReadAuth reads a table of [AuthOpts] whose keys were checked.
func ReadAuth(t *lua.LTable) (engine.AuthOptions, error) {
	o := engine.AuthOptions{}
	str := func(key string) string {
		v := t.RawGetString(key)
		if v == lua.LNil {
			return ""
		}
		s, _ := luabind.SecretText(v)
		return s
	}
	o.Mechanism = str("mech")
	o.Credentials = saslmech.Credentials{
		Username: str("user"), Password: str("pass"), Token: str("token"),
		Authzid: str("authzid"), Trace: str("trace"),
	}
	switch t.RawGetString("initial") {
	case lua.LTrue:
		o.Initial = engine.InitialAlways
	case lua.LFalse:
		o.Initial = engine.InitialNever
	}
	return o, nil
}

// readParams makes parameters of {SIZE = 100, SMTPUTF8 = true}, sorted by name so that a
// script always sends the same.
func readParams(t *lua.LTable) ([]engine.Param, error) {
	if t == nil {
		return nil, nil
	}
	var params []engine.Param
	var err error
	luabind.InOrder(t, func(k, v lua.LValue) {
		key, ok := k.(lua.LString)
		if !ok {
			err = luabind.UsageError("parameters must be named, for example {SIZE = 100}")
			return
		}
		switch v := v.(type) {
		case lua.LBool:
			if v {
				params = append(params, engine.Param{Key: string(key)})
			}
		case lua.LString, lua.LNumber:
			params = append(params, engine.Param{Key: string(key), Value: v.String()})
		default:
			err = luabind.UsageError("parameter %s must be a string, a number or true, got %s", string(key), luabind.TypeName(v))
		}
	})
	sort.Slice(params, func(i, j int) bool { return params[i].Key < params[j].Key })
	return params, err
}
