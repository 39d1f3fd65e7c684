package scripts_test

import (
	"fmt"
	"testing"

	"smtpsh/scripts"
)

func TestHeaders(t *testing.T) {
	all := scripts.All()
	if len(all) < 5 {
		t.Fatalf("only %d scripts", len(all))
	}
	for _, s := range all {
		if s.Summary == "" || s.Usage == "" || s.Needs == "" || len(s.Source) == 0 {
			t.Errorf("%s: summary %q, usage %q, needs %q", s.Name, s.Summary, s.Usage, s.Needs)
		}
	}
	if _, ok := scripts.Lookup("../scripts"); ok {
		t.Error("Lookup accepted a path")
	}
}

func ExampleLookup() {
	s, ok := scripts.Lookup("open-relay")
	fmt.Println(ok, s.Summary)
	// Output: true check that a server does not relay for strangers, without sending a message
}
