package sandbox

// localDomain is where the plain and lmtp profiles deliver mail.
const localDomain = "sandbox.test"

// plainSize is the largest message of the plain and lmtp profiles: 64 MiB.
const plainSize = 64 << 20

var plainExtensions = []string{
	"PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "CHUNKING", "BINARYMIME", "DSN", "ENHANCEDSTATUSCODES", "STARTTLS", "AUTH", "HELP",
}

var plainAccounts = []Account{
	{User: "ann@" + localDomain, Password: "ann-secret", Token: "token-of-ann", Note: "logs in with any mechanism"},
	{User: "bob@" + localDomain, Password: "bob-secret", Note: "logs in with a password"},
	{User: "quota@" + localDomain, Password: "quota-secret", Note: "logs in, but each message is refused: 452 4.2.2", Situation: "over-quota"},
}

// plainDetail says which of the profile's properties are deliberate: they make it easy to
// learn and to try everything on, and the submission suite finds them.
const plainDetail = "The profile is strict about syntax and lenient about who asks, so that every command, extension and mechanism " +
	"can be tried without a login. " +
	"Four properties are deliberate, and the submission suite reports them: it offers mechanisms that are weak or name no user " +
	"(CRAM-MD5, ANONYMOUS), " +
	"it takes mail for its own users before a login, VRFY confirms its users, and EXPN lists them. The profile strict is the same server " +
	"without these."

// plain is the open server.
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

// strict is the plain server as a careful site runs it.
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

// lmtp is the plain server as the last hop (RFC 2033).
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
