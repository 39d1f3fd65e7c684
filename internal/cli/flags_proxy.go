package cli

import (
	"errors"
	"fmt"

	"smtpsh/internal/proxy"
	"smtpsh/transcript"
)

// prepareProxy reads --proxy.
func (c *connFlags) prepareProxy(getenv func(string) string) error {
	if c.proxy == "" {
		return nil
	}
	from, text := "--proxy", c.proxy
	if text == "env" {
		from, text = "$ALL_PROXY", getenv("ALL_PROXY")
		if text == "" {
			text = getenv("all_proxy")
		}
		if text == "" {
			return &usageError{err: errors.New("--proxy env: ALL_PROXY is not set"), hint: "set it, or write the address of the proxy"}
		}
	}
	p, err := proxy.Parse(text)
	if err != nil {
		return &usageError{err: fmt.Errorf("%s: %w", from, err), hint: "for example --proxy socks5://127.0.0.1:1080 or --proxy http://proxy.example:3128"}
	}
	if c.bind != "" {
		return &usageError{err: errors.New("--bind and --proxy cannot be combined"), hint: "omit --bind"}
	}
	c.dialer.Options.Secrets.Add(p.Password())
	c.dialer.Options.Proxy = p
	return nil
}

// prepareProxyHeader reads --proxy-protocol, its source and destination, and --proxy-header.
func (c *connFlags) prepareProxyHeader() error {
	const example = "for example --proxy-protocol v2 --proxy-source 192.0.2.1:40000"
	wrong := func(err error) error { return &usageError{err: err, hint: example} }
	var h *proxy.Header
	switch {
	case c.proxyHeader != "":
		if c.proxyProtocol+c.proxySource+c.proxyDest != "" {
			return &usageError{err: errors.New("--proxy-header and --proxy-protocol cannot be combined"), hint: "omit one of them"}
		}
		raw, err := transcript.Unescape(c.proxyHeader)
		if err != nil {
			return wrong(fmt.Errorf("--proxy-header: %w", err))
		}
		h = &proxy.Header{Raw: raw}
	case c.proxyProtocol == "" && c.proxySource+c.proxyDest != "":
		return wrong(errors.New("--proxy-source and --proxy-dest require --proxy-protocol"))
	case c.proxyProtocol == "":
		return nil
	case c.proxySource == "":
		return wrong(errors.New("--proxy-protocol requires --proxy-source"))
	default:
		var err error
		if h, err = proxy.ParseHeader(c.proxyProtocol + " " + c.proxySource + " " + c.proxyDest); err != nil {
			return wrong(fmt.Errorf("--proxy-protocol: %w", err))
		}
	}
	c.dialer.Options.Preface = h.Bytes
	return nil
}
