package luabind_test

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smtpsh/internal/dialogue"
	"smtpsh/internal/fakeserver"
	"smtpsh/luabind"
	"smtpsh/luabind/all"
)

// What a script may use on this machine without --unsafe, for each way: sockets of its own
// folder and named ones, loopback addresses, no environment variables.
func TestReach(t *testing.T) {
	outside := t.TempDir()
	elsewhere := filepath.Join(outside, "s.sock")
	ln, err := net.Listen("unix", elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	fakeserver.LoopOn(t, ln, func(c net.Conn) {
		io.WriteString(c, "220 a secret of this machine\r\n") //nolint:errcheck // the client may have closed the connection
	})
	for _, tt := range []struct {
		name, script string
		reach        luabind.Reach
		want         string // part of the error; "" for success
	}{
		{"a socket elsewhere", `smtp.connect("unix:SOCKET")`, luabind.Reach{}, "cannot use unix sockets outside"},
		{"over LMTP", `smtp.connect("lmtp+unix:SOCKET")`, luabind.Reach{}, "cannot use unix sockets outside"},
		{"as a URL", `smtp.connect("lmtp://SOCKET")`, luabind.Reach{}, "cannot use unix sockets outside"},
		{"with early bytes", `smtp.connect("unix:SOCKET", {early = "POST / HTTP/1.0\r\n\r\n"})`, luabind.Reach{}, "cannot use " +
			"unix sockets outside"},
		{"opened", `smtp.open("unix:SOCKET")`, luabind.Reach{}, "cannot use unix sockets outside"},
		{
			"sent to",
			`smtp.send("unix:SOCKET", {}, mail.message{from = "a@b.example", to = "c@d.example", text = "x"})`,
			luabind.Reach{}, "cannot use unix sockets outside",
		},
		{"through ..", `smtp.connect("unix:DIR/REL")`, luabind.Reach{}, "cannot use unix sockets outside"},
		{"through a link", `smtp.connect("unix:DIR/link.sock")`, luabind.Reach{}, "cannot use unix sockets outside"},
		{"through a linked folder", `smtp.connect("unix:DIR/folder/s.sock")`, luabind.Reach{}, "cannot use unix sockets outside"},
		{"one that is not there", `smtp.connect("unix:/no/such/socket")`, luabind.Reach{}, "cannot use unix sockets outside"},
		{"one without a file", `smtp.connect("unix:@smtpsh-test")`, luabind.Reach{}, "cannot use unix sockets outside"},
		{"listening without a file", `smtp.listen("unix:@smtpsh-test")`, luabind.Reach{}, "cannot use unix sockets outside"},
		{"without a file, over LMTP", `smtp.connect("lmtp+unix:@smtpsh-test")`, luabind.Reach{}, "cannot use unix sockets outside"},
		{"a program", `smtp.connect("pipe:echo 220")`, luabind.Reach{}, "cannot start programs"},
		{"a program over LMTP", `smtp.open("LMTP+pipe:echo 220")`, luabind.Reach{Listen: true}, "cannot start programs"},
		{"one that is named", `smtp.connect("unix:SOCKET")`, luabind.Reach{Unix: []string{elsewhere}}, ""},
		{"another than is named", `smtp.connect("unix:SOCKET")`, luabind.Reach{Unix: []string{elsewhere + "2"}}, "cannot use unix " +
			"sockets outside"},
		{
			"its own",
			`local srv = smtp.listen("unix:DIR/own.sock"); smtp.spawn(function() srv:accept():reply(220, "hi") end); smtp.connect(srv)`,
			luabind.Reach{}, "",
		},
		{"listening elsewhere", `smtp.listen("unix:` + outside + `/new.sock")`, luabind.Reach{}, "cannot use unix sockets outside"},
		{"listening for the network", `smtp.listen("0.0.0.0:0")`, luabind.Reach{}, "other machines can connect"},
		{"listening on all addresses", `smtp.listen(":0")`, luabind.Reach{}, "other machines can connect"},
		{"listening on all IPv6 addresses", `smtp.listen("[::]:0", {profile = "plain"})`, luabind.Reach{}, "other machines can connect"},
		{"listening on an address of a mapped form", `smtp.listen("[::ffff:0.0.0.0]:0")`, luabind.Reach{}, "other machines can connect"},
		{"listening by a name", `smtp.listen("mx.example.org:0")`, luabind.Reach{}, "other machines can connect"},
		{"listening with leave", `smtp.listen("0.0.0.0:0")`, luabind.Reach{Listen: true}, ""},
		{"listening here", `smtp.listen("127.0.0.1:0"); smtp.listen("localhost:0", {profile = "plain"}); smtp.listen("0")`, luabind.Reach{}, ""},
		{"the environment", `print(os.getenv("LANG"))`, luabind.Reach{}, "cannot read the variable LANG"},
		{"a variable that is not set", `assert(os.getenv("NO_SUCH_VARIABLE") == nil)`, luabind.Reach{}, ""},
		{"a variable that is named", `assert(os.getenv("LANG") == "C")`, luabind.Reach{Env: []string{"LANG"}}, ""},
		{"typed by the person", `smtp.connect("unix:SOCKET"); assert(os.getenv("LANG") == "C")`, luabind.Reach{Anything: true}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHost(t)
			if err := os.Symlink(elsewhere, filepath.Join(h.dir, "link.sock")); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(outside, filepath.Join(h.dir, "folder")); err != nil {
				t.Fatal(err)
			}
			rel, err := filepath.Rel(h.dir, elsewhere)
			if err != nil {
				t.Fatal(err)
			}
			script := strings.NewReplacer("SOCKET", elsewhere, "DIR", h.dir, "REL", rel).Replace(tt.script)
			vm := luabind.New(h, luabind.Options{Library: all.Library(), Dir: h.dir, Reach: tt.reach})
			defer vm.Close()
			err = vm.Run(t.Context(), "t.lua", []byte(script), nil)
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %v, want %q", err, tt.want)
			case err != nil && strings.Contains(err.Error(), "a secret of this machine"):
				t.Errorf("it was reached: %v", err)
			}
		})
	}
	// a dialogue is a script too
	h := newHost(t)
	player := dialogue.Player{Host: h, Dir: h.dir, Socket: func(path string) error { return luabind.Reach{}.Socket(h.dir, path) }}
	if err := player.Run(t.Context(), "x.smtp", []byte(":open unix:"+elsewhere+
		"\nS: 220\n")); err == nil || !strings.Contains(err.Error(), "cannot use unix sockets outside") {
		t.Errorf("a dialogue: %v", err)
	}
	player.Program = luabind.Reach{}.Program
	if err := player.Run(t.Context(), "x.smtp", []byte(":open pipe:echo 220\nS: 220\n")); err == nil ||
		!strings.Contains(err.Error(), "cannot start programs") {
		t.Errorf("a dialogue: %v", err)
	}
}

// A name without a file does not count as part of the folder, also if the folder is the
// current one.
func TestSocketsWithoutAFile(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, src := range []string{`smtp.connect("unix:@smtpsh-test")`, `smtp.listen("unix:@smtpsh-test")`} {
		vm := luabind.New(newHost(t), luabind.Options{Library: all.Library(), Dir: "."})
		err := vm.Run(t.Context(), "t.lua", []byte(src), nil)
		vm.Close()
		if err == nil || !strings.Contains(err.Error(), "cannot use unix sockets outside") {
			t.Errorf("%s: %v", src, err)
		}
	}
}
