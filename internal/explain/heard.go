package explain

import (
	"strings"

	"smtpsh/engine/reply"
)

// heard is what many servers mean by some words in a refusal, where the codes alone
// say less or something else.
type heard struct {
	Marks []string // in lower case; one is enough
	Class int      // 4 or 5; 0 for both
	Means string
	Try   string
}

var heardRows = []heard{
	{[]string{"greylist", "graylist", "grey listed", "postgrey"}, 4, "Greylisting: the server refuses a stranger's first attempt and waits whether it comes back. Programs that send spam seldom do.",
		"Try the same again after some minutes, from the same address; a mail server does so by itself."},
	{[]string{"relay access denied", "relaying denied", "relay not permitted", "unable to relay", "relay denied"}, 0, "The recipient's domain is not this server's, and it does not pass mail on for strangers.",
		"Log in on the submission port of your own server, or go to the MX of the recipient's domain."},
	{[]string{"user unknown", "no such user", "unknown user", "no such mailbox", "does not exist", "mailbox unavailable"}, 5, "There is no such mailbox.", "Look at the address letter by letter."},
	{[]string{"over quota", "quota exceeded", "mailbox full", "mailbox is full"}, 0, "The mailbox is full.", "Tell the owner in another way; with class 4 it may work later."},
	{[]string{"spamhaus", "blocked using", "blacklist", "blocklist", "listed at", "rbl"}, 0, "Your address is on a block list that the server asks.", "Look the address up at the list that the text names; its page says why and how to be removed."},
	{[]string{"spf"}, 0, "The envelope sender's domain says with SPF that this machine may not send for it.", "Send through the domain's own server, or add this machine to its SPF record."},
	{[]string{"dmarc"}, 0, "The domain in the From field asks with DMARC to refuse mail that neither SPF nor DKIM proves to be its own.", "Send through a server that the domain has named."},
	{[]string{"reverse dns", "reverse hostname", "ptr record", "cannot find your hostname"}, 0, "The server wants a PTR record for your address, with a name that points back.", "Have the network's owner set one."},
	{[]string{"too many connections", "too many errors", "rate limit", "throttl", "too fast"}, 0, "The server takes no more from you just now.", "Wait, and go slower."},
	{[]string{"transaction is open", "nested mail", "sender already"}, 5, "A transaction is open already; there is one at a time.", "RSET ends it, and so does the end of its message."},
	{[]string{"helo", "ehlo"}, 5, "The server does not like the name behind EHLO, or has not heard one yet.", "EHLO with a full host name that is in the DNS, or an address in brackets."},
	{[]string{"starttls first", "must issue a starttls", "encryption required", "tls required"}, 0, "The server wants TLS before this command.", "STARTTLS, then EHLO again."},
}

// ofHeard finds the row for a refusal's text.
func ofHeard(r *reply.Reply) (heard, bool) {
	if r.Positive() {
		return heard{}, false
	}
	text := strings.ToLower(strings.Join(strings.Fields(r.Text()), " "))
	for _, h := range heardRows {
		if h.Class != 0 && h.Class != r.Code/100 {
			continue
		}
		for _, m := range h.Marks {
			if strings.Contains(text, m) {
				return h, true
			}
		}
	}
	return heard{}, false
}

// behind is what is behind a refusal and what to try, from the nearest source: the
// words of Google, words that many servers use, the enhanced code, the code.
// command is what was refused, google that the server is Google's.
func behind(r *reply.Reply, command string, google bool) (who, means, try string) {
	if g, ok := ofGoogle(r.Text(), google); ok {
		if up := strings.ToUpper(command); g.Mark == "p=badcredentials" && (strings.Contains(up, "XOAUTH2") || strings.Contains(up, "OAUTHBEARER")) {
			g = tokenRefused
		}
		return "Google", g.Means, g.Try
	}
	if h, ok := ofHeard(r); ok {
		return "means", h.Means, h.Try
	}
	st, known := reply.LookupStatus(r.Code)
	e, ok := reply.LookupEnhanced(r.Enhanced.String())
	switch {
	// what the enhanced code adds to these is about another case
	case r.Code == 503 && known:
		return "cause", st.Cause, order(command, st.Try)
	case ok && r.Enhanced.Detail != 0 && e.Cause != "":
		try := e.Try
		if r.Code/100 == 4 {
			try = "Not now: the same may be taken later. " + try
		}
		return "cause", e.Cause, try
	case known:
		return "cause", st.Cause, st.Try
	}
	return "", "", ""
}
