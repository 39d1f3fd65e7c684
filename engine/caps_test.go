package engine_test

import (
	"testing"

	"smtpsh/engine"
	"smtpsh/engine/reply"
)

// TestCapabilitiesKeepTheCaseOfValues: keywords are compared in any case and shown in
// capitals; the text after them is unchanged.
func TestCapabilitiesKeepTheCaseOfValues(t *testing.T) {
	r := reply.Parse([]byte("250-x\r\n250-xverp=Courier\r\n250-Size 35882577\r\n250-XExps gssapi NTLM\r\n250-x-Limit=\r\n250 auth=Plain " +
		"login\r\n"))
	caps := engine.ParseCapabilities(r)
	want := engine.Capabilities{
		{Keyword: "XVERP=Courier"}, {Keyword: "SIZE", Params: "35882577"}, {Keyword: "XEXPS", Params: "gssapi NTLM"},
		{Keyword: "X-LIMIT="}, {Keyword: "AUTH", Params: "Plain login"},
	}
	if len(caps) != len(want) {
		t.Fatalf("%v", caps)
	}
	for i := range want {
		if caps[i] != want[i] {
			t.Errorf("%d: %+v, want %+v", i, caps[i], want[i])
		}
	}
	if !caps.Has("xverp=courier") || !caps.Has("XVERP=Courier") {
		t.Error("a keyword is compared by its case")
	}
	if m := caps.Mechanisms(); len(m) != 2 || m[0] != "PLAIN" || m[1] != "LOGIN" {
		t.Errorf("mechanisms %v", m)
	}
}
