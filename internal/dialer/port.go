package dialer

import (
	"strconv"
	"strings"

	"smtpsh/engine"
)

// IsPort reports whether a word is the number of a port.
func IsPort(word string) bool {
	n, err := strconv.Atoi(word)
	return err == nil && n > 0 && n <= 65535 && strings.Trim(word, "0123456789") == ""
}

// WithPort adds a port to a host without one, for example for "mx.example.org 25" as with
// telnet. It returns false for targets that allow no port.
func WithPort(host, port string) (string, bool) {
	t, err := engine.ParseTarget(host)
	if err != nil || t.Network != "tcp" || !IsPort(port) {
		return "", false
	}
	with := strings.TrimSuffix(host, "/")
	if !strings.Contains(host, "://") && strings.Count(host, ":") > 1 && !strings.HasPrefix(host, "[") {
		with = "[" + host + "]" // a bare IPv6 address
	}
	with += ":" + port
	n, err := engine.ParseTarget(with)
	return with, err == nil && n.Host == t.Host
}
