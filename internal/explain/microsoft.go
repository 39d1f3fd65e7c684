package explain

// microsoftRules are codes of Exchange Online and Outlook.com, many of which are not in
// the registry (learn.microsoft.com, "Email non-delivery reports in Exchange Online";
// support.microsoft.com, "Fix NDR error 550 5.7.515 in Outlook.com").
var microsoftRules = []rule{
	{who: Microsoft, class: 5, codes: "7.30", marks: []string{"basic authentication", "client submission"}, known: true, differs: true,
		means: "Exchange Online does not accept logins with a password (PLAIN, LOGIN) for this account or at all.",
		try:   "Log in with OAuth 2.0: AUTH XOAUTH2 with an access token of Microsoft Entra ID."},
	{
		who: Microsoft, class: 5, codes: "7.139",
		marks: []string{"smtpclientauthentication is disabled", "basic authentication is disabled"},
		known: true,
		means: "Password logins by SMTP are switched off for the organization or the mailbox. The password was not judged.",
		try:   "Log in with OAuth 2.0 (XOAUTH2), or have the administrator allow SMTP AUTH for the mailbox.",
	},
	{who: Microsoft, class: 5, codes: "7.3 7.139", verbs: "AUTH", marks: []string{"authentication unsuccessful"}, known: true, differs: true,
		means: "The login was refused: wrong credentials, or SMTP AUTH that is switched off for the mailbox or the organization.",
		try:   "Check the credentials, and with the administrator whether SMTP AUTH is allowed; OAuth 2.0 (XOAUTH2) is the way that stays."},
	{who: Microsoft, class: 5, codes: "7.57", marks: []string{"client was not authenticated", "client not authenticated"}, known: true,
		means: "The server takes mail only from clients that have logged in.", try: "Log in with AUTH, then repeat the command."},
	{
		who: Microsoft, class: 5, codes: "7.515",
		marks: []string{"required authentication level"}, known: true,
		means: "Outlook.com requires SPF, DKIM and DMARC to pass for domains that send it much mail, all three. The text names each result.",
		try: "Mend the check that the text shows as failed: the SPF record, the DKIM signature for the From domain, or the DMARC record " +
			"and the alignment.",
	},
	{who: Microsoft, class: 5, codes: "7.509", marks: []string{"does not pass dmarc verification"}, known: true,
		means: "The domain in the From field has a DMARC policy of reject, and neither SPF nor DKIM proves the mail to be its own.",
		try:   "Send through a server that the domain has named, with its DKIM key; or use a From of your own domain."},
	{who: Microsoft, codes: "7.26", marks: []string{"over ipv6"},
		means: "Mail over IPv6 must pass SPF or DKIM, and this message passed neither.", try: "Set up SPF or DKIM, or send over IPv4."},
	{
		who: Microsoft, class: 5, codes: "7.512",
		means: "The From field is missing or there is more than one.",
		try:   "Send one From field, as RFC 5322 section 3.6.2 requires.",
	},
	{who: Microsoft, class: 5, codes: "7.606-649 7.511", marks: []string{"banned sen*", "access denied"}, known: true,
		means: "Microsoft has blocked the sending IP address.",
		try:   "Find what the address sent, then ask for its removal at sender.office.com, or as the text says."},
	{
		who: Microsoft, class: 5, codes: "7.501-503",
		means: "The sender is blocked because much of its mail is spam.",
		try:   "Find out whether the account was taken over; have its administrator unblock it.",
	},
	{
		who: Microsoft, class: 5, codes: "7.506",
		means: "The name in EHLO is the name of the server itself.",
		try:   "Give your own host name in EHLO.",
	},
	{
		who: Microsoft, class: 5, codes: "7.507 7.513",
		means: "The recipient's organization blocks your IP address with a list of its own.",
		try:   "Ask the recipient's administrator.",
	},
	{
		who: Microsoft, codes: "7.508 7.700-749",
		means: "The sender, its organization or its IP address has exceeded a limit on outgoing mail.",
		try:   "Stop, look for an account that was taken over, and ask Microsoft's support to lift the limit.",
	},
	{who: Microsoft, class: 5, codes: "7.510", means: "The recipient's domain takes no mail over IPv6.", try: "Send over IPv4."},
	{
		who: Microsoft, class: 5, codes: "7.750",
		means: "The sender's domain is not registered with the organization that sends.",
		try:   "Have the administrator add the domain to the organization.",
	},
	{
		who: Microsoft, class: 5, codes: "7.900-999",
		means: "A mail flow rule of the recipient's organization refuses the message.",
		try:   "Ask the recipient's administrator which rule it was.",
	},
	{who: Microsoft, class: 4, codes: "7.500-699 7.850-899", marks: []string{"access denied", "rate limited", "try again later"},
		means: "Microsoft limits the sending IP address because of its reputation or because something looked suspicious.",
		try:   "Send less and slower, and retry after a pause; the limit is lifted by itself when the traffic is in order."},
	{
		who: Microsoft, class: 5, codes: "7.12 7.124 7.13 7.133-136",
		marks:   []string{"sender was not authenticated", "sender not authenticated", "not in allowed-senders"},
		differs: true,
		means:   "The mailbox or group takes mail only from members of its organization, or from senders on its list.",
		try:     "Ask the owner of the mailbox or group to allow your address.",
	},
	{who: Microsoft, class: 5, codes: "7.64", marks: []string{"tenantattribution"}, known: true,
		means: "The server finds no organization for which it takes this mail: the connector does not match, or the domain is not in the " +
			"organization.",
		try: "Check the inbound connector (certificate or IP address) and the accepted domains of the organization."},
	{
		who: Microsoft, codes: "7.321-325",
		means: "The next server offers no TLS, or its certificate does not fit its DNS records (DANE).",
		try:   "The operator of the recipient's server has to mend its TLS or its TLSA records.",
	},
	{who: Microsoft, class: 5, codes: "1.10", marks: []string{"recipientnotfound", "recipient not found"}, known: true, differs: true,
		means: "There is no such mailbox: the directory does not know the recipient's address.", try: "Compare the address letter by letter."},
	{who: Microsoft, class: 5, codes: "4.1", marks: []string{"recipient address rejected"}, known: true, differs: true,
		means: "The recipient is refused: the organization's directory has no such address, or does not take mail from outside for it.",
		try:   "Compare the address letter by letter; otherwise ask the recipient's administrator."},
	{
		who: Microsoft, class: 5, codes: "1.8", marks: []string{"bad outbound sender"},
		known: true, differs: true,
		means: "Microsoft has blocked the sending account because it sent too much spam.",
		try:   "Find out whether the account was taken over; then its administrator can unblock it.",
	},
	{
		who: Microsoft, class: 5, codes: "1.90",
		means: "The account has reached its daily limit of recipients.",
		try:   "Wait a day; for more, use a service for bulk mail.",
	},
	{
		who: Microsoft, class: 5, codes: "2.121-122",
		means: "The recipient's mailbox has received as much in this hour as it may.",
		try:   "Wait an hour, then send again.",
	},
	{
		who: Microsoft, class: 5, codes: "4.14",
		means: "The message runs in a circle between servers.",
		try:   "Read its Received fields to find the hosts that repeat.",
	},
	{
		who: Microsoft, class: 4, codes: "3.2",
		marks: []string{"concurrent connections limit", "thread limit exceeded"},
		known: true,
		means: "More connections send for this mailbox at the same time than Microsoft allows.",
		try:   "Send over fewer connections at once, and retry.",
	},
	{
		who: Microsoft, class: 5, codes: "7.1", marks: []string{"block list"},
		means: "The sending address, or the network around it, is on Microsoft's block list.",
		try:   "Ask the network's owner; Microsoft removes addresses by the form that the text names.",
	},
}
