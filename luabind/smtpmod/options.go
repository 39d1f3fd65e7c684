package smtpmod

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine"
	"smtpsh/engine/tlsinfo"
	"smtpsh/internal/proxy"
	"smtpsh/internal/readfile"
	"smtpsh/luabind"
)

// ConnectOpts are the options of a connection.
var ConnectOpts = luabind.Class{
	Name: "smtp.ConnectOpts", Doc: "Options of a connection. The connection flags of the command line are the defaults.",
	Keys: []luabind.Param{
		{Name: "timeout", Type: "number|string", Optional: true, Doc: "Time limit for each wait: seconds or \"90s\"."},
		{Name: "deadline", Type: "number|string", Optional: true, Doc: "Time limit for the whole session."},
		{Name: "max_line", Type: "integer", Optional: true, Doc: "The longest line of a reply in bytes (default: 4096)."},
		{Name: "max_reply", Type: "integer", Optional: true, Doc: "The longest reply in bytes (default: 65536)."},
		{Name: "tls", Type: `"none"|"implicit"`, Optional: true, Doc: "true for implicit TLS (default for port 465 and smtps://)."},
		{
			Name: "verify", Type: "boolean", Optional: true,
			Doc: "false continues although the server's certificate cannot be verified; credentials are not sent.",
		},
		{
			Name: "proxy_protocol", Type: "string", Optional: true,
			Doc: "A PROXY protocol header to begin with: \"v1 SOURCE:PORT\", \"v2 SOURCE:PORT DEST:PORT\" or \"v2 local\".",
		},
		{
			Name: "proxy", Type: "string", Optional: true,
			Doc: "Connect through this proxy: socks5://HOST:PORT or http://HOST:PORT, also with USER:PASSWORD@. smtpsh load ignores it.",
		},
		{Name: "server_name", Type: "string", Optional: true, Doc: "The name to send in TLS (SNI) and to verify."},
		{
			Name: "ca", Type: "string", Optional: true,
			Doc: "CA certificates to trust instead of the system's, in PEM format: the text itself, or a file in the script's folder. " +
				"\"system\" means the CAs of the system.",
		},
		{Name: "min_tls", Type: "number", Optional: true, Doc: "1.0 to 1.3 (default: 1.2)."},
		{Name: "max_tls", Type: "number", Optional: true, Doc: "1.0 to 1.3."},
		{
			Name: "ciphers", Type: "string", Optional: true,
			Doc: "Cipher suites to offer for TLS 1.2 and older: IANA names separated by commas, or \"legacy\" for all, also weak ones.",
		},
		{
			Name: "pin", Type: "string", Optional: true,
			Doc: "The public key that the server must have, as sha256/BASE64; with verify = false it takes the place of the certificate.",
		},
		{Name: "curves", Type: "string", Optional: true, Doc: "Key exchanges to offer, such as \"X25519,P-256\"."},
		{Name: "alpn", Type: "string", Optional: true, Doc: "Application protocols to offer in TLS (ALPN), separated by commas, such as " +
			"\"smtp\"; s.tls.alpn shows the choice of the server."},
		{
			Name: "tls_resume", Type: "boolean", Optional: true,
			Doc: "true resumes the TLS session of an earlier connection of this script if the server allows it; s.tls.resumed shows the result.",
		},
		{Name: "local_addr", Type: "string", Optional: true, Doc: "The local address to connect from."},
		{Name: "family", Type: "integer", Optional: true, Doc: "4 or 6: use only IPv4 or IPv6."},
		{Name: "helo", Type: "string", Optional: true, Doc: "The host name for ehlo and helo."},
		{
			Name: "early", Type: "string", Optional: true, Large: true,
			Doc: "Bytes to send before the greeting is read. Complete lines count as commands, except a PROXY protocol header at the start.",
		},
		{
			Name: "insecure_auth", Type: "boolean", Optional: true,
			Doc: "true sends credentials over a connection that is not encrypted or not verified.",
		},
	},
}

var openOpts = luabind.Class{
	Name: "smtp.OpenOpts", Doc: "Options of open.", Parents: []string{ConnectOpts.Name},
	Keys: []luabind.Param{
		{
			Name: "starttls", Type: `"require"|"try"|"never"`, Optional: true,
			Doc: "try (default) starts TLS if it is offered; require raises kind tls if STARTTLS is not offered.",
		},
		{Name: "auth", Type: AuthOpts.Name, Optional: true, Doc: "The login."},
	},
}

var tlsVersions = map[float64]uint16{1.0: tls.VersionTLS10, 1.1: tls.VersionTLS11, 1.2: tls.VersionTLS12, 1.3: tls.VersionTLS13}

// resumption stores the TLS sessions that a script can resume.
func resumption(vm *luabind.VM) tls.ClientSessionCache {
	state := smtpOf(vm)
	if state.tlsSessions == nil {
		state.tlsSessions = tls.NewLRUClientSessionCache(0)
	}
	return state.tlsSessions
}

// ConnectOptions is a checked options table, stored so that again can repeat it.
type ConnectOptions []func(o *engine.Options, target *engine.Target)

// Apply changes options and target according to the table.
func (c ConnectOptions) Apply(o *engine.Options, target *engine.Target) {
	for _, change := range c {
		change(o, target)
	}
}

func (c *ConnectOptions) add(change func(o *engine.Options, target *engine.Target)) {
	*c = append(*c, change)
}

// Read makes changes of a table whose keys were checked.
func (c *ConnectOptions) Read(vm *luabind.VM, t *lua.LTable) error {
	if t == nil {
		return nil
	}
	get := t.RawGetString
	if v := get("timeout"); v != lua.LNil {
		d, err := luabind.ToDuration("timeout", v)
		if err != nil {
			return err
		}
		c.add(func(o *engine.Options, _ *engine.Target) { o.Timeouts = engine.UniformTimeouts(d) })
	}
	if v := get("deadline"); v != lua.LNil {
		d, err := luabind.ToDuration("deadline", v)
		if err != nil {
			return err
		}
		c.add(func(o *engine.Options, _ *engine.Target) { o.Deadline = d })
	}
	for name, set := range map[string]func(o *engine.Options, n int){
		"max_line":  func(o *engine.Options, n int) { o.Limits.Line = n },
		"max_reply": func(o *engine.Options, n int) { o.Limits.Reply = n },
	} {
		v := get(name)
		if v == lua.LNil {
			continue
		}
		n, ok := v.(lua.LNumber)
		if !ok || n < 64 || n > 1<<30 {
			return luabind.UsageError("%s: expected a number of bytes, at least 64, got %s", name, luabind.Show(v))
		}
		c.add(func(o *engine.Options, _ *engine.Target) { set(o, int(n)) })
	}
	if v := get("family"); v != lua.LNil {
		if n, ok := v.(lua.LNumber); !ok || n != 4 && n != 6 {
			return luabind.UsageError("family: expected 4 or 6, got %s", v.String())
		}
		network := "tcp" + v.String()
		c.add(func(o *engine.Options, _ *engine.Target) { o.Network = network })
	}
	for _, f := range []struct {
		key string
		set func(o *engine.Options, s string)
	}{
		{"local_addr", func(o *engine.Options, s string) { o.LocalAddr = s }},
		{"helo", func(o *engine.Options, s string) { o.HELO = s }},
		{"early", func(o *engine.Options, s string) { o.Early = []byte(s) }},
		{"server_name", func(o *engine.Options, s string) { o.TLS.ServerName = s }},
	} {
		if v := get(f.key); v != lua.LNil {
			s := v.String()
			c.add(func(o *engine.Options, _ *engine.Target) { f.set(o, s) })
		}
	}
	if v := get("proxy"); v != lua.LNil {
		p, err := proxy.Parse(v.String())
		if err != nil {
			return luabind.UsageError("proxy: %v", err)
		}
		vm.Secrets().Add(p.Password())
		c.add(func(o *engine.Options, _ *engine.Target) { o.Proxy = p })
	}
	if v := get("proxy_protocol"); v != lua.LNil {
		h, err := proxy.ParseHeader(v.String())
		if err != nil {
			return luabind.UsageError("proxy_protocol: %v", err)
		}
		c.add(func(o *engine.Options, _ *engine.Target) { o.Preface = h.Bytes })
	}
	if v := get("insecure_auth"); v != lua.LNil {
		c.add(func(o *engine.Options, _ *engine.Target) { o.AllowInsecureAuth = v == lua.LTrue })
	}
	return c.readTLS(vm, get)
}

func (c *ConnectOptions) readTLS(vm *luabind.VM, get func(string) lua.LValue) error {
	if v := get("tls"); v != lua.LNil {
		c.add(func(_ *engine.Options, t *engine.Target) { t.Implicit = v.String() == "implicit" })
	}
	if v := get("verify"); v != lua.LNil {
		c.add(func(o *engine.Options, _ *engine.Target) { o.TLS.Insecure = v == lua.LFalse })
	}
	if v := get("tls_resume"); v != lua.LNil {
		cache := resumption(vm)
		c.add(func(o *engine.Options, _ *engine.Target) {
			switch {
			case v == lua.LFalse:
				o.TLS.SessionCache = nil
			case o.TLS.SessionCache == nil:
				o.TLS.SessionCache = cache
			}
		})
	}
	if v := get("ca"); v != lua.LNil {
		pool, err := authorities(vm, v.String())
		if err != nil {
			return luabind.UsageError("ca: %v", err)
		}
		c.add(func(o *engine.Options, _ *engine.Target) { o.TLS.RootCAs = pool })
	}
	if v := get("ciphers"); v != lua.LNil {
		suites, err := tlsinfo.LegacySuites(), error(nil)
		if v.String() != "legacy" {
			suites, err = tlsinfo.ParseSuites(v.String())
		}
		if err != nil {
			return luabind.UsageError("ciphers: %v", err)
		}
		c.add(func(o *engine.Options, _ *engine.Target) { o.TLS.CipherSuites = suites })
	}
	if v := get("pin"); v != lua.LNil {
		p, err := tlsinfo.ParsePin(v.String())
		if err != nil {
			return luabind.UsageError("pin: %v", err)
		}
		c.add(func(o *engine.Options, _ *engine.Target) { o.TLS.Pins = []tlsinfo.Pin{p} })
	}
	if v := get("curves"); v != lua.LNil {
		curves, err := tlsinfo.ParseCurves(v.String())
		if err != nil {
			return luabind.UsageError("curves: %v; the names are %s", err, tlsinfo.CurveNames())
		}
		c.add(func(o *engine.Options, _ *engine.Target) { o.TLS.Curves = curves })
	}
	if v := get("alpn"); v != lua.LNil {
		names, err := tlsinfo.ParseALPN(v.String())
		if err != nil {
			return luabind.UsageError("alpn: %v", err)
		}
		c.add(func(o *engine.Options, _ *engine.Target) { o.TLS.ALPN = names })
	}
	for key, set := range map[string]func(o *engine.Options, v uint16){
		"min_tls": func(o *engine.Options, v uint16) { o.TLS.MinVersion = v },
		"max_tls": func(o *engine.Options, v uint16) { o.TLS.MaxVersion = v },
	} {
		if v, ok := get(key).(lua.LNumber); ok {
			version, ok := tlsVersions[float64(v)]
			if !ok {
				return luabind.UsageError("%s: expected 1.0, 1.1, 1.2 or 1.3, got %s", key, v.String())
			}
			c.add(func(o *engine.Options, _ *engine.Target) { set(o, version) })
		}
	}
	return nil
}

// authorities reads the option ca of scripts: PEM text, or a file in the script's folder.
// With --unsafe it can be any file.
func authorities(vm *luabind.VM, ca string) (*x509.CertPool, error) {
	switch {
	case ca == SystemCAs:
		return LoadCA(context.Background(), []string{SystemCAs}, FilesOnly)
	case strings.Contains(ca, "-----BEGIN "):
		return trust("the text", []byte(ca))
	case vm.Options().Unsafe: //mutant:scripts-read-no-foreign-files always
		return LoadCA(context.Background(), []string{ca}, FilesOnly)
	case vm.Options().Dir == "":
		return nil, fmt.Errorf("%s: only files in the script's folder can be read; --ca reads any file", ca)
	}
	ca = vm.InFolder(ca)
	root, err := os.OpenRoot(vm.Options().Dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	pem, err := readfile.In(context.Background(), root, ca, maxPEM)
	if errors.As(err, new(*os.PathError)) {
		return nil, fmt.Errorf("%w; scripts read files in their own folder, --ca reads any file", err)
	}
	if err != nil {
		return nil, err
	}
	return trust(ca, pem)
}
