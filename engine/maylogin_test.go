package engine

import (
	"crypto/tls"
	"errors"
	"net"
	"testing"
)

// distant is a connection to another machine.
type distant struct{ net.Conn }

func (distant) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 587} }

// nearby is a connection to this machine.
type nearby struct{ net.Conn }

func (nearby) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1080} }

// stub is a proxy.
type stub struct{ Proxy }

// TestMayLogin: one rule decides on which connections a secret can be sent.
func TestMayLogin(t *testing.T) {
	verified := &tls.ConnectionState{HandshakeComplete: true}
	for name, tt := range map[string]struct {
		s         *Session
		mechanism string
		want      error
	}{
		"plain":           {&Session{connection: connection{conn: distant{}}}, "PLAIN", ErrUsage},
		"any mechanism":   {&Session{connection: connection{conn: distant{}}}, "", ErrUsage},
		"sends no secret": {&Session{connection: connection{conn: distant{}}}, "ANONYMOUS", nil},
		"certificate":     {&Session{connection: connection{conn: distant{}}}, "EXTERNAL", nil},
		"allowed":         {&Session{connection: connection{conn: distant{}}, opts: Options{AllowInsecureAuth: true}}, "PLAIN", nil},
		"behind a proxy on this machine": {
			&Session{connection: connection{conn: nearby{}}, opts: Options{Proxy: stub{}}, target: Target{Network: "tcp"}}, "PLAIN", ErrUsage,
		},
		"on this machine": {&Session{connection: connection{conn: nearby{}}, target: Target{Network: "tcp"}}, "PLAIN", nil},
		"verified":        {&Session{connection: connection{conn: distant{}}, encryption: encryption{tls: verified}}, "PLAIN", nil},
		"not verified": {
			&Session{connection: connection{conn: distant{}}, encryption: encryption{tls: verified, tlsErr: errors.New("x")}},
			"PLAIN", ErrUsage,
		},
		"not verified, any": {
			&Session{connection: connection{conn: distant{}}, encryption: encryption{tls: verified, tlsErr: errors.New("x")}},
			"", ErrUsage,
		},
	} {
		if err := tt.s.MayLogin(tt.mechanism); !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}
