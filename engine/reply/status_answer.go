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
		row.Meaning, row.Cause, row.Try = "The command succeeded; here the code adds nothing to that.", "", "Continue."
	default:
		answers[code.String()+" "+command].replace(&row.Meaning, &row.Cause, &row.Try)
	}
	return row, ok
}

// answers has the codes whose meaning depends on the command, with the code and the command
// as key.
var answers = map[string]texts{
	"550 MAIL": {
		"The server refuses the sender: its address, its domain, or the host that sends for it.",
		"A sender domain that does not exist or that fails a check such as SPF, a sender that is blocked here, or an address that does not " +
			"belong to the login.",
		"Use a sender address whose domain exists and may be used from this host; the text and the enhanced code name the reason.",
	},
	"550 RCPT": {
		"The server refuses the recipient: the mailbox does not exist or is not open to you, or a rule of the server refuses the mail.",
		"A misspelt recipient, a domain that is not served here, or a block of your address. This text of the standard covers all of them.",
		"Read the text and the enhanced code. Compare the address letter by letter before you look for a rule.",
	},
	"550 EHLO": {
		"The server refuses the name that you gave, or your address.",
		"A name that is not yours, that is not in the DNS, or an address that is blocked.",
		"Give your full host name, or your address in brackets.",
	},
	"550 .": {
		"The server refuses the message.",
		"A rule about the content, a failed check of SPF, DKIM or DMARC, or a block of the sender.",
		"Read the text and the enhanced code and mend what they name. The same message gets the same answer.",
	},
	"550 VRFY": {
		"The server does not know the name, or does not tell.",
		"A name without a mailbox, or a site that answers so to everybody.",
		"Ask with RCPT.",
	},
	"550 EXPN": {
		"There is no such list, or the server does not show it.",
		"A misspelt name, or a site that keeps its lists to itself.",
		"Ask the owner of the list.",
	},
	"550 connect": {
		"The server refuses your address.",
		"A block list, or a network from which no mail is taken.",
		"Read the text; it often links to a page about the block.",
	},
	"550 AUTH": {
		"The server refuses the login.",
		"An account or a way to log in that is not allowed.",
		"Read the text and the enhanced code.",
	},
	"450 MAIL": {
		"The server does not accept this sender for now.",
		"A check of the sender's domain that could not be finished, a rate limit, or greylisting.",
		"Retry after some minutes. If it stays, look up the sender's domain.",
	},
	"450 .": {
		"The server does not take the message for now.",
		"A filter that does not answer, a rate limit, or greylisting after the message.",
		"Keep the mail and retry after some minutes.",
	},
	"450 EHLO": {
		"The server does not accept the name or your address for now.",
		"A name or an address whose DNS entry could not be found.",
		"Give a full host name that is in the DNS, and retry.",
	},
	"451 RCPT": {
		"The server could not decide about the recipient.",
		"A DNS lookup or directory that does not answer, or greylisting.", "",
	},
	"451 MAIL": {
		"The server could not decide about the sender.",
		"A DNS lookup of the sender's domain that timed out, or a filter that does not answer.",
		"",
	},
	"452 RCPT": {
		"This transaction already has as many recipients as the server allows, or the mailbox has no room for now.",
		"A long list of RCPT commands, or a quota.",
		"Send to the recipients accepted so far and put the rest into a new transaction.",
	},
	"452 MAIL": {"The server has no room for a message of this size now.", "A nearly full disk.", "Wait and retry."},
	"452 .":    {"The server had no room for the message.", "A nearly full disk or quota.", "Wait and retry."},
	"501 MAIL": {"", "Missing angle brackets, a space after the colon, or a parameter with a value that is not allowed.", ""},
	"501 RCPT": {
		"",
		"Missing angle brackets, a space after the colon, or an address that is none.",
		"Compare with RCPT TO:<user@example.com>: no space around the colon, brackets on both sides.",
	},
	"501 EHLO": {
		"The name is missing, or it is neither a host name nor an address in brackets.",
		"EHLO without a name, or with a name that has spaces or odd signs.",
		"EHLO followed by a host name with a dot, or by an address in brackets.",
	},
	"501 AUTH": {
		"The login line is badly written: no Base64, no mechanism, or an initial response that is not allowed. It also confirms a cancel with *.",
		"A line that is not Base64, or a response where none belongs.",
		"Send one line of Base64, or \"=\" for an empty initial response.",
	},
	"501 STARTTLS": {"STARTTLS takes no argument.", "Something stands behind STARTTLS.", "Send STARTTLS without anything after it."},
	"504 AUTH": {
		"The server does not have this mechanism.",
		"A mechanism that is not on the AUTH line of the EHLO reply.",
		"Pick a mechanism from the AUTH line of the EHLO reply.",
	},
	"504 EHLO": {"The server does not accept the name.", "A host name without a dot.", "Use a full host name."},
	"504 MAIL": {
		"A parameter is known, but the server does not support its value.",
		"A value such as BODY=BINARYMIME that EHLO does not offer.",
		"Send only what the EHLO reply offers.",
	},
	"552 RCPT": {
		"The mailbox has no room, or the transaction has too many recipients.",
		"A full mailbox; old servers send it for too many recipients, which clients treat as temporary.",
		"Tell the owner another way, or send to the rest in another transaction.",
	},
	"552 .": {"The message is larger than the server or the mailbox takes, or its content is of a kind that is not taken.", "", ""},
	"553 MAIL": {
		"The server does not permit this sender address.",
		"A sender address that does not belong to your login, or that is badly written.",
		"Use the address of the account that logged in.",
	},
	"553 RCPT": {
		"The server does not permit this recipient address.",
		"A badly written address, a domain that does not exist, or non-ASCII letters without SMTPUTF8.",
		"Compare the address letter by letter, and spell it in ASCII.",
	},
	"554 connect": {"This host does not talk SMTP with you.", "Your address is on a block list, or the host takes no mail.", ""},
	"554 DATA": {
		"There is no recipient to send the message to, or the server refuses it now.",
		"All RCPT commands were refused.", "Look at the replies to RCPT.",
	},
	"554 .": {
		"The server refuses the message.",
		"A filter that saw spam or malware, a failed check of the sender, or a message that is not well formed.",
		"Read the text. Do not repeat the message unchanged.",
	},
	"554 RCPT": {
		"The server refuses the recipient or your mail to it.",
		"Relaying without a login, or your address on a block list.",
		"Read the text; it often links to a page about the block.",
	},
	"554 MAIL": {
		"The server refuses the sender or your address.",
		"Your address on a block list, or a sender that is not allowed.",
		"Read the text; it often links to a page about the block.",
	},
	"554 AUTH": {"The server refuses the login.", "A rule of the server, or too many attempts.", "Read the text."},

	"5.1.1 MAIL": {
		"The sender's domain exists, but the server finds no mailbox with the name left of the @ sign.",
		"A misspelt sender, or an address made up by a program.",
		"Use a sender address that can receive mail.",
	},
	"5.1.2 MAIL": {
		"No mail host was found for the domain of the sender address.",
		"A misspelt or local domain, or one without MX and address records.",
		"Use a sender domain with working MX or address records.",
	},
	"5.1.3 MAIL": {
		"The sender address is not written in a valid form.",
		"A space, a missing @, a trailing dot, or a display name inside the angle brackets.",
		"Put only the bare address between the brackets: MAIL FROM:<user@example.com>.",
	},
	"5.7.1 MAIL": {
		"You may not send mail with this sender here.",
		"A sender that does not belong to your login, a blocked sender or host, or a check of the sender's domain that failed.",
		"Use the address of the account that logged in; otherwise ask the operator which rule it was.",
	},
	"5.7.1 RCPT": {
		"You may not send to this recipient here.",
		"Relaying without login, a block list, or a mailbox that takes mail from some senders only.",
		"",
	},
	"5.7.1 .": {
		"You may not send this message here: a rule about its content or its sender refused it.",
		"A content filter, a block list, or a failed check of SPF, DKIM or DMARC.",
		"Read the text; look at the content and the checks of the sender, or ask the recipient's operator which rule it was.",
	},
	"5.7.1 EHLO": {
		"The server refuses you by your name or address.",
		"A block list, or a name in EHLO that is not allowed.",
		"Give your full host name in EHLO; look your address up at the list that the text names.",
	},
	"5.7.1 connect": {
		"The server refuses your address.",
		"A block list, or a network from which no mail is taken.",
		"Look your address up at the list that the text names.",
	},
	"5.7.1 AUTH": {"You may not log in this way.", "An account or a mechanism that is not allowed.", "Read the text; ask the operator."},
	"5.7.1 VRFY": {"You may not ask for addresses here.", "A site that keeps its addresses to itself.", "Ask with RCPT."},
	"5.7.1 EXPN": {"You may not ask for lists here.", "A site that keeps its lists to itself.", "Ask the owner of the list."},
	"5.7.8 MAIL": {"", "A session whose login the server does not count any more.", "Log in again."},
	"5.5.2 EHLO": {
		"The server does not accept the name.",
		"A name without a dot, or one that has spaces or odd signs.",
		"EHLO with a full host name, or with your address in brackets.",
	},
	"4.7.1 MAIL": {
		"A rule about senders or hosts delays this mail.",
		"A rate limit, or a check of the client's name or of the sender that failed for now.",
		"",
	},
	"4.7.1 RCPT": {
		"A rule about hosts, senders or recipients delays this mail.",
		"Greylisting, a rate limit, or a check of the client's name or address that failed for now.",
		"",
	},
	"5.5.1 RCPT": {"", "A wrong order such as RCPT before MAIL, or a refused MAIL.", "Look at the reply to MAIL."},
	"5.5.1 DATA": {"", "No accepted recipient.", "Look at the replies to RCPT."},
	"5.5.1 AUTH": {
		"",
		"AUTH that is not offered here, or that came a second time or within a transaction.",
		"Look at the EHLO reply: AUTH must be offered, and one login a session is all.",
	},
}
