package luabind_test

import (
	"context"
	"testing"

	"smtpsh/engine"
	"smtpsh/luabind"
	"smtpsh/luabind/all"
	"smtpsh/luabind/smtpmod"
)

// ownHost records whether sessions are dialed as those of the script's own servers.
type ownHost struct {
	*host
	own []bool
}

func (h *ownHost) Dial(ctx context.Context, target string, change func(*engine.Options, *engine.Target)) (*engine.Session, error) {
	h.own = append(h.own, smtpmod.IsOwnServer(ctx))
	return h.host.Dial(ctx, target, change)
}

// However a script opens a session, its own servers are recognized, and no others.
func TestOwnServers(t *testing.T) {
	for name, src := range map[string]string{
		"connect":    `smtp.connect(server)`,
		"open":       `smtp.open(server)`,
		"again":      `smtp.connect(server):again()`,
		"a dialogue": `smtp.connect(server):play(":open " .. target .. " as other\nS: 220 ...\nC: QUIT\nS: 221 ...")`,
	} {
		t.Run(name, func(t *testing.T) {
			for own, server := range map[bool]string{
				true:  `local server = smtp.listen(nil, {profile = "plain"}) local target = server:target()`,
				false: `local server = "sandbox:plain" local target = server`,
			} {
				h := &ownHost{host: newHost(t)}
				vm := luabind.New(h, luabind.Options{Library: all.Library(), Dir: h.dir})
				err := vm.Run(t.Context(), "t.lua", []byte(server+"\n"+src), nil)
				vm.Close()
				if err != nil {
					t.Fatal(err)
				}
				if len(h.own) == 0 {
					t.Fatal("nothing was dialled")
				}
				for i, got := range h.own {
					if got != own {
						t.Errorf("session %d: own server is %v, want %v", i+1, got, own)
					}
				}
			}
		})
	}
}
