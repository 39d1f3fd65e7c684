package explain

// GoogleText is what Google means by one of its replies and what to do about it. The
// texts are found by a mark: the key of the help address in it, or some words.
type GoogleText struct {
	Mark  string // in lower case
	Means string
	Try   string
}

// tokenRefused is what the row for wrong credentials means of an access token.
var tokenRefused = GoogleText{Means: "The access token was not taken: it has expired (Google's live for an hour), was made for another account, or lacks the scope https://mail.google.com/.",
	Try: "Get a new one with the refresh token; the 334 before the refusal has a reason in JSON, which :decode reads."}

// ofGoogle finds the row for a text of Google's, in lower case with single spaces; the
// rows are looked through in order.
func ofGoogle(text string, google bool) (GoogleText, bool) {
	if !google {
		return GoogleText{}, false
	}
	for _, g := range googleRows {
		if hasWords(text, g.Mark) {
			return g, true
		}
	}
	return GoogleText{}, false
}

// GoogleRows returns the table, for its test.
func GoogleRows() []GoogleText { return append([]GoogleText(nil), googleRows...) }

var googleRows = []GoogleText{
	{
		"p=badcredentials",
		"Name and password were not taken. An account's ordinary password is not enough: private accounts lost that way in 2022, " +
			"Workspace's by 2025.",
		"Make an app password (16 letters, myaccount.google.com/apppasswords, needs 2-Step Verification), or log in by OAuth with XOAUTH2. " +
			"The name is the whole address.",
	},
	{"p=invalidsecondfactor", "The password is right, but the account has 2-Step Verification: Google requires an app password instead of it.",
		"Make an app password (myaccount.google.com/apppasswords) and give it as the password, with or without its spaces; or use OAuth."},
	{
		"p=webloginrequired",
		"The sign-in looks unusual to Google: a new place, a new device, a run of attempts. Google requires a login in a browser first.",
		"Log in on the web from the same network, confirm that it was you, then try again; on a server, use OAuth or an app password.",
	},
	{
		"log in via your web browser",
		"The sign-in was blocked; the long address in the reply is a personal link to unblock it.",
		"Open the link in a browser that is logged in to the account, then try again.",
	},
	{
		"too many login attempts",
		"The account or the address has tried to log in too often in a short time. Further attempts make it longer.",
		"Wait (minutes to a day), and mend the program that keeps trying with a wrong password.",
	},
	{
		"p=wantautherror",
		"This is the submission server: it takes mail only from people who have logged in.",
		"AUTH first, by app password or OAuth. To deliver to a Gmail mailbox without an account, use port 25 of its MX host.",
	},
	{
		"must issue a starttls command first",
		"On port 587 logins and mail wait for TLS.",
		"STARTTLS, then EHLO again: AUTH is offered only then.",
	},
	{"starttls may not be repeated", "TLS is on already.", "Go on with AUTH or MAIL."},
	{
		"unrecognized authentication type",
		"Google knows PLAIN, LOGIN, XOAUTH2, OAUTHBEARER, and its own PLAIN-CLIENTTOKEN.",
		"Name one of those; :caps lists them.",
	},
	{"xoauth is no longer supported", "XOAUTH, the first generation, is still listed but dead.", "Use XOAUTH2 or OAUTHBEARER."},
	{
		"cannot decode response",
		"What came in the middle of AUTH, or behind MAIL FROM, could not be read: Base64 was expected, or angle brackets.",
		"Inside AUTH every line is Base64, and \"*\" gives up. Outside, write MAIL FROM:<address>.",
	},
	{"too many unauthenticated commands", "Too much was said before the login.", "Open a new session and AUTH right after the second EHLO."},
	{"empty helo/ehlo", "EHLO needs a name.", "EHLO followed by a host name with a dot, or an address in brackets."},
	{"helo/ehlo argument", "The name behind EHLO is no host name.", "EHLO followed by a host name with a dot, or an address in brackets."},
	{"closing connection. (ehlo)", "The relay refuses names such as localhost behind EHLO.", "Say the public name of the machine."},
	{
		"p=nosuchuser", "This mailbox does not exist at Gmail.",
		"Look at the address letter by letter; a sender that goes on writing to it loses reputation.",
	},
	{"p=disableduser", "The mailbox exists but is switched off.", "Reach the person in another way; later tries will fail too."},
	{"p=overquotaperm", "The mailbox is full, and has been for long.", "Reach the person in another way."},
	{
		"p=overquota*",
		"The mailbox is full. The answer is a temporary one: the person may make room.",
		"Try again later; a mail server does so for days by itself.",
	},
	{"p=receivingrate*", "The mailbox gets more mail just now than Gmail lets in.", "Try again later, and spread the messages."},
	{
		"p=badrcptdomain", "The domain behind the @ does not exist, or takes no mail.",
		"Look for a typing error; ask the DNS for its MX record.",
	},
	{
		"p=toomanyrecipients*",
		"The message has more recipients than one transaction may have.",
		"Send to the rest in another transaction, or use a mailing list.",
	},
	{
		"166852",
		"The account has sent its share of the day: 2,000 messages with Workspace, fewer (500, it is said) for a private account.",
		"Wait up to 24 hours. To send more, use a service for bulk mail.",
	},
	{
		"daily user sending",
		"The account has sent its share of the day: 2,000 messages with Workspace, fewer (500, it is said) for a private account.",
		"Wait up to 24 hours. To send more, use a service for bulk mail.",
	},
	{
		"p=maxsizeerror",
		"The message is larger than EHLO's SIZE said, attachments counted as sent: Base64 makes them a third larger.",
		"Put the file somewhere and send a link.",
	},
	{
		"p=dmarcrejection",
		"The domain in the From field has a DMARC policy that asks to reject messages that neither SPF nor DKIM confirms.",
		"Send through a server that the domain has named, with its DKIM key; or use a From of your own domain.",
	},
	{
		"spf checks",
		"The SPF record of the sender's domain lists its servers and ends in -all, and this server is not in the list.",
		"Add the machine's address to the domain's SPF record, or send through the domain's own server.",
	},
	{
		"81126#ip-practices",
		"The sending address has no PTR record, or the name in it does not lead back to the address.",
		"Ask the owner of the network to set a PTR record, and an A or AAAA record that matches it.",
	},
	{
		"ptr record",
		"The sending address has no PTR record, or the name in it does not lead back to the address.",
		"Ask the owner of the network to set a PTR record, and an A or AAAA record that matches it.",
	},
	{
		"p=rfcmessagenoncompliant",
		"The header does not follow RFC 5322: a field that may stand once stands twice, or the From is missing.",
		"Look at the header fields of what was sent; each of From, To, Subject, Date, Message-ID once.",
	},
	{
		"p=blockedmessage",
		"The content or an attachment is of a kind that Gmail never takes: programs, scripts, archives of them.",
		"Send such a file by other means; renaming or zipping it does not help.",
	},
	{
		"p=unsolicitedratelimit*",
		"Gmail takes the mail from this address or domain for unsolicited and slows it down.",
		"Send less and more slowly, only to people who subscribed. Postmaster Tools shows the reputation.",
	},
	{
		"p=unsolicitedmessageerror", "Gmail takes the message for unsolicited.",
		"Authenticate with SPF, DKIM and DMARC, and write to people who asked; a fresh address needs a slow start.",
	},
	{
		"6140680#maildenied",
		"The relay service knows neither the sender's domain nor the address that the mail comes from.",
		"In the Workspace console add the address to the relay's list, or log in; the sender must be of one of the account's domains.",
	},
	{
		"invalid credentials for relay",
		"The relay service knows neither the sender's domain nor the address that the mail comes from.",
		"In the Workspace console add the address to the relay's list, or log in.",
	},
	{"no parameters allowed", "STARTTLS stands alone on its line.", "Say STARTTLS and nothing behind it."},
	{
		"no commands allowed to pipeline after starttls",
		"Something was sent behind STARTTLS before the answer; it might have been injected by somebody in between.",
		"Wait for the 220, then shake hands; :reconnect begins anew.",
	},
	{
		"optional argument not permitted",
		"The mechanism takes no response on the AUTH line itself.",
		"Say AUTH with the mechanism alone, and answer the 334.",
	},
	{"cannot authenticate due to a temporary", "Google itself has a problem; name and password were not judged.", "Try again later."},
	{
		"no identity changes permitted",
		"Somebody has logged in already; a session belongs to one user.",
		":reconnect begins a session for another user.",
	},
	{
		"too many recipients for this sender",
		"The sender may not write to so many people.",
		"Send fewer, or ask the administrator of the Workspace.",
	},
	{"daily sending quota exceeded", "The account has sent its share of the day.", "Wait up to 24 hours."},
	{
		"relay limit exceeded",
		"The relay service has taken as much as it takes from this user or customer in that time.",
		"Wait, and spread the messages; the administrator sees the limits.",
	},
	{
		"mail first", "The command belongs into a transaction, and none is open.",
		"MAIL FROM:<address> first; after RSET, EHLO, STARTTLS or a finished message it must be said again.",
	},
	{"rcpt first", "DATA was said while no recipient is accepted.", "RCPT TO:<address>, and look whether it was accepted."},
	{"ehlo/helo first", "The session was not introduced yet.", "EHLO with the name of your machine."},
	{"no data after bdat", "A message that was begun with BDAT goes on with BDAT.", "BDAT with LAST ends it; RSET forgets it."},
	{"bad sequence of commands", "The command came at a time when it has no meaning.", ":next shows what can be said now."},
	{
		"too many unrecognized commands",
		"Several lines in a row were no commands; Google hangs up. Often a program is talking HTTP to the wrong port, or a message is being " +
			"sent without DATA.",
		":reconnect opens a new session.",
	},
	{
		"unrecognized command",
		"Google has no such command. RFC 5321 would have it answer 500; it says 502.",
		":next lists what can be said now.",
	},
	{
		"unimplemented command",
		"The command is known, but Google does not offer it; EXPN and the like give spammers addresses.",
		"There is nothing to be done about it.",
	},
	{
		"i'll try my best",
		"VRFY is answered with 252 to everybody: Google does not tell which mailboxes exist.",
		"RCPT TO tells, when a transaction is under way on port 25.",
	},
	{"p=selfclosing", "The connection was idle for too long.", ":reconnect, and speak sooner."},
	{
		"timeout - closing connection",
		"Nothing was said for too long; a quarter of an hour has been reported.",
		":reconnect opens a new session.",
	},
	{"connection expired", "The session has lasted longer than Google lets one last.", ":reconnect opens a new session."},
	{
		"not a valid rfc 5321 address",
		"What stands between < and > is not an address.",
		"Write local-part@domain, without spaces; a local part with odd signs goes into quotes.",
	},
	{"receiving mail too quickly", "The mailbox gets more mail just now than Gmail lets in.", "Try again later, and spread the messages."},
	{"tls required for rcpt domain", "The recipient's domain takes mail only over TLS.", "Use STARTTLS before the transaction."},
	{"server busy", "Google has too much to do.", "Try again later; a mail server does so by itself."},
	{"temporary system problem", "Google itself has a problem.", "Try again later; a mail server does so by itself."},
	{"temporarily rejected", "Google could not take the message this time and does not say why.", "Try again later."},
	{
		"multiple destination domains",
		"On port 25 one transaction is for mailboxes of one domain.",
		"Send to the other domain in a transaction of its own.",
	},
	{
		"domain policy size per transaction",
		"The recipient's domain allows less for one transaction.",
		"Send to this recipient in a transaction of its own.",
	},
	{
		"exceeded 50 hops",
		"The message has been through fifty servers: two of them are forwarding it to each other.",
		"Read its Received fields to find the circle.",
	},
	{"malformed", "The message cannot be read as one.", "Look at its header and line ends."},
	{"gcdp", "A rule of the Workspace's administrator refuses it.", "Ask the administrator of the recipient's domain."},
	{
		"username and password not accepted",
		"Name and password, or the token, were not taken.",
		"An app password, or a fresh token; the name is the whole address.",
	},
	{
		"account that you tried to reach is disabled",
		"The mailbox exists but is switched off.",
		"Reach the person in another way; later tries will fail too.",
	},
	{"content presents a potential", "The content or an attachment is of a kind that Gmail never takes.", "Send such a file by other means."},
	{
		"not a valid rfc-5321 address",
		"What stands between < and > is not an address.",
		"Write local-part@domain, without spaces; a local part with odd signs goes into quotes.",
	},
	{
		"syntax error",
		"The line could not be read; mostly the angle brackets are missing.",
		"MAIL FROM:<address> or RCPT TO:<address>, without a space behind the colon.",
	},
	{
		"3221692",
		"Something in the command is not as the standard has it, or its time has not come.",
		":next shows what can be said now, :explain with the verb how it is written.",
	},
}
