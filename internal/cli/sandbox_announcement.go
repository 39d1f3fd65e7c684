package cli

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"smtpsh/internal/explain"
	"smtpsh/internal/inspect"
	"smtpsh/internal/nearby"
	"smtpsh/internal/sandbox"
	"smtpsh/internal/shellword"
)

// runningSandbox is the description of a sandbox that its command prints.
type runningSandbox struct {
	srv         *sandbox.Server
	caFile      string
	recorded    bool     // programs of this user find the CA without the file
	hosts       []string // of --host
	inspectAddr net.Addr // of --inspect, nil without the flag
	token       string
}

// announcement returns text about the addresses of the server, the accounts, and example
// commands.
func (s *runningSandbox) announcement() string {
	var b strings.Builder
	p := s.srv.Profile()
	fmt.Fprintf(&b, "sandbox %s: %s\n", p.Name, p.Summary)
	for _, d := range p.Services {
		addr, security := s.srv.Addr(d.Name), "STARTTLS"
		if d.Implicit { // as a target, because the port alone does not show TLS
			addr, security = "smtps://"+addr, "implicit TLS"
		}
		fmt.Fprintf(&b, "  %-12s %-22s %s, like port %d\n", d.Name, addr, security, d.Port)
	}
	fmt.Fprintf(&b, "  %-12s %s\n", "authority", s.caFile)
	if s.inspectAddr != nil {
		fmt.Fprintf(&b, "  %-12s %s\n", "mailboxes", s.inspectHere())
	}
	b.WriteString("accounts\n")
	for _, acc := range p.Accounts {
		fmt.Fprintf(&b, "  %-18s %s\n", acc.User, strings.Join(acc.Credentials(), ", "))
		b.WriteString(explain.Indent(strings.Repeat(" ", 21), acc.Note))
	}
	b.WriteString("try\n")
	for _, l := range s.lines() {
		fmt.Fprintf(&b, "  %-12s %s\n", l[0], l[1])
	}
	b.WriteString(s.elsewhere())
	b.WriteString("^C stops the server\n")
	return b.String()
}

// lines returns shell commands that connect to the first service.
func (s *runningSandbox) lines() [][2]string {
	p := s.srv.Profile()
	d, who := p.Services[0], p.Correspondents("")
	addr := s.srv.Addr(d.Name)
	target := addr
	switch {
	case d.LMTP:
		target = "lmtp://" + addr
	case d.Implicit:
		target = "smtps://" + addr
	}
	ca := ""
	if !s.recorded {
		ca = " --ca " + shellword.Quote(s.caFile)
	}
	load := "smtpsh load keep-alive --server " + target + ca
	if !s.recorded { // without a profile the accounts are not known
		load += " --var from=" + who.From + " --var to=" + who.To
		if who.Login {
			load = "PASS=" + shellword.Quote(who.Password) + " " + load + " --var user=" + who.User + " --secret pass=@env:PASS"
		}
	}
	swaks := "swaks --server " + addr + " --from " + who.From + " --to " + who.To + " --tls --tls-verify --tls-ca-path " +
		shellword.Quote(s.caFile)
	curl := `printf 'Subject: hello\n\nhello\n' | curl --url smtp://` + addr + " --ssl-reqd --cacert " + shellword.Quote(s.caFile) + " --mail-from " + who.From + " --mail-rcpt " + who.To
	if who.Login {
		swaks += " --auth PLAIN --auth-user " + who.User + " --auth-password " + shellword.Quote(who.Password)
		curl += " --user " + shellword.Quote(who.User+":"+who.Password)
	}
	out := [][2]string{
		{"prompt", "smtpsh " + target + ca},
		{"script", "smtpsh run capabilities --server " + target + ca},
		{"load", load},
	}
	if d.LMTP {
		return append(out, [2]string{"swaks", strings.Replace(swaks, "swaks ", "swaks --protocol LMTP ", 1)}) // curl has no LMTP
	}
	return append(out, [2]string{"swaks", swaks}, [2]string{"curl", curl + " --crlf --upload-file -"})
}

// inspectAt returns the value for --inspect of the prompt on machines that reach the server
// at a host; "" if it cannot be inspected there.
func (s *runningSandbox) inspectAt(host string) string {
	addr, ok := s.inspectAddr.(*net.TCPAddr)
	if !ok {
		return ""
	}
	return inspect.Address{Token: s.token, Host: net.JoinHostPort(host, strconv.Itoa(addr.Port))}.String()
}

// inspectHere is inspectAt for this machine.
func (s *runningSandbox) inspectHere() string {
	if s.inspectAddr == nil {
		return ""
	}
	if here := nearby.Loopback(s.inspectAddr); len(here) > 0 {
		return inspect.Address{Token: s.token, Host: here[0]}.String()
	}
	return s.inspectAt(s.inspectAddr.(*net.TCPAddr).IP.String())
}

// elsewhere returns what other machines need, or what is missing for them; "" if they
// cannot reach the server.
func (s *runningSandbox) elsewhere() string {
	addr, ok := s.srv.Listens()[0].(*net.TCPAddr)
	if !ok {
		return ""
	}
	host := ""
	switch {
	case addr.IP.IsLoopback() && len(s.hosts) == 0:
		return ""
	case addr.IP.IsLoopback():
		return "other machines cannot reach the server: add --listen 0.0.0.0\n"
	case len(s.hosts) > 0:
		host = s.hosts[0]
	case !addr.IP.IsUnspecified():
		host = addr.IP.String()
	default:
		return "other machines cannot verify the certificate: add --host NAME with the name that they use\n"
	}
	target := net.JoinHostPort(host, strconv.Itoa(addr.Port))
	switch first := s.srv.Profile().Services[0]; {
	case first.LMTP:
		target = "lmtp://" + target
	case first.Implicit:
		target = "smtps://" + target
	}
	line := "smtpsh " + target + " --ca " + shellword.Quote(s.caFile)
	if there := s.inspectAt(host); there != "" {
		line += " --inspect " + there
	}
	return fmt.Sprintf("from other machines, with a copy of the authority\n  %-12s %s\n", "prompt", line)
}
