package repl

import (
	"context"
	"crypto/tls"
	"errors"
	"strconv"
	"strings"

	"smtpsh/internal/dialer"
	"smtpsh/internal/explain"
	"smtpsh/internal/inspect"
	"smtpsh/internal/nearby"
	"smtpsh/internal/sandbox"
	"smtpsh/transcript"
)

// receivedMessages gives access to the messages and accounts of a sandbox, in this
// process or over the network.
type receivedMessages interface {
	accounts(ctx context.Context) ([]inspect.Account, error)
	// list returns the messages, and the number of older ones that are not in the list.
	list(ctx context.Context) ([]inspect.Summary, int, error)
	// message returns the message with a number, nil if it does not exist.
	message(ctx context.Context, id int) (*inspect.Message, error)
}

// accounts prints the accounts of the sandbox.
func (r *REPL) accounts(ctx context.Context) error {
	box, err := r.receivedMessages()
	if err != nil {
		return err
	}
	list, err := box.accounts(ctx)
	if err != nil {
		return inspectError(err)
	}
	var b strings.Builder
	for _, a := range list {
		b.WriteString(explain.Indent("  ", transcript.Escape(a.User+"  "+strings.Join(a.Credentials, ", "))))
		b.WriteString(explain.Indent("      ", transcript.Escape(a.Note)))
	}
	r.screen.print(b.String())
	return nil
}

// showReceived prints the list of received messages, or one message.
func (r *REPL) showReceived(ctx context.Context, args []string) error {
	box, err := r.receivedMessages()
	if err != nil {
		return err
	}
	if len(args) == 0 {
		list, left, err := box.list(ctx)
		if err != nil {
			return inspectError(err)
		}
		if len(list) == 0 {
			r.screen.say("*  no message has been received")
		}
		if left > 0 {
			r.screen.say("*  %d older messages are not shown", left)
		}
		for _, m := range list {
			r.screen.print(explain.Indent("  ", transcript.Escape(m.Text)))
		}
		return nil
	}
	if len(args) > 1 && args[1] != "all" {
		return wrong("for example :mailbox 1 all", "unexpected argument %s", transcript.Escape(args[1]))
	}
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return noMessage(args[0])
	}
	m, err := box.message(ctx, n)
	if err != nil {
		return inspectError(err)
	}
	if m == nil {
		return noMessage(args[0])
	}
	var b strings.Builder
	for l := range strings.Lines(m.Envelope) {
		b.WriteString(explain.Indent("*  ", transcript.VisibleLine(strings.TrimSuffix(l, "\n"))))
	}
	extent := beginning
	if len(args) > 1 {
		extent = everything
	}
	r.showMessage(b.String(), m, extent)
	return nil
}

func noMessage(number string) error {
	return wrong(":mailbox lists the messages", "message %s does not exist", transcript.Escape(number))
}

// inspectError adds a hint to an error of :mailbox or :accounts. It escapes the text,
// because the text can come from another machine.
func inspectError(err error) error {
	hint := "use the value that smtpsh sandbox --inspect prints"
	if errors.Is(err, errNoInspect) {
		hint = "restart the sandbox with --inspect 127.0.0.1:0; this prompt finds it then"
	}
	var verify *tls.CertificateVerificationError
	if errors.As(err, &verify) || errors.Is(err, inspect.ErrUnverified) {
		hint = "add --ca FILE with the CA certificate of the sandbox"
	}
	return wrong(hint, "%s", transcript.Escape(err.Error()))
}

// receivedMessages returns the messages of the server of the session: the built-in
// server, the sandbox of :set inspect, or a sandbox that this user runs on this machine.
func (r *REPL) receivedMessages() (receivedMessages, error) {
	if r.sessions.current != nil {
		if target, err := dialer.ParseTarget(r.sessions.current.target); err == nil && target.BuiltIn() {
			srv, ok := r.opts.Dialer.Running(target.Profile)
			if !ok {
				return nil, wrong(":reconnect starts it", "the sandbox is not running")
			}
			return &localMessages{srv}, nil
		}
	}
	o := r.opts.Dialer.Options
	client := inspect.Client{Address: r.settings.inspect, Roots: o.TLS.RootCAs, Insecure: o.TLS.Insecure, AllowUnverified: o.AllowInsecureAuth}
	if client.Address != (inspect.Address{}) {
		if near := r.opts.Dialer.NearbyAt(client.Address.Host); near != nil && client.Roots == nil {
			client.Roots = near.Roots()
		}
		return &remoteMessages{client, nil}, nil
	}
	if r.sessions.current == nil {
		return nil, errNotConnected
	}
	near := r.opts.Dialer.NearbyAt(r.sessions.current.target)
	if near == nil {
		return nil, wrong(":open sandbox:gmail connects to it; :set inspect TOKEN@HOST:PORT names a sandbox on another machine",
			"this session is not connected to the sandbox")
	}
	client.Address, _ = inspect.ParseAddress(near.Inspect)
	if client.Roots == nil {
		client.Roots = near.Roots()
	}
	return &remoteMessages{client, near}, nil
}

// localMessages are the messages of the built-in server in this process.
type localMessages struct{ srv *sandbox.Server }

func (b *localMessages) accounts(context.Context) ([]inspect.Account, error) {
	return inspect.Accounts(b.srv.Profile()), nil
}

func (b *localMessages) list(context.Context) ([]inspect.Summary, int, error) {
	list, left := inspect.List(b.srv.Messages())
	return list, left, nil
}

func (b *localMessages) message(_ context.Context, id int) (*inspect.Message, error) {
	return inspect.Find(b.srv.Messages(), id, 0), nil
}

// remoteMessages are the messages of a sandbox in another process. If this user runs the
// sandbox on this machine, near is its record, which names the profile.
type remoteMessages struct {
	client inspect.Client
	near   *nearby.Record
}

// errNoInspect is returned for a sandbox of this user that runs without --inspect.
var errNoInspect = errors.New("the sandbox was started without --inspect, so its mailboxes cannot be read")

func (b *remoteMessages) accounts(ctx context.Context) ([]inspect.Account, error) {
	if b.near != nil {
		p, err := sandbox.LookupProfile(b.near.Profile)
		if err != nil {
			return nil, err
		}
		return inspect.Accounts(p), nil
	}
	a, err := b.client.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	return a.Accounts, nil
}

func (b *remoteMessages) list(ctx context.Context) ([]inspect.Summary, int, error) {
	if b.client.Address == (inspect.Address{}) {
		return nil, 0, errNoInspect
	}
	a, err := b.client.Messages(ctx)
	if err != nil {
		return nil, 0, err
	}
	return a.Messages, a.Left, nil
}

func (b *remoteMessages) message(ctx context.Context, id int) (*inspect.Message, error) {
	if b.client.Address == (inspect.Address{}) {
		return nil, errNoInspect
	}
	a, err := b.client.Message(ctx, id)
	if err != nil {
		return nil, err
	}
	return a.Message, nil
}
