package repl

import (
	"context"
	"crypto/tls"
	"errors"
	"slices"
	"strings"
	"time"

	"smtpsh/engine"
	"smtpsh/internal/dialer"
	"smtpsh/internal/duration"
	"smtpsh/internal/proxy"
	"smtpsh/internal/suggest"
	"smtpsh/luabind/smtpmod"
	"smtpsh/transcript"
)

// connFlags are the flags of :open and :reconnect, which are also flags of the command
// line. They apply to one session and to the sessions that :reconnect opens after it.
type connFlags struct {
	insecure *bool
	values   map[string]string // the others, by name without the dashes
	change   []func(*engine.Options)
}

// sessionFlag is a flag of :open and :reconnect.
type sessionFlag struct {
	name  string // without the dashes
	value string // the form of its value; "" for a flag without a value
}

// sessionFlags are all flags of :open and :reconnect.
var sessionFlags = []sessionFlag{
	{"insecure", ""}, {"verify", ""}, {"ca", "FILE"}, {"cert", "FILE"}, {"key", "FILE"}, {"sni", "NAME"},
	{"tls-min", "VERSION"}, {"tls-max", "VERSION"}, {"tls-ciphers", "SUITES"}, {"tls-curves", "LIST"}, {"tls-legacy", ""},
	{"alpn", "NAMES"}, {"pin", "sha256/BASE64"}, {"helo", "NAME"}, {"timeout", "TIME"}, {"proxy", "URL"},
}

// findFlag returns the flag with a name, nil for an unknown one.
func findFlag(name string) *sessionFlag {
	i := slices.IndexFunc(sessionFlags, func(f sessionFlag) bool { return f.name == name })
	if i < 0 {
		return nil
	}
	return &sessionFlags[i]
}

// flagForms lists the flags, each with the form of its value.
func flagForms() string {
	var forms []string
	for _, f := range sessionFlags {
		forms = append(forms, strings.TrimSpace("--"+f.name+" "+f.value))
	}
	return strings.Join(forms, ", ")
}

// flagHint is the hint for an invalid flag.
func flagHint() string { return "known flags: " + flagForms() }

// flagNames returns the names without the dashes.
func flagNames() []string {
	var names []string
	for _, f := range sessionFlags {
		names = append(names, f.name)
	}
	return names
}

// tlsVersions are the values of --tls-min and --tls-max.
var tlsVersions = []string{"1.0", "1.1", "1.2", "1.3"}

// readFlags parses words as flags and adds them to the flags in before.
func readFlags(words []string, before *connFlags) (*connFlags, error) {
	f := &connFlags{values: map[string]string{}}
	if before != nil {
		f.insecure = before.insecure
		for k, v := range before.values {
			f.values[k] = v
		}
	}
	explicit, ca := false, false
	for i := 0; i < len(words); i++ {
		name, value, has := strings.Cut(words[i], "=")
		bare, ok := strings.CutPrefix(name, "--")
		switch {
		case !ok:
			return nil, wrong(flagHint(), "%s is not a flag", transcript.Escape(words[i]))
		case bare == "insecure" || bare == "verify":
			on := bare == "insecure"
			f.insecure, explicit = &on, true
			continue
		case bare == "tls-legacy":
			if has {
				return nil, wrong("write --tls-legacy, or omit it", "%s takes no value", name)
			}
			f.values[bare] = ""
			delete(f.values, "tls-ciphers") // of the session before
			continue
		}
		if near := suggest.Name(bare, flagNames()); near != bare {
			hint := flagHint()
			if near != "" {
				hint = "did you mean --" + near + "? " + flagHint()
			}
			return nil, wrong(hint, "unknown flag %s", transcript.Escape(name))
		}
		if !has {
			if i++; i == len(words) {
				return nil, wrong(flagHint(), "%s requires a value", name)
			}
			value = words[i]
		}
		f.values[bare], ca = value, ca || bare == "ca"
		if bare == "tls-ciphers" && before != nil {
			if _, old := before.values["tls-legacy"]; old {
				delete(f.values, "tls-legacy")
			}
		}
	}
	if ca && !explicit { // a CA is useful only if the certificate is verified
		off := false
		f.insecure = &off
	}
	return f, f.read()
}

// announceVerification prints that --ca turns verification on, if it was off in the
// session before or in the settings.
func (r *REPL) announceVerification(f, before *connFlags) {
	insecure := r.opts.Dialer.Options.TLS.Insecure
	if before != nil && before.insecure != nil {
		insecure = *before.insecure
	}
	if _, ca := f.values["ca"]; ca && insecure && f.insecure != nil && !*f.insecure {
		r.screen.say("*  --ca turns verification on for this session; --insecure leaves it off")
	}
}

// read turns the flags into changes of the options. It checks their values before the
// current session is closed.
func (f *connFlags) read() error {
	set := func(change func(*engine.Options)) { f.change = append(f.change, change) }
	v := f.values
	if f.insecure != nil {
		set(func(o *engine.Options) { o.TLS.Insecure = *f.insecure })
	}
	if file, ok := v["ca"]; ok {
		pool, err := smtpmod.LoadCA(context.Background(), []string{expand(file)}, smtpmod.FilesOnly)
		if err != nil {
			return wrong("the file must contain certificates in PEM format; :cert pem FILE writes such a file", "--ca: %s", errText(err))
		}
		set(func(o *engine.Options) { o.TLS.RootCAs = pool })
	}
	if text, ok := v["proxy"]; ok {
		p, err := proxy.Parse(text)
		if err != nil {
			return wrong("for example --proxy socks5://127.0.0.1:1080", "--proxy: %s", errText(err))
		}
		set(func(o *engine.Options) { o.Secrets.Add(p.Password()); o.Proxy = p })
	}
	if cert, ok := v["cert"]; ok {
		key, ok := v["key"]
		if !ok {
			key = cert
		}
		pair, err := smtpmod.LoadCertificate(context.Background(), expand(cert), expand(key), smtpmod.FilesOnly)
		if err != nil {
			return wrong("both files must be in PEM format and belong together", "--cert: %s", errText(err))
		}
		set(func(o *engine.Options) { o.TLS.Certificates = []tls.Certificate{pair} })
	} else if _, ok := v["key"]; ok {
		return wrong("add --cert FILE", "--key requires --cert")
	}
	for name, to := range map[string]func(*engine.Options, uint16){
		"tls-min": func(o *engine.Options, n uint16) { o.TLS.MinVersion = n },
		"tls-max": func(o *engine.Options, n uint16) { o.TLS.MaxVersion = n },
	} {
		if text, ok := v[name]; ok {
			n, known := map[string]uint16{"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}[text]
			if !known {
				return wrong("write 1.0, 1.1, 1.2 or 1.3", "--%s: %s is not a TLS version", name, transcript.Escape(text))
			}
			set(func(o *engine.Options) { to(o, n) })
		}
	}
	choice := dialer.TLSChoice{Ciphers: v["tls-ciphers"], Curves: v["tls-curves"], ALPN: v["alpn"]}
	if _, ok := v["tls-legacy"]; ok {
		choice.Legacy = true
	}
	if pin, ok := v["pin"]; ok {
		choice.Pins = []string{pin}
	}
	if err := choice.Apply(&engine.TLSOptions{}); err != nil {
		var no *dialer.ChoiceError
		errors.As(err, &no)
		return wrong(no.Hint, "%s", errText(err))
	}
	set(func(o *engine.Options) { choice.Apply(&o.TLS) }) //nolint:errcheck // it was checked
	if name, ok := v["sni"]; ok {
		set(func(o *engine.Options) { o.TLS.ServerName = name })
	}
	if name, ok := v["helo"]; ok {
		set(func(o *engine.Options) { o.HELO = name })
	}
	if text, ok := v["timeout"]; ok {
		d, err := duration.Parse(text)
		if err != nil || d <= 0 || d > 24*time.Hour {
			return wrong("for example --timeout 5 or --timeout 90s", "--timeout: %s is not a duration", transcript.Escape(text))
		}
		set(func(o *engine.Options) { o.Timeouts = engine.UniformTimeouts(d) })
	}
	return nil
}

// apply changes the options of a session.
func (f *connFlags) apply(o *engine.Options) {
	if f == nil {
		return
	}
	for _, change := range f.change {
		change(o)
	}
}

// openArgs parses the arguments of :open: a target, an optional port, and flags.
func (r *REPL) openArgs(args []string) (target string, f *connFlags, err error) {
	target, rest := args[0], args[1:]
	if strings.HasPrefix(target, "-") {
		return "", nil, wrong("for example :open mx.example.org:25 --insecure", "the target must come before the flags")
	}
	if len(rest) > 0 && dialer.IsPort(rest[0]) {
		with, ok := dialer.WithPort(target, rest[0])
		if !ok {
			return "", nil, wrong("write host:port", "%s cannot be combined with the port %s", transcript.Escape(target), rest[0])
		}
		target, rest = with, rest[1:]
	}
	if scheme, _, _ := strings.Cut(strings.ToLower(target), ":"); (scheme == "pipe" || scheme == "lmtp+pipe") &&
		len(rest) > 0 && !strings.HasPrefix(rest[0], "--") {
		return "", nil, wrong(`for example :open "pipe:/usr/sbin/sendmail -bs"`, "a command with spaces must be in quotation marks")
	}
	if f, err = readFlags(rest, nil); err != nil {
		return "", nil, err
	}
	return target, f, r.opts.Dialer.Check(target) // a wrong target must not close the current session
}
