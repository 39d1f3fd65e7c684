package sandbox

// localDomain is the domain for which the profiles plain, strict and lmtp accept mail.
const localDomain = "sandbox.test"

// plainSize is the message size limit of the profiles plain, strict and lmtp: 64 MiB.
const plainSize = 64 << 20

var plainExtensions = []string{
	"PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "CHUNKING", "BINARYMIME", "DSN", "ENHANCEDSTATUSCODES", "STARTTLS", "AUTH", "HELP",
}

var plainAccounts = []Account{
	{User: "ann@" + localDomain, Password: "ann-secret", Token: "token-of-ann", Note: "logs in with any mechanism"},
	{User: "bob@" + localDomain, Password: "bob-secret", Note: "logs in with a password"},
	{User: "quota@" + localDomain, Password: "quota-secret", Note: "logs in, but each message gets 452 4.2.2", Situation: "over-quota"},
}

// plainDetail lists the weaknesses of the profile that are deliberate. They let learners
// try everything, and the submission suite reports them.
const plainDetail = "The profile checks syntax strictly but does not require a login, so that users can try every command, extension " +
	"and mechanism. " +
	"Four weaknesses are deliberate, and the submission suite reports them: it offers mechanisms that are weak or identify no user " +
	"(CRAM-MD5, ANONYMOUS), " +
	"it accepts mail for its own users before a login, VRFY confirms its users, and EXPN lists them. " +
	"The profile strict is the same server without these weaknesses."

// plain makes the profile plain, which requires neither TLS nor a login.
func plain() *Profile {
	base := Service{
		Host: localDomain, greeting: "greeting", extensions: plainExtensions, maxSize: plainSize,
		starttls: true, login: true,
	}
	submission, submissions, mx := base, base, base
	submission.Name, submission.Port = "submission", 587
	submissions.Name, submissions.Port, submissions.Implicit = "submissions", 465, true
	mx.Name, mx.Port, mx.login = "mx", 25, false
	return &Profile{
		Detail:   plainDetail,
		Services: []Service{submission, submissions, mx},
		Accounts: plainAccounts,
		table:    newTable(plainRows),
		newID:    func(string) string { return "" },
		maxRcpts: 1000,
		mechanisms: []string{
			"PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS",
			"XOAUTH2", "OAUTHBEARER", "EXTERNAL", "ANONYMOUS",
		},
	}
}

// strict makes the profile strict: like plain, but TLS and a login are required.
func strict() *Profile {
	p := plain()
	for i := range p.Services {
		if d := &p.Services[i]; d.login {
			d.needTLS, d.needAuth = true, true
		}
	}
	p.mechanisms = []string{"PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "XOAUTH2", "OAUTHBEARER"}
	p.closed = true
	p.maxRcpts = 200
	p.Detail = ""
	return p
}

// lmtp makes the profile lmtp, a server for local delivery (RFC 2033).
func lmtp() *Profile {
	p := plain()
	p.Detail = ""
	p.Services = []Service{{
		Name: "lmtp", Port: 24, Host: localDomain, LMTP: true, greeting: "greeting-lmtp", maxSize: plainSize,
		extensions: []string{"PIPELINING", "ENHANCEDSTATUSCODES", "SIZE", "8BITMIME", "SMTPUTF8", "CHUNKING", "BINARYMIME", "DSN", "STARTTLS"},
		starttls:   true,
	}}
	return p
}
