package swaks

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// settings are the options of one run.
type settings struct {
	env   *Env
	last  map[string]given
	list  []given // those that can be given several times, in order
	stdin *string // standard input, read once

	host, port       string // of --server
	localHost        string // of --local-interface
	localPort        string // a number
	to, cc, bcc      []string
	from, helo       string
	hello            string // EHLO, HELO or LHLO
	startTLS, auth   want
	tlsOnConnect     bool
	mechanisms       []string // of --auth; nil for any
	user, password   string
	aliases          map[string]string // of --auth-map, in capitals
	aliasOrder       []string          // their names in the order of their definition
	quit, drop, sent string            // the stop points, in capitals
	timeout          time.Duration
	xclient          [][]attribute
	header           []byte          // the PROXY protocol header
	headerText       string          // how it is shown
	rawHeader        string          // the argument of --proxy
	versions         map[uint16]bool // TLS versions of --tls-protocol; nil for any
	composed         []byte          // the message, with CRLF
}

// want says whether a step is done, and whether it may fail.
type want uint8

const (
	never       want = iota
	tryIt            // continue if it fails
	whenOffered      // continue if it is not offered
	always
)

// attribute is an attribute of XCLIENT; without a key the value is sent as it is.
type attribute struct{ key, value string }

// repeatable are the options of which every occurrence counts.
var repeatable = []string{
	"attach", "attach-body", "attach-type", "attach-name", "add-header", "header", "xclient", "xclient-delim", "xclient-addr", "xclient-name",
	"xclient-port", "xclient-proto", "xclient-destaddr", "xclient-destport", "xclient-helo", "xclient-login", "xclient-reverse-name",
}

// collect reads the options of configuration file, environment and command line.
func collect(env *Env) (*settings, error) {
	fromEnv, err := parseEnv(env.Environ)
	if err != nil {
		return nil, err
	}
	fromArgs, err := parseArgs(env.Args, "command line")
	if err != nil {
		return nil, err
	}
	fromFile, err := readConfig(env, append(slices.Clone(fromEnv), fromArgs...))
	if err != nil {
		return nil, err
	}
	s := &settings{env: env, last: map[string]given{}}
	for _, g := range slices.Concat(fromFile, fromEnv, fromArgs) {
		name := g.option.Name
		switch {
		case g.off:
			delete(s.last, name)
			s.list = slices.DeleteFunc(s.list, func(x given) bool { return x.option == g.option && (g.name == "" || x.name == g.name) })
			continue
		case slices.Contains(repeatable, name):
			s.list = append(s.list, g)
		}
		s.last[name] = g
	}
	return s, nil
}

// readConfig reads the file of --config, or the first .swaksrc that exists.
func readConfig(env *Env, options []given) ([]given, error) {
	for i := len(options) - 1; i >= 0; i-- { // the last one counts
		if options[i].option.Name != "config" {
			continue
		}
		if !options[i].has {
			return nil, nil
		}
		text, err := env.ReadFile(options[i].value)
		if err != nil {
			return nil, fmt.Errorf("cannot read the configuration file: %w", err)
		}
		return parseConfig(string(text), options[i].value)
	}
	for _, name := range []string{"SWAKS_HOME", "HOME", "LOGDIR"} {
		dir := env.Getenv(name)
		if dir == "" {
			continue
		}
		path := filepath.Join(dir, ".swaksrc")
		text, err := env.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("cannot read the configuration file: %w", err)
		}
		return parseConfig(string(text), path)
	}
	return nil, nil
}

// on reports whether an option was given.
func (s *settings) on(name string) bool {
	_, ok := s.last[name]
	return ok
}

// text returns the argument of an option, "" if the option was not given. It asks for an
// argument that is missing.
func (s *settings) text(name string) (string, error) {
	g, ok := s.last[name]
	if !ok {
		return "", nil
	}
	text, err := s.argument(g, name)
	if err == nil && !g.has && g.option.Arg == required { // it was asked for, once
		g.value, g.has = text, true
		g.asked = true
		s.last[name] = g
	}
	return text, err
}

// argument returns the argument of an option that was given.
func (s *settings) argument(g given, name string) (string, error) {
	if !g.has {
		if g.option.Arg == optional {
			return "", nil
		}
		if g.name != "" { // --h-FIELD
			return "", nil
		}
		if slices.Contains(lateArguments, g.option.Name) {
			return "", textf("Option processing error: option %s specified with no argument", g.option.Name)
		}
		return s.ask(name, Echo(!g.option.Hidden))
	}
	if !g.option.File || g.asked {
		return g.value, nil
	}
	return s.content(g.value, g.option.Name)
}

// ask asks the user.
func (s *settings) ask(name string, how Echo) (string, error) {
	o, err := find(name)
	if err != nil {
		return "", err
	}
	answer, err := s.env.Ask(o.Prompt+": ", how)
	if err != nil {
		return "", fmt.Errorf("--%s: %w", name, err)
	}
	return answer, nil
}

// content returns what an argument stands for: standard input, a file, or itself.
func (s *settings) content(value, name string) (string, error) {
	switch {
	case value == "-":
		if s.stdin == nil {
			b, err := s.env.ReadStdin()
			if err != nil {
				return "", err
			}
			text := string(b)
			s.stdin = &text
		}
		return *s.stdin, nil
	case strings.HasPrefix(value, "@@"):
		return value[1:], nil
	case strings.HasPrefix(value, "@"):
		b, err := s.env.ReadFile(value[1:])
		if err != nil {
			return "", notOpenable(value[1:], name, err)
		}
		return string(b), nil
	}
	return value, nil
}

// notOpenable is the error for a file of an option.
func notOpenable(file, name string, err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	text := err.Error()
	return textf("Option processing error: file %s not openable for option %s (%s)", file, name, strings.ToUpper(text[:1])+text[1:])
}

// read interprets the options.
func (s *settings) read() error {
	for _, step := range []func() error{s.readProtocol, s.readEnvelope, s.readStops, s.readTLS, s.readAuth, s.readXclient, s.readProxy} {
		if err := step(); err != nil {
			return err
		}
	}
	if _, err := s.text("copy-routing"); err != nil {
		return err
	}
	transports := 0
	for _, name := range []string{"server", "socket", "pipe"} {
		if s.on(name) {
			transports++
		}
	}
	if transports > 1 {
		return textf("Multiple transport types specified, exiting")
	}
	return nil
}

func (s *settings) readEnvelope() error {
	for _, x := range []struct {
		name string
		to   *[]string
	}{{"to", &s.to}, {"cc", &s.cc}, {"bcc", &s.bcc}} {
		list, err := s.text(x.name)
		if err != nil {
			return err
		}
		for a := range strings.SplitSeq(list, ",") {
			if a = strings.TrimSpace(a); a != "" {
				*x.to = append(*x.to, a)
			}
		}
	}
	var err error
	if s.from, err = s.text("from"); err != nil {
		return err
	}
	if s.helo, err = s.text("helo"); err != nil {
		return err
	}
	if s.helo == "" {
		s.helo = s.env.Hostname
	}
	if s.from == "" { // the null reverse-path is <>
		user := s.env.Getenv("LOGNAME")
		if user == "" || s.on("force-getpwuid") {
			user = s.env.Username
		}
		s.from = user + "@" + s.env.Hostname
	}
	if s.from == "<>" {
		s.from = ""
	}
	return nil
}

// serverOnly reports whether the session ends before RCPT, so that it needs no recipient.
func (s *settings) serverOnly() bool {
	for _, point := range []string{s.quit, s.drop, s.sent} {
		if point != "" && !slices.Contains([]string{"RCPT", "DATA", "DOT"}, point) {
			return true
		}
	}
	return false
}

// recipients returns the recipients of the envelope, in the order of swaks.
func (s *settings) recipients() []string { return slices.Concat(s.to, s.cc, s.bcc) }

func (s *settings) readStops() error {
	for _, x := range []struct {
		name string
		to   *string
	}{{"quit-after", &s.quit}, {"drop-after", &s.drop}, {"drop-after-send", &s.sent}} {
		v, err := s.text(x.name)
		if err != nil {
			return err
		}
		if v == "" {
			continue
		}
		point, ok := stopPoints[strings.ToUpper(v)]
		if !ok || x.name == "quit-after" && (point == "DATA" || point == "DOT") {
			return textf("Unknown %s value %s, exiting", strings.ReplaceAll(x.name, "-", "_"), v)
		}
		*x.to = point
	}
	return nil
}
