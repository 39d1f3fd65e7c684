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
			"\", which names a failure and does not match class 2."
		row.Name = "Success, with the detail of a failure"
		row.Cause = "A server that chooses the last two numbers without regard to the registry."
		row.Try = "Continue. A program must act on the first digit."
	case class == "4":
		row.Try = "The class 4 allows another attempt: the server may accept the same later. " + row.Try
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
	"2.0.0": {"The command succeeded; the code adds no detail.", "The usual enhanced code of a positive reply.", "Continue."},
	"2.1.0": {
		"The command succeeded, and it was about an address, usually that of MAIL.",
		"The server accepted the address.", "Continue with the next command.",
	},
	"2.1.5": {
		"The command succeeded. In reply to RCPT the recipient is accepted; in reply to another command the code gives no more information.",
		"RCPT was accepted. Gmail also sends the code for RSET and VRFY, where it is not about a recipient.",
		"Continue with the next command.",
	},
	"2.1.9": {"The message was passed to a system that cannot report what happens to it.", "", ""},
	"2.2.0": {"The command succeeded, and it was about a mailbox.", "The server delivers to the mailbox.", "Continue."},
	"2.3.0": {"The command succeeded; the mail system works.", "A server that uses this code for general replies.", "Continue."},
	"2.3.6": {},
	"2.4.0": {"The command succeeded, and it was about the route to the next host.", "A server that relays the mail.", "Continue."},
	"2.5.0": {
		"The command succeeded; the code gives no more information.",
		"A server that uses this code for replies about commands, such as 252 to VRFY.",
		"Continue.",
	},
	"2.6.0": {
		"The message was accepted; the detail says that the reply is about its content.",
		"Microsoft's servers send it after the end of a message.", "Continue.",
	},
	"2.6.4": {},
	"2.6.8": {"The command succeeded, but the reply contains non-ASCII text, and the client has not announced that it can read it.", "", ""},
	"2.7.0": {
		"The command succeeded, and it was about security: usually a login that was accepted.",
		"With 235 an accepted login; with 220 the TLS handshake can begin.", "Continue.",
	},
	"2.7.1":  {"The command succeeded, and permission was granted.", "A server that accepts the mail because of one of its rules.", "Continue."},
	"2.6.10": {"The command succeeded; the code is a withdrawn duplicate of 2.6.8.", "", "Treat it as 2.6.8; never send it."},

	// not now
	"4.0.0": {"", "", "Read the text, and try again later."},
	"4.1.0": {
		"The server temporarily rejects an address of this mail.",
		"A rule about addresses, or a check of one that could not be completed.",
		"Try again later. If it fails again, check both addresses for typing errors.",
	},
	"4.1.1": {
		"The server cannot confirm now that the recipient's mailbox exists.",
		"A check of the address that is not finished, or a directory that does not answer. Some sites send this for unknown users too.",
		"Try again later. If it fails again, compare the address letter by letter.",
	},
	"4.1.2": {
		"The mail host of the domain right of the @ could not be found.",
		"A DNS server that does not answer; some sites send this also for domains that do not exist.",
		"Try again later. If it fails again, look up the MX record of the domain and compare the spelling.",
	},
	"4.1.3": {
		"The server does not accept the syntax of the recipient address.", "",
		"Correct the address first: a retry of the same line rarely helps, whatever the class.",
	},
	"4.1.6": {"The mailbox has moved, and the new address is not known.", "", "Ask the person for the address."},
	"4.1.7": {
		"The server does not accept the syntax of the sender address in MAIL.",
		"",
		"Correct the address first: a retry of the same line rarely helps, whatever the class.",
	},
	"4.1.8": {
		"The server could not find the domain of the sender address.",
		"The domain does not exist, or its DNS does not answer. Postfix replies 450 4.1.8 to both.",
		"Look up the sender's domain. Try again if it exists; otherwise use another sender domain.",
	},
	"4.1.10": {
		"The recipient's domain states in DNS that it accepts no mail (null MX).", "",
		"Check the spelling of the domain. The class allows a retry, which helps only if the record changes.",
	},
	"4.2.0": {
		"The mailbox cannot accept the message temporarily; the code does not say why.",
		"A fault in the mail store, a rule of the owner, or greylisting: Postgrey sends 450 4.2.0.",
		"Try again after some minutes from the same address.",
	},
	"4.2.1": {
		"The mailbox exists but temporarily accepts no messages.",
		"An account that receives too much mail at once, or one that is suspended for a while.",
		"Try again later.",
	},
	"4.2.2": {"The mailbox is full now.", "", "Inform the owner in another way. The server may accept the mail later, when there is space."},
	"4.2.4": {"", "", "Try again later, and inform the owner of the list."},
	"4.3.0": {"", "", "Try again later."},
	"4.3.2": {
		"The host temporarily accepts no messages from the network.",
		"Shutdown, overload or maintenance. Postscreen also sends this to a new client, which must then connect again.",
		"Try again later, over fewer connections.",
	},
	"4.3.5": {
		"",
		"An error in the server's configuration.",
		"Try again later, and report it to the operator of the host.",
	},
	"4.4.6": {
		"", "",
		"The class allows a retry, but a retry does not end the loop. Read the Received fields: the hosts that appear repeatedly form the loop.",
	},
	"4.4.7": {
		"The message waits in a queue, or its time in the queue has ended.",
		"Temporary errors for a long time.",
		"Find the temporary error in the report. A delay report needs no action: the server continues to try.",
	},
	"4.5.3": {
		"The transaction has more recipients than the server allows.", "",
		"Send to those accepted, then start a new transaction for the rest.",
	},
	"4.7.0": {
		"The server delays the mail for security or by a rule; the code does not say which.",
		"Often a rate limit or a low reputation; with 454 a login or TLS service that does not work.",
		"Read the text, and try again later at a lower rate. The reply says nothing about the password.",
	},
	"4.7.1": {
		"A rule about hosts, senders, recipients or content delays this mail.",
		"Greylisting, a rate limit, or a check of the client's name or address that could not be completed.",
		"Try again after some minutes from the same address. If it fails again, ask the recipient's operator which rule it was.",
	},
	"4.7.8": {
		"The login was not accepted this time.",
		"A login service that does not work, or too many attempts.",
		"Try again later with the same credentials before you change them.",
	},
	"4.7.13": {
		"The account cannot be used now.",
		"A lock after too many attempts, or a suspension by an administrator.",
		"Wait, then try once more; otherwise ask the administrator.",
	},
	"4.7.20": {"The server delays the mail because no DKIM signature verifies.", "", ""},
	"4.7.21": {"The server delays the mail because it accepts none of the DKIM signatures.", "", ""},
	"4.7.22": {"The server delays the mail because no DKIM signature is by the domain in the From field.", "", ""},
	"4.7.23": {"The server delays the mail because SPF does not allow this host to send for the sender's domain.", "", ""},
	"4.7.24": {
		"The server could not determine an SPF result.",
		"A DNS fault, or an SPF record with errors.",
		"Try again later. If it fails again, test the record with an SPF checker.",
	},
	"4.7.25": {
		"The reverse DNS check of your host's address could not be completed.",
		"A missing PTR record, one that does not lead back, or a DNS server that does not answer.",
		"Try again later. If it fails again, have the owner of the address range set a PTR record that matches the host name.",
	},
	"4.7.26": {
		"Several checks of the sender failed or could not be completed, and the server delays the mail.",
		"Neither SPF nor DKIM passes, or DNS does not answer, so the result is not known.",
		"Try again later. If it fails again, set up SPF and DKIM so that at least one passes for the From domain.",
	},
	"4.7.27": {"The server delays the mail because the sender's domain states that it accepts no mail (null MX).", "", ""},
	"4.7.28": {"The receiver limits the rate because of an unusual amount of mail.", "", ""},
	"4.7.29": {"The server delays the mail because the chain of ARC seals does not verify.", "", ""},
	"4.7.30": {"The message must be sent over verified TLS only, and the next host does not offer that now.", "", ""},

	// permanent failure
	"5.0.0": {"", "", "Read the text. If it does not help, ask the operator to look into the log."},
	"5.2.1": {
		"The mailbox exists but accepts no messages.",
		"A suspended or abandoned account.",
		"Do not send to the address again; contact the person in another way.",
	},
	"5.2.2": {"", "", "Inform the owner in another way."},
	"5.2.4": {"", "", "Inform the owner of the list."},
	"5.3.0": {"", "", "Report the text to the operator."},
	"5.3.1": {"", "", "Only the operator can free the space; report it."},
	"5.3.2": {
		"The host accepts no messages from the network.",
		"A host without mail service; reply 521 has the same meaning.",
		"Use another host of the domain, or stop trying.",
	},
	"5.4.1": {
		"",
		"The host is down, its port is closed, or a firewall drops the packets. Microsoft uses " +
			"5.4.1 for a recipient that its directory does not contain.",
		"Check that the host is up and that port 25 is open.",
	},
	"5.4.2": {"", "", "If the connection always ends at the same point, check timeouts and packet sizes."},
	"5.4.3": {"", "", "The operator should test the directory service; report the text."},
	"5.4.5": {
		"The system accepts no more mail.",
		"More mail than it can process. Gmail uses the number for an account that has reached its sending limit of the day.",
		"Send less, over fewer connections.",
	},
	"5.7.0": {
		"", "With 530 a missing STARTTLS or login; otherwise a rule of the server.",
		"Read the text: it names what is missing or not allowed.",
	},
	"5.7.15": {"The server accepts only messages of a higher priority.", "", "Use a higher priority if you are allowed to."},
	"5.7.24": {
		"", "A syntax error in the record, more than ten DNS lookups, or two records.",
		"Test the record with an SPF checker and correct it.",
	},
	"5.7.28": {"The receiver rejects the mail because of an unusual amount of mail.", "", ""},
}
