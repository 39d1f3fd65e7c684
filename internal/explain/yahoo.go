package explain

// yahooRules are replies of Yahoo and AOL (senders.yahooinc.com/smtp-error-codes). Their
// texts carry a number in brackets, and many have no enhanced code.
var yahooRules = []rule{
	{who: Yahoo, class: 4, codes: "7.0 -", marks: []string{"tss04", "unexpected volume or user complaints"}, known: true,
		means: "Yahoo delays the mail: unusual traffic from this address, complaints of its users, or a sender without SPF, DKIM and DMARC.",
		try:   "Send less and slower, set up SPF, DKIM and DMARC, and retry; look for what users complain about."},
	{who: Yahoo, class: 4, codes: "7.1 -", marks: []string{"ts03", "permanently deferred"},
		means: "Yahoo takes no mail from this address for now, in spite of the word permanently: the code is a temporary one.",
		try:   "Stop, mend the lists and the content, and try again after a day or two."},
	{who: Yahoo, class: 5, codes: "7.2", marks: []string{"tss09", "tss11", "permanently deferred"}, known: true, differs: true,
		means: "Yahoo refuses all mail from this address; retrying does not help.",
		try:   "Find what was sent, mend it, and write to Yahoo's sender support."},
	{
		who: Yahoo, class: 5, codes: "7.1 -",
		marks: []string{"bl21", "bl22", "bl23", "spamhaus", "spamhaus's"},
		means: "The sending address is on a block list of Spamhaus that Yahoo asks.",
		try:   "Look the address up at check.spamhaus.org; its page says why and how to be removed.",
	},
	{
		who: Yahoo, class: 5, codes: "7.9",
		marks: []string{"spf or dkim", "sender is unauthenticated"}, differs: true,
		means: "Yahoo requires SPF or DKIM to pass, and neither did.",
		try:   "Publish an SPF record that has this address, or sign with DKIM for the From domain.",
	},
	{
		who: Yahoo, class: 5, codes: "7.9", marks: []string{"policy reasons"},
		known: true, differs: true,
		means: "The message broke a rule of Yahoo's: DMARC, the content, or a link in it.",
		try:   "Check SPF, DKIM and DMARC, then the links and attachments of the message; the text names a page.",
	},
	{
		who: Yahoo, class: 5, codes: "-", marks: []string{"policy reasons", "ph01"},
		known: true,
		means: "The message broke a rule of Yahoo's, mostly for a link in it that looks like phishing.",
		try:   "Check the links and attachments of the message; the text names a page.",
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
		means: "The mailbox is switched off.", try: "Take the address off the list."},
	{who: Yahoo, class: 4, codes: "-", marks: []string{"max message per connection"},
		means: "The session has sent as many messages as one may.", try: "Open a new connection and go on."},
	{who: Yahoo, class: 4, codes: "- 2.1", marks: []string{"receiving mail too quickly"},
		means: "The mailbox gets more mail just now than Yahoo lets in.", try: "Try again later."},
}

// appleRules are replies of iCloud Mail (support.apple.com/102322).
var appleRules = []rule{
	{who: Apple, class: 5, codes: "7.1", marks: []string{"dmarc policy"},
		means: "The domain in the From field has a DMARC policy that asks to reject messages that neither SPF nor DKIM confirms.",
		try:   "Send through a server that the domain has named, with its DKIM key; or use a From of your own domain."},
	{
		who: Apple, class: 5, codes: "7.1",
		marks: []string{"hme1", "both spf and dkim"}, known: true,
		means: "Neither SPF nor DKIM passed, and Apple requires one of them for relay addresses (Hide My Email).",
		try:   "Set up SPF and DKIM for the sender's domain.",
	},
	{
		who: Apple, class: 5, codes: "7.1", marks: []string{"cs01", "local policy"},
		means: "Apple's filter refuses the content or the sender.",
		try:   "Look at the content, the links and the reputation of the address; Apple's postmaster page names a contact.",
	},
	{who: Apple, class: 5, codes: "1.6", marks: []string{"no longer on server"}, known: true,
		means: "The mailbox was closed and left no new address.", try: "Take the address off the list."},
	{who: Apple, class: 5, codes: "1.1", marks: []string{"inactive email address"}, known: true,
		means: "The address is switched off by its owner or was given up.", try: "Stop writing to it; reach the person another way."},
	{who: Apple, class: 4, codes: "7.1", marks: []string{"excessive volume"},
		means: "Too much mail went to this mailbox in a short time.", try: "Retry later and spread the messages."},
}
