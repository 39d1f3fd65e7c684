//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package dialer_test

import (
	"crypto/x509"
	"net"
	"strings"
	"testing"

	"smtpsh/engine"
	"smtpsh/internal/dialer"
	"smtpsh/internal/nearby"
	"smtpsh/internal/sandbox"
)

// TestTrustsCAOfNearbySandbox connects to a sandbox of another process of this user:
// with its record, without it, and with the record of another sandbox.
func TestTrustsCAOfNearbySandbox(t *testing.T) {
	start := func() *sandbox.Server {
		s, err := sandbox.Start(sandbox.Options{Profile: "strict"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	srv, other := start(), start()
	dir := t.TempDir()
	announce := func(s *sandbox.Server, listens ...net.Addr) func() {
		who := s.Profile().Correspondents("")
		withdraw, err := nearby.Announce(dir,
			nearby.Record{
				Profile: "strict", Listens: nearby.Loopback(listens...), CA: string(s.CA()),
				From: who.From, To: who.To, User: who.User, Password: who.Password,
				Login: nearby.Loopback(listens[:1]...),
			})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(withdraw)
		return withdraw
	}
	d := &dialer.Dialer{Nearby: &nearby.Finder{Dir: dir}}
	try := func(target string, change func(*engine.Options, *engine.Target)) error {
		s, err := d.Dial(t.Context(), target, change)
		if err != nil {
			return err
		}
		return s.Close()
	}
	addr := srv.Addr("submissions")
	_, port, _ := net.SplitHostPort(addr)
	if err := try("smtps://"+addr, nil); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Fatalf("without a record: %v", err)
	}
	withdraw := announce(srv, srv.Listens()...)
	for _, target := range []string{addr, "localhost:" + port} {
		if err := try("smtps://"+target, nil); err != nil {
			t.Errorf("%s: %v", target, err)
		}
	}
	if who := d.Correspondents(srv.Addr("")); who == nil || !who.Login || who.Password == "" || who.To == "" {
		t.Errorf("%+v", who)
	}
	if who := d.Correspondents(srv.Addr("mx")); who == nil || who.Login {
		t.Errorf("%+v", who)
	}
	if d.Correspondents(other.Addr("")) != nil || d.Correspondents("mx.example.org:25") != nil || d.Correspondents("sandbox:plain") == nil {
		t.Error("people of servers that nobody knows")
	}
	// CAs of the options have precedence
	if err := try("smtps://"+addr, func(o *engine.Options, _ *engine.Target) { o.TLS.RootCAs = x509.NewCertPool() }); err == nil {
		t.Error("it is trusted next to the authorities that were named")
	}
	// the route leads to it, but the certificate does not contain the name
	d.Routes = dialer.Routes{}
	d.Routes.Add("mx.example.org:465", addr)
	if err := try("smtps://mx.example.org:465", nil); err == nil {
		t.Error("another name is verified")
	}
	// a record is valid only for its own addresses, and only for the server that has the
	// key
	if err := try("smtps://"+other.Addr("submissions"), nil); err == nil {
		t.Error("another server is verified")
	}
	withdraw()
	if err := try("smtps://"+addr, nil); err == nil {
		t.Error("verified after its end")
	}
	announce(other, srv.Listens()...)
	if err := try("smtps://"+addr, nil); err == nil {
		t.Error("verified with the authority of another")
	}
}
