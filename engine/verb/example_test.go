package verb_test

import (
	"fmt"

	"smtpsh/engine/verb"
)

func ExampleLookup() {
	v, _ := verb.Lookup("bdat")
	fmt.Println(v.Name, "needs", v.Extension)
	for _, p := range verb.LookupParam("SMTPUTF8") {
		fmt.Println(p.Name, "goes with", p.Verb)
	}
	// Output:
	// BDAT needs CHUNKING
	// SMTPUTF8 goes with MAIL
	// SMTPUTF8 goes with VRFY
	// SMTPUTF8 goes with EXPN
}
