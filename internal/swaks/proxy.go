package swaks

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// proxyFields are the options that describe a PROXY header, with their names in errors.
var proxyFields = []string{"family", "source", "source-port", "dest", "dest-port"}

func (s *settings) readProxy() error {
	if err := s.proxyOptions(); err != nil {
		return &optionError{exitProxy, err}
	}
	return nil
}

func (s *settings) proxyOptions() error {
	version, err := s.text("proxy-version")
	if err != nil {
		return err
	}
	if version == "" {
		version = "1"
	}
	if version != "1" && version != "2" {
		return textf("Invalid argument to --proxy: %s is not a legal proxy version", version)
	}
	raw, err := s.text("proxy")
	if err != nil {
		return err
	}
	field := map[string]string{}
	var missing []string
	for _, f := range proxyFields {
		if field[f], err = s.text("proxy-" + f); err != nil {
			return err
		}
		if field[f] == "" {
			missing = append(missing, strings.ReplaceAll(f, "-", "_"))
		}
	}
	switch {
	case s.on("proxy") && len(missing) < len(proxyFields):
		return textf("Can't mix --proxy option with other --proxy-* options")
	case s.on("proxy"):
		return s.rawProxy(version, raw)
	case len(missing) == len(proxyFields):
		return nil
	case len(missing) > 0:
		return textf("Incomplete set of --proxy-* options (missing %s)", strings.Join(missing, ", "))
	}
	if version == "1" {
		if field["family"] != "TCP4" && field["family"] != "TCP6" {
			return fmt.Errorf("unknown --proxy-family argument %s for version 1", field["family"])
		}
		s.headerText = "PROXY " + field["family"] + " " + field["source"] + " " + field["dest"] + " " +
			field["source-port"] + " " + field["dest-port"]
		s.header = []byte(s.headerText + "\r\n")
		return nil
	}
	return s.proxyV2(field)
}

// rawProxy makes a header from the argument of --proxy.
func (s *settings) rawProxy(version, raw string) error {
	if text, ok := strings.CutPrefix(raw, "base64:"); ok {
		b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
		if err != nil {
			return fmt.Errorf("--proxy: %w", err)
		}
		raw = string(b)
	}
	s.rawHeader = raw
	if version == "1" {
		if !strings.HasPrefix(raw, "PROXY ") {
			raw = "PROXY " + raw
		}
		s.headerText, s.header = strings.TrimRight(raw, "\r\n"), []byte(strings.TrimRight(raw, "\r\n")+"\r\n")
		return nil
	}
	if !strings.HasPrefix(raw, proxySignature) {
		raw = proxySignature + raw
	}
	s.headerText, s.header = base64.StdEncoding.EncodeToString([]byte(raw)), []byte(raw)
	return nil
}

// proxySignature begins a header of version 2.
const proxySignature = "\r\n\r\n\x00\r\nQUIT\n"

// unixPath is the length of the path of a unix socket in a header of version 2.
const unixPath = 108

// proxyV2 makes a binary header, which may be inconsistent if the options are.
func (s *settings) proxyV2(field map[string]string) error {
	pick := func(name, otherwise string, values map[string]byte) (byte, error) {
		v, err := s.text("proxy-" + name)
		if err != nil {
			return 0, err
		}
		if v == "" {
			v = otherwise
		}
		b, ok := values[v]
		if !ok {
			return 0, fmt.Errorf("unknown --proxy-%s argument %s", name, v)
		}
		return b, nil
	}
	family, ok := map[string]byte{"AF_UNSPEC": 0, "AF_INET": 1, "AF_INET6": 2, "AF_UNIX": 3}[field["family"]]
	if !ok {
		return fmt.Errorf("unknown --proxy-family argument %s for version 2", field["family"])
	}
	protocol, err := pick("protocol", "STREAM", map[string]byte{"UNSPEC": 0, "STREAM": 1, "DGRAM": 2})
	if err != nil {
		return err
	}
	command, err := pick("command", "PROXY", map[string]byte{"LOCAL": 0, "PROXY": 1})
	if err != nil {
		return err
	}
	var addresses []byte
	for _, f := range []string{"source", "dest"} {
		switch a, err := netip.ParseAddr(field[f]); {
		case family == 3 && len(field[f]) > unixPath:
			return fmt.Errorf("--proxy-%s has %d bytes, and a path has at most %d", f, len(field[f]), unixPath)
		case family == 3:
			addresses = append(addresses, append([]byte(field[f]), make([]byte, unixPath-len(field[f]))...)...)
		case err == nil:
			addresses = append(addresses, a.AsSlice()...)
		case family != 0:
			return fmt.Errorf("--proxy-%s %s is not an IP address", f, field[f])
		}
	}
	if family == 1 || family == 2 {
		for _, f := range []string{"source-port", "dest-port"} {
			n, err := strconv.ParseUint(field[f], 10, 16)
			if err != nil {
				return fmt.Errorf("--proxy-%s %s is not a port", f, field[f])
			}
			addresses = binary.BigEndian.AppendUint16(addresses, uint16(n))
		}
	}
	s.header = append([]byte(proxySignature), 0x20|command, family<<4|protocol)
	s.header = append(binary.BigEndian.AppendUint16(s.header, uint16(len(addresses))), addresses...)
	s.headerText = base64.StdEncoding.EncodeToString(s.header)
	return nil
}
