package explain

// googleRules are those of Google's replies in which the enhanced code says more than
// the text: Google shares one help address among several reasons, and uses some
// numbers otherwise than the registry (support.google.com/a/answer/3726730).
var googleRules = []rule{
	{who: Google, class: 4, codes: "7.26", marks: []string{"temporary dns failures"},
		means: "The DMARC policy of the From domain applies, but DNS did not answer, so that Google could check neither SPF nor DKIM. " +
			"Nothing is decided.",
		try: "Try again later; a mail server does so by itself. If it stays, look at the domain's name servers."},
	{who: Google, codes: "7.26", marks: []string{"p=dmarcrejection", "dmarc policy", "dmarc initiative"},
		means: "The domain in the From field has a DMARC policy that says to refuse mail which neither SPF nor DKIM proves to be its own.",
		try:   "Send through a server that the domain has named, with its DKIM key; or use a From of your own domain."},
	{who: Google, codes: "7.26", marks: []string{"spf checks", "hard fail"},
		means: "The domain of the envelope sender says that no other machines may send for it, and this one is not among them.",
		try:   "Add the machine's address to the domain's SPF record, or send through the domain's own server."},
	{
		who: Google, class: 4, codes: "7.26",
		means: "Gmail slows the mail down because neither SPF nor DKIM proves that it is the sender's.",
		try: "Publish an SPF record that has this address, or sign with DKIM for the domain of the From field; then the mail is taken at " +
			"full speed.",
	},
	{who: Google, class: 5, codes: "7.26",
		means: "Gmail takes mail only from senders who prove with SPF or DKIM that it is theirs; neither passed.",
		try:   "Publish an SPF record that has this address, and sign with DKIM for the domain of the From field."},
	{who: Google, codes: "7.23", differs: true,
		means: "The sending address has no PTR record, or its name does not point back to it.",
		try:   "Have the network's owner set a PTR record, and an A or AAAA record that agrees with it."},
	{who: Google, codes: "7.24",
		means: "The SPF record of the sender's domain has entries that look suspicious to Google.",
		try:   "Test the record with an SPF checker; take out what allows too many addresses."},
	{who: Google, codes: "7.25",
		means: "The sending address has no PTR record, or its name does not point back to it.",
		try:   "Have the network's owner set a PTR record, and an A or AAAA record that agrees with it."},
	{who: Google, codes: "7.27", differs: true,
		means: "SPF did not pass, and Google requires it of senders of much mail.",
		try:   "Add the machine's address to the SPF record of the envelope sender's domain."},
	{who: Google, codes: "7.28",
		means: "Gmail sees an unusual rate of mail from this address or domain and limits it.",
		try:   "Send less and slower, only to people who asked; look at Postmaster Tools for the reputation."},
	{who: Google, codes: "7.29", differs: true,
		means: "The message came without TLS, and Google requires TLS of senders of much mail.",
		try:   "STARTTLS before the transaction."},
	{who: Google, codes: "7.30", differs: true,
		means: "DKIM did not pass, and Google requires it of senders of much mail.",
		try:   "Sign with DKIM for the domain of the From field and publish the key."},
	{who: Google, codes: "7.32",
		means: "The domain of the From field is aligned neither with the domain that SPF checked nor with that of the DKIM signature.",
		try:   "Sign with DKIM for the From domain, or use the From domain, or one below it, in MAIL FROM."},
	{who: Google, class: 5, codes: "4.5", differs: true,
		means: "The account has reached its sending limit of the day: 2,000 messages with Workspace, fewer (500, it is said) for a private " +
			"account.",
		try: "Wait up to 24 hours; for more, use a service for bulk mail."},
}
