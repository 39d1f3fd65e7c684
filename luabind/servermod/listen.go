package servermod

import (
	"context"
	"fmt"
	"net"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/internal/sandbox"
	"smtpsh/internal/suggest"
	"smtpsh/luabind"
	"smtpsh/luabind/smtpmod"
	"smtpsh/transcript"
)

// Server is a server that a script has started: a sandbox with a profile, or one whose
// replies the script writes.
type Server struct {
	box      *sandbox.Server   // if it has a profile
	mock     *sandbox.Listener // without
	implicit bool
	patience time.Duration // of each wait of the script
	owned    bool          // by the script, not by the program

	mu   sync.Mutex
	kept []*transcript.Log
}

// Owner tells who may give a server rules and close it.
type Owner bool

const (
	OfScript  Owner = true  // it accepts rules, and can be closed
	OfProgram Owner = false // it can only be read
)

// ServerOf returns a sandbox as scripts see it. A server of the script accepts rules and
// can be closed.
func ServerOf(box *sandbox.Server, own Owner) *Server {
	return &Server{box: box, patience: defaultPatience, owned: own == OfScript}
}

// Target returns the target for sessions.
func (s *Server) Target() string {
	addr := s.addr()
	if s.implicit {
		return "smtps://" + addr
	}
	return addr
}

// Scripted reports whether the script writes its replies.
func (s *Server) Scripted() bool { return s.box == nil }

// At reports whether it listens on an address.
func (s *Server) At(addr string) bool {
	if s.addr() == addr {
		return true
	}
	if s.box != nil {
		for _, d := range s.box.Profile().Services {
			if s.box.Addr(d.Name) == addr {
				return true
			}
		}
	}
	return false
}

func (s *Server) addr() string {
	if s.box != nil {
		return s.box.Addr("")
	}
	if s.mock.Addr().Network() == "unix" {
		return "unix:" + s.mock.Addr().String()
	}
	return s.mock.Addr().String()
}

func (s *Server) ca() []byte {
	if s.box != nil {
		return s.box.CA()
	}
	return s.mock.CA()
}

// logs returns the transcripts of its clients.
func (s *Server) logs() []*transcript.Log {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*transcript.Log(nil), s.kept...)
}

// maxClients limits the clients whose transcripts a server keeps.
const maxClients = 100

func (s *Server) observe(info sandbox.ConnInfo) event.Observer {
	name := fmt.Sprintf("client %d of the server", info.Number)
	if info.Service != "" {
		name += ", service " + info.Service
	}
	l := transcript.NewServerLog(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.kept) < maxClients {
		s.kept = append(s.kept, l)
	}
	return l
}

// close ends the server and its connections, and waits up to patience for their current
// work: the function of a rule can itself wait for the end of the server.
func (s *Server) close(patience time.Duration) {
	if s.box == nil {
		s.mock.Close() //nolint:errcheck // the connection is closed in any case
		return
	}
	s.box.Stop() //mutant:a-server-can-be-closed-by-its-rule is "Stop" "Close"
	ended := make(chan struct{})
	go func() {
		s.box.Close() //nolint:errcheck // the connection is closed in any case
		close(ended)
	}()
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-ended:
	case <-late.C:
	}
}

// closePatience limits the wait for the end of a server.
const closePatience = 2 * time.Second

// Trust adds the CA of a server of the script to the options of a session.
func (s *Server) Trust(o *engine.Options) {
	if o.TLS.RootCAs == nil {
		if s.box != nil {
			o.TLS.RootCAs = s.box.Roots()
		} else {
			o.TLS.RootCAs = s.mock.Roots()
		}
	}
	if o.TLS.ServerName == "" {
		o.TLS.ServerName = "localhost"
	}
}

var listenOpts = luabind.Class{
	Name: "smtp.ListenOpts", Doc: "Options of a server.",
	Keys: []luabind.Param{
		{
			Name: "profile", Type: "string", Optional: true,
			Doc: "A profile of the sandbox, such as plain, gmail, or strict+open-relay. Without one the script sends all replies.",
		},
		{
			Name: "tls", Type: `"implicit"|"starttls"`, Optional: true,
			Doc: "Without a profile: implicit TLS, or starttls to wait for conn:starttls (default: starttls).",
		},
		{
			Name: "cert", Type: "string", Optional: true,
			Doc: "The certificate: good, expired, expiring, not-yet, wrong-host, unknown-ca or self-signed.",
		},
		{Name: "host", Type: "string", Optional: true, Doc: "An additional name in the certificate."},
		{Name: "timeout", Type: "number|string", Optional: true, Doc: "Time limit of accept, expect and the other waits (default: 10 seconds)."},
		{Name: "idle", Type: "number|string", Optional: true, Doc: "With a profile: time limit for the next command of a client."},
	},
}

var serverListen = []luabind.Func{
	{
		Name: "listen", On: "smtp", Returns: "smtp.Server",
		Params: []luabind.Param{
			{
				Name: "addr", Type: "string", Optional: true,
				Doc: "host:port, a port or unix:PATH (default: 127.0.0.1 and a free port). Addresses that other machines can " +
					"connect to require --allow-listen, sockets outside the script's folder --allow-unix.",
			},
			{Name: "opts", Type: listenOpts.Name, Optional: true, Doc: "Options."},
		},
		Doc: "Starts a server. With a profile it is a sandbox, whose replies rules can change (server:on). Without one the script " +
			"sends all replies (server:accept, server:serve). Sessions of the same script trust its certificates. It is closed at " +
			"the end of the test or script.",
		Example: `local srv = smtp.listen("127.0.0.1:0", {profile = "plain"}); srv:on("NOOP", 421); ` +
			`expect(smtp.connect(srv):noop().code):equals(421)`,
		Call: listen,
	},
	{
		Name: "sandbox", On: "smtp", Returns: "smtp.Server?",
		Params:  []luabind.Param{{Name: "target", Type: "string", Optional: true, Doc: "The target (default: smtp.target())."}},
		Doc:     "Returns the sandbox of a sandbox: target, to check what it has received; nil if the target is another server.",
		Example: `local srv = smtp.sandbox("sandbox:plain"); print(#srv:messages())`,
		Call: func(c *luabind.Call) error {
			target := c.Text(0)
			if target == "" {
				target = smtpmod.HostOf(c.VM).Target()
			}
			box, err := smtpmod.HostOf(c.VM).Sandbox(target)
			if err != nil {
				return err
			}
			if box == nil {
				c.Push(lua.LNil)
				return nil
			}
			c.Push(c.Object(ServerOf(box, OfProgram)))
			return nil
		},
	},
}

const defaultPatience = 10 * time.Second

func listen(c *luabind.Call) error {
	if err := c.Online(); err != nil {
		return err
	}
	s := &Server{patience: defaultPatience, owned: true}
	var o sandbox.ListenOptions
	profile, idle := "", time.Duration(0)
	if t := c.Table(1); t != nil {
		str := func(key string) string {
			if v := t.RawGetString(key); v != lua.LNil {
				return v.String()
			}
			return ""
		}
		profile, o.Cert, o.Host, o.Implicit = str("profile"), str("cert"), str("host"), str("tls") == "implicit"
		for key, d := range map[string]*time.Duration{"timeout": &s.patience, "idle": &idle} {
			if v := t.RawGetString(key); v != lua.LNil {
				n, err := luabind.ToDuration(key, v)
				if err != nil {
					return err
				}
				*d = n
			}
		}
		if o.Cert != "" && !slices.Contains(sandbox.CertKinds, o.Cert) {
			return luabind.UsageError("cert: there is no kind %q%s: there are %s", o.Cert,
				suggest.DidYouMean(o.Cert, append([]string(nil), sandbox.CertKinds...)), strings.Join(sandbox.CertKinds, ", "))
		}
	}
	addr := c.Text(0)
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	err := mayListen(c.VM, addr)
	if err != nil {
		return err
	}
	if profile != "" {
		s.box, err = sandbox.Start(sandbox.Options{Profile: profile, Listen: addr, Observe: s.observe, Cert: o.Cert, Host: o.Host, Idle: idle})
		if err == nil {
			service, _ := s.box.ServiceInfo("")
			s.implicit = service.Implicit
		}
	} else {
		s.implicit = o.Implicit
		o.Observe = s.observe
		s.mock, err = sandbox.Listen(addr, o)
	}
	if err != nil {
		return luabind.UsageError("smtp.listen: %v", err)
	}
	scope := c.Scope()
	smtpmod.KeepOthers(scope, s.logs)
	smtpmod.AddServer(c.VM, s)
	scope.OnClose(func() { s.close(luabind.CleanupTime) })
	c.Push(c.Object(s))
	return nil
}

// waiting limits a wait of the script for one of its servers.
func (s *Server) waiting(c *luabind.Call, d time.Duration) (context.Context, context.CancelFunc) {
	if d == 0 {
		d = s.patience
	}
	return context.WithTimeout(c.Context(), d)
}

var serverClass = luabind.Class{
	Name: "smtp.Server", Type: reflect.TypeFor[*Server](),
	Example: `local x = smtp.listen()`,
	String:  func(v any) string { return "server at " + v.(*Server).addr() }, Doc: "A server of the script.",
	Fields: []luabind.Field{
		serverField("addr", "string", "Where it listens: host:port.",
			func(_ *luabind.Call, s *Server) lua.LValue { return lua.LString(s.addr()) }),
		serverField("port", "integer", "Its port; 0 for a unix socket.", func(_ *luabind.Call, s *Server) lua.LValue {
			_, port, _ := net.SplitHostPort(s.addr())
			n, err := net.LookupPort("tcp", port)
			if err != nil {
				return lua.LNumber(0)
			}
			return lua.LNumber(n)
		}),
		serverField("ca", "string", "The CA of its certificates in PEM format, for other clients.",
			func(_ *luabind.Call, s *Server) lua.LValue { return lua.LString(s.ca()) }),
	},
}

func serverField(name, typ, doc string, get func(c *luabind.Call, s *Server) lua.LValue) luabind.Field {
	return luabind.Field{Name: name, Type: typ, Doc: doc, Get: func(c *luabind.Call, v any) lua.LValue { return get(c, v.(*Server)) }}
}
