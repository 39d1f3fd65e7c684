package reply

import "strconv"

// LookupStatusFor is [LookupStatus] for the reply to a command; its texts can be more
// exact. command is a verb in capitals, "." for the end of a message or "connect" for the
// greeting. For other words and "" the texts are those of LookupStatus.
func LookupStatusFor(code int, command string) (Status, bool) {
	row, ok := LookupStatus(code)
	if ok {
		answers[strconv.Itoa(code)+" "+command].replace(&row.Meaning, &row.Cause, &row.Try)
	}
	return row, ok
}

// LookupEnhancedFor is [LookupEnhanced] for the reply to a command, with the same names as
// [LookupStatusFor].
func LookupEnhancedFor(code Enhanced, command string) (EnhancedStatus, bool) {
	row, ok := LookupEnhanced(code.String())
	switch {
	case !ok:
	case code == Enhanced{2, 1, 5} && command != "RCPT":
		// Gmail sends it for RSET and VRFY, where it is not about an address
		row.Name = "Success"
		row.Meaning, row.Cause, row.Try = "The command succeeded; the code gives no more information.", "", "Continue."
	default:
		answers[code.String()+" "+command].replace(&row.Meaning, &row.Cause, &row.Try)
	}
	return row, ok
}

// answers has the codes whose meaning depends on the command, with the code and the command
// as key.
var answers = map[string]texts{
	"550 MAIL": {
		"The server rejects the sender: its address, its domain, or the host that sends for it.",
		"The sender's domain does not exist or fails a check such as SPF, the sender is blocked, or the address does not belong to " +
			"the account that logged in.",
		"Use a sender address whose domain exists and allows this host. The text and the enhanced code name the reason.",
	},
	"550 RCPT": {
		"The server rejects the recipient: the mailbox does not exist or does not accept this mail, or a rule of the server rejects it.",
		"A misspelt recipient, a domain that the server does not serve, or a blocked IP address.",
		"Read the text and the enhanced code. Check the spelling of the address first.",
	},
	"550 EHLO": {
		"The server rejects the name in EHLO, or the client's IP address.",
		"A name that belongs to another host or is not in the DNS, or an IP address on a block list.",
		"Send EHLO with your full host name, or with your address in brackets.",
	},
	"550 .": {
		"The server rejects the message.",
		"A rule about the content, a failed check of SPF, DKIM or DMARC, or a blocked sender.",
		"Read the text and the enhanced code, and correct what they name. The unchanged message will be rejected again.",
	},
	"550 VRFY": {
		"The server does not know the name, or does not disclose names.",
		"The name has no mailbox, or the site gives this reply to every VRFY.",
		"Use RCPT to find out whether the server accepts the address.",
	},
	"550 EXPN": {
		"The list does not exist, or the server does not show its members.",
		"A misspelt name, or a site that does not disclose lists.",
		"Ask the owner of the list.",
	},
	"550 connect": {
		"The server rejects the client's IP address.",
		"A block list, or a network from which the server accepts no mail.",
		"Read the text. It often links to a page about the block.",
	},
	"550 AUTH": {
		"The server rejects the login.",
		"The account, or this way to log in, is not allowed.",
		"Read the text and the enhanced code.",
	},
	"450 MAIL": {
		"The server rejects this sender temporarily.",
		"A check of the sender's domain that could not be completed, a rate limit, or greylisting.",
		"Try again after some minutes. If that fails too, check the DNS records of the sender's domain.",
	},
	"450 RCPT": {"The server cannot or will not use this mailbox now.", "", ""},
	"450 .": {
		"The server rejects the message temporarily.",
		"A filter that does not answer, a rate limit, or greylisting after the message.",
		"Keep the message and try again after some minutes.",
	},
	"450 EHLO": {
		"The server rejects the name or the client's IP address temporarily.",
		"The DNS lookup of the name or the address failed.",
		"Send EHLO with a full host name that is in the DNS, and try again.",
	},
	"451 RCPT": {
		"The server could not check the recipient.",
		"A DNS server or directory that does not answer, or greylisting.", "",
	},
	"451 MAIL": {
		"The server could not check the sender.",
		"A DNS lookup of the sender's domain that timed out, or a filter that does not answer.",
		"",
	},
	"452 RCPT": {
		"This transaction already has as many recipients as the server allows, or the mailbox is temporarily full.",
		"Many RCPT commands for one message, or a quota.",
		"Send to the recipients accepted so far, and to the others in a new transaction.",
	},
	"452 MAIL": {"The server has no space for a message of this size now.", "A nearly full disk.", "Wait and try again."},
	"452 .":    {"The server had no space for the message.", "A nearly full disk or quota.", "Wait and try again."},
	"501 MAIL": {"", "Missing angle brackets, a space after the colon, or a parameter with a value that is not allowed.", ""},
	"501 RCPT": {
		"",
		"Missing angle brackets, a space after the colon, or text that is not an address.",
		"Compare with RCPT TO:<user@example.com>: no space around the colon, brackets on both sides.",
	},
	"501 EHLO": {
		"The name is missing, or it is neither a host name nor an address in brackets.",
		"EHLO without a name, or with a name that contains spaces or other characters that are not allowed.",
		"Send EHLO with a host name that contains a dot, or with an address in brackets.",
	},
	"501 AUTH": {
		"The server could not read a line of the login: the Base64 is wrong, the mechanism is missing, or an initial response is not " +
			"allowed. It also confirms a cancel with *.",
		"A line that is not Base64, or a response where the server expects none.",
		"Send one line of Base64, or \"=\" for an empty initial response.",
	},
	"501 STARTTLS": {"STARTTLS has no argument.", "The line has text after STARTTLS.", "Send STARTTLS without an argument."},
	"504 AUTH": {
		"The server does not support this mechanism.",
		"The mechanism is not on the AUTH line of the EHLO reply.",
		"Use a mechanism from the AUTH line of the EHLO reply.",
	},
	"504 EHLO": {"The server does not accept the name.", "A host name without a dot.", "Use a full host name."},
	"504 MAIL": {
		"The server knows the parameter but does not support its value.",
		"A value such as BODY=BINARYMIME that EHLO does not offer.",
		"Send only what the EHLO reply offers.",
	},
	"552 RCPT": {
		"The mailbox is full, or the transaction has too many recipients.",
		"A full mailbox. Old servers also send it for too many recipients; clients treat that as temporary.",
		"Inform the owner in another way, or send to the other recipients in a new transaction.",
	},
	"552 .": {
		"The message is larger than the server or the mailbox accepts, or its content is of a kind that is not accepted.", "", "",
	},
	"553 MAIL": {
		"The server does not allow this sender address.",
		"The address does not belong to the account that logged in, or its syntax is wrong.",
		"Use the address of the account that logged in.",
	},
	"553 RCPT": {
		"The server does not allow this recipient address.",
		"A syntax error in the address, a domain that does not exist, or non-ASCII letters without SMTPUTF8.",
		"Check the spelling of the address, and write it in ASCII.",
	},
	"554 connect": {
		"The server accepts no mail from this client.", "An IP address on a block list, or a host that accepts no mail at all.", "",
	},
	"554 DATA": {
		"The transaction has no recipient, or the server rejects the message already now.",
		"All RCPT commands were rejected.", "Look at the replies to RCPT.",
	},
	"554 .": {
		"The server rejects the message.",
		"A filter found spam or malware, a check of the sender failed, or the message is not well-formed.",
		"Read the text. Do not send the message again unchanged.",
	},
	"554 RCPT": {
		"The server rejects the recipient, or your mail to it.",
		"Relaying without a login, or an IP address on a block list.",
		"Read the text. It often links to a page about the block.",
	},
	"554 MAIL": {
		"The server rejects the sender or the client's IP address.",
		"An IP address on a block list, or a sender that is not allowed.",
		"Read the text. It often links to a page about the block.",
	},
	"554 AUTH": {"The server rejects the login.", "A rule of the server, or too many attempts.", "Read the text of the reply."},

	"5.1.1 MAIL": {
		"The sender's domain exists, but the server finds no mailbox with the name left of the @ sign.",
		"A misspelt sender, or an address that a program invented.",
		"Use a sender address that can receive mail.",
	},
	"5.1.2 MAIL": {
		"No mail host was found for the domain of the sender address.",
		"A misspelt or local domain, or one without MX and address records.",
		"Use a sender domain with working MX or address records.",
	},
	"5.1.3 MAIL": {
		"The syntax of the sender address is wrong.",
		"A space, a missing @, a trailing dot, or a display name inside the angle brackets.",
		"Put only the address between the brackets: MAIL FROM:<user@example.com>.",
	},
	"5.7.1 MAIL": {
		"You are not allowed to send mail with this sender here.",
		"The sender does not belong to your login, the sender or the host is blocked, or a check of the sender's domain failed.",
		"Use the address of the account that logged in; otherwise ask the operator which rule it was.",
	},
	"5.7.1 RCPT": {
		"You are not allowed to send to this recipient here.",
		"Relaying without a login, a block list, or a mailbox that accepts mail only from some senders.",
		"",
	},
	"5.7.1 .": {
		"You are not allowed to send this message here: a rule about its content or its sender rejects it.",
		"A content filter, a block list, or a failed check of SPF, DKIM or DMARC.",
		"Read the text. Check the content and the DNS records of the sender, or ask the recipient's operator which rule it was.",
	},
	"5.7.1 EHLO": {
		"The server rejects the client because of its name or IP address.",
		"A block list, or a name in EHLO that is not allowed.",
		"Send EHLO with your full host name. Look up your address in the block list that the text names.",
	},
	"5.7.1 connect": {
		"The server rejects the client's IP address.",
		"A block list, or a network from which the server accepts no mail.",
		"Look up your address in the block list that the text names.",
	},
	"5.7.1 AUTH": {
		"You are not allowed to log in this way.", "The account or the mechanism is not allowed.", "Read the text, or ask the operator.",
	},
	"5.7.1 VRFY": {
		"You are not allowed to check addresses here.", "The site does not disclose its addresses.",
		"Use RCPT to find out whether the server accepts the address.",
	},
	"5.7.1 EXPN": {"You are not allowed to list members here.", "The site does not disclose its lists.", "Ask the owner of the list."},
	"5.7.8 MAIL": {"", "The login of this session is no longer valid for the server.", "Log in again."},
	"5.5.2 EHLO": {
		"The server does not accept the name.",
		"A name without a dot, or one that contains spaces or other characters that are not allowed.",
		"Send EHLO with a full host name, or with your address in brackets.",
	},
	"4.7.1 MAIL": {
		"A rule about senders or hosts delays this mail.",
		"A rate limit, or a check of the client's name or of the sender that could not be completed.",
		"",
	},
	"4.7.1 RCPT": {
		"A rule about hosts, senders or recipients delays this mail.",
		"Greylisting, a rate limit, or a check of the client's name or address that could not be completed.",
		"",
	},
	"5.5.1 RCPT": {"", "A wrong order such as RCPT before MAIL, or a rejected MAIL.", "Look at the reply to MAIL."},
	"5.5.1 DATA": {"", "No accepted recipient.", "Look at the replies to RCPT."},
	"5.5.1 AUTH": {
		"",
		"The server does not offer AUTH here, the session is already logged in, or a transaction is open.",
		"Look at the EHLO reply: the server must offer AUTH. A session can log in only once.",
	},
	"5.5.1 EHLO": {
		"The server does not support this greeting command, or does not allow it now.",
		"An LMTP server, which supports only LHLO, or a transaction that is open.",
		"To an LMTP server send LHLO; open it as lmtp://HOST:PORT.",
	},
	"5.5.4 STARTTLS": {"STARTTLS has no argument.", "The line has text after STARTTLS.", "Send STARTTLS without an argument."},
	"5.5.4 DATA":     {"DATA has no argument.", "The line has text after DATA.", "Send DATA alone, and the message after the reply 354."},
	"5.5.4 RSET":     {"RSET has no argument.", "The line has text after RSET.", "Send RSET without an argument."},
	"5.5.4 QUIT":     {"QUIT has no argument.", "The line has text after QUIT.", "Send QUIT without an argument."},
	"5.5.4 BDAT": {
		"The argument of BDAT is missing or wrong.",
		"No size, a size that is not a number, or another word than LAST after the size.",
		"Send BDAT with the number of bytes that follow, as in BDAT 120 LAST.",
	},
	"5.5.4 AUTH": {
		"An argument of AUTH is wrong or not supported.",
		"A mechanism that the EHLO reply does not list, or an initial response that is not Base64.",
		"Use a mechanism from the AUTH line of the EHLO reply.",
	},
	"5.5.4 EHLO": {
		"The server does not accept the name.",
		"A missing name, a name without a dot, or one that contains characters that are not allowed.",
		"Send EHLO with a full host name, or with your address in brackets.",
	},
}
