package sandbox

import "strings"

// Correspondents are a sender and a recipient of a server, for programs that need a
// transaction that the server accepts.
type Correspondents struct {
	From, To       string
	User, Password string // credentials for a login; "" if the service has none
	Login          bool   // mail requires the login
}

// Correspondents returns a sender and a recipient that a service accepts. The empty name
// is the first service.
func (p *Profile) Correspondents(service string) Correspondents {
	var c Correspondents
	for _, a := range p.Accounts {
		switch {
		case c.From == "" && a.Password != "" && a.Situation == "":
			c.From, c.User, c.Password = a.User, a.User, a.Password
		case c.To == "" && !strings.EqualFold(a.User, c.From):
			c.To = a.User
		}
	}
	d, _ := p.service(service)
	if c.Login = d.needAuth; !d.login {
		c.User, c.Password = "", ""
	}
	return c
}
