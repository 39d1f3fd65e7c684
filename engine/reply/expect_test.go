package reply_test

import (
	"errors"
	"strings"
	"testing"

	"smtpsh/engine/reply"
)

func TestExpect(t *testing.T) {
	refusal := reply.Parse([]byte("550 5.7.1 no relaying\r\n"))
	for _, tt := range []struct {
		got     *reply.Reply
		want    string
		message string // "" for nil
		typed   bool
	}{
		{refusal, "550", "", false},
		{refusal, "5xx", "", false},
		{refusal, "250|550 5.7.*", "", false},
		{refusal, "250|251", "expected 250 or 251, got 550 5.7.1 no relaying", true},
		{refusal, "550 5.1.1", "expected 550 5.1.1, got 550 5.7.1 no relaying", true},
		{nil, "250", "expected 250, got no reply", true},
		{refusal, "fine", `"fine"`, false},
	} {
		err := tt.got.Expect(tt.want)
		if tt.message == "" && err == nil {
			continue
		}
		var unexpected *reply.UnexpectedError
		if err == nil || !strings.Contains(err.Error(), tt.message) || errors.As(err, &unexpected) != tt.typed {
			t.Errorf("%q: %v, want %q", tt.want, err, tt.message)
		}
		if tt.typed && unexpected != nil && unexpected.Got != tt.got {
			t.Errorf("%q: the error has another reply: %v", tt.want, unexpected.Got)
		}
	}
}
