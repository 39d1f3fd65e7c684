package reply

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// misleading has words that do not fit a class: after a success nothing has to be
// corrected, a delayed message is not lost, and waiting does not help after a rejection.
var misleading = map[string]*regexp.Regexp{
	"2": regexp.MustCompile(`(?i)\b(refus\w*|fail(s|ed)?|error|wrong|retry|cannot|could not|invalid|missing)\b`),
	"4": regexp.MustCompile(`(?i)\b(for good|no point|strike it|stop writing|permanent\w*|give up|will not)\b`),
	"5": regexp.MustCompile(`(?i)\b(retry|retries|for now|this time|at the moment|later|with class 4|when the class is 4)\b`),
}

// failureName has words of registered names that do not fit a success.
var failureName = regexp.MustCompile(
	`(?i)\b(refused|not|no|cannot|errors?|fail\w*|bad|invalid|rejected|required|needed|disabled|full|exceed\w*|prohibited|too|` +
		`wrong|moved|null)\b`)

// TestEnhancedCodesKeepTheirClass reads every enhanced code with every class.
func TestEnhancedCodesKeepTheirClass(t *testing.T) {
	allowed := map[string]bool{
		"2.6.8": true, // the reply cannot be read by the client, and the class is success
		"2.1.9": true, // a report is not possible
	}
	for _, row := range EnhancedStatuses() {
		for class, words := range misleading {
			code := class + row.Code[1:]
			st, ok := LookupEnhanced(code)
			if !ok {
				t.Fatalf("%s is not found", code)
			}
			checkProse(t, code, st.Meaning, st.Cause, st.Try)
			if class == "2" && (failureName.MatchString(st.Name) && st.Name != "Success, with the detail of a failure") {
				t.Errorf("%s succeeded and is headed %q", code, st.Name)
			}
			text := st.Meaning + " " + st.Cause + " " + st.Try
			if class == "2" {
				text = strings.ReplaceAll(text, fmt.Sprintf("%q", row.Name), "") // the registered name is quoted
			}
			if found := words.FindString(text); found != "" && !allowed[code] {
				t.Errorf("%s says %q: %s", code, found, text)
			}
		}
	}
	for code := range enhancedVariants {
		if _, ok := LookupEnhanced(code); !ok {
			t.Errorf("the texts of %s belong to no row", code)
		}
	}
}

// TestEnhancedClassDecides: the same detail, three classes.
func TestEnhancedClassDecides(t *testing.T) {
	for _, tt := range []struct{ code, want, not string }{
		{"2.5.2", "The command succeeded", "cannot make sense"},
		{"2.1.5", "another command", "recipient address is good"},
		{"2.7.0", "succeeded", "missing"},
		{"2.7.1", "Success", "not authorized"},
		{"2.6.8", "Success", "not permitted"},
		{"2.6.0", "media status", "media error"},
		{"2.5.1", "does not match class 2", "does not know the command"},
		{"4.1.1", "cannot confirm now", "deleted account"},
		{"5.1.1", "no mailbox with the name", "for now"},
		{"4.7.26", "could not be completed", "permanent"},
		{"4.7.24", "DNS fault", "two records."},
		{"5.7.24", "two records", "DNS fault"},
		{"X.7.24", "DNS fault", "for now"},
	} {
		st, ok := LookupEnhanced(tt.code)
		if text := st.Name + ". " + st.Meaning + " " + st.Cause + " " + st.Try; !ok || !strings.Contains(text, tt.want) || strings.Contains(text,
			tt.not) {
			t.Errorf("%s: want %q and not %q: %s", tt.code, tt.want, tt.not, text)
		}
	}
}
