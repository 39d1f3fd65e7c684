package swaks

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// protocols are the values of --protocol: the greeting, the port, AUTH, STARTTLS, implicit TLS.
var protocols = map[string]struct {
	hello, port    string
	auth, tls, imp bool
}{
	"SMTP": {"HELO", "25", false, false, false}, "SSMTP": {"EHLO", "465", false, false, true}, "SSMTPA": {"EHLO", "465", true, false, true},
	"SMTPS": {"HELO", "465", false, false, true}, "ESMTP": {"EHLO", "25", false, false, false}, "ESMTPA": {"EHLO", "25", true, false, false},
	"ESMTPS": {"EHLO", "25", false, true, false}, "ESMTPSA": {"EHLO", "25", true, true, false}, "LMTP": {"LHLO", "24", false, false, false},
	"LMTPA": {"LHLO", "24", true, false, false}, "LMTPS": {"LHLO", "24", false, true, false}, "LMTPSA": {"LHLO", "24", true, true, false},
}

func (s *settings) readProtocol() error {
	name, err := s.text("protocol")
	if err != nil {
		return err
	}
	p, ok := protocols[strings.ToUpper(name)]
	if name == "" {
		p, ok = protocols["ESMTP"], true
	}
	if !ok {
		return textf("Unknown protocol %s specified, exiting", name)
	}
	s.hello, s.port = p.hello, p.port
	s.tlsOnConnect = p.imp || s.on("tls-on-connect")
	if s.tlsOnConnect {
		s.port = "465"
	}
	if p.tls || s.on("tls") {
		s.startTLS = always
	}
	if s.on("tls-optional") {
		s.startTLS = tryIt
	}
	if s.on("tls-optional-strict") {
		s.startTLS = whenOffered
	}
	if s.tlsOnConnect || s.hello == "HELO" {
		s.startTLS = never
	}
	if p.auth {
		s.auth = always
	}
	server, err := s.text("server")
	if err != nil {
		return err
	}
	if err := s.readServer(server); err != nil {
		return err
	}
	if port, err := s.text("port"); err != nil {
		return err
	} else if port != "" {
		s.port = port
	}
	if s.port, err = portNumber(s.port); err != nil {
		return err
	}
	for _, name := range []string{"local-interface", "local-port"} {
		if _, err := s.text(name); err != nil {
			return err
		}
	}
	if s.localHost, s.localPort = s.local(); s.localPort != "" {
		if s.localPort, err = portNumber(s.localPort); err != nil {
			return err
		}
	}
	limit, err := s.text("timeout")
	if err != nil {
		return err
	}
	s.timeout, err = readTimeout(limit)
	return err
}

// portNumber returns the number of a port or service.
func portNumber(name string) (string, error) {
	n, err := net.LookupPort("tcp", name)
	if err != nil {
		return "", textf("unable to resolve service name %s into a port, exiting", name)
	}
	return strconv.Itoa(n), nil
}

// readServer splits HOST, HOST:PORT, [HOST]:PORT and HOST/PORT.
func (s *settings) readServer(server string) error {
	if strings.HasPrefix(server, "sandbox:") {
		s.host = server
		return nil
	}
	if strings.Contains(server, "@") { // it may be a password
		return textf("--server takes no user name and no password: use --auth-user and --auth-password")
	}
	host, port := server, ""
	switch {
	case strings.HasPrefix(server, "["):
		end := strings.Index(server, "]")
		if end < 0 {
			return fmt.Errorf("--server %s: the bracket is not closed", server)
		}
		host, port = server[1:end], strings.TrimPrefix(server[end+1:], ":")
	case strings.Contains(server, "/"):
		host, port, _ = strings.Cut(server, "/")
	case strings.Count(server, ":") == 1:
		host, port, _ = strings.Cut(server, ":")
	}
	s.host = host
	if port != "" {
		s.port = port
	}
	return nil
}

// noTimeout stands for no time limit.
const noTimeout = 1000 * time.Hour

// readTimeout reads 30, 5s, 3m or 1h; 0 means no limit.
func readTimeout(text string) (time.Duration, error) {
	if text == "" {
		return 30 * time.Second, nil
	}
	unit := time.Second
	digits := text
	switch text = strings.ToLower(text); text[len(text)-1] {
	case 's':
		digits = text[:len(text)-1]
	case 'm':
		digits, unit = text[:len(text)-1], time.Minute
	case 'h':
		digits, unit = text[:len(text)-1], time.Hour
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 || n > 1e6 {
		return 0, textf("Unknown timeout format '%s'", text)
	}
	if n == 0 {
		return noTimeout, nil
	}
	return time.Duration(n) * unit, nil
}
