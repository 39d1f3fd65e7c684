package reply_test

import (
	"fmt"

	"smtpsh/engine/reply"
)

func ExampleParse() {
	r := reply.Parse([]byte("550-5.7.1 relaying\r\n550 5.7.1 denied\n"))
	fmt.Println(r.Code, r.Enhanced, r.Permanent())
	fmt.Printf("%q\n", r.Text())
	fmt.Println(r.Defects)
	want, _ := reply.ParseWant("5xx 5.7.*")
	fmt.Println(want.Match(r))
	// Output:
	// 550 5.7.1 true
	// "relaying\ndenied"
	// [a reply line ends with LF instead of CRLF (RFC 5321 section 2.3.8)]
	// true
}
