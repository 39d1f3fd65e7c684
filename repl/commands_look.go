package repl

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/tlsinfo"
	"smtpsh/internal/explain"
	"smtpsh/transcript"
)

func lookCommands() []Command {
	return []Command{
		{
			Names: []string{"caps"}, Group: "look",
			Summary: "list what the server offers, and what has changed",
			Detail: "Lists the extensions of the last EHLO reply and explains each in a few words. After a second EHLO, + marks " +
				"new ones, - those that are gone, and ~ those whose parameters have changed.",
			Example: "EHLO me\n:caps\nSTARTTLS\nEHLO me\n:caps",
			run: func(_ context.Context, r *REPL, _ []string) error {
				if r.sessions.current == nil || len(r.sessions.current.offers) == 0 {
					r.screen.say("*  no extensions are known: send EHLO first")
					return nil
				}
				if s := r.sessions.current.smtp; r.sessions.current.usable() && len(s.Capabilities()) == 0 {
					by := "XCLIENT"
					if s.TLS() != nil {
						by = "STARTTLS"
					}
					r.screen.say("*  %s makes them invalid: send EHLO again. Before, the server offered", by)
				}
				r.screen.page(r.sessions.current.describeOffers())
				return nil
			},
		},
		{
			Names: []string{"tls"}, Group: "look",
			Summary: "show how the connection is encrypted",
			Detail:  "Shows the TLS version, the cipher, the key exchange and whether the certificate was verified. :cert shows the certificates.",
			Example: "EHLO me\nSTARTTLS\n:tls",
			run: func(_ context.Context, r *REPL, _ []string) error {
				info, _, err := r.encryption()
				if err != nil {
					return r.unencrypted(err)
				}
				r.screen.print(describeTLS(info))
				return nil
			},
		},
		{
			Names: []string{"cert"}, Group: "look",
			Args:    []Arg{{Name: "pem", Kind: Text, Optional: true}, {Name: "FILE", Kind: SaveFile, Optional: true}},
			Summary: "show the server's certificates",
			Detail: "Shows the chain from the server's certificate to the CA: names, days left, keys, issuers, serial numbers, " +
				"fingerprints, and why the chain was trusted or not. If the connection was closed because of the " +
				"certificate, :cert still shows it. pem prints the certificates in PEM format, or writes them to FILE.",
			Example: "EHLO me\nSTARTTLS\n:cert\n:cert pem\n:cert pem chain.pem",
			run:     func(_ context.Context, r *REPL, args []string) error { return r.cert(args) },
		},
		{
			Names: []string{"accounts"}, Group: "look",
			Summary: "list the accounts of the sandbox",
			Detail: "Lists the accounts of the sandbox with their passwords or tokens and what happens when they log in. It also " +
				"works for a sandbox that you run on this machine, or that :set inspect names.",
			Example: ":accounts",
			run:     func(ctx context.Context, r *REPL, _ []string) error { return r.accounts(ctx) },
		},
		{
			Names: []string{"mailbox", "mbox"}, Group: "look",
			Args:    []Arg{{Name: "NUMBER", Kind: Text, Optional: true}, {Name: "all", Kind: Text, Optional: true}},
			Summary: "show the messages that the sandbox has received",
			Detail: "Lists the messages that the sandbox has accepted, or shows one with its envelope. Without a pager a long " +
				"message is cut; all shows every byte.",
			Example: "EHLO me\nMAIL FROM:<a@example.org>\nRCPT TO:<bob@sandbox.test>\nDATA\nSubject: hi\n\nhello\n.\n:mailbox\n:mailbox 1",
			run:     func(ctx context.Context, r *REPL, args []string) error { return r.showReceived(ctx, args) },
		},
	}
}

// describeOffers lists the extensions of the last EHLO reply and marks what has changed
// since the EHLO reply before it.
func (sess *session) describeOffers() string {
	now := sess.offers[len(sess.offers)-1]
	var before *offer
	if len(sess.offers) > 1 {
		before = &sess.offers[len(sess.offers)-2]
	}
	var rows [][2]string
	changed := before != nil && !slices.Equal(now.caps, before.caps)
	add := func(mark string, c engine.Capability, about string) {
		name := transcript.Escape(strings.TrimSpace(c.Keyword + " " + c.Params))
		if changed {
			name = mark + " " + name
		}
		rows = append(rows, [2]string{name, about})
	}
	for _, c := range now.caps {
		mark, about := " ", meaning(c.Keyword)
		switch old, ok := before.find(c.Keyword); {
		case before == nil:
		case !ok:
			mark = "+"
		case old.Params != c.Params:
			mark = "~"
			about += " Before: " + transcript.Escape(strings.TrimSpace(old.Keyword+" "+old.Params)) + "."
		}
		add(mark, c, about)
	}
	if before != nil {
		for _, c := range before.caps {
			if _, ok := (&now).find(c.Keyword); !ok {
				add("-", c, meaning(c.Keyword))
			}
		}
	}
	title := "without TLS"
	if now.tls {
		title = "inside TLS"
	}
	out := fmt.Sprintf("  offered %s, %s", title, count(len(now.caps), "extension", "extensions"))
	switch {
	case before != nil && changed:
		out += "\n  since the previous EHLO: + new, - gone, ~ changed"
	case before != nil:
		out += ", the same as after the previous EHLO"
	}
	return out + "\n" + explain.Columns(rows)
}

// count returns a number and its noun, such as "1 line".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// meaning explains an extension without its name.
func meaning(keyword string) string {
	about := explain.Capability(keyword)
	if about == "" {
		return "smtpsh does not know this extension."
	}
	_, text, _ := strings.Cut(about, ": ")
	return strings.ToUpper(text[:1]) + text[1:]
}

func (o *offer) find(keyword string) (engine.Capability, bool) {
	if o == nil {
		return engine.Capability{}, false
	}
	i := slices.IndexFunc(o.caps, func(c engine.Capability) bool { return c.Keyword == keyword })
	if i < 0 {
		return engine.Capability{}, false
	}
	return o.caps[i], true
}

// describeTLS lists the properties of a TLS connection.
func describeTLS(info *tlsinfo.Info) string {
	rows := [][2]string{{"version", info.Version}, {"cipher", info.Cipher}}
	if info.KeyExchange != "" {
		rows = append(rows, [2]string{"key exchange", info.KeyExchange})
	}
	if info.Verified {
		rows = append(rows, [2]string{"server", "verified as " + transcript.Escape(info.ServerName)})
	} else {
		rows = append(rows, [2]string{"server", "NOT VERIFIED: " + transcript.Escape(info.VerifyError)})
	}
	if len(info.Chain) > 0 {
		rows = append(rows,
			[2]string{
				"certificate",
				fmt.Sprintf("%s, %s; :cert shows more", transcript.Escape(info.Chain[0].Subject), validity(info.Chain[0], time.Now())),
			})
	}
	return explain.Columns(rows)
}
