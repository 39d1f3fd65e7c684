package saslmech_test

import (
	"testing"

	"smtpsh/engine/saslmech"
)

// Whatever a server asks in a login, no mechanism fails otherwise than with an
// error, and none goes on answering for ever.
func FuzzChallenges(f *testing.F) {
	for _, m := range saslmech.Mechanisms() {
		f.Add(m.Name, []byte(""), []byte("Username:"))
		f.Add(m.Name, []byte("<1.2@b>"), []byte("r=x,s=QQ==,i=4096"))
		f.Add(m.Name, []byte(`{"status":"400"}`), []byte("v=AAAA"))
		f.Add(m.Name, []byte("r=x,s=QQ==,i=99999999999"), []byte("e=other-error"))
	}
	f.Fuzz(func(t *testing.T, name string, first, second []byte) {
		m, ok := saslmech.Lookup(name)
		if !ok {
			t.Skip()
		}
		client, err := m.Client(saslmech.Credentials{Username: "ann", Password: "pw", Token: "token"})
		if err != nil {
			t.Skip()
		}
		if _, _, err := client.Start(); err != nil {
			t.Skip()
		}
		answers := 0
		for range 20 {
			for _, c := range [][]byte{first, second} {
				if _, err := client.Next(c); err != nil {
					return
				}
				answers++
			}
		}
		if answers > 10 && name != "CRAM-MD5" && name != "LOGIN" { // these two leave the counting to the session
			t.Fatalf("%s answered %d times", name, answers)
		}
		saslmech.Finished(client) //nolint:errcheck // it must not fail otherwise
	})
}
