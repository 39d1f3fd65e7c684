package saslmech_test

import (
	"fmt"
	"strings"

	"smtpsh/engine/saslmech"
)

func ExampleChoose() {
	offered := strings.Fields("LOGIN PLAIN XOAUTH2 SCRAM-SHA-256")
	m, err := saslmech.Choose(offered, saslmech.Credentials{Username: "ann", Password: "secret"})
	fmt.Println(m.Name, err)
	_, err = saslmech.Choose([]string{"XOAUTH2"}, saslmech.Credentials{Username: "ann", Password: "secret"})
	fmt.Println(err)
	// Output:
	// SCRAM-SHA-256 <nil>
	// no offered mechanism fits: XOAUTH2 needs an access token: missing credential
}
