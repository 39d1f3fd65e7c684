package explain

// microsoftRules are codes of Exchange Online and Outlook.com, many of which are not in
// the registry (learn.microsoft.com, "Email non-delivery reports in Exchange Online";
// support.microsoft.com, "Fix NDR error 550 5.7.515 in Outlook.com").
var microsoftRules = []rule{
	{who: Microsoft, class: 5, codes: "7.30", marks: []string{"basic authentication", "client submission"}, known: true, differs: true,
		means: "Exchange Online does not accept logins with a password (PLAIN, LOGIN). Microsoft turns them off by default at the " +
			"end of December 2026 and will remove them later.",
		try: "Log in with OAuth 2.0: AUTH XOAUTH2 with an access token of Microsoft Entra ID."},
	{
		who: Microsoft, class: 5, codes: "7.139",
		marks: []string{"smtpclientauthentication is disabled", "basic authentication is disabled"},
		known: true,
		means: "Password logins by SMTP are turned off for the organization or the mailbox. The password was not checked. (They " +
			"are off by default from the end of December 2026.)",
		try: "Log in with OAuth 2.0 (XOAUTH2), or have the administrator allow SMTP AUTH for the mailbox.",
	},
	{who: Microsoft, class: 5, codes: "7.3 7.139", verbs: "AUTH", marks: []string{"authentication unsuccessful"}, known: true, differs: true,
		means: "The login was rejected: wrong credentials, or SMTP AUTH is turned off for the mailbox or the organization.",
		try:   "Check the credentials, and ask the administrator whether SMTP AUTH is allowed. OAuth 2.0 (XOAUTH2) will continue to work."},
	{who: Microsoft, class: 5, codes: "7.57", marks: []string{"client was not authenticated", "client not authenticated"}, known: true,
		means: "The server accepts mail only from clients that have logged in.", try: "Log in with AUTH, then repeat the command."},
	{
		who: Microsoft, class: 5, codes: "7.515",
		marks: []string{"required authentication level"}, known: true,
		means: "Outlook.com requires that SPF, DKIM and DMARC all pass for domains that send more than 5000 messages a day. The " +
			"text shows each result.",
		try: "Correct the check that failed: the SPF record, the DKIM signature for the From domain, or the DMARC record " +
			"and the alignment.",
	},
	{who: Microsoft, class: 5, codes: "7.509", marks: []string{"does not pass dmarc verification"}, known: true,
		means: "The domain in the From field has the DMARC policy reject, and neither SPF nor DKIM confirms the message.",
		try:   "Send through a server that the domain authorizes, signed with its DKIM key. Otherwise use your own domain in From."},
	{who: Microsoft, codes: "7.26", marks: []string{"over ipv6"},
		means: "Mail over IPv6 must pass SPF or DKIM, and this message passed neither.", try: "Set up SPF or DKIM, or send over IPv4."},
	{
		who: Microsoft, class: 5, codes: "7.512",
		means: "The From field is missing or there is more than one.",
		try:   "Send one From field, as RFC 5322 section 3.6.2 requires.",
	},
	{who: Microsoft, class: 5, codes: "7.606-649 7.511", marks: []string{"banned sen*", "access denied"}, known: true,
		means: "Microsoft has blocked the sending IP address.",
		try:   "Find out what the address sent. Then ask for its removal at sender.office.com, or follow the text."},
	{
		who: Microsoft, class: 5, codes: "7.501-503",
		means: "The sender is blocked because it sends spam.",
		try:   "Check whether an attacker uses the account; then its administrator can unblock it.",
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
		try:   "Stop sending, look for an account that an attacker uses, and ask Microsoft's support to remove the limit.",
	},
	{who: Microsoft, class: 5, codes: "7.510", means: "The recipient's domain accepts no mail over IPv6.", try: "Send over IPv4."},
	{
		who: Microsoft, class: 5, codes: "7.750",
		means: "The sender's domain is not registered with the organization that sends.",
		try:   "Have the administrator add the domain to the organization.",
	},
	{
		who: Microsoft, class: 5, codes: "7.900-999",
		means: "A mail flow rule of the recipient's organization rejects the message.",
		try:   "Ask the recipient's administrator which rule it was.",
	},
	{who: Microsoft, class: 4, codes: "7.500-699 7.850-899", marks: []string{"access denied", "rate limited", "try again later"},
		means: "Microsoft limits the sending IP address because of its reputation or because something looked suspicious.",
		try:   "Send less and more slowly, and try again after a pause. The limit ends automatically."},
	{
		who: Microsoft, class: 5, codes: "7.12 7.124 7.13 7.133-136",
		marks:   []string{"sender was not authenticated", "sender not authenticated", "not in allowed-senders"},
		differs: true,
		means:   "The mailbox or group accepts mail only from members of its organization, or from senders on its list.",
		try:     "Ask the owner of the mailbox or group to allow your address.",
	},
	{who: Microsoft, class: 5, codes: "7.64", marks: []string{"tenantattribution"}, known: true,
		means: "The server accepts this mail for no organization: the connector does not match, or the domain is not in the " +
			"organization.",
		try: "Check the inbound connector (certificate or IP address) and the accepted domains of the organization."},
	{
		who: Microsoft, codes: "7.321-325",
		means: "The next server offers no TLS, or its certificate does not match its DNS records (DANE).",
		try:   "The operator of the recipient's server must correct its TLS or its TLSA records.",
	},
	{who: Microsoft, class: 5, codes: "1.10", marks: []string{"recipientnotfound", "recipient not found"}, known: true, differs: true,
		means: "This mailbox does not exist: the directory has no such address.", try: "Compare the address letter by letter."},
	{who: Microsoft, class: 5, codes: "4.1", marks: []string{"recipient address rejected"}, known: true, differs: true,
		means: "The recipient is rejected: the organization's directory has no such address, or does not allow mail from outside for it.",
		try:   "Compare the address letter by letter; otherwise ask the recipient's administrator."},
	{
		who: Microsoft, class: 5, codes: "1.8", marks: []string{"bad outbound sender"},
		known: true, differs: true,
		means: "Microsoft has blocked the sending account because it sent too much spam.",
		try:   "Check whether an attacker uses the account; then its administrator can unblock it.",
	},
	{
		who: Microsoft, class: 5, codes: "1.90",
		means: "The account has reached its daily limit of recipients.",
		try:   "Wait a day; for more, use a service for bulk mail.",
	},
	{
		who: Microsoft, class: 5, codes: "2.121-122",
		means: "The recipient's mailbox has reached its limit of messages for this hour.",
		try:   "Wait an hour, then send again.",
	},
	{
		who: Microsoft, class: 5, codes: "4.14",
		means: "The message is in a loop between servers.",
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
