package saslmech_test

import (
	"testing"

	"smtpsh/engine/saslmech"
)

// Whatever a server sends in a login, every mechanism ends with an error at worst, and none
// answers for ever.
func FuzzChallenges(f *testing.F) {
	mechanisms := saslmech.Mechanisms()
	for i := range mechanisms {
		f.Add(uint(i), []byte(""), []byte("Username:"))
		f.Add(uint(i), []byte("<1.2@b>"), []byte("r=x,s=QQ==,i=4096"))
		f.Add(uint(i), []byte(`{"status":"400"}`), []byte("v=AAAA"))
		f.Add(uint(i), []byte("r=x,s=QQ==,i=99999999999"), []byte("e=other-error"))
	}
	f.Fuzz(func(t *testing.T, which uint, first, second []byte) {
		m := mechanisms[which%uint(len(mechanisms))]
		client, err := m.Client(saslmech.Credentials{Username: "ann", Password: "pw", Token: "token"})
		if err != nil { // with channel binding, which needs TLS
			return
		}
		if _, _, err := client.Start(); err != nil {
			t.Fatalf("%s does not begin: %v", m.Name, err)
		}
		answers := 0
		for range 20 {
			for _, c := range [][]byte{first, second} {
				if _, err := client.Next(c); err != nil {
					return
				}
				if answers++; answers > 3 {
					t.Fatalf("%s answered %d times", m.Name, answers)
				}
			}
		}
		saslmech.Finished(client) //nolint:errcheck // only an error is allowed
	})
}
