package explain

// googleRules are Google's replies whose enhanced code is more exact than the text: Google
// uses one help address for several reasons, and some numbers with another meaning than the
// registry (support.google.com/a/answer/3726730).
var googleRules = []rule{
	{who: Google, class: 4, codes: "7.26", marks: []string{"temporary dns failures"}, differs: true,
		means: "The DMARC policy of the From domain applies, but DNS did not answer, so Google could check neither SPF nor DKIM. " +
			"Nothing is decided.",
		try: "Try again later; a mail server does so automatically. If the problem lasts, check the name servers of the domain."},
	{who: Google, codes: "7.26", marks: []string{"p=dmarcrejection", "dmarc policy", "dmarc initiative"},
		means: "The domain in the From field publishes the DMARC policy reject, and neither SPF nor DKIM confirms the message for this domain.",
		try:   "Send through a server that the domain authorizes, signed with its DKIM key. Otherwise use your own domain in From."},
	{who: Google, codes: "7.26", marks: []string{"spf checks", "hard fail"}, differs: true,
		means: "The SPF record of the sender's domain does not list this server, and it ends in -all.",
		try:   "Add the IP address of the server to the SPF record of the domain, or send through the domain's own server."},
	{
		who: Google, class: 4, codes: "7.26",
		means: "Gmail delays the mail because neither SPF nor DKIM confirms the sender.",
		try:   "Publish an SPF record with this address, or sign with DKIM for the domain of the From field. Then the delays end.",
	},
	{who: Google, class: 5, codes: "7.26",
		means: "Gmail accepts mail only if SPF or DKIM confirms the sender; neither passed.",
		try:   "Publish an SPF record that has this address, and sign with DKIM for the domain of the From field."},
	{who: Google, codes: "7.23", differs: true,
		means: "The sending IP address has no PTR record, or the name in it does not resolve to the address.",
		try:   "Ask the owner of the network to publish a PTR record, and publish an A or AAAA record that matches it."},
	{who: Google, codes: "7.24",
		means: "Google considers entries of the SPF record of the sender's domain suspicious. Since November 2025 Google also " +
			"rejects such mail permanently (550).",
		try: "Check the record with an SPF tool and remove entries that allow too many addresses."},
	{who: Google, codes: "7.25",
		means: "The sending IP address has no PTR record, or the name in it does not resolve to the address.",
		try:   "Ask the owner of the network to publish a PTR record, and publish an A or AAAA record that matches it."},
	{who: Google, codes: "7.27", differs: true,
		means: "SPF did not pass, and Google requires it from bulk senders: first 421, since November 2025 also 550.",
		try:   "Add the machine's address to the SPF record of the envelope sender's domain."},
	{who: Google, class: 5, codes: "7.1", marks: []string{"very low reputation"}, known: true,
		means: "Gmail rejects the message because the sending domain or IP address has a very low reputation (permanent since November 2025).",
		try:   "Stop, remove recipients who did not subscribe, and look at Postmaster Tools. The reputation recovers over weeks of good mail."},
	{who: Google, codes: "7.28",
		means: "Gmail limits the mail from this address or domain because its rate is unusual.",
		try:   "Send fewer messages, more slowly, and only to people who subscribed. Postmaster Tools shows the reputation."},
	{who: Google, codes: "7.29", differs: true,
		means: "The message was sent without TLS, and Google requires TLS from bulk senders: first 421, since November 2025 also 550.",
		try:   "Send STARTTLS before the transaction."},
	{who: Google, codes: "7.30", differs: true,
		means: "DKIM did not pass, and Google requires it from bulk senders: first 421, since November 2025 also 550.",
		try:   "Sign with DKIM for the domain of the From field and publish the key."},
	{who: Google, codes: "7.32",
		means: "The domain of the From field is not aligned with the domain of SPF or of the DKIM signature (first 421, since " +
			"November 2025 also 550).",
		try: "Sign with DKIM for the From domain, or use the From domain or a subdomain in MAIL FROM."},
	{who: Google, class: 5, codes: "4.5", differs: true,
		means: "The account has reached its daily sending limit: 2,000 messages with Workspace, about 500 for a private " +
			"account.",
		try: "Wait up to 24 hours. To send more, use a service for bulk mail."},
}
