package wire_test

import (
	"fmt"
	"strings"

	"smtpsh/engine/wire"
)

func ExampleReader_ReadReply() {
	r := wire.NewReader(strings.NewReader("250-mx.example.org\r\n250 SIZE 1000\r\n250\r\n"), wire.Limits{})
	for range 2 {
		raw, err := r.ReadReply(nil)
		fmt.Printf("%q %v\n", raw, err)
	}
	// Output:
	// "250-mx.example.org\r\n250 SIZE 1000\r\n" <nil>
	// "250\r\n" <nil>
}

func ExampleTextWriter() {
	var out strings.Builder
	w := wire.NewTextWriter(&out, wire.StuffDots)
	fmt.Fprint(w, "a line\n.\nanother")
	w.Finish()
	fmt.Printf("%q\n", out.String())
	// Output: "a line\r\n..\r\nanother\r\n"
}
