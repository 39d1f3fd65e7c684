package explain

// GoogleText is the meaning of one of Google's replies and what to do about it. A mark in
// the text identifies it: the key of the help address, or some words.
type GoogleText struct {
	Mark  string // in lower case
	Means string
	Try   string
}

// tokenRefused is the meaning of the row for wrong credentials if the client sent an access
// token.
var tokenRefused = GoogleText{Means: "The access token was rejected. It has expired (after one hour), belongs to another account, or lacks the scope https://mail.google.com/.",
	Try: "Get a new token with the refresh token. The 334 before the rejection contains the reason as JSON; :decode shows it."}

// ofGoogle returns the first row for a text of Google, in lower case with single spaces.
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
		"The user name and password were rejected. Google accepts no ordinary account passwords here: since 2022 for private " +
			"accounts, since 2025 for Workspace.",
		"Check the user name, which is the whole address, and the password. Gmail needs an app password (16 letters, " +
			"myaccount.google.com/apppasswords, requires 2-Step Verification) or an OAuth token (XOAUTH2).",
	},
	{"p=invalidsecondfactor", "The password is right, but the account has 2-Step Verification: Google requires an app password instead of it.",
		"Create an app password (myaccount.google.com/apppasswords) and use it as the password, with or without its spaces; or use OAuth."},
	{
		"p=webloginrequired",
		"Google considers the login unusual: a new place, a new device, or many attempts. It requires a login in a browser first.",
		"Log in on the web from the same network, confirm that it was you, then try again; on a server, use OAuth or an app password.",
	},
	{
		"log in via your web browser",
		"Google blocked the login. The long address in the reply is a personal link that unblocks it.",
		"Open the link in a browser that is logged in to the account, then try again.",
	},
	{
		"too many login attempts",
		"There were too many logins of this account or from this IP address in a short time. Further attempts make the pause longer.",
		"Wait (minutes to a day), and correct the program that repeats a wrong password.",
	},
	{
		"p=wantautherror",
		"This is the submission server. It accepts mail only after a login.",
		"Log in with AUTH first, with an app password or OAuth. To deliver to a Gmail mailbox without an account, use port 25 of its MX host.",
	},
	{
		"must issue a starttls command first",
		"Port 587 accepts logins and mail only inside TLS.",
		"Send STARTTLS, then EHLO again. Only then does the server offer AUTH.",
	},
	{"starttls may not be repeated", "TLS is already active.", "Continue with AUTH or MAIL."},
	{
		"unrecognized authentication type",
		"Google supports PLAIN, LOGIN, XOAUTH2, OAUTHBEARER, and PLAIN-CLIENTTOKEN, which only Google uses.",
		"Use one of these; :caps lists them.",
	},
	{"xoauth is no longer supported", "XOAUTH, the first version, is still listed but no longer works.", "Use XOAUTH2 or OAUTHBEARER."},
	{
		"cannot decode response",
		"The server could not read a line of the AUTH exchange (Base64 was expected) or the address after " +
			"MAIL FROM: or RCPT TO: (angle brackets were expected).",
		"In an AUTH exchange send Base64, or \"*\" to cancel. In MAIL and RCPT write the address in angle brackets.",
	},
	{"too many unauthenticated commands", "The client sent too many commands before the login.", "Open a new session and send " +
		"AUTH directly after the second EHLO."},
	{"empty helo/ehlo", "EHLO requires a name.", "Send EHLO with a host name that contains a dot, or with an IP address in brackets."},
	{"helo/ehlo argument", "The argument of EHLO is not a host name.", "Send EHLO with a host name that contains a dot, or with " +
		"an IP address in brackets."},
	{"closing connection. (ehlo)", "The relay rejects EHLO names such as localhost.", "Use the public name of the machine."},
	{
		"p=nosuchuser", "This mailbox does not exist at Gmail.",
		"Compare the address letter by letter. A sender that continues to write to it loses reputation.",
	},
	{"p=disableduser", "The mailbox exists but is disabled.", "Reach the person in another way. Later attempts will fail too."},
	{"p=overquotaperm", "The mailbox has been full for a long time.", "Reach the person in another way."},
	{
		"p=overquota*",
		"The mailbox is full. The reply is temporary, because the owner can delete mail.",
		"Try again later. A mail server repeats the attempt for days automatically.",
	},
	{"p=receivingrate*", "The mailbox currently receives more mail than Gmail accepts for it.", "Try again later, and send fewer " +
		"messages at a time."},
	{
		"p=badrcptdomain", "The domain after the @ does not exist or accepts no mail.",
		"Check the spelling, and look up the MX record of the domain.",
	},
	{
		"p=toomanyrecipients*",
		"The message has more recipients than Google allows in one transaction.",
		"Send to the remaining recipients in another transaction, or use a mailing list.",
	},
	{
		"166852",
		"The account has reached its daily limit: 2,000 messages with Workspace, fewer for a private account (500 according to reports).",
		"Wait up to 24 hours. To send more, use a service for bulk mail.",
	},
	{
		"daily user sending",
		"The account has reached its daily limit: 2,000 messages with Workspace, fewer for a private account (500 according to reports).",
		"Wait up to 24 hours. To send more, use a service for bulk mail.",
	},
	{
		"p=maxsizeerror",
		"The message is larger than the SIZE limit in the EHLO reply. Attachments count as they are sent: Base64 makes them a third larger.",
		"Store the file elsewhere and send a link.",
	},
	{
		"p=dmarcrejection",
		"The domain in the From field publishes the DMARC policy reject, and neither SPF nor DKIM confirms the message for this domain.",
		"Send through a server that the domain authorizes, signed with its DKIM key. Otherwise use your own domain in From.",
	},
	{
		"spf checks",
		"The SPF record of the sender's domain does not list this server, and it ends in -all.",
		"Add the IP address of the server to the SPF record of the domain, or send through the domain's own server.",
	},
	{
		"81126#ip-practices",
		"The sending IP address has no PTR record, or the name in it does not resolve to the address.",
		"Ask the owner of the network to publish a PTR record, and publish an A or AAAA record that matches it.",
	},
	{
		"ptr record",
		"The sending IP address has no PTR record, or the name in it does not resolve to the address.",
		"Ask the owner of the network to publish a PTR record, and publish an A or AAAA record that matches it.",
	},
	{
		"p=rfcmessagenoncompliant",
		"The header does not follow RFC 5322: a field that is allowed once occurs twice, or From is missing.",
		"Check the header of the message: From, To, Subject, Date and Message-ID, each only once.",
	},
	{
		"p=blockedmessage",
		"The message has content or an attachment that Gmail never accepts: programs, scripts, or archives that contain them.",
		"Send such a file in another way. Renaming or zipping it does not help.",
	},
	{
		"p=unsolicitedratelimit*",
		"Gmail considers the mail from this IP address or domain unsolicited and limits its rate.",
		"Send fewer messages, more slowly, and only to people who subscribed. Postmaster Tools shows the reputation.",
	},
	{
		"p=unsolicitedmessageerror", "Gmail considers the message unsolicited.",
		"Set up SPF, DKIM and DMARC, and write only to people who asked for it. Increase the volume of a new IP address slowly.",
	},
	{
		"6140680#maildenied",
		"The relay service knows neither the sender's domain nor the IP address of the client.",
		"Add the IP address to the relay settings in the Workspace console, or log in. The sender address must belong to a domain " +
			"of the account.",
	},
	{
		"invalid credentials for relay",
		"The relay service knows neither the sender's domain nor the IP address of the client.",
		"Add the IP address to the relay settings in the Workspace console, or log in.",
	},
	{"no parameters allowed", "STARTTLS has no arguments.", "Send STARTTLS without anything after it."},
	{
		"no commands allowed to pipeline after starttls",
		"The client sent more data after STARTTLS before the reply. An attacker between the two could have injected it.",
		"Wait for the 220, then start the TLS handshake. :reconnect opens a new session.",
	},
	{
		"optional argument not permitted",
		"This mechanism allows no initial response on the AUTH line.",
		"Send AUTH with the name of the mechanism only, and answer the 334.",
	},
	{"cannot authenticate due to a temporary", "Google has a problem. The user name and password were not checked.", "Try again later."},
	{
		"no identity changes permitted",
		"A user has already logged in. A session belongs to one user.",
		":reconnect opens a session for another user.",
	},
	{
		"too many recipients for this sender",
		"The sender is not allowed to write to so many recipients.",
		"Use fewer recipients, or ask the administrator of the Workspace.",
	},
	{"daily sending quota exceeded", "The account has reached its daily limit.", "Wait up to 24 hours."},
	{
		"relay limit exceeded",
		"The user or the customer has reached a limit of the relay service.",
		"Wait, and send more slowly. The administrator can see the limits.",
	},
	{
		"mail first", "The command requires a transaction, and none is open.",
		"Send MAIL FROM:<address> first. It is also required again after RSET, EHLO, STARTTLS and each message.",
	},
	{"rcpt first", "DATA was sent, but the server has accepted no recipient.", "Send RCPT TO:<address>, and check that the server " +
		"accepts it."},
	{"ehlo/helo first", "The client has not sent EHLO yet.", "Send EHLO with the name of your machine."},
	{"no data after bdat", "A message that begins with BDAT must continue with BDAT.", "BDAT with LAST ends the message; RSET discards it."},
	{"bad sequence of commands", "The command is not allowed at this point of the session.", ":next shows the commands that are " +
		"allowed now."},
	{
		"too many unrecognized commands",
		"Several lines in a row were not commands, so Google closes the connection. Often a program sends HTTP to the wrong port, " +
			"or a message without DATA.",
		":reconnect opens a new session.",
	},
	{
		"unrecognized command",
		"Google does not know this command. Standard: 500 (RFC 5321 section 4.2.4); Gmail: 502.",
		":next lists the commands that the protocol allows now.",
	},
	{
		"unimplemented command",
		"Google knows the command but does not offer it. EXPN, for example, would give addresses to spammers.",
		"Do not use the command.",
	},
	{
		"i'll try my best",
		"Google answers every VRFY with 252, so that nobody can find out which mailboxes exist.",
		"The reply to RCPT TO in a transaction at port 25 shows it.",
	},
	{"p=selfclosing", "The connection was idle for too long.", ":reconnect opens a new session. Send the next command sooner."},
	{
		"timeout - closing connection",
		"The client sent nothing for too long. Reports name 15 minutes.",
		":reconnect opens a new session.",
	},
	{"connection expired", "The session has lasted longer than Google allows.", ":reconnect opens a new session."},
	{
		"not a valid rfc 5321 address",
		"The text between < and > is not an address.",
		"Write local-part@domain without spaces. Put a local part with special characters into quotes.",
	},
	{"receiving mail too quickly", "The mailbox currently receives more mail than Gmail accepts for it.", "Try again later, and " +
		"send fewer messages at a time."},
	{"tls required for rcpt domain", "The recipient's domain accepts mail only inside TLS.", "Send STARTTLS before the transaction."},
	{"server busy", "Google's server is overloaded.", "Try again later; a mail server does so automatically."},
	{"temporary system problem", "Google has a problem.", "Try again later; a mail server does so automatically."},
	{"temporarily rejected", "Google did not accept the message this time and gives no reason.", "Try again later."},
	{
		"multiple destination domains",
		"At port 25 all recipients of a transaction must be in one domain.",
		"Send to the other domain in a separate transaction.",
	},
	{
		"domain policy size per transaction",
		"The recipient's domain has a lower limit on the size of a transaction.",
		"Send to this recipient in a separate transaction.",
	},
	{
		"exceeded 50 hops",
		"The message has passed through fifty servers. Probably two of them forward it to each other.",
		"Read its Received fields to find the loop.",
	},
	{"malformed", "The format of the message is invalid.", "Check its header and line ends."},
	{"gcdp", "A rule of the Workspace administrator rejects the message.", "Ask the administrator of the recipient's domain."},
	{
		"username and password not accepted",
		"The user name and password, or the token, were rejected.",
		"Check the user name, which is the whole address, and the password. Gmail needs an app password or an OAuth token.",
	},
	{
		"account that you tried to reach is disabled",
		"The mailbox exists but is disabled.",
		"Reach the person in another way. Later attempts will fail too.",
	},
	{"content presents a potential", "The message has content or an attachment that Gmail never accepts.", "Send such a file in another way."},
	{
		"not a valid rfc-5321 address",
		"The text between < and > is not an address.",
		"Write local-part@domain without spaces. Put a local part with special characters into quotes.",
	},
	{
		"syntax error",
		"The syntax of the line is wrong. Usually the angle brackets are missing.",
		"Write MAIL FROM:<address> or RCPT TO:<address>, without a space after the colon.",
	},
	{
		"3221692",
		"The command has a syntax error or is not allowed at this point.",
		":next shows the commands that the protocol allows now; :explain VERB shows the syntax of a command.",
	},
}
