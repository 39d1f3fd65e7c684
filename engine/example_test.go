package engine_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/engine/saslmech"
	"smtpsh/internal/sandbox"
	"smtpsh/transcript"
)

// exampleServer starts the sandbox and returns the target of one of its services.
func exampleServer(profile, port string) (*sandbox.Server, engine.Target, engine.Options, error) {
	srv, err := sandbox.Start(sandbox.Options{Profile: profile})
	if err != nil {
		return nil, engine.Target{}, engine.Options{}, err
	}
	target, err := engine.ParseTarget(srv.Addr(port))
	return srv, target, engine.Options{HELO: "client.example.org", TLS: engine.TLSOptions{RootCAs: srv.Roots()}}, err
}

// alice is a user of the profile gmail.
var alice = saslmech.Credentials{Username: "alice@gmail.com", Password: "abcdefghijklmnop"}

// report prints the error of an example, if there is one.
func report(err error) {
	if err != nil {
		fmt.Println(err)
	}
}

// The lower level: each verb returns the reply, with any code.
func Example() {
	report(func() error {
		srv, target, opts, err := exampleServer("gmail", "submission")
		if err != nil {
			return err
		}
		defer srv.Close()
		ctx := context.Background()
		s, err := engine.Dial(ctx, target, opts)
		if err != nil {
			return err
		}
		defer s.Close()
		for _, step := range []func() (*reply.Reply, error){
			func() (*reply.Reply, error) { return s.Ehlo(ctx, "") },
			func() (*reply.Reply, error) { return s.Mail(ctx, "alice@gmail.com") },
			func() (*reply.Reply, error) { return s.StartTLS(ctx) },
			func() (*reply.Reply, error) { return s.Ehlo(ctx, "") },
			func() (*reply.Reply, error) { return s.Auth(ctx, engine.AuthOptions{Credentials: alice}) },
			func() (*reply.Reply, error) { return s.Mail(ctx, "alice@gmail.com") },
			func() (*reply.Reply, error) { return s.Rcpt(ctx, "bob@example.com") },
			func() (*reply.Reply, error) { return s.Data(ctx, strings.NewReader("Subject: hello\n\n.\n")) },
		} {
			r, err := step()
			if err != nil {
				return err
			}
			if fmt.Println(r.Verb, r.Code, r.Enhanced, s.State()); r.Verb == "AUTH" {
				fmt.Println(r.Text())
			}
		}
		fmt.Printf("%q\n", srv.Messages()[0].Data)
		return s.Leave(ctx)
	}())
	// Output:
	// EHLO 250  ready
	// MAIL 530 5.7.0 ready
	// STARTTLS 220 2.0.0 greeted
	// EHLO 250  ready
	// AUTH 235 2.7.0 ready
	// Accepted
	// MAIL 250 2.1.0 mail
	// RCPT 250 2.1.5 rcpt
	// . 250 2.0.0 ready
	// "Subject: hello\r\n\r\n.\r\n"
}

// Send a message by submission: TLS, a login, one transaction.
func ExampleSession_Send() {
	report(func() error {
		srv, target, opts, err := exampleServer("gmail", "submission")
		if err != nil {
			return err
		}
		defer srv.Close()
		ctx := context.Background()
		login := &engine.AuthOptions{Credentials: alice}
		s, err := engine.Open(ctx, target, opts, engine.OpenOptions{StartTLS: engine.TLSRequired, Auth: login})
		if err != nil {
			return err
		}
		defer s.Close()
		envelope := engine.Envelope{From: "alice@gmail.com", Recipients: []string{"bob@example.com"}}
		result, err := s.Send(ctx, envelope, strings.NewReader("Subject: hello\n\nHi Bob.\n"), engine.SendOptions{})
		if err != nil {
			return err
		}
		fmt.Println(result.Message.Code, result.Accepted())
		return s.Leave(ctx)
	}())
	// Output: 250 [bob@example.com]
}

// Keep a transcript: an observer receives every line.
func Example_transcript() {
	report(func() error {
		srv, target, opts, err := exampleServer("plain", "mx")
		if err != nil {
			return err
		}
		defer srv.Close()
		text := transcript.NewText(os.Stdout, transcript.TextOptions{})
		opts.Observer = event.Func(func(e *event.Event) {
			if e.Kind != event.Connected { // the port differs each time
				text.Observe(e)
			}
		})
		ctx := context.Background()
		s, err := engine.Dial(ctx, target, opts)
		if err != nil {
			return err
		}
		defer s.Close()
		if _, err := s.Helo(ctx, ""); err != nil {
			return err
		}
		return s.Leave(ctx)
	}())
	// Output:
	// S: 220 sandbox.test ESMTP smtpsh sandbox
	// C: HELO client.example.org
	// S: 250 sandbox.test
	// C: QUIT
	// S: 221 2.0.0 bye
	// *  connection closed after QUIT
}

// Test for a rejection: a reply with any code is not an error of a verb, and Expect
// compares it.
func Example_refusal() {
	report(func() error {
		srv, target, opts, err := exampleServer("gmail", "submission")
		if err != nil {
			return err
		}
		defer srv.Close()
		ctx := context.Background()
		s, err := engine.Open(ctx, target, opts, engine.OpenOptions{StartTLS: engine.TLSRequired})
		if err != nil {
			return err
		}
		defer s.Close()
		r, err := s.Mail(ctx, "alice@gmail.com")
		if err != nil {
			return err
		}
		if err := r.Expect("530 5.7.*"); err != nil {
			return err
		}
		fmt.Println("MAIL before the login was refused:", r.Code, r.Enhanced)
		return s.Leave(ctx)
	}())
	// Output: MAIL before the login was refused: 530 5.7.0
}
