package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"smtpsh/engine"
	"smtpsh/engine/secret"
	"smtpsh/engine/tlsinfo"
	"smtpsh/internal/advice"
	"smtpsh/internal/dialer"
	"smtpsh/internal/wholefile"
	"smtpsh/luabind/smtpmod"
)

// connFlags are the connection flags, the same for every command.
type connFlags struct {
	server    string
	require   bool // fail without a server
	helo      string
	timeout   time.Duration
	deadline  time.Duration
	four, six bool
	bind      string
	dns       string
	proxy     string

	proxyProtocol, proxySource, proxyDest, proxyHeader string

	ca           []string
	cert, key    string
	sni          string
	min, max     string
	ciphers      string
	curves       string
	alpn         string
	legacy       bool
	pins         []string
	insecure     bool
	resume       bool
	insecureAuth bool
	keylog       string
	connectTo    []string
	maxLine      int
	maxReply     int

	dialer dialer.Dialer
	files  []*os.File
}

func (c *connFlags) register(f *pflag.FlagSet) {
	f.StringVar(&c.server, "server", "",
		"`TARGET` to connect to (default: $SMTPSH_SERVER, else the sandbox that a bundled script names, else sandbox:gmail)")
	f.BoolVar(&c.require, "require-server", false, "for CI: fail if neither --server nor $SMTPSH_SERVER is set")
	f.StringVar(&c.helo, "helo", "", "host `NAME` to send in EHLO (default: the local address in brackets)")
	timeVar(f, &c.timeout, "timeout", 0,
		"time limit for each wait for the server, such as 30s (default: those of RFC 5321; at the prompt 1m; smtpsh test has --wait instead)")
	timeVar(f, &c.deadline, "deadline", 0, "time limit for each session, and for a whole script")
	f.BoolVarP(&c.four, "ipv4", "4", false, "IPv4 only")
	f.BoolVarP(&c.six, "ipv6", "6", false, "IPv6 only")
	f.StringVar(&c.bind, "bind", "", "local address to connect from: `ADDR` or ADDR:PORT")
	f.StringVar(&c.dns, "dns", "", "ask the name server at `ADDR` or ADDR:PORT (default: those of the system)")
	f.StringVar(&c.proxy, "proxy", "",
		"connect through the proxy at `URL`: socks5://HOST:PORT or http://HOST:PORT, also with USER:PASSWORD@; "+
			"env takes the address from $ALL_PROXY")
	f.StringVar(&c.proxyProtocol, "proxy-protocol", "", "begin the connection with a PROXY protocol header of `VERSION` v1 or v2")
	f.StringVar(&c.proxySource, "proxy-source", "", "client `ADDR:PORT` in the PROXY header; local for v2 LOCAL")
	f.StringVar(&c.proxyDest, "proxy-dest", "", "server `ADDR:PORT` in the PROXY header (default: that of the connection)")
	f.StringVar(&c.proxyHeader, "proxy-header", "", "`BYTES` to send as PROXY header, right or wrong, with escapes such as \\r\\n and \\x0d")
	f.StringArrayVar(&c.ca, "ca", nil, "PEM `FILE` with CA certificates to trust instead of the system's; --ca system adds those")
	f.StringVar(&c.cert, "cert", "", "PEM `FILE` with a client certificate")
	f.StringVar(&c.key, "key", "", "PEM `FILE` with the key of --cert (default: the same file)")
	f.StringVar(&c.sni, "sni", "", "server `NAME` to send in TLS (SNI) and to verify (default: the target's host)")
	f.StringVar(&c.min, "tls-min", "", "lowest TLS `VERSION`, 1.0 to 1.3 (default: 1.2)")
	f.StringVar(&c.max, "tls-max", "", "highest TLS `VERSION` (default: 1.3)")
	f.StringVar(&c.ciphers, "tls-ciphers", "",
		"`SUITES` to offer for TLS 1.2 and older: IANA names separated by commas (default: the secure ones)")
	f.StringVar(&c.curves, "tls-curves", "", "`LIST` of key exchanges to offer: "+tlsinfo.CurveNames())
	f.StringVar(&c.alpn, "alpn", "", "application protocols to offer in TLS (ALPN): `NAMES` separated by commas, such as smtp (default: none)")
	f.BoolVar(&c.legacy, "tls-legacy", false, "for old servers: also offer TLS 1.0, TLS 1.1, RSA key exchange and weak cipher suites")
	f.StringArrayVar(&c.pins, "pin", nil, "require this SHA-256 of the server's public key: `sha256/BASE64`; with --insecure it is checked "+
		"instead of the CA and the host name")
	f.BoolVar(&c.resume, "tls-resume", false, "resume the TLS session of an earlier connection if the server allows it")
	f.BoolVar(&c.insecure, "insecure", false, "continue although the server's certificate cannot be verified; credentials then go only to "+
		"this machine, or with --pin or --allow-insecure-auth")
	f.BoolVar(&c.insecureAuth, "allow-insecure-auth", false, "send passwords unencrypted or to an unverified server")
	f.StringArrayVar(&c.connectTo, "connect-to", nil,
		"connect to another host: `HOST:PORT=TARGET` connects to TARGET instead of HOST:PORT, and still verify the certificate for HOST")
	f.IntVar(&c.maxLine, "max-line", 0, "longest line of a reply in `BYTES` (default: 4096)")
	f.IntVar(&c.maxReply, "max-reply", 0, "longest reply in `BYTES` (default: 65536)")
	f.StringVar(&c.keylog, "keylog", "", "append TLS session keys to `FILE` (default: $SSLKEYLOGFILE)")
}

var versions = map[string]uint16{"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}

// prepare makes the dialer's options from the flags.
func (c *connFlags) prepare(run context.Context, getenv func(string) string) error {
	o := &c.dialer.Options
	o.Secrets = &secret.Set{}
	c.dialer.Target = c.server
	if c.server == "" {
		c.dialer.Target = getenv("SMTPSH_SERVER")
	}
	if c.dialer.Target != "" {
		if err := c.dialer.Check(""); err != nil {
			from := "--server"
			if c.server == "" {
				from = "SMTPSH_SERVER"
			}
			var op *engine.OpError
			if errors.As(err, &op) {
				err = op.Err
			}
			return &usageError{err: fmt.Errorf("%s: %w", from, err), hint: advice.Hint(err, advice.CommandLine)}
		}
	}
	o.HELO, o.Deadline, o.LocalAddr = c.helo, c.deadline, c.bind
	if c.timeout < 0 || c.deadline < 0 {
		return &usageError{err: fmt.Errorf("a time limit must not be negative"), hint: "write it as 30s or 2m"}
	}
	if c.timeout > 0 {
		o.Timeouts = engine.UniformTimeouts(c.timeout)
	}
	switch {
	case c.four && c.six:
		return &usageError{err: fmt.Errorf("-4 and -6 cannot be combined"), hint: "omit both to try both families"}
	case c.four:
		o.Network = "tcp4"
	case c.six:
		o.Network = "tcp6"
	}
	if c.maxLine < 0 || c.maxReply < 0 {
		return &usageError{err: fmt.Errorf("a limit must not be negative"), hint: "omit it for the default"}
	}
	o.Limits.Line, o.Limits.Reply = c.maxLine, c.maxReply
	o.AllowInsecureAuth = c.insecureAuth
	if err := c.prepareResolver(); err != nil {
		return err
	}
	if err := c.prepareProxy(getenv); err != nil {
		return err
	}
	if err := c.prepareProxyHeader(); err != nil {
		return err
	}
	if err := c.prepareRoutes(); err != nil {
		return err
	}
	return c.prepareTLS(run, &o.TLS, getenv)
}

// resolver returns the resolver of --dns, or that of the system.
func (c *connFlags) resolver() *net.Resolver {
	if r, ok := c.dialer.Options.Resolver.(*net.Resolver); ok {
		return r
	}
	return net.DefaultResolver
}

// prepareResolver reads --dns.
func (c *connFlags) prepareResolver() error {
	if c.dns == "" {
		return nil
	}
	address := c.dns
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		host, port = strings.Trim(address, "[]"), "53"
	}
	if net.ParseIP(host) == nil || !dialer.IsPort(port) {
		return &usageError{
			err:  fmt.Errorf("--dns: %q is not the IP address of a name server", c.dns),
			hint: "for example --dns 192.0.2.53 or --dns 127.0.0.1:5353",
		}
	}
	address = net.JoinHostPort(host, port)
	c.dialer.Options.Resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}}
	return nil
}

// prepareRoutes reads --connect-to.
func (c *connFlags) prepareRoutes() error {
	for _, r := range c.connectTo {
		from, to, ok := strings.Cut(r, "=")
		if _, _, err := net.SplitHostPort(from); !ok || err != nil || to == "" {
			return &usageError{
				err:  fmt.Errorf("--connect-to: %q is not HOST:PORT=TARGET", r),
				hint: "for example --connect-to mx.example.org:25=127.0.0.1:2525",
			}
		}
		if err := c.dialer.Check(to); err != nil {
			return &usageError{err: fmt.Errorf("--connect-to: %w", err), hint: "for example --connect-to mx.example.org:25=127.0.0.1:2525"}
		}
		if c.dialer.Routes == nil {
			c.dialer.Routes = dialer.Routes{}
			routes := c.dialer.Routes
			c.dialer.Options.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
				if to, ok := routes.Find(address); ok {
					address = to
				}
				return (&net.Dialer{}).DialContext(ctx, network, address)
			}
		}
		c.dialer.Routes.Add(from, to)
	}
	return nil
}

func (c *connFlags) prepareTLS(run context.Context, o *engine.TLSOptions, getenv func(string) string) error {
	o.ServerName, o.Insecure = c.sni, c.insecure
	if c.resume {
		o.SessionCache = tls.NewLRUClientSessionCache(0)
	}
	for flag, v := range map[string]struct {
		text string
		to   *uint16
	}{"--tls-min": {c.min, &o.MinVersion}, "--tls-max": {c.max, &o.MaxVersion}} {
		if v.text == "" {
			continue
		}
		n, ok := versions[v.text]
		if !ok {
			return &usageError{err: fmt.Errorf("%s: %q is not a TLS version", flag, v.text), hint: "write 1.0, 1.1, 1.2 or 1.3"}
		}
		*v.to = n
	}
	choice := dialer.TLSChoice{Ciphers: c.ciphers, Curves: c.curves, ALPN: c.alpn, Legacy: c.legacy, Pins: c.pins}
	if err := choice.Apply(o); err != nil {
		var wrong *dialer.ChoiceError
		errors.As(err, &wrong)
		return &usageError{err: err, hint: wrong.Hint}
	}
	ctx, over := c.reading(run)
	defer over()
	if len(c.ca) > 0 {
		pool, err := smtpmod.LoadCA(ctx, c.ca, smtpmod.AllowStreams)
		if stopped(err) {
			return err
		}
		if err != nil {
			return &usageError{
				err:  fmt.Errorf("--ca: %w", err),
				hint: "name a PEM file, which begins with -----BEGIN CERTIFICATE-----; openssl x509 -inform der -in FILE converts a DER file",
			}
		}
		o.RootCAs = pool
	}
	if c.cert != "" {
		key := c.key
		if key == "" {
			key = c.cert
		}
		pair, err := smtpmod.LoadCertificate(ctx, c.cert, key, smtpmod.AllowStreams)
		if stopped(err) {
			return err
		}
		if err != nil {
			return &usageError{err: fmt.Errorf("--cert: %w", err), hint: "name the PEM files of a certificate and its key"}
		}
		o.Certificates = []tls.Certificate{pair}
	} else if c.key != "" {
		return &usageError{err: fmt.Errorf("--key requires --cert"), hint: "add --cert FILE, or omit --key if the file of --cert has both"}
	}
	path, from := c.keylog, "--keylog"
	if path == "" {
		path, from = getenv("SSLKEYLOGFILE"), "SSLKEYLOGFILE"
	}
	if path != "" {
		f, err := wholefile.Append(run, path, 0o600)
		if err != nil {
			return &usageError{err: fmt.Errorf("%s: %w", from, err), hint: "name a writable file"}
		}
		c.files = append(c.files, f)
		o.KeyLog = f
	}
	return nil
}

func (c *connFlags) close() {
	c.dialer.Close()
	for _, f := range c.files {
		f.Close()
	}
}
