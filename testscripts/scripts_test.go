package testscripts

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"smtpsh/internal/cli"
	"smtpsh/internal/sandbox"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"smtpsh": func() { os.Exit(cli.Main(cli.System())) },
	})
}

func TestScripts(t *testing.T) {
	files, err := filepath.Glob("*.txtar")
	if err != nil || len(files) < 8 {
		t.Fatalf("only %d scripts (%v)", len(files), err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 ".",
		Setup:               setup,
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"status": status, "contains": contains},
	})
}

// setup gives each script its own servers:
//
//	$SUBMISSION $SUBMISSIONS $MX  a gmail sandbox that the program does not know
//	$CA                           the file with its CA
//	$OTHERCA                      the file with the CA of another server
//	$REFUSED                      an address without a listener
//	$FAKE                         a server that greets with 554
func setup(env *testscript.Env) error {
	srv, err := sandbox.Start(sandbox.Options{Profile: "gmail"})
	if err != nil {
		return err
	}
	env.Defer(func() { srv.Close() })
	ca := filepath.Join(env.WorkDir, "ca.pem")
	if err := os.WriteFile(ca, srv.CA(), 0o600); err != nil {
		return err
	}
	other, err := sandbox.Start(sandbox.Options{Profile: "plain"})
	if err != nil {
		return err
	}
	other.Close()
	otherCA := filepath.Join(env.WorkDir, "other.pem")
	if err := os.WriteFile(otherCA, other.CA(), 0o600); err != nil {
		return err
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	free.Close()
	fake, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	env.Defer(func() { fake.Close() })
	go func() {
		for {
			c, err := fake.Accept()
			if err != nil {
				return
			}
			c.Write([]byte("554 5.3.2 no service \x1b[31mhere\r\n"))
			c.Close()
		}
	}()
	env.Setenv("SUBMISSION", srv.Addr("submission"))
	env.Setenv("SUBMISSIONS", "smtps://"+srv.Addr("submissions"))
	env.Setenv("MX", srv.Addr("mx"))
	env.Setenv("CA", ca)
	env.Setenv("OTHERCA", otherCA)
	env.Setenv("REFUSED", free.Addr().String())
	env.Setenv("FAKE", fake.Addr().String())
	env.Setenv("HOME", env.WorkDir)
	return nil
}

// status runs a command and fails unless it has the given exit status: status 4 smtpsh ...
// With "-stdin FILE" before the command, that file is its input.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status CODE COMMAND [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("status %d, want %d", got, want)
	}
}

// contains searches for a plain text: contains stdout 'C: QUIT'.
func contains(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: contains stdout|stderr|FILE TEXT")
	}
	found := strings.Contains(ts.ReadFile(args[0]), args[1])
	if found == neg {
		ts.Fatalf("%s contains %q: %v", args[0], args[1], found)
	}
}
