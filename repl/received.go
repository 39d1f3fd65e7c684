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

// receivedMessages are what a sandbox has received, and its accounts: one in this process,
// or one over the network.
type receivedMessages interface {
	accounts(ctx context.Context) ([]inspect.Account, error)
	// list has the messages, and how many older ones were left out.
	list(ctx context.Context) ([]inspect.Summary, int, error)
	// message is nil when there is none with the number.
	message(ctx context.Context, id int) (*inspect.Message, error)
}

// accounts shows list the accounts of the sandbox.
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

// showReceived shows show the messages that the sandbox has received.
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
		return wrong("for example :mailbox 1 all", "%s: unexpected; only all can follow the number", transcript.Escape(args[1]))
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
	return wrong(":mailbox lists them", "message %s does not exist", transcript.Escape(number))
}

// inspectError is a failure to read the messages of a sandbox elsewhere, whose texts
// are not ours.
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

// receivedMessages finds the messages that belong to the session: of the built-in server, of the
// sandbox that :set inspect names, or of one that this user runs on this machine.
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

// localMessages are of the built-in server of this process.
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

// remoteMessages are of a sandbox elsewhere. Of one that this user runs on this machine the accounts
// are known from its record.
type remoteMessages struct {
	client inspect.Client
	near   *nearby.Record
}

// errNoInspect is a sandbox of this user that shows its mailboxes to nobody.
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
