package cli

import (
	"errors"
	"fmt"

	"smtpsh/internal/proxy"
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
