package engine_test

import (
	"context"
	"fmt"
	"strings"

	"smtpsh/engine"
	"smtpsh/engine/saslmech"
	"smtpsh/internal/sandbox"
)

// A session from the first byte to the last, with the built-in server.
func Example() {
	srv, err := sandbox.Start(sandbox.Options{Profile: "gmail"})
	if err != nil {
		panic(err)
	}
	defer srv.Close()
	target, err := engine.ParseTarget(srv.Addr("submission"))
	if err != nil {
		panic(err)
	}

	ctx := context.Background()
	s, err := engine.Dial(ctx, target, engine.Options{TLS: engine.TLSOptions{RootCAs: srv.Roots()}})
	if err != nil {
		panic(err)
	}
	defer s.Close()
	s.Ehlo(ctx, "client.example.org")
	r, _ := s.Mail(ctx, "alice@gmail.com")
	fmt.Println(r.Code, r.Enhanced) // a refusal is a reply, not an error

	s.StartTLS(ctx)
	s.Ehlo(ctx, "client.example.org")
	r, _ = s.Auth(ctx, engine.AuthOptions{Credentials: saslmech.Credentials{Username: "alice@gmail.com", Password: "abcdefghijklmnop"}})
	fmt.Println(r.Code, r.Text())
	s.Mail(ctx, "alice@gmail.com")
	s.Rcpt(ctx, "bob@example.com")
	r, _ = s.Data(ctx, strings.NewReader("Subject: hello\n\n.\n"))
	fmt.Println(r.Code, s.State())
	fmt.Printf("%q\n", srv.Messages()[0].Data)
	// Output:
	// 530 5.7.0
	// 235 Accepted
	// 250 ready
	// "Subject: hello\r\n\r\n.\r\n"
}
