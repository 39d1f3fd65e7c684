package tutor_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"smtpsh/engine/event"
	"smtpsh/engine/saslmech"
	"smtpsh/internal/tutor"
)

// FuzzLoginNotes checks that no form of login makes the tutor panic or show the password.
func FuzzLoginNotes(f *testing.F) {
	for _, mech := range []string{
		"PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2", "OAUTHBEARER", "SCRAM-SHA-256",
		"EXTERNAL", "ANONYMOUS", "FROB", "",
	} {
		f.Add(mech, "user=ann\x01", "VXNlcm5hbWU6")
		f.Add(mech, "", "!!")
	}
	const password = "hunter2-hunter2"
	f.Fuzz(func(t *testing.T, mech, around, challenge string) {
		if strings.ContainsAny(mech, " \r\n\x00") || strings.Contains(mech+around+challenge, password) {
			t.Skip()
		}
		tu := tutor.New()
		response := base64.StdEncoding.EncodeToString([]byte(around + password))
		var said strings.Builder
		for _, e := range []event.Event{
			{Kind: event.LineSent, Verb: "AUTH", Data: []byte("AUTH " + mech + "\r\n")},
			{Kind: event.LineReceived, Data: []byte("334 " + challenge + "\r\n")},
			{Kind: event.LineSent, Verb: "AUTH", Data: []byte(response + "\r\n")},
			{Kind: event.LineReceived, Data: []byte("334 " + challenge + "\r\n")},
			{Kind: event.LineSent, Verb: "AUTH", Data: []byte(response + "\r\n")},
			{Kind: event.LineSent, Verb: "AUTH", Data: []byte("AUTH " + mech + " " + response + "\r\n")},
		} {
			said.WriteString(tu.Note(&e) + "\n")
		}
		// a text at the position of the user name is not secret
		name := saslmech.NameIn(mech, []byte(around+password))
		if strings.Contains(name, password) {
			return
		}
		if strings.Contains(said.String(), password) {
			t.Fatalf("%q, %q, %q: %s", mech, around, challenge, said.String())
		}
	})
}
