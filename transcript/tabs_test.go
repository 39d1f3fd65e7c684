package transcript_test

import (
	"bytes"
	"strings"
	"testing"

	"smtpsh/engine/event"
	"smtpsh/transcript"
)

// TestTabsOnATerminal: a tab in a reply or message is shown as spaces on a terminal. Files
// and JSON keep it distinct from spaces.
func TestTabsOnATerminal(t *testing.T) {
	received := event.Event{Kind: event.LineReceived, Data: []byte("214-HELO\tEHLO\tx\r\n")}
	bare := event.Event{Kind: event.LineReceived, Data: []byte("250\tok\tso\r\n")}
	sent := event.Event{Kind: event.LineSent, Data: []byte("NOOP\tx\r\n")}
	content := event.Event{Kind: event.ChunkSent, Content: true, Data: []byte("X: a\r\n\tb\x1b[2J\r\n")}
	for _, tt := range []struct {
		e              event.Event
		terminal, file string
	}{
		{received, "S: 214-HELO        EHLO    x\n", `S: 214-HELO\x09EHLO\x09x` + "\n"},
		{bare, `S: 250\x09ok  so` + "\n", `S: 250\x09ok\x09so` + "\n"},
		{sent, `C: NOOP\x09x` + "\n", `C: NOOP\x09x` + "\n"},
		{content, "C: X: a\nC:         b\\x1b[2J\n", `C: X: a` + "\n" + `C: \x09b\x1b[2J` + "\n"},
	} {
		for _, terminal := range []bool{true, false} {
			var b bytes.Buffer
			text := transcript.NewText(&b, transcript.TextOptions{Terminal: terminal})
			text.Observe(&tt.e)
			want := tt.file
			if terminal {
				want = tt.terminal
			}
			if b.String() != want {
				t.Errorf("terminal %v: %q, want %q", terminal, b.String(), want)
			}
		}
		var j bytes.Buffer
		transcript.NewJSON(&j, transcript.MaskSecrets).Observe(&tt.e)
		if !strings.Contains(j.String(), `\t`) {
			t.Errorf("JSON is not exact: %s", j.String())
		}
	}
	for in, want := range map[string]string{
		"": "", "\t": "        ", "ab\tc": "ab      c", "ä\tb\r\n": "ä       b",
		"12345678\tx": "12345678        x", "\xff\tx": `\xff       x`,
	} {
		if got := transcript.ScreenLine(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
