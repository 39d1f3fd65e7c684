package testscripts

import (
	"bytes"
	"crypto/tls"
	"os"
	"path/filepath"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/rogpeppe/go-internal/testscript"

	"smtpsh/internal/authority"
	"smtpsh/internal/sandbox"
)

// TestSamples runs the sample scripts unchanged. Each connects to the server that it names;
// --connect-to redirects it to a sandbox.
func TestSamples(t *testing.T) {
	samples, err := filepath.Glob("testdata/samples/*.lua")
	if err != nil || len(samples) != 6 {
		t.Fatalf("%d samples (%v)", len(samples), err)
	}
	testscript.Run(t, testscript.Params{
		Files:               []string{"testdata/samples.txtar"},
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"status": status, "contains": contains},
		Setup: func(env *testscript.Env) error {
			for _, s := range samples {
				text, err := os.ReadFile(s)
				if err != nil {
					return err
				}
				if err := os.WriteFile(filepath.Join(env.WorkDir, filepath.Base(s)), text, 0o644); err != nil {
					return err
				}
			}
			return mailHost(env)
		},
	})
}

// literal is a message to store.
type literal struct{ *bytes.Reader }

// Size returns the size of the message.
func (l literal) Size() int64 { return l.Reader.Size() }

// mailHost is a host with submission and IMAP: a message that the first accepts is in the
// mailbox of the second. $SUBMISSION and $IMAPS are its addresses, $CA has the CAs of both.
func mailHost(env *testscript.Env) error {
	user := imapmemserver.NewUser("ann@sandbox.test", "ann-secret")
	if err := user.Create("INBOX", nil); err != nil {
		return err
	}
	mem := imapmemserver.New()
	mem.AddUser(user)
	box, err := sandbox.Start(sandbox.Options{Profile: "plain", Host: "mail.example", Received: func(m sandbox.Message) error {
		_, err := user.Append("INBOX", literal{bytes.NewReader(m.Data)}, &imap.AppendOptions{})
		return err
	}})
	if err != nil {
		return err
	}
	if err := box.On(sandbox.Rule{On: "RCPT", Match: "no-such-user",
		Sequence: []sandbox.Action{{Reply: "550 5.1.1 no such user"}}}); err != nil {
		return err
	}
	ca, err := authority.New("sample CA")
	if err != nil {
		return err
	}
	cert, err := ca.Issue(authority.Leaf{Names: []string{"mail.example"}})
	if err != nil {
		return err
	}
	cfg := &tls.Config{Certificates: []tls.Certificate{cert}}
	srv := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return mem.NewSession(), nil, nil
		},
		Caps: imap.CapSet{imap.CapIMAP4rev1: {}},
	})
	ln, err := tls.Listen("tcp", "127.0.0.1:0", cfg)
	if err != nil {
		return err
	}
	go srv.Serve(ln) //nolint:errcheck // ends with the test
	env.Defer(func() { srv.Close(); box.Close() })
	file := filepath.Join(env.WorkDir, "ca.pem")
	env.Setenv("CA", file)
	env.Setenv("SUBMISSION", box.Addr("submission"))
	env.Setenv("IMAPS", ln.Addr().String())
	return os.WriteFile(file, append(box.CA(), ca.PEM()...), 0o600)
}
