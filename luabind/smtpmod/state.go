package smtpmod

import (
	"context"
	"crypto/tls"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine"
	"smtpsh/internal/sandbox"
	"smtpsh/luabind"
	"smtpsh/transcript"
)

// Host is what sessions of scripts need from the program.
type Host interface {
	luabind.Host
	// Sandbox returns the sandbox of a target, nil if the target is another server. The
	// error is an invalid target.
	Sandbox(target string) (*sandbox.Server, error)
	// Server returns the target of the command line or the environment; "" if there is
	// none.
	Server() string
	// Options returns the connection options of the command line.
	Options() engine.Options
	// Target returns the default target of sessions.
	Target() string
	// Dial opens a session to a target, "" for the default one. change changes the options
	// of this session.
	Dial(ctx context.Context, target string, change func(*engine.Options, *engine.Target)) (*engine.Session, error)
}

// smtpState is what the sessions of one VM share.
type smtpState struct {
	host        Host // nil if no connections are made
	servers     []Reachable
	labels      int                    // of sessions so far
	saved       savedFiles             // that this run has written
	wants       map[lua.LValue]Want    // parsed conditions
	tlsSessions tls.ClientSessionCache // that can be resumed; nil until a script requests it
	budget      transcript.Budget      // of the sessions' transcripts
}

func newSMTPState(vm *luabind.VM) any {
	s := &smtpState{wants: map[lua.LValue]Want{}}
	if s.host, _ = vm.Host().(Host); s.host != nil {
		if secrets := s.host.Options().Secrets; secrets != nil {
			vm.UseSecrets(secrets) // those of the program
		}
	}
	return s
}

func smtpOf(vm *luabind.VM) *smtpState { return luabind.State[*smtpState](vm) }

// HostOf returns the host of a VM's sessions.
func HostOf(vm *luabind.VM) Host { return smtpOf(vm).host }

// Reachable is a server of the script: an object of another module.
type Reachable interface {
	// Target returns the target for sessions.
	Target() string
	// At reports whether it listens on an address.
	At(addr string) bool
	// Trust makes a session trust its CA.
	Trust(o *engine.Options)
	// Scripted reports whether the script writes its replies, so that it expects what the
	// script's own lines send.
	Scripted() bool
}

// AddServer registers a server of the script for its sessions.
func AddServer(vm *luabind.VM, s Reachable) {
	state := smtpOf(vm)
	state.servers = append(state.servers, s)
}
