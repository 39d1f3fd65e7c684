package reply

import (
	"strconv"
	"strings"
	"testing"

	"smtpsh/engine/verb"
)

// TestAnswersHaveRows: each text for one command belongs to a code that has a row, and to a
// command that exists.
func TestAnswersHaveRows(t *testing.T) {
	for key := range answers {
		code, where, _ := strings.Cut(key, " ")
		n, err := strconv.Atoi(code)
		_, basic := LookupStatus(n)
		_, enhanced := LookupEnhanced(code)
		if _, ok := verb.Lookup(where); !ok && where != "." && where != "connect" || err == nil && !basic || err != nil && !enhanced {
			t.Errorf("key %q", key)
		}
	}
}

func TestLookupForACommand(t *testing.T) {
	for _, tt := range []struct{ code, command, want string }{
		{"550", "RCPT", "rejects the recipient"}, {"550", "MAIL", "rejects the sender"}, {"550", "connect", "rejects the client's IP address"},
		{"5.7.1", "MAIL", "with this sender"}, {"5.7.1", ".", "send this message"}, {"5.7.8", "MAIL", "no longer valid"},
		{"2.1.5", "RCPT", "the recipient is accepted"}, {"2.1.5", "RSET", "gives no more information"},
		{"4.7.1", "RCPT", "Greylisting, a rate limit"},
	} {
		var text string
		if n, err := strconv.Atoi(tt.code); err == nil {
			st, ok := LookupStatusFor(n, tt.command)
			text = strings.Join([]string{st.Meaning, st.Cause, st.Try}, " ")
			if plain, _ := LookupStatus(n); !ok || plain == st {
				t.Errorf("%s to %s has no texts of its own", tt.code, tt.command)
			}
		} else {
			e, _ := ParseEnhanced(tt.code)
			st, ok := LookupEnhancedFor(e, tt.command)
			text = strings.Join([]string{st.Meaning, st.Cause, st.Try}, " ")
			if !ok {
				t.Errorf("%s has no row", tt.code)
			}
		}
		if !strings.Contains(text, tt.want) {
			t.Errorf("%s to %s: want %q in %s", tt.code, tt.command, tt.want, text)
		}
	}
	for _, command := range []string{"", "NOOP", "x"} {
		if st, ok := LookupStatusFor(550, command); !ok {
			t.Error("no row")
		} else if plain, _ := LookupStatus(550); st != plain {
			t.Errorf("550 to %q has texts of its own", command)
		}
	}
	if _, ok := LookupStatusFor(999, "MAIL"); ok {
		t.Error("999 has a row")
	}
	if _, ok := LookupEnhancedFor(Enhanced{5, 9, 99}, "MAIL"); ok {
		t.Error("5.9.99 has a row")
	}
}
