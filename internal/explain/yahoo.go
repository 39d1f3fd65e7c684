package explain

// yahooRules are replies of Yahoo and AOL (senders.yahooinc.com/smtp-error-codes). Their
// texts contain a number in brackets, and many have no enhanced code.
var yahooRules = []rule{
	{who: Yahoo, class: 4, codes: "7.0 -", marks: []string{"tss04", "unexpected volume or user complaints"}, known: true,
		means: "Yahoo delays the mail because of unusual traffic from this IP address, complaints of users, or missing SPF, DKIM and DMARC.",
		try:   "Send fewer messages, more slowly, set up SPF, DKIM and DMARC, and retry. Find out what users complain about."},
	{who: Yahoo, class: 4, codes: "7.1 -", marks: []string{"ts03", "permanently deferred"},
		means: "Yahoo currently accepts no mail from this IP address. The text says permanently, but the code is temporary.",
		try:   "Stop, correct the recipient lists and the content, and try again after a day or two."},
	{who: Yahoo, class: 5, codes: "7.2", marks: []string{"tss09", "tss11", "permanently deferred"}, known: true, differs: true,
		means: "Yahoo rejects all mail from this IP address. Retrying does not help.",
		try:   "Find out what was sent, correct it, and write to Yahoo's sender support."},
	{
		who: Yahoo, class: 5, codes: "7.1 -",
		marks: []string{"bl21", "bl22", "bl23", "spamhaus", "spamhaus's"},
		means: "The sending IP address is on a block list of Spamhaus that Yahoo uses.",
		try:   "Look up the address at check.spamhaus.org. The page gives the reason and the way to be removed.",
	},
	{
		who: Yahoo, class: 5, codes: "7.9",
		marks: []string{"spf or dkim", "sender is unauthenticated"}, differs: true,
		means: "Yahoo requires SPF or DKIM to pass, and neither did.",
		try:   "Publish an SPF record that contains this IP address, or sign with DKIM for the From domain.",
	},
	{
		who: Yahoo, class: 5, codes: "7.9", marks: []string{"policy reasons"},
		known: true, differs: true,
		means: "The message breaks a rule of Yahoo: about DMARC, its content, or a link in it.",
		try:   "Check SPF, DKIM and DMARC, then the links and attachments of the message. The text names a page.",
	},
	{
		who: Yahoo, class: 5, codes: "-", marks: []string{"policy reasons", "ph01"},
		known: true,
		means: "The message breaks a rule of Yahoo, usually because a link in it looks like phishing.",
		try:   "Check the links and attachments of the message. The text names a page.",
	},
	{
		who: Yahoo, class: 4, codes: "- 1.8 7.0 7.1",
		marks: []string{"unresolvable rfc.5321", "unresolvable-from-domain"},
		known: true,
		means: "The domain of MAIL FROM has no MX or address record that Yahoo can find.",
		try:   "Publish an MX or A record for the domain, or use another sender domain.",
	},
	{who: Yahoo, class: 5, codes: "- 1.1 0.0", marks: []string{"doesn't have a yahoo.com account", "doesn't have a", "mailbox not found"},
		means: "This mailbox does not exist at Yahoo.", try: "Compare the address letter by letter, and remove it from the list."},
	{who: Yahoo, class: 5, codes: "-", marks: []string{"no longer valid", "mailbox is disabled"},
		means: "The mailbox is disabled.", try: "Remove the address from the list."},
	{who: Yahoo, class: 4, codes: "-", marks: []string{"max message per connection"},
		means: "The session has reached the limit of messages for one connection.", try: "Open a new connection and continue."},
	{who: Yahoo, class: 4, codes: "- 2.1", marks: []string{"receiving mail too quickly"},
		means: "The mailbox currently receives more mail than Yahoo accepts for it.", try: "Try again later."},
}

// appleRules are replies of iCloud Mail (support.apple.com/102322).
var appleRules = []rule{
	{who: Apple, class: 5, codes: "7.1", marks: []string{"dmarc policy"},
		means: "The domain in the From field publishes the DMARC policy reject, and neither SPF nor DKIM confirms the message for this domain.",
		try:   "Send through a server that the domain authorizes, signed with its DKIM key. Otherwise use your own domain in From."},
	{
		who: Apple, class: 5, codes: "7.1",
		marks: []string{"hme1", "both spf and dkim"}, known: true,
		means: "Neither SPF nor DKIM passed, and Apple requires one of them for relay addresses (Hide My Email).",
		try:   "Set up SPF and DKIM for the sender's domain.",
	},
	{
		who: Apple, class: 5, codes: "7.1", marks: []string{"cs01", "local policy"},
		means: "Apple's filter rejects the content or the sender.",
		try:   "Check the content, the links, and the reputation of the IP address. Apple's postmaster page names a contact.",
	},
	{who: Apple, class: 5, codes: "1.6", marks: []string{"no longer on server"}, known: true,
		means: "The mailbox was closed and left no new address.", try: "Remove the address from the list."},
	{who: Apple, class: 5, codes: "1.1", marks: []string{"inactive email address"}, known: true,
		means: "The owner has disabled or given up the address.", try: "Stop writing to it. Reach the person in another way."},
	{who: Apple, class: 4, codes: "7.1", marks: []string{"excessive volume"},
		means: "This mailbox received too much mail in a short time.", try: "Try again later and send fewer messages at a time."},
}
