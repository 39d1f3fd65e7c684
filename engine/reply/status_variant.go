package reply

import "strings"

// texts replaces those of a row in some cases: for one class of an enhanced code, or for
// one command. An empty text keeps that of the row.
type texts struct{ Meaning, Cause, Try string }

// replace replaces the texts of a row by those that are not empty.
func (t texts) replace(meaning, cause, try *string) {
	for _, f := range []struct {
		text string
		to   *string
	}{{t.Meaning, meaning}, {t.Cause, cause}, {t.Try, try}} {
		if f.text != "" {
			*f.to = f.text
		}
	}
}

// ofClass returns the row for one class of its code. The class decides between success,
// temporary and permanent failure (RFC 3463 section 2).
func ofClass(row EnhancedStatus, class string) EnhancedStatus {
	if class == "X" {
		return row
	}
	detail := strings.TrimPrefix(row.Code, "X.")
	v, ok := enhancedVariants[class+"."+detail]
	switch {
	case ok:
		v.replace(&row.Meaning, &row.Cause, &row.Try)
	case class == "2":
		row.Meaning = "The command succeeded: the class decides. The detail " + row.Code + " is registered as \"" + row.Name +
			"\", which names a failure and does not go with class 2."
		row.Name = "Success, with the detail of a failure"
		row.Cause = "A server that chooses the last two numbers freely."
		row.Try = "Continue. A program must act on the first digit."
	case class == "4":
		row.Try = "The class 4 allows another try: the same may be accepted later. " + row.Try
	}
	if name, ok := successNames[class+"."+detail]; ok {
		row.Name = name
	}
	return row
}

// successNames replaces registered names that describe a failure, for codes of class 2
// whose texts do not quote the name.
var successNames = map[string]string{
	"2.6.0": "Other or undefined media status",
	"2.6.8": "Success, with a UTF-8 reply that the client may be unable to read",
	"2.7.1": "Success, with the detail for an authorization",
}

// enhancedVariants has the codes whose row would be wrong for one of its classes.
var enhancedVariants = map[string]texts{
	// success
	"2.0.0": {"The command succeeded; the code adds no detail.", "The usual enhanced code of a good reply.", "Continue."},
	"2.1.0": {
		"The command succeeded, and it was about an address, usually that of MAIL.",
		"The server accepted the address.", "Continue with the next command.",
	},
	"2.1.5": {
		"The command succeeded. In reply to RCPT the recipient is accepted; in reply to another command the detail says no more.",
		"RCPT was accepted. Gmail also sends the code for RSET and VRFY, which decide nothing about a recipient.",
		"Continue with the next command.",
	},
	"2.1.9": {"The message was passed on to a system that cannot report what becomes of it.", "", ""},
	"2.2.0": {"The command succeeded, and it was about a mailbox.", "The server delivers to the mailbox.", "Continue."},
	"2.3.0": {"The command succeeded; the mail system is in order.", "A server that gives this detail to general replies.", "Continue."},
	"2.3.6": {},
	"2.4.0": {"The command succeeded, and it was about the way to the next host.", "A relay that passes the mail on.", "Continue."},
	"2.5.0": {
		"The command succeeded; the detail says no more than that.",
		"A server that gives this detail to replies about commands, such as 252 to VRFY.",
		"Continue.",
	},
	"2.6.0": {
		"The message was accepted; the detail says that the reply is about its content.",
		"Microsoft's servers send it after the end of a message.", "Continue.",
	},
	"2.6.4": {},
	"2.6.8": {"The command succeeded, but the answer contains non-ASCII text that the client did not say it can read.", "", ""},
	"2.7.0": {
		"The command succeeded, and it was about security: usually a login that was accepted.",
		"With 235 a good login; with 220 a STARTTLS that may begin.", "Continue.",
	},
	"2.7.1":  {"The command succeeded, and permission was granted.", "A server that accepts the mail by a rule of its own.", "Continue."},
	"2.6.10": {"The command succeeded; the detail is a withdrawn duplicate of 2.6.8.", "", "Treat it as 2.6.8; never send it."},

	// not now
	"4.0.0": {"", "", "Read the text, and try again later."},
	"4.1.0": {
		"The server does not accept an address of this mail for now.",
		"A rule about addresses, or a check of one that could not be finished.",
		"Retry later. If it stays, check both addresses for typing errors.",
	},
	"4.1.1": {
		"The server cannot confirm for now that the recipient's mailbox exists.",
		"A check of the address that is not finished, or a directory that does not answer. Some sites answer so for unknown users too.",
		"Retry later. If it stays, compare the address letter by letter.",
	},
	"4.1.2": {
		"The mail host of the domain right of the @ could not be found for now.",
		"A DNS server that does not answer; some sites answer so for domains that do not exist too.",
		"Retry later. If it stays, look up the MX record of the domain and compare the spelling.",
	},
	"4.1.3": {
		"The recipient address is not written in a form that the server accepts.", "",
		"Correct the address first: a retry of the same line seldom helps, whatever the class.",
	},
	"4.1.6": {"The mailbox has moved, and the new address is not known for now.", "", "Retry later, and ask the person for the address."},
	"4.1.7": {
		"The sender address in MAIL is not written in a form that the server accepts.",
		"",
		"Correct the address first: a retry of the same line seldom helps, whatever the class.",
	},
	"4.1.8": {
		"The server could not find the domain of the sender address for now.",
		"The domain does not exist, or its DNS does not answer. Postfix replies 450 4.1.8 to both.",
		"Look up the sender's domain. Retry if it exists; otherwise use another sender domain.",
	},
	"4.1.10": {
		"The recipient's domain states in DNS that it takes no mail (null MX).", "",
		"Check the spelling of the domain. The class allows a retry, which helps only if the record changes.",
	},
	"4.2.0": {
		"The mailbox cannot take the message for now; the code does not say why.",
		"A fault in the mail store, a rule of the owner, or greylisting: Postgrey sends 450 4.2.0.",
		"Retry after some minutes from the same address.",
	},
	"4.2.1": {
		"The mailbox exists but takes no messages for now.",
		"An account that receives too much mail at once, or one that is suspended for a while.",
		"Retry later.",
	},
	"4.2.2": {"The mailbox is full for now.", "", "Tell the owner another way. The server may take the mail once there is room."},
	"4.2.4": {"", "", "Retry later and tell the owner of the list."},
	"4.3.0": {"", "", "Retry later."},
	"4.3.2": {
		"The host takes no messages from the network for the moment.",
		"Shutdown, overload or maintenance. Postscreen answers a new client so to make it come back.",
		"Retry later, over fewer connections.",
	},
	"4.3.5": {
		"",
		"A mistake in the server's settings that keeps it from deciding about the mail.",
		"Retry later, and report it to the operator of the host.",
	},
	"4.4.6": {
		"", "",
		"The class allows a retry, which does not open the circle. Read the Received lines: the hosts that repeat form the loop.",
	},
	"4.4.7": {
		"The message waits in a queue, or was given up there for now.",
		"Temporary errors for a long time.",
		"Find the temporary error in the report. A delay report needs no action: the server goes on trying.",
	},
	"4.5.3": {
		"The transaction has more recipients than the server takes at once.", "",
		"Send to those accepted, then start a new transaction for the rest.",
	},
	"4.7.0": {
		"The server delays the mail for security or by a rule; the code does not say which.",
		"Often a rate limit or a low reputation; with 454 a login or TLS service that is out of order.",
		"Read the text and retry later, more slowly. A password was not judged.",
	},
	"4.7.1": {
		"A rule about hosts, senders, recipients or content delays this mail.",
		"Greylisting, a rate limit, or a check of the client's name or address that failed for now.",
		"Retry after some minutes from the same address. If it stays, ask the recipient's operator which rule it was.",
	},
	"4.7.8": {
		"The login was not accepted this time.",
		"A login service that is out of order, or too many attempts.",
		"Retry later with the same credentials before you change them.",
	},
	"4.7.13": {
		"The account cannot be used for now.",
		"A lock after too many attempts, or a suspension by an administrator.",
		"Wait, then try once more; otherwise talk to the administrator.",
	},
	"4.7.20": {"The server delays the mail because no DKIM signature verifies.", "", ""},
	"4.7.21": {"The server delays the mail because it accepts none of the DKIM signatures.", "", ""},
	"4.7.22": {"The server delays the mail because no DKIM signature is by the domain in the From field.", "", ""},
	"4.7.23": {"The server delays the mail because SPF does not allow this host to send for the sender's domain.", "", ""},
	"4.7.24": {
		"The server could not work out an SPF result for now.",
		"A DNS fault, or an SPF record with errors.",
		"Retry later. If it stays, test the record with an SPF checker.",
	},
	"4.7.25": {
		"The reverse DNS check of your host's address failed for now.",
		"A missing PTR record, one that does not lead back, or a DNS server that does not answer.",
		"Retry later. If it stays, have the owner of the address range set a PTR record that matches the host name.",
	},
	"4.7.26": {
		"Several checks of the sender failed or could not be finished, and the server delays the mail.",
		"Neither SPF nor DKIM passes, or DNS does not answer, so that the result is open.",
		"Retry later. If it stays, set up SPF and DKIM so that at least one passes for the From domain.",
	},
	"4.7.27": {"The server delays the mail because the sender's domain states that it takes no mail (null MX).", "", ""},
	"4.7.28": {"The receiver sees an unusual mass of mail and slows it down.", "", ""},
	"4.7.29": {"The server delays the mail because the chain of ARC seals does not verify.", "", ""},
	"4.7.30": {"The message may travel over verified TLS only, and the next host cannot promise that for now.", "", ""},

	// permanent failure
	"5.0.0": {"", "", "Read the text. If it does not help, ask the operator to look in the log."},
	"5.2.1": {
		"The mailbox exists but takes no messages.",
		"A suspended or abandoned account.",
		"Stop writing to the address; reach the person another way.",
	},
	"5.2.2": {"", "", "Tell the owner another way."},
	"5.2.4": {"", "", "Tell the owner of the list."},
	"5.3.0": {"", "", "Report the text to the operator."},
	"5.3.1": {"", "", "Only the operator can free the space; report it."},
	"5.3.2": {
		"The host takes no messages from the network.",
		"A host without mail service; reply 521 says the same.",
		"Use another host of the domain or give up.",
	},
	"5.4.1": {
		"",
		"The host is down, its port is closed, or a firewall drops the packets. Microsoft uses 5.4.1 for a recipient that its directory refuses.",
		"Check that the host is up and that port 25 is open.",
	},
	"5.4.2": {"", "", "If it always breaks at the same point, look at time-outs and packet sizes."},
	"5.4.3": {"", "", "The operator should test the directory service; report the text."},
	"5.4.5": {
		"The system takes no more mail.",
		"More mail than it can work through. Gmail uses the number for an account that has reached its sending limit of the day.",
		"Send less, over fewer connections.",
	},
	"5.7.0": {
		"", "With 530 a missing STARTTLS or login; otherwise a rule of the server.",
		"Read the text: it names what is missing or forbidden.",
	},
	"5.7.15": {"The server takes only messages of a higher priority.", "", "Ask for a higher priority if you are entitled to one."},
	"5.7.24": {
		"", "A syntax error in the record, more than ten DNS lookups, or two records.",
		"Test the record with an SPF checker and correct it.",
	},
	"5.7.28": {"The receiver sees an unusual mass of mail and refuses it.", "", ""},
}
