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

// Host is what sessions of scripts need of the program around them.
type Host interface {
	luabind.Host
	// Sandbox returns the built-in server behind a target, nil when the target
	// is another server. The error is a target that cannot be read.
	Sandbox(target string) (*sandbox.Server, error)
	// Server is the target that was named on the command line or in the
	// environment; "" when none was.
	Server() string
	// Options are the connection options of the command line.
	Options() engine.Options
	// Target is where sessions go that name no target.
	Target() string
	// Dial opens a session to a target, "" for the default one. change alters
	// the options of this session.
	Dial(ctx context.Context, target string, change func(*engine.Options, *engine.Target)) (*engine.Session, error)
}

// smtpState is what sessions of one VM share.
type smtpState struct {
	host        Host // nil where nothing is ever connected
	servers     []Reachable
	labels      int                    // of sessions, so far
	saved       savedFiles             // that this run has written
	wants       map[lua.LValue]Want    // conditions that were read
	tlsSessions tls.ClientSessionCache // that may be resumed; nil until a script asks for it
	budget      transcript.Budget      // of the sessions' conversations
}

func newSMTPState(vm *luabind.VM) any {
	s := &smtpState{wants: map[lua.LValue]Want{}}
	if s.host, _ = vm.Host().(Host); s.host != nil {
		if secrets := s.host.Options().Secrets; secrets != nil {
			vm.UseSecrets(secrets) // those of the program around it
		}
	}
	return s
}

func smtpOf(vm *luabind.VM) *smtpState { return luabind.State[*smtpState](vm) }

// HostOf is the host of a VM's sessions.
func HostOf(vm *luabind.VM) Host { return smtpOf(vm).host }

// Reachable is a server of the script's own: an object of another module.
type Reachable interface {
	// Target is how sessions reach it.
	Target() string
	// At reports whether it listens on an address.
	At(addr string) bool
	// Trust makes a session trust its authority.
	Trust(o *engine.Options)
	// Scripted reports whether the script says every word of it, so that it expects what
	// the script's own lines say.
	Scripted() bool
}

// AddServer makes a server of the script's known to its sessions.
func AddServer(vm *luabind.VM, s Reachable) {
	state := smtpOf(vm)
	state.servers = append(state.servers, s)
}
