package testscripts

import (
	"strings"
	"testing"

	"smtpsh/internal/sandbox"
)

// aboutOthers are rejections of a recipient by servers that can relay for other clients:
// none of them is a rejection of relaying.
var aboutOthers = []string{
	"550 5.7.1 Client host rejected: cannot find your reverse hostname",
	"554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied",
	"554 5.7.1 <relay.example.net[192.0.2.1]>: Client host rejected: Access denied",
	"554 5.7.1 relay-9.example.net does not take mail from your network, see https://example.net/relay-not-denied",
	"550 5.7.25 no PTR record",
	"550 5.7.23 SPF fail",
	"550 5.7.26 SPF check failed",
	"550 5.7.23 relaying for this domain is not permitted by its SPF record",
	"554 5.7.1 we do not accept mail from dynamic addresses",
	"550 5.7.1 POP before SMTP",
	"550 5.7.1 relaying denied: POP before SMTP is required",
	"550 Administrative prohibition",
	"550 5.7.0 Local policy violation",
	"550 5.7.1 <victim@relay-check.invalid>: Recipient address rejected: too many recipients from this client today",
	"550 5.7.1 victim@relay-check.invalid: not today",
	"553 5.7.1 not accepted for relay-check.invalid",
	"554 5.7.1 your server is an open relay and refused",
	"550 5.7.1 Relaying denied. IP name lookup failed [192.0.2.1]",
	"571 no",
	"554 5.7.1 <victim@relay-check.invalid>: Recipient address rejected: Access denied",
	"551 5.7.1 Client host blocked",
	"530 5.7.0 Authentication required",
	"530 5.7.57 Client was not authenticated to send anonymous mail",
	"454 4.7.1 <victim@relay-check.invalid>: Relay access denied",
}

// aboutRelaying are rejections of relaying in the texts of common servers.
var aboutRelaying = []string{
	"554 5.7.1 <victim@relay-check.invalid>: Relay access denied",
	"550 relay not permitted",
	"550 5.7.1 <victim@relay-check.invalid>... Relaying denied",
	"550 5.7.1 Unable to relay for victim@relay-check.invalid",
	"550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
	"550 5.7.1 Relaying denied. Proper authentication required.",
	"550 authentication required for relay",
	"530 5.7.1 Relaying not allowed: log in first",
	"553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
	"551 5.1.6 User not local; please try another server",
	"550 5.7.1 this is not an open relay",
}

// TestRejectionsOfRelaying: only texts about relaying count as a rejection of
// relaying; after any other rejection the script and the suite have no result.
func TestRejectionsOfRelaying(t *testing.T) {
	try := func(reply string, code int, status string) {
		t.Run(reply, func(t *testing.T) {
			t.Parallel()
			srv, ca := careful(t, "strict+open-relay", always("RCPT", reply))
			got, out := script("open-relay", "--server", srv.Addr("mx"), "--ca", ca, "--var", "domain=sandbox.test")
			if got != code || strings.Contains(out, "no open relay found") != (code == 0) {
				t.Errorf("status %d, want %d\n%s", got, code, out)
			}
			suite := judge(t, ca, srv.Addr("submission"), "--filter", "does not relay for strangers")
			for name, s := range suite.ended {
				if s != status {
					t.Errorf("%s ended with %s, want %s\n%s", name, s, status, suite.out)
				}
			}
		})
	}
	for _, reply := range aboutOthers {
		status := "untried"
		if strings.HasPrefix(reply, "530") {
			status = "pass" // the suite checks only clients without a login
		}
		try(reply, 1, status)
	}
	for _, reply := range aboutRelaying {
		try(reply, 0, "pass")
	}
}

// relays are servers whose reply to a recipient is not final.
var relays = map[string]struct {
	profile string
	rules   []sandbox.Rule
	args    string
	code    int
	says    string
	suite   string
}{
	"accepted at DATA too": {profile: "strict+open-relay", code: 1, says: "OPEN: accepted at RCPT and DATA 354", suite: "fail"},
	"DATA asks for a login": {
		profile: "strict+open-relay",
		rules:   []sandbox.Rule{always("DATA", "530 5.7.0 Authentication required")},
		code:    1, says: "accepted at RCPT; DATA rejected without a login 530",
		suite: "pass",
	},
	"DATA refuses to relay": {
		profile: "strict+open-relay",
		rules:   []sandbox.Rule{always("DATA", "554 5.7.1 Relay access denied")},
		code:    1, says: "plain                              rejected 554", suite: "pass",
	},
	"DATA refuses for no reason": {
		profile: "strict+open-relay",
		rules:   []sandbox.Rule{always("DATA", "554 5.7.1 no")}, code: 1,
		says:  "accepted at RCPT; DATA rejected for another reason 554",
		suite: "untried",
	},
	"DATA is refused for now": {
		profile: "strict+open-relay",
		rules:   []sandbox.Rule{always("DATA", "451 4.3.0 disk")}, code: 1,
		says: "inconclusive: ", suite: "untried",
	},
	"a percent hack is accepted": {
		rules: []sandbox.Rule{{On: "RCPT", Match: "%", Sequence: []sandbox.Action{{Reply: "250 2.1.5 fine"}}}},
		code:  1,
		says:  "inconclusive: 1 of 9 addresses look like the server's own and were accepted (percent hack)",
		suite: "pass",
	},
	"only users are let in": {
		rules: []sandbox.Rule{
			{On: "RCPT", Sequence: []sandbox.Action{{Reply: "554 5.7.1 <x@y.example>: Recipient address rejected: Access denied"}, {}}},
		},
		code: 1, says: "inconclusive", suite: "pass",
	},
	"a victim of its own": {
		args: "--var victim=ann@sandbox.test", code: 3,
		says: "victim must be a mailbox in another domain", suite: "pass",
	},
	"no domain is named": {
		args: "--var domain=", code: 1,
		says:  "inconclusive: 5 of 9 ways need a domain of the server: add --var domain=",
		suite: "pass",
	},
	"no domain, and it is open": {
		profile: "strict+open-relay", args: "--var domain=", code: 1,
		says: "this server relays for strangers: plain, null sender", suite: "fail",
	},
	"hangs up at the first sender": {
		profile: "strict+mail-without-auth",
		rules:   []sandbox.Rule{{On: "MAIL", Sequence: []sandbox.Action{{Drop: "before"}}}},
		code:    6, suite: "untried",
	},
}

// TestRelayingIsJudgedToTheEnd: an accepted recipient is no proof of relaying, and a step
// that was not tried is no proof of the opposite. No message is sent in any case.
func TestRelayingIsJudgedToTheEnd(t *testing.T) {
	for name, c := range relays {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.profile == "" {
				c.profile = "strict"
			}
			srv, ca := careful(t, c.profile, c.rules...)
			args := []string{"open-relay", "--server", srv.Addr("mx"), "--ca", ca, "--var", "domain=sandbox.test"}
			got, out := script(append(args, strings.Fields(c.args)...)...)
			if got != c.code || !strings.Contains(out, c.says) || strings.Contains(out, "no open relay") {
				t.Errorf("status %d, want %d and %q\n%s", got, c.code, c.says, out)
			}
			suite := judge(t, ca, srv.Addr("submission"), "--filter", "does not relay for strangers")
			for test, s := range suite.ended {
				if s != c.suite {
					t.Errorf("%s ended with %s, want %s\n%s", test, s, c.suite, suite.out)
				}
			}
			if n := len(srv.Messages()); n != 0 {
				t.Errorf("%d messages were sent", n)
			}
		})
	}
}
