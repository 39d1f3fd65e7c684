package explain

import (
	"strings"

	"smtpsh/engine/reply"
)

// Provider is a mail service that uses codes and texts with its own meanings; "" is any
// other server.
type Provider string

// The providers whose texts are known.
const (
	Google    Provider = "Google"
	Microsoft Provider = "Microsoft"
	Yahoo     Provider = "Yahoo"
	Apple     Provider = "Apple"
)

// Source returns the source of the meanings of a provider's replies, with the year of the
// page; "" for other servers.
func (p Provider) Source() string {
	switch p {
	case Google:
		return "Google, Workspace Admin Help: SMTP error reference and email sender guidelines, 2025"
	case Microsoft:
		return "Microsoft, Email non-delivery reports in Exchange Online, and Exchange Team Blog, 2026"
	case Yahoo:
		return "Yahoo, Sender Hub: SMTP error codes, 2025"
	case Apple:
		return "Apple, Postmaster information for iCloud Mail, 2025"
	}
	return ""
}

// signs are words that identify the provider of a greeting or a reply.
var signs = []struct {
	who   Provider
	words []string
}{
	{Google, []string{"gsmtp", "google.com", "gcdp", "gmail requires", "gmail has", "gmail does not accept", "google's"}},
	{Microsoft, []string{"outlook.com", "microsoft.com", "office.com", "office365.com", "postmaster.live.com", "aka.ms", "microsoft esmtp"}},
	{Yahoo, []string{"yahoo.com", "yahoodns.net", "yahooinc.com", "yahoo requires"}},
	{Apple, []string{"icloud.com", "support.apple.com", "me.com", "privaterelay.appleid.com"}},
}

// ProviderOf returns the provider of a greeting or of another reply; "" if nothing
// identifies it.
func ProviderOf(r *reply.Reply) Provider {
	if r == nil {
		return ""
	}
	text := flat(r.Text())
	for _, s := range signs {
		for _, w := range s.words {
			if hasWords(text, w) && !isAddress(text, w) {
				return s.who
			}
		}
	}
	return ""
}

// isAddress reports whether a sign occurs in the text only as the domain of an address: a
// reply that repeats <ann@icloud.com> need not be Apple's.
func isAddress(text, sign string) bool {
	return strings.Count(text, sign) == strings.Count(text, "@"+sign)
}

// Context is what is known about the session of a reply.
type Context struct {
	From    Provider
	Session *Session // nil if nothing was observed
}

// Session is the state of the steps before mail: which of them the server offers, and which
// are done.
type Session struct {
	TLS, OffersTLS       bool
	LoggedIn, OffersAuth bool
}

// steps returns what a server that requires TLS or a login still waits for. Without an
// observed session the text has conditions.
func (c Context) steps() string {
	s := c.Session
	switch {
	case s == nil:
		return "If EHLO offers STARTTLS, start TLS and send EHLO again. If it then offers AUTH, log in. Then repeat the command."
	case !s.TLS && s.OffersTLS && s.LoggedIn:
		return "STARTTLS, then EHLO again. Then repeat the command."
	case !s.TLS && s.OffersTLS:
		return "STARTTLS, then EHLO again, then log in if AUTH is offered. Then repeat the command."
	case s.OffersAuth && !s.LoggedIn:
		return "Log in with AUTH, then repeat the command."
	case !s.TLS && !s.OffersAuth:
		return "The server offers neither STARTTLS nor AUTH here. Use its submission port, 587, or 465 with implicit TLS."
	case !s.TLS:
		return "The server offers no STARTTLS here. Use a port with implicit TLS, such as 465."
	case !s.LoggedIn:
		return "TLS is active and the server offers no AUTH here. Use its submission port, 587 or 465."
	}
	return "TLS is active and you are logged in: read the text for what else is missing."
}
