package luabind_test

import (
	"context"
	"fmt"

	"smtpsh/engine"
	"smtpsh/internal/dialer"
	"smtpsh/internal/sandbox"
	"smtpsh/luabind"
	"smtpsh/luabind/all"
)

// printing is the smallest Host: it prints, and has no variables.
type printing struct{ d *dialer.Dialer }

func (p printing) Print(line string)                                  { fmt.Println(line) }
func (printing) Var(string) (string, bool)                            { return "", false }
func (printing) Secret(context.Context, string) (string, bool, error) { return "", false, nil }
func (printing) Getenv(string) string                                 { return "" }
func (p printing) Server() string                                     { return "" }
func (p printing) Options() engine.Options                            { return p.d.Options }
func (p printing) Sandbox(t string) (*sandbox.Server, error)          { return p.d.ServerOf(t) }
func (p printing) Target() string                                     { return p.d.Resolve("") }
func (p printing) Dial(ctx context.Context, target string, change func(*engine.Options, *engine.Target)) (*engine.Session, error) {
	return p.d.Dial(ctx, target, change)
}

func ExampleVM_Run() {
	d := &dialer.Dialer{}
	defer d.Close()
	vm := luabind.New(printing{d}, luabind.Options{Library: all.Library()})
	defer vm.Close()
	err := vm.Run(context.Background(), "hello.lua", []byte(`
		local s = smtp.connect("sandbox:plain")
		s:ehlo("me"):expect(250)
		print(s:mail("a@example.org").code, s:rcpt("unknown-user@sandbox.test").enhanced)
		s:data("x"):expect("2xx")
	`), nil)
	fmt.Println(err)
	// Output:
	// 250	5.1.1
	// hello.lua:5: DATA: want 2xx, got 503 5.5.1 say RCPT first
}
