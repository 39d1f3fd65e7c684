package sandbox

import "strings"

// Correspondents are two people of a server, for programs that only need somebody who
// may write to somebody.
type Correspondents struct {
	From, To       string
	User, Password string // who can log in; "" for nobody
	Login          bool   // mail needs the login
}

// Correspondents names two people who may write to each other at a service, "" for the
// first.
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
