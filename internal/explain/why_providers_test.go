package explain_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"smtpsh/engine/reply"
	"smtpsh/internal/explain"
)

// said is a reply of a server, the command that it answers, and the texts that its
// explanation must and must not contain. | separates lines. The texts are those of public
// bounces and of the providers' tables; addresses are examples.
type said struct {
	raw, command string
	want, not    string // | separates alternatives; each must occur
}

const (
	dot  = "."
	mail = "MAIL FROM:<ann@example.org>"
	rcpt = "RCPT TO:<bob@example.net>"
)

// providersReplies are real replies: support.google.com/a/answer/3726730, Microsoft's
// "Email non-delivery reports in Exchange Online" and "Fix NDR error 550 5.7.515",
// senders.yahooinc.com/smtp-error-codes, support.apple.com/102322, the sources of Postfix
// (smtpd.c, smtpd_check.c, postscreen) and Exim (smtp_in.c, configure.default), and the
// bounces that the Sisimai project collects.
var providersReplies = map[string][]said{
	"Google": {
		{"550-5.7.26 This mail has been blocked because the sender is unauthenticated.|550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM.|550-5.7.26  Authentication results:|550-5.7.26  DKIM = did not pass|550-5.7.26  SPF [example.org] with ip: [192.0.2.1] = did not pass|550 5.7.26  https://support.google.com/mail/answer/81126#authentication x - gsmtp", dot, "Google|neither passed", "does not list this server|This mailbox does not exist"},
		{"550-5.7.26 The MAIL FROM domain [example.org] has an SPF record with a hard fail|550-5.7.26 policy (-all) but it fails to pass SPF checks with the ip:|550-5.7.26 [192.0.2.1]. To best protect our users from spam and phishing,|550 5.7.26  https://support.google.com/mail/answer/81126#authentication x - gsmtp", dot, "Google|does not list this server", "neither passed"},
		{"550-5.7.26 Unauthenticated email from example.org is not accepted due to domain's|550-5.7.26 DMARC policy. Please contact the administrator of example.org domain|550 5.7.26  https://support.google.com/mail/?p=DmarcRejection x - gsmtp", dot, "Google|DMARC policy", "SPF record|does not list this server"},
		{"451-4.7.26 Unauthenticated email from example.org is not accepted due to domain's|451-4.7.26 DMARC policy, but temporary DNS failures prevent authentication.|451 4.7.26  https://support.google.com/mail/?p=DmarcRejection x - gsmtp", dot, "Google|DNS did not answer|later", "use your own domain in From|permanent"},
		{"421-4.7.26 This mail has been rate limited because it is unauthenticated. Gmail|421-4.7.26 requires all senders to authenticate with either SPF or DKIM.|421 4.7.26  https://support.google.com/mail/answer/81126#authentication x - gsmtp", dot, "Google|delays the mail", "permanent"},
		{"421-4.7.27 Your email has been rate limited because SPF authentication didn't pass|421-4.7.27 for this message. Gmail requires all bulk email senders to authenticate|421 4.7.27  https://support.google.com/mail/answer/81126#authentication x - gsmtp", dot, "Google|SPF did not pass|Standard: Sender address has null MX", "neither passed|permanent negative"},
		{
			"421-4.7.29 Your email has been rate limited because this message wasn't sent over a|421-4.7.29 TLS connection. Gmail requires all " +
				"bulk email senders to use TLS/SSL for|421 4.7.29 SMTP connections. x - gsmtp",
			dot, "Google|without TLS|STARTTLS|Standard: ARC", "Send less",
		},
		{
			"421 4.7.29 Your email has been rate limited because this message wasn't sent over a TLS connection. Gmail requires all bulk email " +
				"senders to use TLS/SSL for SMTP connections.",
			dot, "Google|without TLS", "Send less",
		},
		{
			"421-4.7.30 Your email has been rate limited because DKIM authentication didn't pass|421-4.7.30 for this message.|421 4.7.30 x - gsmtp",
			dot, "Google|DKIM did not pass|Standard: REQUIRETLS",
			"Send without REQUIRETLS",
		},
		{
			"421-4.7.32 Your email has been rate limited because the From: header (RFC5322) in|421-4.7.32 this message isn't aligned with " +
				"either the authenticated SPF or DKIM|421 4.7.32 organizational domain. x - gsmtp",
			dot, "Google|aligned", "does not allow this machine",
		},
		{
			"421-4.7.23 The sending IP address for this message doesn't have a PTR record, or the|421-4.7.23 PTR record's forward DNS entry " +
				"doesn't match the sending IP address.|421 4.7.23 x - gsmtp",
			"connect", "Google|PTR record|Standard: SPF validation failed",
			"Send through the domain's own server, or add this",
		},
		{
			"451-4.7.24 The SPF record of the sending domain has one or more suspicious entries.|451 4.7.24 x - gsmtp",
			dot, "Google|suspicious", "does not allow this machine|permanent negative",
		},
		{"550-5.7.25 [192.0.2.1] The IP address sending this message does not have a|550-5.7.25 PTR record setup|550 5.7.25  https://support.google.com/mail/answer/81126#ip-practices x - gsmtp", dot, "Google|PTR record", "neither passed"},
		{"550-5.1.1 The email account that you tried to reach does not exist. Please try|550 5.1.1  https://support.google.com/mail/?p=NoSuchUser x - gsmtp", rcpt, "Google|This mailbox does not exist", ""},
		{"552-5.2.2 The recipient's inbox is out of storage space and inactive.|552 5.2.2  https://support.google.com/mail/?p=OverQuotaPerm x - gsmtp", rcpt, "Google|full", "delete mail"},
		{"452-4.2.2 The recipient's inbox is out of storage space. Please direct the|452 4.2.2  https://support.google.com/mail/?p=OverQuotaTemp x - gsmtp", rcpt, "Google|delete mail|later", ""},
		{"550-5.4.5 Daily user sending limit exceeded.|550 5.4.5  https://support.google.com/a/answer/166852 x - gsmtp", dot, "Google|daily sending limit|Standard: Mail system congestion", "network"},
		{"421 4.7.0 TLS required for RCPT domain, closing connection. x - gsmtp", rcpt, "Google|TLS", "Send less"},
		{"535-5.7.8 Username and Password not accepted.|535 5.7.8  https://support.google.com/mail/?p=BadCredentials x - gsmtp", "AUTH PLAIN ********", "Google|app password", ""},
	},
	"Microsoft": {
		{
			"550 5.7.515 Access denied, sending domain EXAMPLE.ORG doesn't meet the required authentication level. The sender's domain in the " +
				"5322.From address doesn't meet the authentication requirements defined for the sender. Spf= Pass, Dkim= Fail, DMARC= Fail " +
				"[AMS.eop-EUR02.prod.protection.outlook.com]",
			dot, "Microsoft|all pass|not in the registry",
			"does not allow this machine|add this machine",
		},
		{
			"550 5.7.515 Access denied, sending domain does not meet the required authentication level. Spf= Fail, Dkim= Pass, DMARC= Pass",
			dot, "Microsoft|all pass", "Send through the domain's own server, or add this",
		},
		{
			"550 5.7.509 Access denied, sending domain [EXAMPLE.JP] does not pass DMARC verification and has a DMARC policy reject. " +
				"[JPNP.PROD.OUTLOOK.COM]",
			dot, "Microsoft|DMARC policy reject", "SPF record",
		},
		{
			"550 5.7.30 Basic authentication is not supported for Client Submission. [AM0PR.eurprd.prod.outlook.com]",
			"AUTH LOGIN", "Microsoft|OAuth|Standard: REQUIRETLS support required",
			"Send without REQUIRETLS",
		},
		{"535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. [TY1PR01CA0183.jpnprd01.prod.outlook.com]", "AUTH LOGIN", "Microsoft|turned off|not checked", "mistyped"},
		{
			"535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [BM1P287CA0015.INDP287.PROD.OUTLOOK.COM]",
			"AUTH LOGIN", "Microsoft|turned off", "",
		},
		{
			"535 5.7.3 Authentication unsuccessful [DB6P18901CA0015.EURP189.PROD.OUTLOOK.COM]",
			"AUTH LOGIN",
			"Microsoft|login was rejected|Standard: Security conversion",
			"Protect the message",
		},
		{
			"530 5.7.57 Client not authenticated to send mail. [LO2P265CA0001.GBRP265.PROD.OUTLOOK.COM]",
			mail, "Microsoft|logged in", "start TLS and send EHLO again",
		},
		{
			"550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
			rcpt,
			"Microsoft|This mailbox does not exist|Standard: Recipient address has null MX",
			"never accepts mail",
		},
		{
			"550 5.4.1 [bob@example.org]: Recipient address rejected: Access denied [BL2NAM02FT061.eop-nam02.prod.protection.outlook.com]",
			rcpt, "Microsoft|recipient is rejected|Standard: No answer from host",
			"firewall",
		},
		{"550 5.7.606 Access denied, banned sending IP [198.51.100.222]. To request removal from this list please visit https://sender.office.com/", mail, "Microsoft|blocked the sending IP", "This mailbox does not exist"},
		{"451 4.7.650 The mail server [192.0.2.25] has been temporarily rate limited due to IP reputation. For e-mail delivery information, see https://postmaster.live.com (S3113)", mail, "Microsoft|reputation|more slowly", "permanent negative"},
		{"550 5.7.64 TenantAttribution; Relay Access Denied [DB5EUR03.eop-EUR03.prod.protection.outlook.com]", rcpt, "Microsoft|connector", ""},
		{
			"550 5.1.8 Access denied, bad outbound sender AS(42003) [AM6PR.eurprd.prod.outlook.com]",
			dot,
			"Microsoft|blocked the sending account|Standard: Bad sender's system address",
			"MX or address records",
		},
		{"432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending for more information. [Hostname=OS0PR01MB6099.jpnprd01.prod.outlook.com]", dot, "Microsoft|fewer connections|AUTH only", "PLAIN inside TLS|stored secret"},
		{
			"550 5.7.1 Unfortunately, messages from [192.0.2.5] weren't sent. Please contact your Internet service provider since part of " +
				"their network is on our block list (S3150). [x.prod.protection.outlook.com]",
			mail, "Microsoft|block list", "This mailbox does not exist",
		},
		{
			"550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed because the " +
				"sender was not authenticated when sending to this group [x.outlook.com]",
			rcpt, "Microsoft|members", "Log in with AUTH",
		},
	},
	"Yahoo": {
		{"421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes", mail, "Yahoo|delays", "permanent negative"},
		{"553 5.7.2 [TSS09] All messages from 192.0.2.25 will be permanently deferred; Retrying will NOT succeed. See https://postmaster.yahooinc.com/error-codes", mail, "Yahoo|all mail from this IP address|Standard: Mailing list expansion prohibited", "Join the list"},
		{"421 4.7.1 [TS03] All messages from 192.0.2.25 will be permanently deferred; Retrying will NOT succeed. See https://postmaster.yahooinc.com/error-codes", mail, "Yahoo|code is temporary", "permanent negative"},
		{"553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.25, because the ip is in Spamhaus's list; see http://postmaster.yahoo.com/550-bl23.html", "connect", "Yahoo|Spamhaus", "Log in at the server of your own provider"},
		{"554 5.7.9 Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes", dot, "Yahoo|rule of Yahoo|Standard: Authentication mechanism is too weak", "stronger mechanism"},
		{"550 5.7.9 This mail has been blocked because the sender is unauthenticated. Yahoo requires all senders to authenticate with either SPF or DKIM. See https://senders.yahooinc.com", dot, "Yahoo|SPF or DKIM", "stronger mechanism|does not allow this machine"},
		{"554 Message not allowed - [PH01] Email not accepted for policy reasons. Please visit https://postmaster.yahooinc.com/error-codes", dot, "Yahoo|phishing", ""},
		{"451 Message temporarily deferred due to unresolvable RFC.5321 from domain. See https://senders.yahooinc.com/error-codes#unresolvable-from-domain", mail, "Yahoo|MAIL FROM|MX", "This mailbox does not exist"},
		{
			"554 delivery error: dd This user doesn't have a yahoo.com account (nobody@yahoo.com) [0] - mta1061.mail.ne1.yahoo.com",
			dot, "Yahoo|This mailbox does not exist", "malware",
		},
		{"421 Max message per connection reached, closing transmission channel (mta.yahoodns.net)", mail, "Yahoo|new connection", ""},
	},
	"Apple": {
		{"554 5.7.1 Your message was rejected due to example.jp's DMARC policy. See https://support.apple.com/en-us/HT204137 for info", dot, "Apple|DMARC policy", "Relaying"},
		{"554 5.7.1 [HME1] This message was blocked for failing both SPF and DKIM authentication checks. See https://support.apple.com/en-us/HT204137", dot, "Apple|Neither SPF nor DKIM", "does not allow this machine"},
		{"550 5.7.1 [CS01] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137", dot, "Apple|filter", "This mailbox does not exist"},
		{"550 5.7.1 Mail from IP 192.0.2.1 was rejected due to listing in Spamhaus SBL. For details please see http://www.spamhaus.org/query/bl?ip=192.0.2.1", mail, "block list", "This mailbox does not exist"},
		{"550 5.1.6 recipient no longer on server: ann@icloud.com", rcpt, "Apple|closed", ""},
		{"552 5.2.2 <ann@icloud.com>: user is over quota", rcpt, "Mailbox full", "when there is space"},
		{"421 4.7.1 Messages to ann@icloud.com deferred due to excessive volume. Try again later - https://support.apple.com/en-us/HT204137", rcpt, "Apple|later", "permanent negative"},
		{"450 4.1.8 <ann@example.jp>: Sender address rejected: Domain not found", mail, "sender|DNS", "This mailbox does not " +
			"exist|permanent negative"},
		{"550 5.1.1 <ann@icloud.com>: inactive email address", rcpt, "Apple|disabled", ""},
	},
	"Postfix": {
		{"554 5.7.1 <bob@example.net>: Relay access denied", rcpt, "does not belong to this server", "spam filter"},
		{"550 5.1.1 <bob@example.net>: Recipient address rejected: User unknown in local recipient table", rcpt, "no mailbox with the name", ""},
		{
			"550 5.1.0 <ann@example.org>: Sender address rejected: User unknown in virtual mailbox table",
			mail, "rejects the sender", "This mailbox does not exist",
		},
		{
			"450 4.1.1 <bob@example.net>: Recipient address rejected: unverified address: connect to mx.example.net[192.0.2.1]:25: Connection " +
				"timed out",
			rcpt, "cannot confirm now|later", "deleted account",
		},
		{"450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]", rcpt, "reverse DNS", "permanent negative|This " +
			"mailbox does not exist"},
		{"450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.1]", rcpt, "PTR record", "Greylisting"},
		{"504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname", rcpt, "The server rejects the name in " +
			"EHLO.", "angle brackets"},
		{"450 4.7.1 <nowhere.example>: Helo command rejected: Host not found", rcpt, "name in EHLO in DNS", "Greylisting|This " +
			"mailbox does not exist"},
		{"554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.1", rcpt, "block list", "Relaying"},
		{"450 4.2.0 <bob@example.net>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/example.net.html", rcpt, "Greylisting", "An error of the mail store or a rule of the mailbox"},
		{"553 5.7.1 <ann@example.org>: Sender address rejected: not owned by user bob", mail, "does not belong to the account", "Relaying"},
		{
			"556 5.1.10 <bob@example.net>: Recipient address rejected: Domain example.net does not accept mail (nullMX)",
			rcpt, "never accepts mail", "This mailbox does not exist",
		},
		{
			"550 5.7.27 <ann@example.org>: Sender address rejected: Domain example.org does not accept mail (nullMX)",
			mail, "accepts no mail", "This mailbox does not exist",
		},
		{
			"550 5.7.23 <bob@example.net>: Recipient address rejected: Message rejected due to: SPF fail - not authorized",
			rcpt, "SPF", "This mailbox does not exist",
		},
		{"552 5.3.4 Message size exceeds fixed limit", mail, "larger", ""},
		{"452 4.3.1 Insufficient system storage", mail, "storage", "permanent negative"},
		{"554 5.5.1 Error: no valid recipients", "DATA", "No accepted recipient", "typing error"},
		{"503 5.5.1 Error: nested MAIL command", mail, "second MAIL needs RSET", ""},
		{"421 4.7.0 mx.example.net Error: too many errors", rcpt, "The server rejected too many commands in this session.", "Send less"},
		{"421 4.4.2 mx.example.net Error: timeout exceeded", rcpt, "Bad connection", ""},
		{"450 4.3.2 Service currently unavailable", rcpt, "temporarily accepts no messages", "permanent negative"},
		{"503 5.5.0 <bob@example.net>: Recipient address rejected: Improper use of SMTP command pipelining", rcpt, "503", "This " +
			"mailbox does not exist"},
		{"250 2.1.5 Ok", rcpt, "2.1.5", "try|cause"},
		{"535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6", "AUTH PLAIN ********", "password", "Google"},
	},
	"Exim": {
		{"550 relay not permitted", rcpt, "does not belong to this server", ""},
		{"550 Unrouteable address", rcpt, "cannot route mail to the recipient", ""},
		{"550 Sender verify failed", mail, "domain of the sender", "This mailbox does not exist"},
		{"550 Unknown user", rcpt, "This mailbox does not exist", ""},
		{"451 Temporary local problem - please try later", rcpt, "could not check the recipient", "permanent negative"},
		{"501 Syntactically invalid HELO argument(s)", "HELO a b", "EHLO", "angle brackets"},
		{"554 SMTP synchronization error", "connect", "The client sent commands too early: before the", ""},
		{"535 Incorrect authentication data", "AUTH PLAIN ********", "password", ""},
		{"503 sender not yet given", rcpt, "MAIL FROM comes first", ""},
		{"421 mx.example.net: Too many concurrent SMTP connections; please try again later.", "connect", "The server currently " +
			"accepts no more mail or", ""},
		{"552 Message size exceeds maximum permitted", dot, "larger", ""},
		{"550 Administrative prohibition", rcpt, "rule", "This mailbox does not exist."},
	},
	"other": {
		{"550 Requested action not taken: mailbox unavailable", rcpt, "a domain that the server does not serve", "This mailbox does not exist"},
		{"550 5.7.1 Requested action not taken: mailbox unavailable", rcpt, "not allowed to send to this recipient", "This mailbox does not exist"},
		{"550 5.1.8 <ann@example.org> Domain does not exist", mail, "sender address does not exist", "This mailbox does not exist"},
		{"550 Domain does not exist", mail, "sender's address", "This mailbox does not exist"},
		{"517 Domain does not exist: example.org", mail, "sender", "This mailbox does not exist"},
		{"524 5.2.4 <list@example.net> not expanded", rcpt, "mailing list|AUTH only", "encrypt|STARTTLS"},
		{"550 5.7.26 rejected by DMARC policy of example.org", dot, "More than one check", "The SPF record of the reverse-path's " +
			"domain does not"},
		{"451 4.7.24 SPF temperror for example.org", mail, "could not determine|later", "does not allow this machine"},
		{"421 4.7.32 From: header isn't aligned with SPF or DKIM", dot, "SPF, DKIM, DMARC|not in the registry", "does not allow this machine"},
		{"550 5.7.24 SPF permerror for example.org", mail, "SPF checker", "does not allow this machine|later"},
		{"550 5.7.1 marble cutters are not welcome", dot, "content", "is on a block list"},
		{"550 5.7.1 Email rejected per DMARC policy for example.org", dot, "DMARC", "SPF record"},
		{"554 5.7.1 DKIM failed, SPF=pass, DMARC=fail", dot, "SPF, DKIM, DMARC", "does not allow this machine"},
		{"252 2.5.2 cannot say; send and see", "VRFY ann", "does not match class 2", "cannot interpret|A program must act"},
		{"250 2.1.5 Flushed x - gsmtp", "RSET", "succeeded", "recipient address|recipient is accepted"},
		{"250 2.7.0 granted", "NOOP", "2.7.0", "missing STARTTLS"},
		{"550 5.7.999 <bob@example.net> not liked", rcpt, "not in the registry|Security or policy", ""},
		{"550 5.1.1 <ann@example.org> no such user", mail, "finds no mailbox|Use a sender address", "deleted account"},
		{"530 5.7.0 Authentication required", mail, "requires a login", ""},
	},
	"EHLO": {
		{"504 5.5.2 <[127.0.0.1]>: Helo command rejected: need fully-qualified hostname", "EHLO [127.0.0.1]", "full host name", "brackets"},
		{"504 need a name", "EHLO [127.0.0.1]", "504", "brackets"},
		{"550 5.7.1 Helo command rejected", "HELO [IPv6:2001:db8::1]", "full host name", "brackets"},
		{"550 no", "EHLO [127.0.0.1]", "full host name", "address in brackets"},
		{"501 5.5.2 no", "EHLO [127.0.0.1]", "host name", "or with your address in brackets"},
		{"550 no", "EHLO localhost", "address in brackets", ""},
	},
	// words that do not give the reason: names in addresses, checks that passed, negated
	// words, and programs that do not work
	"words": {
		{"550 5.7.1 SPF passed, but content refused", dot, "5.7.1", "does not allow this machine"},
		{"550 SPF pass; policy violation", dot, "550", "does not allow this machine"},
		{"550 5.7.1 Message passed SPF and DKIM, content refused", dot, "5.7.1", "does not allow this machine"},
		{"550 5.7.1 rejected: DMARC passed; content blocked", dot, "5.7.1", "asks servers to reject"},
		{"550 5.7.1 rejected (dmarc=pass): content blocked", dot, "5.7.1", "asks servers to reject"},
		{"550 5.7.1 spf=pass dkim=pass dmarc=pass, link is on our list", dot, "5.7.1", "The server rejects the message because checks of the"},
		{"550 5.7.1 SPF, DKIM and DMARC passed, link is on our list", dot, "5.7.1", "The server rejects the message because checks of the"},
		{"550 5.7.1 SPF: pass, DKIM: pass, bad link", dot, "5.7.1", "The server rejects the message because checks of the"},
		{"550 5.7.1 spf=pass dkim=fail dmarc=pass", dot, "The server rejects the message because checks of the", "does not allow this machine"},
		{"550 5.7.1 SPF passed, DMARC failed", dot, "The server rejects the message because checks of the", "does not allow this machine"},
		{"550 5.7.1 mail must have SPF or DKIM pass", dot, "The server rejects the message because checks of the", ""},
		{"550 5.7.1 refused unless SPF passes", dot, "does not allow this machine", ""},
		{"550 5.7.1 message does not pass DMARC", dot, "asks servers to reject", ""},
		{"550 5.7.1 SPF did not pass", mail, "does not allow this machine", ""},
		{"550 5.7.1 no SPF record", mail, "does not allow this machine", ""},
		{"550 <rbl@example.net>: no", rcpt, "550", "block list"},
		{"550 5.7.1 <dmarc@example.org>: Sender refused", mail, "5.7.1", "asks servers to reject"},
		{"550 user spf@example.net not permitted", rcpt, "550", "does not allow this machine"},
		{"550 5.7.1 <rbl.example.net>: Sender refused", mail, "5.7.1", "block list"},
		{"550 5.7.1 mail from spf.example.net refused", mail, "5.7.1", "does not allow this machine"},
		{"550 5.7.1 <spf@example.org>: blocked using dnsbl.example.net", mail, "block list", "does not allow this machine"},
		{"451 4.3.0 greylist daemon unavailable", rcpt, "4.3.0", "Greylisting"},
		{"451 4.7.1 greylisting is off, internal error", rcpt, "4.7.1", "means Greylisting"},
		{"451 4.7.1 cannot connect to greylist server", rcpt, "4.7.1", "means Greylisting"},
		{"451 4.7.1 you are not greylisted, just too early", rcpt, "4.7.1", "means Greylisting"},
		{"451 4.7.1 Greylisting in effect, service unavailable", rcpt, "means Greylisting", ""},
		{"550 5.7.1 This message is not spam but refused", dot, "5.7.1", "A content filter classifies the message as spam."},
		{"550 5.7.1 message passed the spam check, bad link", dot, "5.7.1", "A content filter classifies the message as spam."},
		{"550 5.7.1 This isn't considered spam, yet refused", dot, "5.7.1", "A content filter classifies the message as spam."},
		{"550 5.7.1 We do not take spam", dot, "A content filter classifies the message as spam.", ""},
		{"554 5.7.1 the message contains a virus", dot, "A scanner found malware", ""},
		{"554 5.7.1 no virus found, but the file is refused", dot, "5.7.1", "scanner found"},
		{"554 5.6.0 virus scanner failed", dot, "5.6.0", "scanner found"},
		{"451 4.7.1 dnsbl lookup failed", rcpt, "4.7.1", "is on a block list"},
		{"550 5.7.1 your address is not blacklisted, but refused", rcpt, "5.7.1", "is on a block list"},
		{"550 5.7.25 no PTR record", mail, "PTR record", ""},
		{"550 5.7.1 no reverse DNS", mail, "PTR record", ""},
	},
}

func TestWhyProviders(t *testing.T) {
	count := 0
	var all strings.Builder // every explanation
	forbidden := map[string]bool{}
	for provider, rows := range providersReplies {
		for _, row := range rows {
			count++
			r := reply.Parse([]byte(strings.ReplaceAll(row.raw, "|", "\r\n") + "\r\n"))
			command := row.command
			if command == "connect" {
				command = ""
			}
			why := explain.Why(r, command, explain.Context{})
			text := strings.Join(strings.Fields(why), " ")
			all.WriteString(text + "\n")
			for w := range strings.SplitSeq(row.want, "|") {
				if !strings.Contains(text, w) {
					t.Errorf("%s, %q to %s lacks %q:\n%s", provider, row.raw, row.command, w, why)
				}
			}
			for n := range strings.SplitSeq(row.not, "|") {
				forbidden[n] = true
				if n != "" && strings.Contains(text, n) {
					t.Errorf("%s, %q to %s must not say %q:\n%s", provider, row.raw, row.command, n, why)
				}
			}
			if len(r.Defects) > 0 {
				t.Errorf("%q is no clean reply: %v", row.raw, r.Defects)
			}
			// the short form agrees with the long one
			if brief := explain.Reply(r, command, explain.Context{}); row.want != "" && brief == "" {
				t.Errorf("%q is not explained in short", row.raw)
			}
		}
	}
	for _, s := range reply.Statuses() {
		fmt.Fprintln(&all, s.Meaning, s.Cause, s.Try)
	}
	for _, s := range reply.EnhancedStatuses() {
		for _, class := range []string{"X", "2", "4", "5"} {
			s, _ := reply.LookupEnhanced(class + strings.TrimPrefix(s.Code, "X"))
			fmt.Fprintln(&all, s.Meaning, s.Cause, s.Try)
		}
	}
	for n := range forbidden { // otherwise the row can never fail
		if !strings.Contains(all.String(), n) {
			t.Errorf("no explanation says %q, which a row forbids", n)
		}
	}
	if count < 100 || len(providersReplies) < 6 {
		t.Errorf("%d replies of %d providers", count, len(providersReplies))
	}
}

// Every provider whose replies are explained names the pages that the meanings come from,
// with a year.
func TestProvidersHaveSources(t *testing.T) {
	form := regexp.MustCompile(`^[A-Z][a-z]+, .+, 20\d\d$`)
	for _, p := range []explain.Provider{explain.Google, explain.Microsoft, explain.Yahoo, explain.Apple} {
		if !form.MatchString(p.Source()) {
			t.Errorf("%s: source %q", p, p.Source())
		}
	}
}
