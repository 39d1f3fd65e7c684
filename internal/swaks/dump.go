package swaks

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// sections are what --dump prints, in its order.
var sections = []struct {
	name, title string
	rows        func(s *settings, secret string) []string
}{
	{"SUPPORT", "", (*settings).dumpSupport},
	{"APP", "App Info:", (*settings).dumpApp},
	{"OUTPUT", "Output Info:", (*settings).dumpOutput},
	{"TRANSPORT", "Transport Info:", (*settings).dumpTransport},
	{"PROTOCOL", "Protocol Info:", (*settings).dumpProtocol},
	{"XCLIENT", "XCLIENT Info:", (*settings).dumpXclient},
	{"PROXY", "PROXY Info:", (*settings).dumpProxy},
	{"TLS", "TLS / Encryption Info:", (*settings).dumpTLS},
	{"AUTH", "Authentication Info:", (*settings).dumpAuth},
	{"DATA", "DATA Info:", (*settings).dumpData},
}

// dump returns what the options mean, in the form of swaks. The argument of option names the
// sections, separated by commas; without it, all are printed except those in skip. secret is
// shown for a password.
func (s *settings) dump(option, secret string, skip ...string) string {
	wanted := map[string]bool{}
	for name := range strings.SplitSeq(s.last[option].value, ",") {
		if name = strings.ToUpper(strings.TrimSpace(name)); name != "" {
			wanted[name] = true
		}
	}
	var parts []string
	for _, x := range sections {
		if len(wanted) > 0 && !wanted[x.name] && !wanted["ALL"] || slices.Contains(skip, x.name) {
			continue
		}
		lines := x.rows(s, secret)
		if x.title != "" {
			lines = append([]string{x.title}, lines...)
		}
		parts = append(parts, strings.Join(lines, "\n")+"\n")
	}
	return strings.Join(parts, "\n")
}

// pairs writes names and values, with the equal signs below each other.
func pairs(width int, list ...string) []string {
	var out []string
	for i := 0; i < len(list); i += 2 {
		out = append(out, fmt.Sprintf("  %-*s = %s", width, list[i], list[i+1]))
	}
	return out
}

func truth(on bool) string { return strings.ToUpper(strconv.FormatBool(on)) }

// value returns the argument of an option, for --dump. A missing one was asked for before.
func (s *settings) value(name string) string {
	v, err := s.text(name)
	if err != nil {
		return ""
	}
	return v
}

func (s *settings) dumpSupport(string) []string {
	var out []string
	for _, what := range []string{
		"AUTH CRAM-MD5", "AUTH CRAM-SHA1", "AUTH DIGEST-MD5", "AUTH NTLM", "Basic AUTH", "Date Manipulation", "High Resolution Timing",
		"IPv6", "Local Hostname Detection", "MX Routing", "Netrc Credentials", "Pipe Transport", "Socket Transport", "TLS",
	} {
		out = append(out, "=== "+what+" supported")
	}
	return out
}

func (s *settings) dumpApp(secret string) []string {
	line := "smtpsh swaks"
	for _, o := range Options {
		for _, g := range s.shown(&o) {
			line += " --" + o.Name
			if g.name != "" {
				line += "-" + g.name
			}
			if o.Name == "auth-password" {
				g.value = secret
			}
			if g.has {
				line += " '" + g.value + "'"
			}
		}
	}
	return pairs(8, "X-Mailer", s.env.Mailer, "Cmd Line", line)
}

// shown returns how often an option was given.
func (s *settings) shown(o *Option) []given {
	if slices.Contains(repeatable, o.Name) {
		var out []given
		for _, g := range s.list {
			if g.option.Name == o.Name {
				out = append(out, g)
			}
		}
		return out
	}
	if g, ok := s.last[o.Name]; ok {
		return []given{g}
	}
	return nil
}

func (s *settings) dumpOutput(string) []string {
	o, err := newOutput(s, nil, nil)
	if err != nil {
		return nil
	}
	lapse := map[string]string{"": "FALSE", "i": "TRUE (integer)", "f": "TRUE (hires)"}[o.lapse]
	silent := o.silent
	if s.on("hide-all") && !s.on("silent") {
		silent = 0
	}
	out, errs := "STDOUT", "STDERR"
	for _, x := range []struct {
		name string
		to   *string
	}{{"output-file", &out}, {"output-file", &errs}, {"output-file-stdout", &out}, {"output-file-stderr", &errs}} {
		if f := s.value(x.name); f != "" {
			*x.to = strings.TrimPrefix(f, "&")
		}
	}
	return pairs(18, "show_time_lapse", lapse, "show_raw_text", truth(o.raw), "suppress_data", truth(o.suppressData),
		"protect_prompt", truth(s.on("protect-prompt")), "no_hints_send", truth(o.noSend), "no_hints_recv", truth(o.noReceive),
		"no_hints_info", truth(o.noInfo), "silent", strconv.Itoa(silent), "dump_mail", truth(s.on("dump-mail")),
		"hide_send", truth(s.on("hide-send")), "hide_receive", truth(s.on("hide-receive")),
		"hide_informational", truth(s.on("hide-informational")),
		"hide_all", truth(s.on("hide-all")), "trans_fh_of", out, "trans_fh_ef", errs)
}

func (s *settings) dumpTransport(string) []string {
	if p := s.value("socket"); p != "" {
		return pairs(15, "type", "socket-unix", "sockfile", p)
	}
	if p := s.value("pipe"); p != "" {
		return pairs(15, "type", "pipe", "process", p)
	}
	family := "any"
	switch {
	case s.on("4"):
		family = "4"
	case s.on("6"):
		family = "6"
	}
	routing := "FALSE"
	if d := s.value("copy-routing"); d != "" {
		routing = d
	}
	return pairs(15, "type", "socket-inet", "inet protocol", family, "server", s.serverName(), "port", s.port, "local interface", s.localHost,
		"local port", s.localPort, "copy routing", routing)
}

// serverName returns the server, or the domain whose mail servers are looked up.
func (s *settings) serverName() string {
	if s.host != "" {
		return s.host
	}
	if d := s.value("copy-routing"); d != "" {
		return d
	}
	return s.domain()
}

func (s *settings) dumpProtocol(string) []string {
	protocol := strings.ToLower(map[string]string{"EHLO": "esmtp", "HELO": "smtp", "LHLO": "lmtp"}[s.hello])
	return pairs(15, "protocol", protocol, "helo", s.helo, "from", s.shownFrom(), "to", strings.Join(s.recipients(), ","),
		"force getpwuid", truth(s.on("force-getpwuid")), "quit after", strings.ToLower(s.quit), "drop after", strings.ToLower(s.drop),
		"drop after send", strings.ToLower(s.sent), "server_only", truth(s.serverOnly()), "timeout", strconv.Itoa(s.seconds()),
		"pipeline", truth(s.on("pipeline")), "prdr", truth(s.on("prdr")))
}

// shownFrom returns the sender as --dump shows it.
func (s *settings) shownFrom() string {
	if s.from == "" {
		return "<>"
	}
	return s.from
}

// seconds returns the time limit, 0 for none.
func (s *settings) seconds() int {
	if s.timeout >= noTimeout {
		return 0
	}
	return int(s.timeout / time.Second)
}

func (s *settings) dumpXclient(string) []string {
	if len(s.xclient) == 0 {
		return pairs(7, "xclient", "no")
	}
	how := "required"
	switch {
	case s.on("xclient-optional-strict"):
		how = "optional-strict"
	case s.on("xclient-optional"):
		how = "optional"
	}
	out := pairs(15, "xclient", how, "no_verify", truth(s.on("xclient-no-verify")), "before starttls",
		truth(s.on("xclient-before-starttls")))
	for i, group := range s.xclient {
		begin := strings.Repeat(" ", 19)
		if i == 0 {
			begin = "  strings         ="
		}
		out = append(out, begin+" "+xclientLine(group))
	}
	return out
}

func (s *settings) dumpProxy(string) []string {
	if s.header == nil {
		return pairs(5, "proxy", "no")
	}
	version := s.value("proxy-version")
	if version == "" {
		version = "1"
	}
	out := pairs(11, "proxy", "yes", "version", version)
	if s.on("proxy") {
		raw := s.rawHeader
		if version != "1" {
			raw = base64.StdEncoding.EncodeToString([]byte(raw))
		}
		return append(out, pairs(11, "raw string", raw)...)
	}
	or := func(name, otherwise string) string {
		if v := s.value(name); v != "" {
			return v
		}
		return otherwise
	}
	return append(out, pairs(11, "family", s.value("proxy-family"), "source", s.value("proxy-source"), "source port",
		s.value("proxy-source-port"), "dest", s.value("proxy-dest"), "dest port", s.value("proxy-dest-port"),
		"protocol", or("proxy-protocol", "STREAM"), "command", or("proxy-command", "PROXY"))...)
}

func (s *settings) dumpTLS(string) []string {
	var how string
	switch {
	case s.tlsOnConnect:
		how = "starttls on connect (required)"
	case s.startTLS == never:
		return pairs(3, "tls", "no")
	case s.startTLS == whenOffered:
		how = "starttls (optional-strict)"
	case s.startTLS == tryIt:
		how = "starttls (optional)"
	default:
		how = "starttls (required)"
	}
	var verify []string
	if s.on("tls-verify") || s.on("tls-verify-ca") {
		verify = append(verify, "CA")
	}
	if s.on("tls-verify") || s.on("tls-verify-host") {
		verify = append(verify, "HOST")
	}
	if verify == nil {
		verify = []string{"FALSE"}
	}
	file := func(name string) string {
		if g, ok := s.last[name]; ok && (!g.has || g.value == "") {
			return "STDOUT"
		}
		return s.value(name)
	}
	var wanted []string
	for v := range strings.SplitSeq(s.value("tls-protocol"), ",") {
		if v != "" {
			wanted = append(wanted, v)
		}
	}
	return pairs(19, "tls", how, "peer cert", file("tls-get-peer-cert"), "peer chain", file("tls-get-peer-chain"),
		"local cert", s.value("tls-cert"), "local key", s.value("tls-key"), "local chain", s.value("tls-chain"),
		"local cipher list", s.value("tls-cipher"), "ca path", s.value("tls-ca-path"), "sni string", s.value("tls-sni"),
		"verify server cert", strings.Join(verify, ", "), "verify target host", s.value("tls-verify-target"),
		"available protocols", "TLSv1, TLSv1_1, TLSv1_2, TLSv1_3", "requested protocols", strings.Join(wanted, ", "))
}

func (s *settings) dumpAuth(secret string) []string {
	var how string
	switch s.auth {
	case never:
		return pairs(4, "auth", "no")
	case whenOffered:
		how = "optional-strict"
	case tryIt:
		how = "optional"
	default:
		how = "required"
	}
	hide := "FALSE"
	if s.on("auth-hide-password") {
		hide = s.hidden()
	}
	types := s.mechanisms
	if len(types) == 0 {
		types = slices.Sorted(maps.Keys(s.names()))
	}
	var extra []string
	for pair := range strings.SplitSeq(s.value("auth-extra"), ",") {
		if pair != "" {
			name, v, _ := strings.Cut(pair, "=")
			extra = append(extra, strings.ToUpper(name)+"="+v)
			if strings.EqualFold(name, "domain") { // the realm of DIGEST-MD5 is the domain of NTLM
				extra = append(extra, "REALM="+v)
			}
		}
	}
	slices.Sort(extra)
	out := pairs(14, "auth", how, "username", "'"+s.user+"'", "password", "'"+secret+"'", "show plaintext", truth(s.on("auth-plaintext")),
		"hide password", hide, "allowed types", strings.Join(types, ", "), "extras", strings.Join(extra, ", "))
	by := map[string][]string{}
	for _, m := range preferred {
		by[m] = []string{m}
	}
	for _, alias := range s.aliasOrder {
		by[s.aliases[alias]] = append(by[s.aliases[alias]], alias)
	}
	for i, base := range slices.Sorted(maps.Keys(by)) {
		begin := strings.Repeat(" ", 19)
		if i == 0 {
			begin = "  type map       = "
		}
		out = append(out, begin+base+" = "+strings.Join(by[base], ", "))
	}
	return out
}

// names returns the names of all mechanisms, with the mechanism that each stands for.
func (s *settings) names() map[string]string {
	out := map[string]string{}
	for _, m := range preferred {
		out[m] = m
	}
	maps.Copy(out, s.aliases)
	return out
}

func (s *settings) dumpData(string) []string {
	text := strings.ReplaceAll(strings.ReplaceAll(string(s.composed), "\r\n", "\n"), "\n.", "\n..")
	if !s.on("no-data-fixup") {
		text += "."
	}
	return []string{"  data = <<.", text}
}
